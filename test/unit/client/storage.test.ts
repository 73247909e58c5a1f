import { DatabaseSync } from "node:sqlite";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expoSqliteStorage } from "../../../packages/client/src/expo-sqlite.ts";
import { nodeSqliteStorage } from "../../../packages/client/src/node-sqlite.ts";
import { memoryStorage } from "../../../packages/client/src/storage/memory.ts";
import type { SqliteValue } from "../../../packages/client/src/storage/sqlite.ts";
import type { HalalStorage, LaneName } from "../../../packages/client/src/storage/storage.ts";

const lane = fc.constantFrom<LaneName[]>("scans", "favorites");
const id = fc.constantFrom("a", "b", "c", "ü'\"\u2028", "e");
const owner = fc.constantFrom(null, "first", "second");
const change = fc.record({ lane, id, owner, body: fc.string({ unit: "grapheme" }) });
const command = fc.oneof(
  fc.record({ kind: fc.constant("append" as const), changes: fc.array(change, { maxLength: 4 }) }),
  fc.record({ kind: fc.constant("refuse" as const), lane, ids: fc.array(id, { maxLength: 2 }) }),
  fc.record({ kind: fc.constant("retry" as const), lane, id }),
  fc.record({ kind: fc.constant("remove" as const), lane, ids: fc.array(id, { maxLength: 3 }) }),
  fc.record({
    kind: fc.constant("write" as const),
    key: id,
    text: fc.string({ unit: "grapheme" }),
    savedAtMs: fc.uniqueArray(fc.nat(), { minLength: 1, maxLength: 1 }).map(([ms = 0]) => ms),
  }),
  fc.record({ kind: fc.constant("clear" as const) }),
);

type Command = typeof command extends fc.Arbitrary<infer One> ? One : never;

async function apply(storage: HalalStorage, one: Command): Promise<void> {
  switch (one.kind) {
    case "append":
      return storage.append(one.changes);
    case "refuse":
      return storage.refuse(
        one.lane,
        one.ids.map((each) => ({ id: each, code: "BAD_REQUEST", message: `no ${each}` })),
      );
    case "retry":
      return storage.retry(one.lane, one.id);
    case "remove":
      return storage.remove(one.lane, one.ids);
    case "write":
      return storage.write("product", one.key, { text: one.text, savedAtMs: one.savedAtMs });
    case "clear":
      return storage.clear();
  }
}

async function everythingIn(storage: HalalStorage): Promise<unknown> {
  const waiting = [];
  for (const name of ["scans", "favorites"] as const)
    for (const of of [null, "first", "second"])
      waiting.push(await storage.waiting(name, of, 100), await storage.waiting(name, of, 2));
  return JSON.parse(
    JSON.stringify([
      waiting,
      await storage.countWaiting(),
      await storage.refused("first"),
      await storage.refused(null),
      await storage.read("product", "a"),
      await storage.read("product", "ü'\"\u2028"),
    ]),
  );
}

/** The calls of `expo-sqlite` as its adapter makes them, done by Node's SQLite. */
function likeExpo(database: DatabaseSync) {
  return {
    runAsync: async (sql: string, values: SqliteValue[]) => database.prepare(sql).run(...values),
    getAllAsync: async <T>(sql: string, values: SqliteValue[]) =>
      database.prepare(sql).all(...values) as T[],
  };
}

describe("storage", () => {
  it("is the same in memory and in SQLite, whatever is done to it", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 12 }), async (commands) => {
        const memory = memoryStorage();
        const node = await nodeSqliteStorage(new DatabaseSync(":memory:"));
        const expo = await expoSqliteStorage(likeExpo(new DatabaseSync(":memory:")));
        for (const one of commands)
          for (const storage of [memory, node, expo]) await apply(storage, one);
        const expected = await everythingIn(memory);
        expect(await everythingIn(node)).toEqual(expected);
        expect(await everythingIn(expo)).toEqual(expected);
      }),
      { numRuns: 150 },
    );
  });

  it("keeps the latest entries of a collection, and those of others", async () => {
    for (const storage of [
      memoryStorage(),
      await nodeSqliteStorage(new DatabaseSync(":memory:")),
    ]) {
      for (let n = 0; n < 10; n += 1)
        await storage.write("product", `p${n}`, { text: "", savedAtMs: (n * 7) % 10 });
      await storage.write("additive", "a", { text: "", savedAtMs: -1 });
      await storage.trim("product", 3);
      const left = [];
      for (let n = 0; n < 10; n += 1)
        left.push((await storage.read("product", `p${n}`))?.savedAtMs ?? []);
      expect(left.flat().sort((a, b) => a - b)).toEqual([7, 8, 9]);
      expect(await storage.read("additive", "a")).not.toBeNull();
    }
  });
});
