import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { errorCode, HOSTILE_TEXTS, insertAdditives } from "../../support/catalog-rows.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { insertTestSource } from "../../support/store-rows.ts";
import {
  insertBoycotts,
  insertCertifier,
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

const rowsOf = (userId: string) => stack.sql`select id from scans where user_id = ${userId}`;

const codesOf = (answer: { verdict: { reasons: { code: string }[] } }) =>
  answer.verdict.reasons.map(({ code }) => code);

describe("scans.record", () => {
  it("refuses half a position, which JSON makes of one that is no number", async () => {
    const { api, id: userId } = await someone();
    const scan = { id: randomUUID(), barcode: newBarcode() };
    for (const position of [
      { latitude: 1, longitude: Number.POSITIVE_INFINITY },
      { latitude: Number.NaN, longitude: 1 },
    ]) {
      expect(await errorCode(api.record.mutate({ ...scan, ...position }))).toBe("BAD_REQUEST");
      const { outcomes } = await api.recordMany.mutate({
        scans: [
          { ...scan, ...position },
          { id: randomUUID(), barcode: scan.barcode },
        ],
      });
      expect(outcomes.map((one) => (one.ok ? "ok" : one.code))).toEqual(["BAD_REQUEST", "ok"]);
    }
    expect(await rowsOf(userId)).toHaveLength(2);
  });

  it("quotes nobody for an additive's status that an administrator has changed", async () => {
    await insertAdditives(stack.sql, [{ code: "E995", en: "Something", halalStatus: "halal" }]);
    await stack.sql`update additives set status_source = 'Imported list A' where code = 'E995'`;
    const admin = await instance.as({ isAdmin: true });
    await admin.additive.upsert.mutate({ code: "E995", halalStatus: "haram" });
    const [product] = await insertProducts(stack.sql, [{ additives: ["E995"] }]);
    const { api } = await someone();
    const { verdict } = await api.record.mutate({
      id: randomUUID(),
      barcode: product?.barcode ?? "",
    });
    expect(verdict.reasons[0]).toEqual({
      code: "additive_haram",
      params: { additive: "E995", name: "Something", madhab: null },
      message: "E995 (Something) is haram.",
      language: "en",
      source: "Own editors",
    });
  });

  it("answers with the product, its attribution and a verdict with reasons", async () => {
    const certifierId = await insertCertifier(stack.sql, "A certifier", 80);
    const [product] = await insertProducts(stack.sql, [
      { name: "Fruit gums", brand: "Zay", certifierId, additives: ["E330"], ingredients: "sugar" },
    ]);
    const { api, id: userId } = await someone();
    const id = randomUUID();
    const barcode = product?.barcode ?? "";
    const answer = await api.record.mutate({
      id: id.toUpperCase(),
      barcode,
      scannedAt: "2026-01-02T03:04:05+02:00",
      latitude: 48.85,
      longitude: 2.35,
    });
    expect(answer.scan).toEqual({
      id,
      barcode: `0${barcode}`,
      scannedAt: "2026-01-02T01:04:05.000Z",
      latitude: 48.85,
      longitude: 2.35,
      halalStatus: "halal",
      confidence: 0.8,
    });
    expect(answer.product).toEqual({
      id: product?.id,
      barcode: `0${barcode}`,
      name: "Fruit gums",
      brand: "Zay",
      imageUrl: null,
      halalStatus: "unknown",
      confidenceScore: 0,
      additives: ["E330"],
      certifierId,
      names: { en: "Fruit gums" },
      ingredients: "sugar",
      language: null,
      categories: [],
      allergens: [],
      labels: ["en:halal"],
      attribution: { name: "Test", licence: "none", attribution: "made by a test", url: null },
    });
    expect(answer.verdict.halalStatus).toBe("halal");
    expect(answer.verdict.reasons[0]).toMatchObject({ code: "certified", source: "A certifier" });
    expect(codesOf(answer)).toContain("additives_halal");
    expect(await rowsOf(userId)).toEqual([{ id }]);
  });

  it("judges a form of an additive by its parent, and says what the list does not have", async () => {
    const [product] = await insertProducts(stack.sql, [
      { additives: ["E450iv", "E471", "E999"], halalStatus: "unknown" },
    ]);
    const { api } = await someone();
    const answer = await api.record.mutate({ id: randomUUID(), barcode: product?.barcode ?? "" });
    expect(answer.verdict.halalStatus).toBe("doubtful");
    expect(answer.product?.additives).toEqual(["E450iv", "E471", "E999"]);
    const unknown = answer.verdict.reasons.filter(({ code }) => code === "additive_unknown");
    expect(unknown.map(({ message }) => message)).toEqual(["E999 is not in the additive list."]);
  });

  it("follows the rulings of a school that is asked for", async () => {
    const [product] = await insertProducts(stack.sql, [
      { additives: ["E120"], halalStatus: "halal", confidenceScore: 0.9, ingredients: "carmine" },
    ]);
    const { api } = await someone();
    const barcode = product?.barcode ?? "";
    const general = await api.record.mutate({ id: randomUUID(), barcode });
    const maliki = await api.record.mutate({ id: randomUUID(), barcode, madhab: "maliki" });
    expect(general.verdict.halalStatus).toBe("haram");
    expect(codesOf(general)).toContain("madhab_ruling");
    expect(maliki.verdict.halalStatus).toBe("halal");
  });

  it("finds boycott targets by brand, by the parent of one, and by prefix as a hint", async () => {
    await insertBoycotts(stack.sql, [
      { companyName: "Ozmarra", brands: ["Crème Fizzà"], parentCompany: "Big Holding" },
      { companyName: "Big Holding" },
      { companyName: "Prefix Co", gtinPrefixes: ["9521234"] },
      { companyName: "Was once", brands: ["Crème Fizzà"], active: false },
    ]);
    const [product] = await insertProducts(stack.sql, [
      { brand: "Other, CREME-FIZZA", barcode: newBarcode("9521234") },
    ]);
    const { api } = await someone();
    const answer = await api.record.mutate({ id: randomUUID(), barcode: product?.barcode ?? "" });
    const found = answer.verdict.reasons.filter(({ code }) => code.startsWith("boycott"));
    expect(
      found.map(({ code, message }) => `${code} ${message.split(" is on ")[0]}`).sort(),
    ).toEqual(["boycott Big Holding", "boycott Ozmarra", "boycott_hint Prefix Co"]);
    const undescribed = await api.record.mutate({
      id: randomUUID(),
      barcode: newBarcode("9521234"),
    });
    expect(undescribed.product).toBeNull();
    expect(codesOf(undescribed)).toEqual(["product_not_found", "boycott_hint"]);
  });

  it("is honest about what nobody has described and about in-store numbers", async () => {
    const { api } = await someone();
    const missing = await api.record.mutate({ id: randomUUID(), barcode: newBarcode() });
    expect(missing).toMatchObject({
      product: null,
      verdict: { halalStatus: "unknown", confidence: 0 },
    });
    const inStore = await api.record.mutate({ id: randomUUID(), barcode: "2012345678903" });
    expect(inStore.scan.barcode).toBe("02012345678903");
    expect(inStore.verdict.halalStatus).toBe("unknown");
    expect(codesOf(inStore)[0]).toBe("in_store_barcode");
  });

  it("answers a repeat as it was recorded, whatever has changed since", async () => {
    const [product] = await insertProducts(stack.sql, [
      { halalStatus: "halal", confidenceScore: 0.9 },
    ]);
    const { api, elsewhere, id: userId } = await someone();
    const scan = { id: randomUUID(), barcode: product?.barcode ?? "" };
    const first = await api.record.mutate(scan);
    await stack.sql`update products set halal_status = 'haram' where id = ${product?.id ?? ""}`;
    const again = await elsewhere.record.mutate({ ...scan, latitude: 1, longitude: 1 });
    expect(again.scan).toEqual(first.scan);
    expect(again.verdict).toEqual(first.verdict);
    expect(again.verdict.halalStatus).toBe("halal");
    expect(await rowsOf(userId)).toHaveLength(1);
  });

  it("records once and answers the same when twenty arrive at once", async () => {
    const [product] = await insertProducts(stack.sql, [
      { halalStatus: "haram", confidenceScore: 1 },
    ]);
    const { api, elsewhere, id: userId } = await someone();
    const scan = { id: randomUUID(), barcode: product?.barcode ?? "" };
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? api : elsewhere).record.mutate(scan)),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await rowsOf(userId)).toHaveLength(1);
  });

  it("refuses the same id for another barcode", async () => {
    const { api, id: userId } = await someone();
    const id = randomUUID();
    await api.record.mutate({ id, barcode: newBarcode() });
    expect(await errorCode(api.record.mutate({ id, barcode: newBarcode() }))).toBe("CONFLICT");
    expect(await rowsOf(userId)).toHaveLength(1);
  });

  it("refuses what cannot be right, and says why", async () => {
    const { api, id: userId } = await someone();
    const barcode = newBarcode();
    const scan = { id: randomUUID(), barcode };
    const wrongDigit = barcode.slice(0, -1) + ((Number(barcode.at(-1)) + 1) % 10);
    await expect(api.record.mutate({ ...scan, barcode: wrongDigit })).rejects.toThrow(
      /check digit/,
    );
    await expect(api.record.mutate({ ...scan, barcode: "3.02E+12" })).rejects.toThrow(
      /spreadsheet/,
    );
    const ahead = new Date(Date.now() + 25 * 3_600_000).toISOString();
    for (const bad of [
      { ...scan, id: "not-a-uuid" },
      { ...scan, latitude: 1 },
      { ...scan, longitude: 1 },
      { ...scan, latitude: 91, longitude: 1 },
      { ...scan, scannedAt: ahead },
      { ...scan, scannedAt: "1969-12-31T23:59:59Z" },
      { ...scan, scannedAt: "0000-01-01T00:00:00Z" },
      { ...scan, scannedAt: "yesterday" },
      ...HOSTILE_TEXTS.flatMap((text) => [
        { ...scan, barcode: text },
        { ...scan, id: text },
        { ...scan, scannedAt: text },
      ]),
    ]) {
      expect(await errorCode(api.record.mutate(bad))).toBe("BAD_REQUEST");
    }
    expect(await rowsOf(userId)).toHaveLength(0);
  });
});
