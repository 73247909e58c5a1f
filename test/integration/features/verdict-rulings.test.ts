import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { VerdictReason } from "../../../src/db/tables/products.ts";
import { loadOwnLexicon } from "../../../src/seed/lexicon/load.ts";
import { analyseProducts } from "../../../src/verdict/analyse-products.ts";
import { readWithinASecond } from "../../support/catalog-rows.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { insertTestSource } from "../../support/store-rows.ts";
import { type FullProductSeed, insertProducts } from "../../support/user-rows.ts";

let stack: Stack;
let instance: Instance;
let other: Instance;

beforeAll(async () => {
  stack = await openStack();
  await insertTestSource(stack.sql);
  await loadOwnLexicon(stack.sql);
  instance = await stack.startInstance();
  other = await stack.startInstance();
});

afterAll(() => stack.close());

/** Inserts a product whose list is read; gives its barcode. */
async function productOf(seed: FullProductSeed): Promise<string> {
  const [product] = await insertProducts(stack.sql, [seed]);
  await analyseProducts(stack.sql, { onlyWaiting: true });
  return product?.barcode ?? "";
}

async function scan(
  on: Instance,
  barcode: string,
  madhab?: "hanafi" | "shafii" | "maliki" | "hanbali",
) {
  const { scans } = await on.as({ id: randomUUID() });
  return (await scans.record.mutate({ id: randomUUID(), barcode, madhab })).verdict;
}

const codes = (reasons: readonly VerdictReason[]) => reasons.map(({ code }) => code);

describe("a scan", () => {
  it("reads pork in the list of a product that is labelled halal, is half as sure and says that the label is contradicted", async () => {
    const barcode = await productOf({
      ingredients: "Pork, salt, spices.",
      halalStatus: "halal",
      confidenceScore: 0.6,
    });
    const verdict = await scan(instance, barcode);
    expect(verdict).toMatchObject({
      halalStatus: "haram",
      basis: "ingredients",
      confidence: 0.475,
    });
    expect(codes(verdict.reasons).slice(0, 2)).toEqual(["ingredient_haram", "label_contradicted"]);
    expect(verdict.reasons[0]?.params).toMatchObject({ substance: "en:pork", quote: "Pork" });
    expect(verdict.reasons[0]?.source).toContain("pig");
  });

  it("calls a plain list halal by nature, names no certificate, and gives all four schools", async () => {
    const barcode = await productOf({ ingredients: "Sugar, water, lemon juice, salt." });
    const verdict = await scan(instance, barcode, "maliki");
    expect(verdict).toMatchObject({
      halalStatus: "halal",
      basis: "ingredients",
      confidence: 0.7,
      madhab: "maliki",
    });
    expect(verdict.reasons[0]).toMatchObject({ code: "ingredients_clear", params: { items: 4 } });
    const halal = { halalStatus: "halal", confidence: 0.7 };
    expect(verdict.bySchool).toEqual({
      hanafi: halal,
      shafii: halal,
      maliki: halal,
      hanbali: halal,
    });
  });

  it("shows a changed ruling on every instance", async () => {
    const barcode = await productOf({ ingredients: "Sugar, water, cinnamon." });
    const statusOn = async (on: Instance) => (await scan(on, barcode)).halalStatus;
    expect([await statusOn(instance), await statusOn(other)]).toEqual(["halal", "halal"]);
    await stack.sql`
      insert into substance_rulings (substance, halal_status, confidence, reason_code, source_name, is_locked, source)
      values ('en:cinnamon', 'haram', 0.9, 'a_test', 'A council', true, 'test')`;
    for (const on of [instance, other]) {
      expect(await readWithinASecond(() => statusOn(on), "haram")).toBe("haram");
    }
    await stack.sql`delete from substance_rulings where reason_code = 'a_test'`;
    for (const on of [instance, other]) {
      expect(await readWithinASecond(() => statusOn(on), "halal")).toBe("halal");
    }
  });

  it("sent again for another school answers with the school that was recorded, and is one scan", async () => {
    const barcode = await productOf({ ingredients: "Wheat flour, wine vinegar, salt." });
    const id = randomUUID();
    const user = await instance.as({ id: randomUUID() });
    const first = await user.scans.record.mutate({ id, barcode, madhab: "hanafi" });
    const { verdict } = first;
    expect(verdict).toMatchObject({ halalStatus: "halal", madhab: "hanafi" });
    expect(verdict.bySchool?.shafii.halalStatus).toBe("haram");
    for (const madhab of ["shafii", "maliki", "hanbali", null] as const) {
      expect(await user.scans.record.mutate({ id, barcode, madhab })).toEqual(first);
    }
    expect(await user.scans.stats.query()).toMatchObject({ total: 1 });
    const { items } = await user.scans.history.query();
    expect(items).toMatchObject([{ basis: "ingredients", madhab: "hanafi" }]);
  });
});

describe("the shipped rulings", () => {
  it("are loaded once, and leave alone what an admin or an import has said of a substance", async () => {
    expect(await loadOwnLexicon(stack.sql)).toBe(false);
    await stack.sql`
      update substance_rulings set halal_status = 'halal', is_locked = true where substance = 'en:nutmeg' and madhab is null`;
    await stack.sql`
      update substance_rulings set halal_status = 'halal', source = 'test' where substance = 'en:wine-vinegar' and madhab is null`;
    await stack.sql`delete from substance_rulings where substance in ('en:beer', 'en:wine-vinegar') and source = 'own'`;
    await stack.sql`update analysis_state set own_content = 'of an older release'`;
    expect(await loadOwnLexicon(stack.sql)).toBe(true);
    const rows = await stack.sql`
      select substance, madhab, halal_status as status from substance_rulings
      where substance in ('en:beer', 'en:wine-vinegar') or substance = 'en:nutmeg' and madhab is null order by substance, madhab`;
    expect([...rows]).toEqual([
      { substance: "en:beer", madhab: null, status: "haram" },
      { substance: "en:nutmeg", madhab: null, status: "halal" },
      { substance: "en:wine-vinegar", madhab: null, status: "halal" },
    ]);
  });
});

describe("the analysis of products", () => {
  it("is done again after a change of the lexicon, goes on where it was stopped, and then has nothing to do", async () => {
    const seeds = Array.from({ length: 450 }, () => ({ ingredients: "Sugar, grobblefruit." }));
    const products = await insertProducts(stack.sql, seeds);
    await analyseProducts(stack.sql);
    const recognised = async () => {
      const [row] = await stack.sql<{ clear: number; stale: number }[]>`
        select count(*) filter (where computed_status = 'halal')::int as clear,
          count(*) filter (where analysis_version is distinct from (select max(analysis_version) from products))::int as stale
        from products where id in ${stack.sql(products.map(({ id }) => id))}`;
      return row;
    };
    expect(await recognised()).toEqual({ clear: 0, stale: 0 });
    await stack.sql`insert into substances (id, parents, kind, source) values ('x:grobble', '{en:fruit}', 'plant', 'test')`;
    await stack.sql`insert into substance_words (substance, language, words, source) values ('x:grobble', 'en', '{grobblefruit}', 'test')`;
    let batches = 0;
    await analyseProducts(stack.sql, {
      onProgress: () => (batches += 1),
      isStopped: () => batches >= 1,
    });
    expect((await recognised())?.clear).toBeLessThan(450);
    const [first, second] = await Promise.all([
      analyseProducts(stack.sql),
      analyseProducts(stack.sql),
    ]);
    expect(first.read + second.read).toBeGreaterThan(0);
    expect(await recognised()).toEqual({ clear: 450, stale: 0 });
    expect(await analyseProducts(stack.sql)).toEqual({ looked: 0, read: 0 });
    await stack.sql`update substance_rulings set halal_status = 'doubtful' where substance = 'en:fruit'`;
    const again = await analyseProducts(stack.sql);
    expect(again.looked).toBeGreaterThanOrEqual(450);
    expect(again.read).toBe(0);
    expect((await recognised())?.clear).toBe(0);
  });
});
