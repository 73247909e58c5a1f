import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { insertStores } from "../../support/store-rows.ts";

const SFAX = { latitude: 34.74, longitude: 10.76 };

let stack: Stack;
let instance: Instance;

beforeAll(async () => {
  stack = await openStack();
  instance = await stack.startInstance();
  await insertStores(
    stack.sql,
    Array.from({ length: 250 }, (_, i) => ({ ...SFAX, name: `Store ${i}` })),
  );
});

afterAll(() => stack.close());

describe("store.list", () => {
  it("gives administrators all stores, the newest first, with what hides them", async () => {
    const admin = await instance.as({ isAdmin: true });
    const ids = await insertStores(
      stack.sql,
      ["Shown", "Removed", "Hidden"].map((name) => ({ ...SFAX, name: `${name} qalansuwa` })),
    );
    await stack.sql`
      update stores set removed_at = '2026-11-01T00:00:00Z', hidden_by_source = name like 'Hidden%',
        halal_claim = case when name like 'Hidden%' then 'no' end
      where id in (${ids[1] ?? ""}, ${ids[2] ?? ""})`;
    const names = async (input: object) =>
      (await admin.store.list.query({ query: "qalansuwa", ...input })).items
        .map(({ name }) => name)
        .toSorted();
    const [hidden, removed, shown] = ["Hidden", "Removed", "Shown"].map((n) => `${n} qalansuwa`);
    expect(await names({})).toEqual([hidden, removed, shown]);
    expect(await names({ query: "qalansuva removed" })).toEqual([removed]);
    expect(await names({ state: "shown" })).toEqual([shown]);
    expect(await names({ state: "removed" })).toEqual([removed]);
    expect(await names({ state: "hidden" })).toEqual([hidden]);
    expect(await names({ halalClaim: ["no"] })).toEqual([hidden]);
    expect(await names({ minRating: 1 })).toEqual([]);
    const { items } = await admin.store.list.query({ query: "qalansuwa", state: "hidden" });
    const state = { removedAt: "2026-11-01T00:00:00.000Z", isHiddenBySource: true };
    expect(items[0]).toMatchObject({ ...state, halalClaim: "no", id: ids[2] });
    await expect(instance.client.store.list.query({})).rejects.toMatchObject({
      data: { code: "UNAUTHORIZED" },
    });
  });

  it("pages without gaps or repeats while stores are added", async () => {
    const admin = await instance.as({ isAdmin: true });
    const before = await stack.sql<{ id: string }[]>`
      select id from stores order by created_at desc, id desc limit 300`;
    const seen: string[] = [];
    let cursor: string | null = null;
    while (seen.length < before.length) {
      const page: Awaited<ReturnType<typeof admin.store.list.query>> = await admin.store.list.query(
        { limit: 100, cursor },
      );
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
      await insertStores(stack.sql, [{ ...SFAX, name: "Added meanwhile" }]);
    }
    expect(seen.slice(0, before.length)).toEqual(before.map(({ id }) => id));
  });
});
