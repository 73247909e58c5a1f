import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { insertBoycotts, newBarcode } from "../../support/user-rows.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { insertTestSource } from "../../support/store-rows.ts";

let stack: Stack;
let instance: Instance;

interface Seed {
  readonly name: string;
  readonly names?: Readonly<Record<string, string>>;
  readonly brand?: string;
  readonly categories?: readonly string[];
  /** By its own source, and as it was computed. */
  readonly status?: "halal" | "haram" | "unknown";
  readonly language?: string;
}

/** Inserts products; gives their GTIN-13 in the order of the seeds. */
async function insert(seeds: readonly Seed[]): Promise<string[]> {
  const rows = seeds.map((seed) => ({
    barcode: newBarcode(),
    names: {},
    brand: null,
    categories: [],
    status: "halal",
    language: "en",
    ...seed,
  }));
  await stack.sql`
    insert into products (barcode, name, names, brand, categories, halal_status, confidence_score, computed_status,
      computed_hanafi, computed_shafii, computed_maliki, computed_hanbali, language, source)
    select '0' || barcode, name, names, brand, categories, status, 0.9, status, status, status, status, status, language, 'test'
    from json_to_recordset(${JSON.stringify(rows)}::text::json) as r(barcode text, name text, names jsonb, brand text,
      categories text[], status text, language text)`;
  return rows.map(({ barcode }) => barcode);
}

beforeAll(async () => {
  stack = await openStack();
  await insertTestSource(stack.sql);
  instance = await stack.startInstance();
});

afterAll(() => stack.close());

const search = async (query: string, more: { category?: string; halalStatus?: "haram" } = {}) =>
  (await instance.client.product.search.query({ query, ...more })).items.map(({ name }) => name);

describe("product.search", () => {
  beforeAll(() =>
    insert([
      {
        name: "Zürcher Nussmus",
        brand: "Alnaturkost",
        names: { fr: "Purée de noisettes zurichoise" },
      },
      { name: "Zürcher Nussmus mit Honig", brand: "Alnaturkost", categories: ["en:spreads"] },
      { name: "حلاوة طحينية", names: { en: "Tahini halva" }, brand: "Alkanater" },
      {
        name: "Pork terrine",
        brand: "Terroir",
        status: "haram",
        categories: ["en:spreads", "en:terrines"],
      },
    ]),
  );

  it("finds names in every language and brands, without case and accents", async () => {
    const both = ["Zürcher Nussmus", "Zürcher Nussmus mit Honig"];
    expect(await search("zurcher NUSSMUS")).toEqual(both);
    expect(await search("alnaturkost")).toEqual(both);
    expect(await search("noisettes purée")).toEqual(["Zürcher Nussmus"]);
    expect(await search("حلاوه طحينيه")).toEqual(["حلاوة طحينية"]);
    expect(await search("halva")).toEqual(["حلاوة طحينية"]);
  });

  it("forgives a typo, and takes the beginning of the last word", async () => {
    for (const query of ["nusmus", "nussmsu", "nussmuss", "alnaturkots nussmus", "nussm"]) {
      expect(await search(query)).toContain("Zürcher Nussmus");
    }
    expect(await search("nussmus qqqqqq")).toEqual([]);
  });

  it("filters by verdict and category", async () => {
    expect(await search("terroir", { halalStatus: "haram" })).toEqual(["Pork terrine"]);
    expect(await search("nussmus", { halalStatus: "haram" })).toEqual([]);
    expect(await search("nussmus", { category: "en:spreads" })).toEqual([
      "Zürcher Nussmus mit Honig",
    ]);
    expect(await search("terrine", { category: "it's" })).toEqual([]);
  });

  it("gives the verdict of a scan, for each school", async () => {
    const { items } = await instance.client.product.search.query({ query: "terrine terroir" });
    const barcode = items[0]?.barcode ?? "";
    const { verdict } = await instance.client.product.byBarcode.query({ barcode });
    expect(items[0]).toMatchObject({
      halalStatus: verdict.halalStatus,
      confidenceScore: verdict.confidence,
      bySchool: verdict.bySchool,
      attribution: { name: "Test" },
    });
  });

  it("shows a changed name, and forgets a removed product", async () => {
    const [barcode = ""] = await insert([{ name: "Quixotine" }]);
    expect(await search("quixotine")).toEqual(["Quixotine"]);
    await stack.sql`update products set name = 'Vermillonade' where barcode = ${`0${barcode}`}`;
    expect(await search("quixotine")).toEqual([]);
    expect(await search("vermilonade")).toEqual(["Vermillonade"]);
    await stack.sql`delete from products where barcode = ${`0${barcode}`}`;
    expect(await search("vermillonade")).toEqual([]);
  });

  it("pages through all that match, none twice, few or many", async () => {
    await insert(
      Array.from({ length: 70 }, (_, i) => ({
        name: i % 2 === 0 ? `Kalamoon ${i}` : `Kalamooni ${i}`,
      })),
    );
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: { items: { barcode: string }[]; nextCursor: string | null } =
        await instance.client.product.search.query({ query: "kalamoon", limit: 9, cursor });
      seen.push(...page.items.map(({ barcode }) => barcode));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBe(70);
  });

  it("answers from a sample where thousands match, the shortest names first", async () => {
    await stack.sql`
      insert into products (barcode, name, brand, source)
      select '07' || lpad(n::text, 12, '0'), 'Multitude ' || repeat('x', n % 30), 'Sampled', 'test'
      from generate_series(1, 9000) as n`;
    const first = await instance.client.product.search.query({ query: "multitude", limit: 100 });
    expect(first.items.length).toBe(100);
    const lengths = first.items.map(({ name }) => name?.length ?? 0);
    expect(lengths).toEqual(lengths.toSorted((a, b) => a - b));
    const second = await instance.client.product.search.query({
      query: "multitude",
      limit: 100,
      cursor: first.nextCursor,
    });
    const ids = [...first.items, ...second.items].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

const SHELF = ["en:sweets", "en:gums", "en:bear-gums"];

describe("product.alternatives", () => {
  let asked: string;
  let recalled: string;

  beforeAll(async () => {
    await insertBoycotts(stack.sql, [{ companyName: "Shunned foods", brands: ["Shunned"] }]);
    const [first = "", , , , , , last = ""] = await insert([
      { name: "Bear gums", brand: "Gelatina", categories: SHELF, status: "haram" },
      { name: "Bear gums with pectin", brand: "Good", categories: SHELF },
      { name: "Lemon gums", brand: "Good", categories: SHELF.slice(0, 2) },
      { name: "Plums in sugar", brand: "Good", categories: SHELF.slice(0, 1) },
      { name: "Bear gums of gelatine", brand: "Bad", categories: SHELF, status: "haram" },
      { name: "Bear gums", brand: "Shunned", categories: SHELF },
      { name: "Bear gums recalled", brand: "Good", categories: SHELF },
    ]);
    asked = first;
    recalled = last;
    await stack.sql`
      insert into alerts (title, summary, severity, category, recall_barcodes, recall_lots, recall_countries)
      values ('Recalled', 'Glass', 'critical', 'recall', array[${`0${recalled}`}], '{}', '{}')`;
  });

  it("gives halal products of the category, the most alike first, none boycotted or recalled", async () => {
    const { category, items } = await instance.client.product.alternatives.query({
      barcode: asked,
      madhab: "hanafi",
    });
    expect(items.map(({ name }) => name)).toEqual([
      "Bear gums with pectin",
      "Lemon gums",
      "Plums in sugar",
    ]);
    expect(category).toBe("en:bear-gums");
    expect(items.every(({ bySchool }) => bySchool.hanafi.halalStatus === "halal")).toBe(true);
  });

  it("leaves out what the rulings of the moment no longer allow", async () => {
    await stack.sql`update products set halal_status = 'haram' where name = 'Plums in sugar'`;
    const { items } = await instance.client.product.alternatives.query({ barcode: asked });
    expect(items.map(({ name }) => name)).not.toContain("Plums in sugar");
    await stack.sql`update products set halal_status = 'halal' where name = 'Plums in sugar'`;
  });

  it("goes by the name's words where there are no categories", async () => {
    const [barcode = ""] = await insert([
      { name: "Cardamom rusks", brand: "Alpha", status: "unknown" },
      { name: "Rusks with cardamom", brand: "Beta" },
    ]);
    const { category, items } = await instance.client.product.alternatives.query({ barcode });
    expect(items.map(({ name }) => name)).toEqual(["Rusks with cardamom"]);
    expect(category).toBeNull();
  });

  it("has none for a barcode that nobody knows", async () => {
    const answer = await instance.client.product.alternatives.query({ barcode: newBarcode() });
    expect(answer).toEqual({ category: null, items: [] });
  });
});
