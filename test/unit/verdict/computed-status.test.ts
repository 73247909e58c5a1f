import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MADHABS } from "../../../src/db/tables/vocabulary.ts";
import { analyseProduct } from "../../../src/verdict/analysis.ts";
import { computeStatuses } from "../../../src/verdict/computed-status.ts";
import { SCHOOLS } from "../../../src/verdict/rulings.ts";
import { evidenceOf } from "../../../src/verdict/stored-product.ts";
import { decideStatus } from "../../../src/verdict/verdict.ts";
import { shippedLexicon, shippedRulings } from "./shipped-rulings.ts";

const rulings = shippedRulings([
  {
    code: "E120",
    name: "Carmine",
    halalStatus: "doubtful",
    source: "a list",
    dataSourceId: null,
    rulings: [{ madhab: "maliki", halalStatus: "halal", source: "a fatwa" }],
  },
]);
const ITEMS = [
  "salt",
  "shrimp",
  "crab",
  "lobster",
  "squid",
  "pork",
  "gelatine",
  "E120",
  "horse meat",
];
const BARCODE = "03017620422003";

describe("computeStatuses", () => {
  it("gives each school what deciding for it gives", () => {
    const apart = new Set<string>();
    fc.assert(
      fc.property(
        fc.subarray(ITEMS, { minLength: 1, maxLength: 2 }),
        fc.subarray(["E120", "E471"]),
        fc.constantFrom<string[]>([], ["en:wines"], ["en:hams"]),
        (items, additives, categories) => {
          const list = items.join(", ");
          const readable = {
            name: "X",
            ingredients: list,
            ingredientTexts: {},
            language: "en",
            categories,
          };
          const product = {
            halalStatus: "unknown" as const,
            confidenceScore: 0,
            reasons: [],
            additives,
            labels: [],
            hasIngredients: true,
            sourceName: "a source",
            certifier: null,
            ...analyseProduct(readable, shippedLexicon),
          };
          const evidence = evidenceOf(product, rulings, { inStore: false, boycottTargets: [] });
          const each = SCHOOLS.map((school) => decideStatus(evidence, school).halalStatus);
          expect(computeStatuses(BARCODE, product, rulings)).toEqual(each);
          expect(computeStatuses(BARCODE, product, rulings, product.kept)).toEqual(each);
          for (const [index, status] of each.entries())
            if (status !== each[0]) apart.add(SCHOOLS[index] ?? "");
        },
      ),
      { examples: [[["salt"], ["E120"], []]] },
    );
    // Else the schools would never differ, and the test would show nothing.
    expect(apart.size).toBeGreaterThan(0);
    expect(apart.size).toBeLessThanOrEqual(MADHABS.length);
  });
});
