import { describe, expect, test } from "vitest";
import { GRAMMARS } from "../../../../src/food/ingredients/grammars.ts";
import { otherGrammars } from "../../../../src/food/ingredients/languages/other-neighbours.ts";
import { da, no, sv } from "../../../../src/food/ingredients/languages/scandinavian.ts";
import { slavicGrammars } from "../../../../src/food/ingredients/languages/slavic-neighbours.ts";
import { createLexicon, type SubstanceKind } from "../../../../src/food/ingredients/lexicon.ts";
import { readIngredients } from "../../../../src/food/ingredients/read-ingredients.ts";
import { ar } from "./cases/ar.ts";
import { bn } from "./cases/bn.ts";
import { de } from "./cases/de.ts";
import { en } from "./cases/en.ts";
import { es } from "./cases/es.ts";
import { fa } from "./cases/fa.ts";
import { fr } from "./cases/fr.ts";
import { id } from "./cases/id.ts";
import { it } from "./cases/it.ts";
import type { LabelCase } from "./cases/label-case.ts";
import { ms } from "./cases/ms.ts";
import { nl } from "./cases/nl.ts";
import { pl } from "./cases/pl.ts";
import { pt } from "./cases/pt.ts";
import { ru } from "./cases/ru.ts";
import { tr } from "./cases/tr.ts";
import { ur } from "./cases/ur.ts";
import { describeFindings } from "./describe-findings.ts";
import { smallLexicon } from "./small-lexicon.ts";

const lexicon = smallLexicon();

const CASES: Readonly<Record<string, readonly LabelCase[]>> = {
  ar,
  bn,
  de,
  en,
  es,
  fa,
  fr,
  id,
  it,
  ms,
  nl,
  pl,
  pt,
  ru,
  tr,
  ur,
};

/** Languages that labels print beside the main ones; their cases are in `test/unit/verdict/labels`. */
const NEIGHBOURS = [...slavicGrammars, ...otherGrammars, da, no, sv];

test("every grammar of the project has cases", () => {
  const languages = GRAMMARS.filter((grammar) => !NEIGHBOURS.includes(grammar));
  expect(languages.map(({ language }) => language).sort()).toEqual(Object.keys(CASES).sort());
});

for (const [language, cases] of Object.entries(CASES)) {
  describe(`labels in ${language}`, () => {
    test.each(cases)("$about: $text", ({ text, says, recognised }) => {
      const findings = readIngredients(text, language, lexicon);
      expect(describeFindings(findings)).toBe(says);
      expect(`${findings.recognisedCount}/${findings.itemCount}`).toBe(recognised);
      expect(findings.language).toBe(language);
    });
  });
}

describe("the language of a text", () => {
  test("is found in the text when the product gives none", () => {
    const findings = readIngredients("Farine de blé, eau, sucre et sel. Sans porc.", null, lexicon);
    expect(findings.language).toBe("fr");
    expect(describeFindings(findings)).toContain("en:pork denied");
  });

  test("is corrected when the product gives a wrong one", () => {
    const findings = readIngredients(
      "Rijst, zout, suiker, tarwebloem, varkensvlees",
      "en",
      lexicon,
    );
    expect(findings.language).toBe("nl");
    expect(findings.items.map((item) => item.substance)).toContain("en:pork-meat");
  });

  test("can change at a heading", () => {
    const findings = readIngredients(
      "Ingredients: rice, salt. Zutaten: Reis, Schinken.",
      "en",
      lexicon,
    );
    expect(describeFindings(findings)).toBe("en:rice; en:salt; en:rice; en:ham");
  });

  test("decides the meaning of a word that has another one elsewhere: ham is raw in Turkish", () => {
    const substances = (text: string, language: string) =>
      readIngredients(text, language, lexicon).items.map((item) => item.substance);
    expect(substances("Ham, su, tuz, şeker", "tr")).not.toContain("en:ham");
    expect(substances("Ham, water, salt, sugar", "en")).toContain("en:ham");
  });
});

describe("a statement about the whole product", () => {
  test.each([
    ["Rice, salt. Halal.", "en", "halal"],
    ["Rice, salt. Not halal.", "en", "not_halal"],
    ["Beras, garam. Tidak halal.", "id", "not_halal"],
    ["أرز، ملح. غير حلال.", "ar", "not_halal"],
    ["Rice, salt.", "en", null],
    ["Halal chicken, salt.", "en", null],
  ] as const)("%s", (text, language, claim) => {
    expect(readIngredients(text, language, lexicon).halalClaim).toBe(claim);
  });
});

describe("a text that is too long", () => {
  test("is cut, and the findings say that it was", () => {
    const findings = readIngredients(`${"rice, ".repeat(2_000)}pork`, "en", lexicon);
    expect(findings.cut).toBe(true);
    expect(readIngredients("rice, pork", "en", lexicon).cut).toBe(false);
  });

  test("counts as cut when it has more unknown words than the reader examines", () => {
    const letter = (number: number) => "abcdefghij"[number % 10] ?? "";
    const words = Array.from({ length: 300 }, (_, index) =>
      [
        "xylo",
        letter(index),
        "q",
        letter(Math.floor(index / 10)),
        letter(Math.floor(index / 100)),
        "u",
      ].join(""),
    );
    expect(readIngredients(words.join(", "), "en", lexicon).cut).toBe(true);
  });
});

describe("an imported word without a status", () => {
  const own = {
    substances: [
      substance("en:orange", "plant"),
      substance("x:konjac", "plant", "E425"),
      substance("en:rice", "plant"),
    ],
    words: [
      { substance: "en:orange", language: "it", words: ["arancio"] },
      { substance: "en:rice", language: "it", words: ["riso"] },
    ],
    phrases: [{ role: "modifier", language: "it", words: ["pasta"] }],
  } as const;
  const imported = createLexicon({
    substances: [
      ...own.substances,
      substance("en:paste", null),
      substance("en:e425", null, "E425"),
    ],
    words: [
      ...own.words,
      { substance: "en:paste", language: "it", words: ["pasta d'arancio", "pasta"] },
      { substance: "en:paste", language: "it", words: ["xylobrix"] },
    ],
    phrases: own.phrases,
  });
  const read = (text: string) => describeFindings(readIngredients(text, "it", imported));

  test("is replaced by words of the lexicon that explain the whole entry", () => {
    expect(read("Riso, pasta d'arancio")).toBe("en:rice; en:orange");
  });

  test("is kept where words of the lexicon do not explain the whole entry", () => {
    expect(read("Riso, xylobrix")).toBe("en:rice; en:paste");
  });

  test("does not take an E-number from a substance of a known kind", () => {
    expect(read("Riso, E425")).toBe("en:rice; x:konjac");
    expect(imported.findAdditive("E425")?.substance).toBe("x:konjac");
  });
});

function substance(id: string, kind: SubstanceKind | null, additive: string | null = null) {
  return { substance: id, parents: [], kind, additive, vegan: null, vegetarian: null };
}
