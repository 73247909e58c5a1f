import { describe, expect, it } from "vitest";
import { analyseProduct } from "../../../src/verdict/analysis.ts";
import type { AdditiveEntry } from "../../../src/verdict/rulings.ts";
import { evidenceOf } from "../../../src/verdict/stored-product.ts";
import { decideVerdict } from "../../../src/verdict/verdict.ts";
import type { HalalStatus } from "../../../src/db/tables/vocabulary.ts";
import { shippedLexicon, shippedRulings } from "./shipped-rulings.ts";

const additive = (code: string, halalStatus: HalalStatus): AdditiveEntry => ({
  code,
  name: null,
  halalStatus,
  source: "a list",
  dataSourceId: "test",
  rulings: [],
});
const rulings = shippedRulings([
  additive("E920", "haram"),
  additive("E428", "doubtful"),
  additive("E330", "halal"),
]);

interface Printed {
  readonly list?: string;
  readonly language?: string;
  readonly additives?: readonly string[];
  readonly labels?: readonly string[];
  readonly categories?: readonly string[];
  readonly name?: string;
  readonly inStore?: boolean;
}

/** The deciding reason of a product with this on its package. */
function decidedBy(printed: Printed, madhab?: "hanafi"): string | undefined {
  const read = {
    name: printed.name ?? null,
    ingredients: printed.list ?? null,
    ingredientTexts: {},
    language: printed.language ?? "en",
    categories: printed.categories ?? [],
  };
  const stored = {
    halalStatus: "unknown",
    confidenceScore: 0,
    reasons: [],
    additives: printed.additives ?? [],
    labels: printed.labels ?? [],
    hasIngredients: read.ingredients !== null,
    sourceName: "a test",
    certifier: null,
    ...analyseProduct(read, shippedLexicon),
  } as const;
  const around = { inStore: printed.inStore ?? false, boycottTargets: [] };
  return decideVerdict(evidenceOf(stored, rulings, around), madhab).reasons[0]?.code;
}

describe("the printed text of a stored product", () => {
  it.each<[string, Printed, string]>([
    ["pork", { list: "Pork, salt." }, "ingredient_haram"],
    ["an E-number of unknown origin", { list: "Sugar, E471." }, "additive_doubtful"],
    [
      "an E-number from plants",
      { list: "Sucre, E471 (végétal).", language: "fr" },
      "ingredients_clear",
    ],
    [
      "a class word, an E-number and its origin in brackets",
      { list: "Zucker, Emulgator (E 471, pflanzlich).", language: "de", additives: ["E471"] },
      "ingredients_clear",
    ],
    [
      "a haram additive from plants",
      { list: "Bloem, E920 (plantaardig).", language: "nl" },
      "ingredients_clear",
    ],
    ["the same with no origin", { list: "Bloem, E920.", language: "nl" }, "additive_haram"],
    [
      "fish gelatine whose tag says gelatine",
      { list: "Sugar, fish gelatine.", additives: ["E428"] },
      "ingredients_clear",
    ],
    [
      "pork gelatine whose tag says gelatine",
      { list: "Sugar, pork gelatine.", additives: ["E428"] },
      "ingredient_haram",
    ],
    [
      "an additive of the label that the list does not name",
      { list: "Sugar, water.", additives: ["E471"] },
      "additive_doubtful",
    ],
    [
      "pork that is denied",
      { list: "Sucre, eau, sel. Sans porc.", language: "fr" },
      "ingredients_clear",
    ],
    ["pork as a trace", { list: "Sugar, water. May contain traces of pork." }, "trace_haram"],
    [
      "a clear list under an in-store barcode",
      { list: "Sugar, water.", inStore: true },
      "in_store_barcode",
    ],
    ["ham under an in-store barcode", { list: "Pork, salt.", inStore: true }, "ingredient_haram"],
    [
      "a category of wine and no list",
      { categories: ["en:beverages", "en:wines"] },
      "category_haram",
    ],
    [
      "a category of ham and turkey in the list",
      { categories: ["en:hams"], list: "Turkey, water, salt." },
      "ingredient_doubtful",
    ],
    [
      "a vegan label and one word that nobody knows",
      { list: "Water, tofu, salt, sugar, quellith.", labels: ["en:vegan"] },
      "vegan_clear",
    ],
    [
      "the same without the label",
      { list: "Water, tofu, salt, sugar, quellith." },
      "not_enough_evidence",
    ],
    ["a vegan label and no list", { labels: ["en:vegan"], name: "Falafel" }, "vegan_clear"],
    [
      "a vegan label, no list, and a category of drinks that the name contradicts",
      {
        labels: ["en:vegan"],
        name: "Rice",
        categories: ["en:beverages", "en:alcoholic-beverages"],
      },
      "ingredients_unknown",
    ],
    [
      "a vegan label and wine",
      { list: "Tofu, water, wine.", labels: ["en:vegan"] },
      "ingredient_haram",
    ],
    [
      "a vegan label and an additive of unknown origin",
      { list: "Water, sugar, E471.", labels: ["en:vegan"] },
      "ingredients_clear",
    ],
  ])("%s: %j is decided by %s", (_what, printed, code) => {
    expect(decidedBy(printed)).toBe(code);
  });

  it("is judged by the school in the input", () => {
    const shrimps = { list: "Crab, water, salt." };
    expect([decidedBy(shrimps), decidedBy(shrimps, "hanafi")]).toEqual([
      "ingredient_doubtful",
      "ingredient_haram",
    ]);
  });
});
