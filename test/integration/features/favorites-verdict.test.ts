import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { insertAdditives } from "../../support/catalog-rows.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { insertTestSource } from "../../support/store-rows.ts";
import { insertCertifier, insertProducts, newBarcode } from "../../support/user-rows.ts";

let stack: Stack;
let instance: Instance;

beforeAll(async () => {
  stack = await openStack();
  await insertTestSource(stack.sql);
  await insertAdditives(stack.sql, [
    {
      code: "E120",
      halalStatus: "haram",
      rulings: [{ madhab: "maliki", halalStatus: "halal" }],
    },
    { code: "E330", halalStatus: "halal" },
    { code: "E450", halalStatus: "unknown" },
    { code: "E471", halalStatus: "doubtful" },
  ]);
  instance = await stack.startInstance();
});

afterAll(() => stack.close());

const OWN = [
  { halalStatus: "unknown", confidenceScore: 0 },
  { halalStatus: "halal", confidenceScore: 0.25 },
  { halalStatus: "halal", confidenceScore: 0.6 },
  { halalStatus: "doubtful", confidenceScore: 0.455 },
  { halalStatus: "haram", confidenceScore: 0.6 },
] as const;
const ADDITIVES = [
  [],
  ["E330"],
  ["E120"],
  ["E471"],
  ["E450iv"],
  ["E999"],
  ["E471", "E999"],
  ["E120", "E471"],
];

describe("a favourite product", () => {
  it("has the verdict of a scan, whatever is known of it, and follows an additive", async () => {
    const weak = await insertCertifier(stack.sql, "Weak", 29);
    const strong = await insertCertifier(stack.sql, "Strong", 83);
    const seeds = OWN.flatMap((own) =>
      ADDITIVES.flatMap((additives) =>
        [{}, { certifierId: weak }, { certifierId: strong }].flatMap((certified) =>
          ["", "20", "02"].flatMap((prefix) =>
            [null, " ", "sugar"].map((ingredients) => ({
              ...own,
              ...certified,
              additives,
              ingredients,
              ...(prefix === "" ? {} : { barcode: newBarcode(prefix) }),
            })),
          ),
        ),
      ),
    );
    const products = await insertProducts(stack.sql, seeds);
    const compare = async () => {
      const scanned: unknown[] = [];
      const listed = new Map<string, unknown>();
      for (let from = 0; from < products.length; from += 100) {
        const user = await instance.as({ id: randomUUID() });
        const page = products.slice(from, from + 100);
        const scans = page.map(({ barcode }) => ({ id: randomUUID(), barcode }));
        for (const answer of (await user.scans.recordMany.mutate({ scans })).outcomes) {
          if (!answer.ok) throw new Error(answer.message);
          const { halalStatus, confidence } = answer.verdict;
          scanned.push({ id: answer.product?.id, halalStatus, confidence });
        }
        const add = page.map(({ id }) => ({ kind: "product" as const, id }));
        await user.favorites.sync.mutate({ add });
        const { items } = await user.favorites.list.query({ limit: 100 });
        for (const { id, product } of items) {
          listed.set(id, {
            id,
            halalStatus: product?.halalStatus,
            confidence: product?.confidenceScore,
          });
        }
      }
      expect(scanned).toHaveLength(seeds.length);
      expect(products.map(({ id }) => listed.get(id))).toEqual(scanned);
      return scanned.filter((one) => JSON.stringify(one).includes('"haram"')).length;
    };
    const before = await compare();
    await stack.sql`update additives set halal_status = 'halal' where code = 'E120'`;
    await instance.deps.cache.catchUp();
    expect(await compare()).toBeLessThan(before);
  }, 60_000);
});
