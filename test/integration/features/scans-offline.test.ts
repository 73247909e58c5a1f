import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { errorCode } from "../../support/catalog-rows.ts";
import { currentRulings } from "../../../src/verdict/rulings-policy.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { insertTestSource } from "../../support/store-rows.ts";
import { callerOf, countingDb, insertProducts, newBarcode } from "../../support/user-rows.ts";

let stack: Stack;
let instance: Instance;
let other: Instance;

beforeAll(async () => {
  stack = await openStack();
  await insertTestSource(stack.sql);
  instance = await stack.startInstance();
  other = await stack.startInstance();
});

afterAll(() => stack.close());

const someone = async () => {
  const id = randomUUID();
  return { id, api: (await instance.as({ id })).scans, elsewhere: (await other.as({ id })).scans };
};

const rowsOf = (userId: string) => stack.sql`select id from scans where user_id = ${userId}`;

describe("scans.recordMany", () => {
  it("gives each scan its outcome in order, and does not fail the rest for one", async () => {
    const [product] = await insertProducts(stack.sql, [{ name: "Known" }]);
    const { api, id: userId } = await someone();
    const [a, b] = [randomUUID(), randomUUID()];
    const barcode = newBarcode();
    const { outcomes } = await api.recordMany.mutate({
      scans: [
        { id: a, barcode: product?.barcode ?? "" },
        { id: "nonsense", barcode },
        { id: b, barcode: "4006381333930" },
        { id: b, barcode },
        { id: a, barcode: `0${product?.barcode ?? ""}`, latitude: 3, longitude: 3 },
        { id: a, barcode },
        { id: randomUUID(), barcode, latitude: 200, longitude: 0 },
      ],
    });
    expect(outcomes.map((one) => (one.ok ? "ok" : one.code))).toEqual([
      "ok",
      "BAD_REQUEST",
      "BAD_REQUEST",
      "ok",
      "ok",
      "CONFLICT",
      "BAD_REQUEST",
    ]);
    expect(outcomes[4]).toEqual(outcomes[0]);
    expect(outcomes[0]).toMatchObject({ id: a, product: { name: "Known" } });
    expect((await rowsOf(userId)).map(({ id }) => String(id)).sort()).toEqual([a, b].sort());
  });

  it("records the same batch sent twenty times at once, in any order, once each with the same answers", async () => {
    const products = await insertProducts(
      stack.sql,
      Array.from({ length: 10 }, (_, i) => ({
        halalStatus: i % 2 ? ("haram" as const) : ("halal" as const),
      })),
    );
    const { api, elsewhere, id: userId } = await someone();
    const scans = Array.from({ length: 40 }, (_, i) => ({
      id: randomUUID(),
      barcode: products[i]?.barcode ?? newBarcode(),
    }));
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        const sent = i % 3 === 0 ? scans.toReversed() : scans;
        const { outcomes } = await (i % 2 === 0 ? api : elsewhere).recordMany.mutate({
          scans: sent,
        });
        return JSON.stringify(i % 3 === 0 ? outcomes.toReversed() : outcomes);
      }),
    );
    const [distinct, ...others] = new Set(answers);
    // Only the default of `scannedAt` could differ, and it must not.
    expect(others).toEqual([]);
    expect(distinct).not.toContain('"ok":false');
    expect(await rowsOf(userId)).toHaveLength(40);
  });

  it("needs three statements for a hundred scans, two for a repeat, none for nonsense", async () => {
    const user = { id: randomUUID(), isAdmin: false };
    const scans = Array.from({ length: 100 }, () => ({ id: randomUUID(), barcode: newBarcode() }));
    // Held in memory until one changes.
    await currentRulings(instance.deps);
    for (const [sent, expected] of [
      [scans, 3],
      [scans, 2],
      [[{ id: "x", barcode: "y" }], 0],
      [[], 0],
    ] as const) {
      const { db, count } = countingDb(instance.deps.db);
      const { outcomes } = await callerOf(instance, { user, db }).scans.recordMany({
        scans: [...sent],
      });
      expect(outcomes).toHaveLength(sent.length);
      expect(count()).toBe(expected);
    }
  });

  it("refuses a batch of 101", async () => {
    const { api } = await someone();
    const scans = Array.from({ length: 101 }, () => ({ id: randomUUID(), barcode: newBarcode() }));
    expect(await errorCode(api.recordMany.mutate({ scans }))).toBe("BAD_REQUEST");
  });
});
