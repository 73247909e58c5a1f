import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { insertAdditives, insertRecall, readWithinASecond } from "../../support/catalog-rows.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { insertTestSource } from "../../support/store-rows.ts";
import {
  insertBoycotts,
  insertCertifier,
  insertProduct,
  insertProducts,
  newBarcode,
} from "../../support/user-rows.ts";

let stack: Stack;
let instance: Instance;
let other: Instance;

beforeAll(async () => {
  stack = await openStack();
  await insertTestSource(stack.sql);
  await insertAdditives(stack.sql, [
    { code: "E330", en: "Citric acid", halalStatus: "halal" },
    { code: "E450", en: "Diphosphates", halalStatus: "halal" },
    {
      code: "E120",
      en: "Carmine",
      halalStatus: "haram",
      rulings: [{ madhab: "maliki", halalStatus: "halal" }],
    },
    { code: "E471", en: "Mono- and diglycerides", halalStatus: "doubtful" },
  ]);
  instance = await stack.startInstance();
  other = await stack.startInstance();
});

afterAll(() => stack.close());

const someone = async () => {
  const id = randomUUID();
  return { id, api: (await instance.as({ id })).scans, elsewhere: (await other.as({ id })).scans };
};

const codesOf = (answer: { verdict: { reasons: { code: string }[] } }) =>
  answer.verdict.reasons.map(({ code }) => code);

describe("scans.record, from the entry of a barcode", () => {
  it("records a single scan from the product's entry as among several, which one statement reads", async () => {
    const certifierId = await insertCertifier(stack.sql, `Certifier ${randomUUID()}`, 80);
    const products = await insertProducts(stack.sql, [
      { brand: "Recorded Alone", additives: ["E120", "E471"], ingredients: "sugar, E120" },
      { certifierId, halalStatus: "halal", confidenceScore: 0.9 },
      { additives: ["E330"] },
    ]);
    await insertBoycotts(stack.sql, [
      { companyName: "Recorded Alone", parentCompany: "Recorded Parent" },
      { companyName: "Recorded Parent", gtinPrefixes: ["3760"] },
    ]);
    await insertRecall(stack.sql, products[0]?.barcode ?? "", "2026-01-01T00:00:00Z");
    const barcodes = [...products.map(({ barcode }) => barcode), newBarcode()];
    const { api } = await someone();
    const { outcomes } = await api.recordMany.mutate({
      scans: barcodes.map((barcode) => ({ id: randomUUID(), barcode })),
    });
    for (const [place, barcode] of barcodes.entries()) {
      const outcome = outcomes[place];
      if (outcome?.ok !== true) throw new Error("a scan was refused");
      const { product, verdict, recalls } = outcome;
      expect(await api.record.mutate({ id: randomUUID(), barcode })).toMatchObject({
        product,
        verdict,
        recalls,
      });
    }
  });

  it("judges by what was written until a second ago, on every instance, and at once where an admin wrote it", async () => {
    const { barcode } = await insertProduct(stack.sql, { brand: "Before" });
    const { api, elsewhere } = await someone();
    const codes = async (scans: typeof api) =>
      codesOf(await scans.record.mutate({ id: randomUUID(), barcode })).join();
    await Promise.all([codes(api), codes(elsewhere)]);
    const admin = await instance.as({ isAdmin: true });
    const write = admin.product.upsert;
    await write.mutate({ barcode, halalStatus: "haram", confidenceScore: 1 });
    expect(await codes(api)).toContain("product_haram");
    const isSeen = async () => (await codes(elsewhere)).includes("product_haram");
    expect(await readWithinASecond(isSeen, true)).toBe(true);
    await admin.boycott.upsert.mutate({ companyName: "Before", level: "official" });
    expect((await codes(api)).split(",")).toContain("boycott");
  });
});
