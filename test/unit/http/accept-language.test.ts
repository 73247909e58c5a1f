import { expect, it } from "vitest";
import { readLanguages } from "../../../src/http/accept-language.ts";
import { languagesOf, localeIn, NO_LANGUAGES } from "../../../src/trpc/languages.ts";

it.each([
  [undefined, "en"],
  ["", "en"],
  ["fr", "fr"],
  ["ar-EG", "ar"],
  ["FR-ca,fr;q=0.9", "fr"],
  ["de", "en"],
  ["de, ar;q=0.5", "ar"],
  ["fr;q=0.5, ar;q=0.8", "ar"],
  ["fr;q=0.8, ar;q=0.8", "fr"],
  ["fr;q=0, ar;q=0.1", "ar"],
  ["fr;q=0", "en"],
  ["*", "en"],
  ["*, fr;q=0.5", "en"],
  ["ar;q=0.001, *;q=0.0001", "ar"],
  ["fr;q=2, ar", "ar"],
  ["not a header!", "en"],
  [`${"de,".repeat(400)}fr`, "en"],
])("texts for a caller whose Accept-Language is %j are in %j", (header, language) => {
  expect(readLanguages(header).language).toBe(language);
});

it("takes the locale of an input before the header, and English where nobody speaks it", () => {
  const accepted = readLanguages("ar");
  expect(languagesOf("fr-CA", accepted).language).toBe("fr");
  expect(languagesOf("de", accepted).language).toBe("en");
  expect(languagesOf(null, accepted).language).toBe("ar");
  expect(languagesOf(undefined, NO_LANGUAGES).language).toBe("en");
});

it.each([
  [{ locale: "fr-ca" }, "fr-CA"],
  [{ locale: "no tag" }, null],
  [{ locale: 7 }, null],
  [{ locale: "x".repeat(1000) }, null],
  [{}, null],
  [null, null],
  ["fr", null],
  [undefined, null],
])("the locale of the unchecked input %j is %j", (input, locale) => {
  expect(localeIn(input)).toBe(locale);
});
