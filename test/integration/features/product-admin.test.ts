import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadOwnLexicon } from "../../../src/seed/lexicon/load.ts";
import { errorCode, readWithinASecond } from "../../support/catalog-rows.ts";
import { type Importer, openImporter } from "../../support/import-run.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { insertTestSource } from "../../support/store-rows.ts";
import { insertProducts, newBarcode } from "../../support/user-rows.ts";

let stack: Stack;
let instance: Instance;
let other: Instance;
let admin: Instance["client"];

beforeAll(async () => {
  stack = await openStack();
  await insertTestSource(stack.sql);
  await loadOwnLexicon(stack.sql);
  instance = await stack.startInstance();
  other = await stack.startInstance();
  admin = await instance.as({ isAdmin: true });
});

afterAll(() => stack.close());

const look = (barcode: string, from = other) => from.client.product.byBarcode.query({ barcode });

describe("product.upsert", () => {
  it("makes a product of every field, read and judged at once and seen everywhere", async () => {
    const barcode = newBarcode();
    expect((await look(barcode)).product).toBeNull();
    const made = await admin.product.upsert.mutate({
      barcode,
      name: "Sausages",
      names: { en: "Sausages", fr: "Saucisses" },
      brand: "Acme",
      imageUrl: "https://example.org/a.jpg",
      ingredients: "pork, water, salt",
      language: "en",
      additives: ["e 250"],
      labels: ["en:gluten-free"],
      categories: ["en:meats", "en:sausages"],
      allergens: ["en:milk"],
    });
    expect(made).toMatchObject({
      barcode: `0${barcode}`,
      source: "admin",
      baseSource: null,
      additives: ["E250"],
      attribution: { name: "Own editors" },
    });
    const status = async () => (await look(barcode)).verdict.halalStatus;
    expect(await readWithinASecond(status, "haram")).toBe("haram");
    const { product, verdict } = await look(barcode, instance);
    expect(product).toMatchObject({ name: "Sausages", allergens: ["en:milk"] });
    expect(verdict.reasons[0]?.code).toBe("ingredient_haram");
    const [row] = await stack.sql<{ computed: string; waits: boolean }[]>`
      select computed_hanafi as computed, analysis_version is null or computed_version is null as waits
      from products where barcode = ${`0${barcode}`}`;
    expect(row).toEqual({ computed: "haram", waits: false });
  });

  it("changes what is given, empties what is null, and reads the list again", async () => {
    const [{ barcode } = { barcode: "" }] = await insertProducts(stack.sql, [
      { name: "Soup", brand: "Acme", ingredients: "bacon, water" },
    ]);
    await admin.product.upsert.mutate({
      barcode,
      ingredients: "tomatoes, water, salt",
      brand: null,
    });
    const status = async () => (await look(barcode)).verdict.halalStatus;
    expect(await readWithinASecond(status, "halal")).toBe("halal");
    const { product } = await look(barcode);
    expect(product).toMatchObject({
      name: "Soup",
      brand: null,
      ingredients: "tomatoes, water, salt",
    });
    // The source of the row before the change keeps the attribution.
    expect(product?.attribution.name).toBe("Test");
  });

  it("gives a status that is stated the certainty of whoever states it", async () => {
    const [{ barcode } = { barcode: "" }] = await insertProducts(stack.sql, [{ name: "Jelly" }]);
    await admin.product.upsert.mutate({ barcode, halalStatus: "haram" });
    const { verdict } = await look(barcode, instance);
    expect(verdict).toMatchObject({ halalStatus: "haram", confidence: 1 });
    expect(verdict.reasons[0]?.source).toBe("Own editors");
  });

  it("refuses an unknown certifier, an additive that is none and a wrong barcode, with nothing written", async () => {
    const barcode = newBarcode();
    const wrong = [
      { barcode, certifierId: "nobody" },
      { barcode, additives: ["sugar"] },
      { barcode: "4006381333932", name: "Wrong" },
    ];
    for (const input of wrong)
      expect(await errorCode(admin.product.upsert.mutate(input))).toBe("BAD_REQUEST");
    expect((await look(barcode, instance)).product).toBeNull();
  });

  it("is for administrators", async () => {
    const user = await instance.as({ id: randomUUID() });
    const barcode = newBarcode();
    expect(await errorCode(user.product.upsert.mutate({ barcode }))).toBe("FORBIDDEN");
    expect(await errorCode(instance.client.product.remove.mutate({ barcode }))).toBe(
      "UNAUTHORIZED",
    );
  });
});

describe("product.remove and imports", () => {
  let importer: Importer;
  beforeAll(() => {
    importer = openImporter(stack);
  });
  afterAll(() => importer.close());

  const importName = (code: string, product_name: string) => {
    const record = { code, product_name, brands: "File", labels_tags: [], additives_tags: [] };
    const text = JSON.stringify({ ...record, ingredients_text: "water" });
    return importer.run("products", importer.write(`${randomUUID()}.jsonl`, `${text}\n`));
  };

  it("keeps an administrator's row from imports", async () => {
    const barcode = newBarcode();
    await importName(barcode, "From the file");
    await admin.product.upsert.mutate({ barcode, name: "Edited" });
    await importName(barcode, "Another file");
    const { product } = await look(barcode, instance);
    expect(product).toMatchObject({ name: "Edited", brand: "File" });
    expect(product?.attribution.name).toBe("Open Food Facts");
  });

  it("keeps what an accepted report corrected from imports, and reads a corrected list", async () => {
    const barcode = newBarcode();
    await importName(barcode, "From the file");
    const user = await instance.as({});
    await user.reports.create.mutate({
      kind: "wrong_ingredients",
      id: randomUUID(),
      barcode,
      proposed: { ingredients: "pork, water" },
    });
    const { items } = await admin.reports.list.query();
    const id = items.find((one) => one.barcode === `0${barcode}`)?.id ?? "";
    await admin.reports.resolve.mutate({ id, outcome: "accepted" });
    await importName(barcode, "Another file");
    const { product, verdict } = await look(barcode, instance);
    expect(product).toMatchObject({ name: "From the file", ingredients: "pork, water" });
    expect(verdict.reasons[0]?.code).toBe("ingredient_haram");
  });

  it("keeps a removed product from coming back with an import, until it is made again", async () => {
    const barcode = newBarcode();
    await importName(barcode, "Unwanted");
    expect(await admin.product.remove.mutate({ barcode })).toEqual({ barcode: `0${barcode}` });
    expect((await look(barcode, instance)).product).toBeNull();
    expect(await errorCode(admin.product.remove.mutate({ barcode }))).toBe("NOT_FOUND");
    await importName(barcode, "Unwanted again");
    expect((await look(barcode, instance)).product).toBeNull();
    await admin.product.upsert.mutate({ barcode, name: "Wanted" });
    expect((await look(barcode, instance)).product?.name).toBe("Wanted");
  });
});

it("finds products by a category of any characters", async () => {
  const category = `en:it's \\ odd & "quoted" | !(${randomUUID()}) :*`;
  const [barcode, other] = [newBarcode(), newBarcode()];
  for (const one of [barcode, other])
    await admin.product.upsert.mutate({
      barcode: one,
      name: `Oddly kept ${one}`,
      halalStatus: "halal",
      categories: [category],
    });
  const found = await instance.client.product.search.query({ query: "oddly kept", category });
  expect(found.items.map((one) => one.barcode).toSorted()).toEqual(
    [`0${barcode}`, `0${other}`].toSorted(),
  );
  const { items } = await instance.client.product.alternatives.query({ barcode });
  expect(items.map((one) => one.barcode)).toEqual([`0${other}`]);
});

describe("product.list", () => {
  it("pages through all products, or the edited ones, by barcode", async () => {
    await insertProducts(stack.sql, [{}]);
    const pages: string[] = [];
    let cursor: string | null = null;
    do {
      const page: { items: { barcode: string; source: string }[]; nextCursor: string | null } =
        await admin.product.list.query({ isEdited: true, limit: 2, cursor });
      expect(page.items.every(({ source }) => source === "admin")).toBe(true);
      pages.push(...page.items.map(({ barcode }) => barcode));
      cursor = page.nextCursor;
    } while (cursor !== null);
    const [count] = await stack.sql<{ edited: number }[]>`
      select count(*)::int as edited from products where source = 'admin'`;
    expect(pages).toEqual(pages.toSorted());
    expect(new Set(pages).size).toBe(count?.edited);
    expect((await admin.product.list.query()).items.length).toBeGreaterThan(pages.length);
  });
});
