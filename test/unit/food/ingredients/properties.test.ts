import * as fc from "fast-check";
import { expect, test } from "vitest";
import { cleanText } from "../../../../src/food/ingredients/clean-text.ts";
import {
  packFindings,
  MAX_PACKED_BYTES,
  unpackFindings,
} from "../../../../src/food/ingredients/packed-findings.ts";
import { readIngredients } from "../../../../src/food/ingredients/read-ingredients.ts";
import { smallLexicon } from "./small-lexicon.ts";

const lexicon = smallLexicon();

const LANGUAGES = ["en", "fr", "de", "tr", "ar", "ru", "bn", "hr", "zz", "", null] as const;

const language = fc.constantFrom(...LANGUAGES);

/** Text of words, marks and noise that lists are made of. */
const labelText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "pork",
        "sugar",
        "salt",
        "Schweinegelatine",
        "sans",
        "free from",
        "may contain",
        "E471",
        "E 120",
        "(",
        ")",
        "[",
        "]",
        ",",
        ";",
        ":",
        ".",
        " - ",
        "\n",
        "10%",
        "and",
        "domuz",
        "içermez",
        "سكر",
        "خالٍ من",
        "&amp;",
        "<b>",
        "_milk_",
        "\u0000",
        "\u202E",
        "\u200C",
        "ё",
        "শূকর",
        "٪",
        "1,5",
        "/",
        "*",
      ),
      fc.string({ unit: "grapheme", maxLength: 6 }),
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(" "));

test("the reader never throws, and every quote is a part of the clean text", () => {
  fc.assert(
    fc.property(
      fc.oneof(labelText, fc.string({ unit: "binary", maxLength: 300 })),
      language,
      (text, code) => {
        const findings = readIngredients(text, code, lexicon);
        const clean = cleanText(text);
        for (const item of findings.items) expect(clean).toContain(item.quote);
        for (const quote of findings.unrecognised) expect(clean).toContain(quote);
        expect(findings.recognisedCount).toBeLessThanOrEqual(findings.itemCount);
      },
    ),
    { numRuns: 400 },
  );
});

test("packed findings stay within their maximum size and always keep the note that the text was cut", () => {
  const kindOf = (id: string) => lexicon.findSubstance(id)?.kind ?? null;
  fc.assert(
    fc.property(fc.array(labelText, { maxLength: 8 }), language, (texts, code) => {
      const findings = readIngredients(texts.join(", "), code, lexicon);
      const { packed, kept: keptFindings } = packFindings(findings, kindOf);
      expect(Buffer.byteLength(packed)).toBeLessThanOrEqual(MAX_PACKED_BYTES);
      const unpacked = unpackFindings(packed);
      expect(keptFindings).toStrictEqual(unpacked);
      expect(unpacked?.cut === true || unpacked?.itemCount === findings.itemCount).toBe(true);
      expect(findings.cut && unpacked?.cut === false).toBe(false);
      const said = (items: typeof findings.items) =>
        new Set(
          items
            .filter((item) => !item.negated)
            .map((item) => `${item.substance} ${item.additive} ${item.origin} ${item.trace}`),
        );
      const kept = unpacked?.cut === true ? findings.items : (unpacked?.items ?? []);
      expect(said(kept)).toEqual(said(findings.items));
    }),
    { numRuns: 200 },
  );
});

const safe = fc.constantFrom(
  "sugar",
  "salt",
  "rice",
  "water",
  "milk",
  "pork",
  "ham",
  "wheat flour",
  "E471",
  "wine vinegar",
);

test("the order of a list does not change the findings", () => {
  const substances = (items: readonly string[]) =>
    new Set(
      readIngredients(`${items.join(", ")}.`, "en", lexicon).items.map(
        (item) => `${item.substance} ${item.additive}`,
      ),
    );
  fc.assert(
    fc.property(fc.array(safe, { minLength: 2, maxLength: 12 }), (items) => {
      expect(substances(items.toReversed())).toEqual(substances(items));
    }),
  );
});

test("a trace statement at the end adds no ingredient", () => {
  const ingredients = (text: string) =>
    readIngredients(text, "en", lexicon).items.filter((item) => !item.trace);
  fc.assert(
    fc.property(
      fc.array(safe, { minLength: 1, maxLength: 8 }),
      fc.array(safe, { minLength: 1, maxLength: 5 }),
      (items, traces) => {
        const list = `${items.join(", ")}.`;
        expect(ingredients(`${list} May contain traces of ${traces.join(", ")}.`)).toEqual(
          ingredients(list),
        );
      },
    ),
  );
});

test("no safe neighbour hides pork", () => {
  const frame = fc.constantFrom(
    "smoked %",
    "% 10%",
    "sugar (%)",
    "rice and %",
    "% powder",
    "emulsifier, %",
    "no sugar, %",
    "gluten free %",
    "organic %",
  );
  fc.assert(
    fc.property(
      fc.array(safe, { maxLength: 5 }),
      frame,
      fc.array(safe, { maxLength: 5 }),
      (before, form, after) => {
        const text = [...before, form.replace("%", "pork"), ...after].join(", ");
        const isPork = readIngredients(text, "en", lexicon).items.some(
          (item) => item.substance === "en:pork" && !item.negated && !item.trace,
        );
        expect(isPork).toBe(true);
      },
    ),
  );
});
