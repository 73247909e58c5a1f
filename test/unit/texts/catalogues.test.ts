import { describe, expect, it } from "vitest";
import { LANGUAGES, languageOfTag } from "../../../src/texts/language.ts";
import { CATALOGUES, inLanguage, type TextKey, text } from "../../../src/texts/text.ts";

const KEYS = Object.keys(CATALOGUES.en) as TextKey[];
const OTHERS = ["fr", "ar"] as const;

const placesIn = (written: string) =>
  Array.from(written.matchAll(/\{(\w+)\}/g), ([, name = ""]) => name).toSorted();

/** Names of things that are the same in every language: of fields, formats, headers and standards. */
const TERMS =
  /\b(?:tRPC|trpc|allow|authorization|bearer|cors_origins|uuid|sub|reports|guesttoken|ai|gs1|upc-e|en|fr|ar|zh-hant|iana|iso|expo|geohash|openstreetmap|target|brand|barcode|gtin-13|http|https|publishedat|null|true|false|halal-monitoring|digital|link|e\d+\w*|E|or|halal|haram|madhab|latitude|longitude)\b/gi;

/** Words that English texts cannot do without, and that neither French nor Arabic ones have. */
const ENGLISH =
  /\b(?:the|is|are|of|and|this|that|with|which|not|by|from|for|has|have|its?|there|please|more|than|must|needs?|of|says?)\b/i;

describe("catalogues", () => {
  it.each(LANGUAGES)("%s has every text, and none that no other language has", (language) => {
    expect(Object.keys(CATALOGUES[language]).toSorted()).toEqual(KEYS.toSorted());
    for (const key of KEYS) expect([key, CATALOGUES[language][key].trim()]).not.toEqual([key, ""]);
  });

  it.each(OTHERS)("%s has the parameters of each text", (language) => {
    for (const key of KEYS)
      expect([key, placesIn(CATALOGUES[language][key])]).toEqual([
        key,
        placesIn(CATALOGUES.en[key]),
      ]);
  });

  it.each(OTHERS)("%s has no English in it", (language) => {
    for (const key of KEYS) {
      const words = CATALOGUES[language][key].replaceAll(/\{\w+\}/g, " ").replaceAll(TERMS, " ");
      expect([key, ENGLISH.exec(words)?.[0]]).toEqual([key, undefined]);
    }
  });

  it("Arabic has no Latin word but names of things", () => {
    for (const key of KEYS) {
      const words = CATALOGUES.ar[key].replaceAll(/\{\w+\}/g, " ").replaceAll(TERMS, " ");
      expect([key, /[a-z]{2,}/i.exec(words)?.[0]]).toEqual([key, undefined]);
    }
  });

  it("French differs from English wherever there is a sentence", () => {
    const same = KEYS.filter((key) => CATALOGUES.fr[key] === CATALOGUES.en[key]);
    for (const key of same)
      expect([key, CATALOGUES.en[key].split(/\s+/).length]).toEqual([key, expect.any(Number)]);
    expect(
      same.filter((key) => /\p{L}+ \p{L}+ /u.test(CATALOGUES.en[key].replaceAll(/\{\w+\}/g, ""))),
    ).toEqual([]);
  });
});

it("writes a text within a text in the same language", () => {
  const one = text("additive_is_for_school", {
    additive: text("named", { code: "E120", name: "x" }),
    status: text("status_doubtful"),
    school: text("school_hanafi"),
  });
  expect(LANGUAGES.map((language) => inLanguage(one, language))).toEqual([
    "E120 (x) is doubtful in the Hanafi school.",
    "E120 (x) : douteux selon l'école hanafite.",
    "E120 (x): مشكوك فيه في المذهب الحنفي.",
  ]);
});

it("puts a parameter into its place as it is, whatever it looks like", () => {
  expect(inLanguage(text("no_additive", { code: "{code} $& $1" }), "fr")).toBe(
    "Il n'y a pas d'entrée pour {code} $& $1.",
  );
});

it.each([
  ["fr", "fr"],
  ["fr-CA", "fr"],
  ["ar-EG", "ar"],
  ["AR", "ar"],
  ["en-GB", "en"],
  ["de", null],
  ["fra", null],
  ["", null],
])("the language that answers the tag %j is %j", (tag, language) => {
  expect(languageOfTag(tag)).toBe(language);
});
