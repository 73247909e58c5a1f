import type { StoreType } from "../../db/tables/vocabulary.ts";
import type { Language, Lexicon } from "./lexicon.ts";
import { ARABIC, BENGALI, INDONESIAN, JAPANESE, MALAY, TURKISH, URDU } from "./lexicons-asia.ts";
import { DANISH, DUTCH, ENGLISH, FRENCH, GERMAN, PORTUGUESE, SPANISH } from "./lexicons-europe.ts";
import type { Random } from "./random.ts";

const LETTERS = Array.from("ABCEGHJKLMNPRSTVXY");

const LEXICONS: Readonly<Record<Language, Lexicon>> = {
  ar: ARABIC,
  bn: BENGALI,
  da: DANISH,
  de: GERMAN,
  en: ENGLISH,
  es: SPANISH,
  fr: FRENCH,
  id: INDONESIAN,
  ja: JAPANESE,
  ms: MALAY,
  nl: DUTCH,
  pt: PORTUGUESE,
  tr: TURKISH,
  ur: URDU,
};

/** A shop's name in the language of its sign. */
export function storeName(random: Random, language: Language, storeType: StoreType): string {
  const { names, people, words } = LEXICONS[language];
  return fill(random.pick(names[storeType]), { p: random.pick(people), w: random.pick(words) });
}

/** A street with a house number, in the order of the language. */
export function streetAddress(random: Random, language: Language): string {
  const { address, streets } = LEXICONS[language];
  return fill(address, { n: String(random.integer(1, 180)), s: random.pick(streets) });
}

/** A line about the shop, in the language of its sign. */
export function storeDescription(random: Random, language: Language, city: string): string {
  return fill(random.pick(LEXICONS[language].descriptions), { c: city });
}

/** Fills a pattern: `#` with a digit, `+` with a digit but 0, `@` with a letter; the rest stays. */
export function fillDigits(random: Random, pattern: string): string {
  // A leading plus is the international prefix of a telephone number.
  return pattern.replaceAll(/#|(?<!^)\+|@/g, (symbol) => {
    if (symbol === "@") return random.pick(LETTERS);
    return String(random.integer(symbol === "+" ? 1 : 0, 9));
  });
}

function fill(pattern: string, values: Readonly<Record<string, string>>): string {
  return pattern.replaceAll(/\{(\w)\}/g, (slot, key: string) => values[key] ?? slot);
}
