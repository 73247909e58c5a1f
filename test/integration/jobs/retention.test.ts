import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Database } from "../../../src/db/client/database.ts";
import { deleteOldRemovals } from "../../../src/jobs/removals.ts";
import { roundOldPositions } from "../../../src/jobs/scan-positions.ts";
import { openJobDatabase } from "../../support/job-database.ts";
import { openStack, type Stack } from "../../support/stack.ts";

let stack: Stack;
let database: Database;

beforeAll(async () => {
  stack = await openStack();
  database = openJobDatabase(stack);
});
afterAll(async () => {
  await database.close();
  await stack.close();
});

it("removals go after six months though their user never writes again, and younger ones stay", async () => {
  const [gone, kept] = [randomUUID(), randomUUID()];
  for (const [id, age] of [
    [gone, "6 months 1 day"],
    [kept, "5 months 20 days"],
  ] as const) {
    await stack.sql`insert into scan_removals values (${id}, ${randomUUID()}, now() - ${age}::text::interval)`;
    await stack.sql`
      insert into favorite_removals (user_id, kind, target_id, removed_at, recorded_at)
      values (${id}, 'store', ${randomUUID()}, now() - interval '2 years', now() - ${age}::text::interval)`;
  }
  expect(await deleteOldRemovals(database.db, new Date())).toBe(2);
  const rows = await stack.sql<{ user_id: string }[]>`
    select user_id from scan_removals union all select user_id from favorite_removals`;
  expect(rows.map((row) => row.user_id)).toEqual([kept, kept]);
  expect(await deleteOldRemovals(database.db, new Date())).toBe(0);
});

/** Texts of all rows of all tables that hold one of the texts, found in the whole row. */
async function tablesWith(texts: readonly string[]): Promise<string[]> {
  const tables = await stack.sql<{ name: string }[]>`
    select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'm') and not c.relispartition and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') order by 1`;
  const found: string[] = [];
  for (const { name } of tables) {
    const [row] = await stack.sql.unsafe<{ hits: number }[]>(
      `select count(*)::int as hits from ${name} as t where ${texts.map((text) => `t::text like '%${text}%'`).join(" or ")}`,
    );
    if ((row?.hits ?? 0) > 0) found.push(name);
  }
  return found;
}

it("after SCAN_POSITION_DAYS no column of any table holds an exact position, and younger ones are left", async () => {
  const [old, late, young, nowhere] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  const instance = await stack.startInstance();
  const client = await instance.as({ id: old });
  const record = async (
    owner: string,
    scannedAt: string,
    latitude?: number,
    longitude?: number,
  ) => {
    const as = owner === old ? client : await instance.as({ id: owner });
    const position = latitude === undefined ? {} : { latitude, longitude };
    await as.scans.record.mutate({
      id: randomUUID(),
      barcode: "3017620422003",
      scannedAt,
      ...position,
    });
  };
  const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
  await record(old, new Date().toISOString(), 48.857_391, 2.351_462);
  await stack.sql`update scans set recorded_at = now() - interval '31 days', scanned_at = now() - interval '31 days'`;
  // An offline phone sent it just now.
  await record(late, daysAgo(40), -33.868_821, 151.209_37);
  await record(young, daysAgo(29), 12.345_678, 98.765_432);
  await record(nowhere, daysAgo(60));
  const exact = ["48.857391", "2.351462", "33.868821", "151.20937"];
  expect(await tablesWith(exact)).toEqual(["public.scans"]);
  expect(await roundOldPositions(database.db, new Date(), 30)).toBe(2);
  expect(await tablesWith(exact)).toEqual([]);
  expect(await tablesWith(["12.345678", "98.765432"])).toEqual(["public.scans"]);
  const cells = await stack.sql<{ before: string; after: string }[]>`
    select st_geohash(st_makepoint(2.351462, 48.857391), 5) as before,
      st_geohash(st_makepoint(longitude, latitude), 5) as after
    from scans where user_id = ${old}`;
  expect(cells[0]?.after).toBe(cells[0]?.before);
  const { items } = await client.scans.history.query({});
  expect(items[0]?.latitude).toBeCloseTo(48.857, 1);
  expect(items[0]?.latitude).not.toBe(48.857_391);
  expect(await roundOldPositions(database.db, new Date(), 30)).toBe(0);
});
