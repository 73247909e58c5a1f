import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Lexicon } from "../../../../src/food/ingredients/lexicon.ts";
import { readIngredients } from "../../../../src/food/ingredients/read-ingredients.ts";
import { readName } from "../../../../src/food/ingredients/read-name.ts";
import { smallLexicon } from "./small-lexicon.ts";

const PIECES = [
  "salt",
  "sugar",
  "emulsifier (471)",
  "emulsifier (E471, vegetable)",
  "vegetable emulsifier (E 471)",
  "E160 a",
  "E160a",
  "colour",
  "gelatine (beef)",
  "gelatine (pork)",
  "gelatine",
  "free from pork",
  "may contain traces of pork",
  "salami (pork, salt)",
  "Schweinegelatine",
  "Rind-er-gelatine",
  "Rinder-gelatine",
  "zuckerfrei",
  "wine vinegar",
  "origin: Turkey",
  "qwertz",
  "sugar 12%",
] as const;
const LANGUAGES = ["en", "de", "fr", null] as const;
const anyList = fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 8 });
const anyText = fc.record({
  text: fc
    .tuple(anyList, fc.constantFrom(", ", ". ", "; ", " "))
    .map(([list, by]) => list.join(by)),
  language: fc.constantFrom(...LANGUAGES),
});
type Text = { readonly text: string; readonly language: string | null };

const readWith = (lexicon: Lexicon, { text, language }: Text) => ({
  list: readIngredients(text, language, lexicon),
  name: readName({ name: text, categories: ["en:salami", "en:wines"], language }, lexicon),
});

describe("what is remembered of entries", () => {
  it("changes no result: a text means the same after others as before them", () => {
    fc.assert(
      fc.property(fc.array(anyText, { minLength: 2, maxLength: 12 }), (texts) => {
        const used = smallLexicon();
        const first = texts.map((text) => readWith(used, text));
        const again = texts.map((text) => readWith(used, text));
        expect(again).toEqual(first);
        expect(first.at(-1)).toEqual(readWith(smallLexicon(), texts.at(-1) as Text));
      }),
      { numRuns: 15 },
    );
  });

  it("costs the unknown words that reading it costs", () => {
    // More words that nobody knows than a text may have, each an entry of its own.
    const words = Array.from({ length: 300 }, (_, word) => `zz${word.toString(36)}qx`);
    const lexicon = smallLexicon();
    for (const word of words) readIngredients(`Salz, ${word}, Zucker`, "de", lexicon);
    const { cut } = readIngredients(words.join(", "), "de", lexicon);
    expect(cut).toBe(readIngredients(words.join(", "), "de", smallLexicon()).cut);
    expect(cut).toBe(true);
  });
});
