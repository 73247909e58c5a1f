import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Database } from "../../../src/db/client/database.ts";
import { deleteOrphans } from "../../../src/jobs/orphans.ts";
import { openJobDatabase } from "../../support/job-database.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { insertStores, insertTestSource } from "../../support/store-rows.ts";
import { insertProducts, newBarcode } from "../../support/user-rows.ts";

let stack: Stack;
let instance: Instance;
let database: Database;

beforeAll(async () => {
  stack = await openStack();
  await insertTestSource(stack.sql);
  instance = await stack.startInstance();
  database = openJobDatabase(stack);
});
afterAll(async () => {
  await database.close();
  await stack.close();
});

async function newAlerts(count: number): Promise<string[]> {
  const rows = await stack.sql<{ id: string }[]>`
    insert into alerts (title, summary, severity, category)
    select 'A', 'B', 'info', 'c' from generate_series(1, ${count}::int) returning id`;
  return rows.map(({ id }) => id);
}

it("what is removed under favourites and reads is not shown, and gone after the job; the rest stays", async () => {
  const user = randomUUID();
  const client = await instance.as({ id: user });
  const products = (await insertProducts(stack.sql, [{}, {}, {}])).map(({ id }) => id);
  const stores = await insertStores(stack.sql, [
    { latitude: 1, longitude: 1 },
    { latitude: 2, longitude: 2 },
    { latitude: 3, longitude: 3 },
  ]);
  const alerts = await newAlerts(3);
  const barcode = newBarcode();
  for (const id of products) await client.favorites.add.mutate({ kind: "product", id });
  for (const id of stores) await client.favorites.add.mutate({ kind: "store", id });
  // Nobody knows it, and its favourite is no orphan.
  await client.favorites.add.mutate({ kind: "product", barcode });
  await client.alerts.markRead.mutate({ ids: alerts });

  const [goneProduct = "", , keptProduct = ""] = products;
  const [goneStore = "", hiddenStore = "", keptStore = ""] = stores;
  await stack.sql`delete from products where id in ${stack.sql(products.slice(0, 2))}`;
  await stack.sql`delete from stores where id = ${goneStore}`;
  // May come back with the next import, and its favourites with it.
  await stack.sql`update stores set removed_at = now() where id = ${hiddenStore}`;
  await stack.sql`delete from alerts where id in ${stack.sql(alerts.slice(0, 2))}`;

  const shown = async () => {
    const ids: string[] = [];
    for (let cursor: string | null = null; ;) {
      const page: Awaited<ReturnType<typeof client.favorites.list.query>> =
        await client.favorites.list.query({ limit: 1, cursor });
      ids.push(
        ...page.items.map(({ id, barcode: code }) => (code === `0${barcode}` ? barcode : id)),
      );
      cursor = page.nextCursor;
      if (cursor === null) return ids;
    }
  };
  const before = await shown();
  expect(before).toHaveLength(3);
  expect(before).toEqual(expect.arrayContaining([keptProduct, keptStore]));
  expect(before).not.toContain(goneProduct);
  expect((await client.alerts.unread.query()).count).toBe(0);

  expect(await deleteOrphans(database.db)).toBe(5);
  const [left] = await stack.sql<{ favorites: number; reads: number }[]>`
    select (select count(*)::int from favorites where user_id = ${user}) as favorites,
      (select count(*)::int from alert_reads where user_id = ${user}) as reads`;
  expect(left).toEqual({ favorites: 4, reads: 1 });
  expect(await shown()).toEqual(before);
  expect(await deleteOrphans(database.db)).toBe(0);

  await stack.sql`update stores set removed_at = null where id = ${hiddenStore}`;
  expect(await shown()).toContain(hiddenStore);
});

it("goes on where a step or a statement was full", async () => {
  await stack.sql`
    insert into favorites (user_id, kind, target_id)
    select gen_random_uuid(), 'store', md5('gone ' || i % 4500)::uuid from generate_series(1, 11000) as i`;
  await stack.sql`
    insert into alert_reads (user_id, alert_id)
    select gen_random_uuid(), '00000000-0000-4000-8000-000000000001' from generate_series(1, 5001)`;
  expect(await deleteOrphans(database.db)).toBe(16_001);
});

it("a page of which much is gone is filled from what follows", async () => {
  const user = randomUUID();
  const client = await instance.as({ id: user });
  const kept = await insertStores(stack.sql, [
    { latitude: 5, longitude: 5 },
    { latitude: 6, longitude: 6 },
  ]);
  await stack.sql`
    insert into favorites (user_id, kind, target_id, created_at)
    select ${user}, 'store', gen_random_uuid(), now() - i * interval '1 second' from generate_series(1, 1200) as i`;
  await stack.sql`
    insert into favorites (user_id, kind, target_id, created_at)
    select ${user}, 'store', value::uuid, now() - interval '1 day' * ordinality
    from jsonb_array_elements_text(${JSON.stringify(kept)}::text::jsonb) with ordinality`;
  const page = await client.favorites.list.query({ limit: 2 });
  expect([page.items.map(({ id }) => id), page.nextCursor]).toEqual([kept, null]);
});
