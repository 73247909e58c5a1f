import { describe, expect, it } from "vitest";
import { createLexicon } from "../../../../src/food/ingredients/lexicon.ts";
import { MAX_PACKED_BYTES } from "../../../../src/food/ingredients/packed-findings.ts";
import { indexCertifiers } from "../../../../src/import/kinds/known-certifiers.ts";
import { createProductConverter } from "../../../../src/import/kinds/products/products.ts";
import { OPEN_FOOD_FACTS } from "../../../../src/import/write/data-sources.ts";
import { parseOwnLexicon, readOwnFiles } from "../../../../src/seed/lexicon/own-lexicon.ts";
import { analyseProduct } from "../../../../src/verdict/analysis.ts";
import { computeStatuses } from "../../../../src/verdict/computed-status.ts";
import { Rulings } from "../../../../src/verdict/rulings.ts";

const own = parseOwnLexicon(readOwnFiles());
const lexicon = createLexicon(own);
const rulings = new Rulings({
  substances: own.substances.map(({ substance, ...row }) => ({ id: substance, ...row })),
  rulings: [],
  additives: [],
});
const convert = createProductConverter({
  source: OPEN_FOOD_FACTS,
  certifiers: indexCertifiers([]),
  now: new Date("2026-11-26T12:00:00Z"),
});

const HOSTILE: Readonly<Record<string, string>> = {
  brackets: "(".repeat(20_000),
  "closing brackets": ")]}".repeat(6_000),
  commas: ",".repeat(5_000),
  "colons and brackets": "a:(".repeat(6_000),
  "one long word": "x".repeat(20_000),
  "many words": Array.from({ length: 4_000 }, (_, i) => `w${i}`).join(" "),
  "many forbidden words": "pork, wine, lard, ".repeat(1_000),
  "mixed scripts": "свинина لحم خنزير 豚肉 หมู হালাল pork ".repeat(300),
  "right-to-left marks": "\u202Epork\u202C\u200F,\u061C".repeat(2_000),
  "NUL and half a pair": "sugar\u0000, salt \uD83D, water\uFFFF",
  HTML: '<script>alert("x")</script><b>sugar</b>&nbsp;&#0;&#x110000;'.repeat(200),
  percentages: "99999999999%, -5 %, 1e400 %, ".repeat(500),
  codes: "E471 E-471 (E 471) E471i E999999 ".repeat(500),
};

describe("an import of products", () => {
  it.each(Object.entries(HOSTILE))(
    "stores a list of %s, and never calls the product halal",
    (_name, text) => {
      const conversion = convert({
        code: "3017620422003",
        product_name: text,
        ingredients_text: text,
        ingredients_text_xx: text,
        lang: "en",
        categories_tags: [text],
        labels_tags: [text],
      });
      if ("problem" in conversion) throw new Error(conversion.problem.detail);
      const { toAnalyse } = conversion;
      if (toAnalyse === undefined) throw new Error("the product is not to be read");
      const { gtin14, readable, stored } = toAnalyse;
      const { findings, nameFinding } = analyseProduct(readable, lexicon);
      expect(Buffer.byteLength(findings ?? "")).toBeLessThanOrEqual(MAX_PACKED_BYTES);
      expect(findings).not.toContain("\u0000");
      const statuses = computeStatuses(gtin14, { ...stored, findings, nameFinding }, rulings);
      expect(statuses).not.toContain("halal");
    },
  );
});
