import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { countsOf, type Importer, openImporter } from "../../support/import-run.ts";
import { openStack, type Stack } from "../../support/stack.ts";

let stack: Stack;
let importer: Importer;

beforeAll(async () => {
  stack = await openStack();
  importer = openImporter(stack);
});

afterAll(async () => {
  await importer.close();
  await stack.close();
});

describe("a file with few columns", () => {
  it("leaves a product's other columns, its source and its status", async () => {
    const code = "3017620422003";
    const full = {
      code,
      product_name: "Spread",
      product_name_fr: "Pâte",
      brands: "Maker",
      labels_tags: ["en:halal"],
      additives_tags: ["en:e322"],
      ingredients_text: "sugar",
      image_url: "https://a.example/1.jpg",
    };
    const whole = importer.write("full.jsonl", JSON.stringify(full));
    await importer.run("products", whole);
    const read = async () => {
      const [row] = await stack.sql<Record<string, unknown>[]>`
        select name, names, brand, image_url, halal_status, confidence_score, reasons, additives, ingredients, labels,
          certifier_id, source from products where barcode = '03017620422003'`;
      return row;
    };
    const before = await read();
    const csv = importer.write("brands.csv", `code,brands\n${code},Other`);
    expect(countsOf(await importer.run("products", csv))).toEqual([1, 0, 1, 0, 0]);
    expect(await read()).toEqual({ ...before, brand: "Other" });
    expect(countsOf(await importer.run("products", csv))).toEqual([1, 0, 0, 1, 0]);

    const line = importer.write(
      "name.jsonl",
      JSON.stringify({ code, product_name_en: "Spread it", additives_tags: [] }),
    );
    expect(countsOf(await importer.run("products", line))).toEqual([1, 0, 1, 0, 0]);
    expect(await read()).toEqual({
      ...before,
      brand: "Other",
      additives: [],
      names: { en: "Spread it", fr: "Pâte" },
    });

    const dump = importer.write(
      "export.jsonl",
      JSON.stringify({ _id: code, code, product_name: "Spread", last_modified_t: 1_700_000_000 }),
    );
    await importer.run("products", dump);
    expect(await read()).toMatchObject({
      names: {},
      brand: null,
      image_url: null,
      halal_status: "unknown",
      labels: [],
      ingredients: null,
      source: "off",
    });
  });

  it("leaves a boycott target's lists, level and whether it is active", async () => {
    const full = importer.write(
      "targets.csv",
      "company_name,brands,parent_company,level,reasons,source_url,gtin_prefixes,active\nAcme,A|B,Holding,official,r,https://a.example,301,no\n",
    );
    await importer.run("boycotts", full);
    const read = () => stack.sql`
      select brands, parent_company, level, reasons, source_url, gtin_prefixes, active, source from boycott_targets
      where company_name = 'Acme'`;
    const [before] = await read();
    const partial = importer.write(
      "level.csv",
      "company_name,level,active,parent_company\nAcme,pressure,,\nNew,,,\n",
    );
    expect(countsOf(await importer.run("boycotts", partial))).toEqual([2, 1, 1, 0, 0]);
    expect(await read()).toEqual([{ ...before, level: "pressure", parent_company: null }]);
    expect(
      await stack.sql`select brands, level, active from boycott_targets where company_name = 'New'`,
    ).toEqual([{ brands: [], level: "community", active: true }]);
  });

  it("leaves a store's other columns", async () => {
    const header =
      "id,name,lat,lon,store_type,phone,website,city,opening_hours,halal_claim,certifier";
    const full = importer.write(
      "stores.csv",
      `${header}\n1,Shop,55,12,butcher,+45 1,https://a.example,Town,24/7,yes,\n`,
    );
    await importer.run("stores", full);
    const read = () => stack.sql`
      select name, store_type, phone, website, city, opening_hours, halal_claim, latitude from stores
      where source_ref = '1'`;
    const [before] = await read();
    const partial = importer.write("phones.csv", "id,name,lat,lon,phone\n1,Shop,55,12,+45 2\n");
    expect(countsOf(await importer.run("stores", partial))).toEqual([1, 0, 1, 0, 0]);
    expect(await read()).toEqual([{ ...before, phone: "+45 2" }]);
  });

  it("leaves what an additive is a form of", async () => {
    const full = importer.write(
      "additives.jsonl",
      '{"id":"en:e472a","names":{"en":["Acetic esters"]},"parents":["en:e472"],"vegan":"maybe"}\n',
    );
    await importer.run("additives", full);
    const partial = importer.write("names.jsonl", '{"id":"en:e472a","names":{"fr":["Esters"]}}\n');
    expect(countsOf(await importer.run("additives", partial))).toEqual([1, 0, 1, 0, 0]);
    expect(
      await stack.sql`select name_en, name_fr, parents, vegan from additives where code = 'E472a'`,
    ).toEqual([{ name_en: "Acetic esters", name_fr: "Esters", parents: ["E472"], vegan: "maybe" }]);
  });
});
