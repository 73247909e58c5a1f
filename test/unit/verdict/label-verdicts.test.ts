import { describe, expect, it } from "vitest";
import { slavicGrammars } from "../../../src/food/ingredients/languages/slavic-neighbours.ts";
import { otherGrammars } from "../../../src/food/ingredients/languages/other-neighbours.ts";
import { da, no, sv } from "../../../src/food/ingredients/languages/scandinavian.ts";
import { analyseProduct } from "../../../src/verdict/analysis.ts";
import { evidenceOf } from "../../../src/verdict/stored-product.ts";
import { decideVerdict } from "../../../src/verdict/verdict.ts";
import { classWords } from "./labels/class-words.ts";
import { forbidden } from "./labels/forbidden.ts";
import { halalStatements } from "./labels/halal-statements.ts";
import { misread } from "./labels/misread.ts";
import { neighbourLanguages } from "./labels/neighbour-languages.ts";
import { plainAndDenied } from "./labels/plain-and-denied.ts";
import type { PrintedLabel } from "./labels/printed-label.ts";
import { probiotics } from "./labels/probiotics.ts";
import { rennet } from "./labels/rennet.ts";
import { softDrinks } from "./labels/soft-drinks.ts";
import { vinegars } from "./labels/vinegars.ts";
import { shippedLexicon, shippedRulings } from "./shipped-rulings.ts";

const KINDS: Readonly<Record<string, readonly PrintedLabel[]>> = {
  classWords,
  forbidden,
  halalStatements,
  misread,
  neighbourLanguages,
  plainAndDenied,
  probiotics,
  rennet,
  softDrinks,
  vinegars,
};

const rulings = shippedRulings([]);

function verdictOn({ language, list, name, categories = [] }: PrintedLabel) {
  const read = {
    name: name ?? null,
    ingredients: list ?? null,
    ingredientTexts: {},
    language: language === "" ? null : language,
    categories,
  };
  const stored = {
    halalStatus: "unknown",
    confidenceScore: 0,
    reasons: [],
    additives: [],
    labels: [],
    hasIngredients: read.ingredients !== null,
    sourceName: "a test",
    certifier: null,
    ...analyseProduct(read, shippedLexicon),
  } as const;
  return decideVerdict(evidenceOf(stored, rulings, { inStore: false, boycottTargets: [] }));
}

for (const [kind, labels] of Object.entries(KINDS)) {
  describe(`the verdict on labels: ${kind}`, () => {
    it.each(labels.map((label) => ({ ...label, printed: label.list ?? label.name })))(
      "$language: $printed ($name) is $status",
      (label) => {
        expect(verdictOn(label).halalStatus).toBe(label.status);
      },
    );
  });
}

it("every neighbouring language has a case of pork and a plain one, or one that denies", () => {
  const missing = [...slavicGrammars, ...otherGrammars, da, no, sv].filter(({ language }) => {
    const own = neighbourLanguages.filter((label) => label.language === language);
    return (
      !own.some(({ status }) => status === "haram") || !own.some(({ status }) => status === "halal")
    );
  });
  expect(missing.map(({ language }) => language)).toEqual([]);
});
