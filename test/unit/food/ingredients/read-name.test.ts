import { describe, expect, test } from "vitest";
import { readName } from "../../../../src/food/ingredients/read-name.ts";
import { smallLexicon } from "./small-lexicon.ts";

const lexicon = smallLexicon();

function named(
  name: string | null,
  language: string | null = "en",
  categories: readonly string[] = [],
) {
  return readName({ name, language, categories }, lexicon);
}

describe("the category of a product", () => {
  test.each(["en:hams", "en:beers", "fr:jambons", "en:wines"])(
    "%s shows a forbidden substance",
    (category) => {
      expect(named(null, null, [category])).toMatchObject({ from: "category", quote: category });
    },
  );

  test.each([
    "en:turkey-hams",
    "en:wine-vinegars",
    "en:beverages",
    "en:alcohol-free",
    "zz:hams",
    "hams",
    "en:",
  ])("%s shows nothing", (category) => {
    expect(named(null, null, [category])).toBeNull();
  });

  test("for alcohol in general is overruled by a name that means something else", () => {
    expect(named("Rice", "en", ["en:alcohol"])?.contradicted).toBe(true);
    expect(named("Xylobrix", "en", ["en:alcohol"])?.contradicted).toBe(false);
    expect(named(null, "en", ["en:alcohol"])?.contradicted).toBe(false);
  });
});

describe("the name of a product", () => {
  test.each([
    ["Smoked ham", "en", "en:ham"],
    ["Xylobrix black ham", "en", "en:ham"],
    ["Vin", "fr", "en:wine"],
    ["Reis und Schinken", "de", "en:ham"],
  ])("%s shows a forbidden substance", (name, language, substance) => {
    expect(named(name, language)).toMatchObject({ from: "name", substance, contradicted: false });
  });

  test.each([
    ["Turkey ham", "en"],
    ["Vegan ham", "en"],
    ["Rum rice", "en"],
    ["Wine vinegar", "en"],
    ["Rice without ham", "en"],
    ["Xylobrix wine", "en"],
    ["Ham şeker", "tr"],
    ["Hamburger", "de"],
    ["", "en"],
  ])("%s (%s) shows nothing", (name, language) => {
    expect(named(name, language)).toBeNull();
  });
});
