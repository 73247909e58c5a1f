import type { Token } from "./tokens.ts";

/** The first words of a text, which tell its script and its language. Units: words. */
export const SAMPLE = 40;

/** Scripts other than Latin, with the languages that are written in each. */
const LETTERS: readonly (readonly [script: RegExp, languages: readonly string[]])[] = [
  [/[\u0600-\u06FF]/, ["ar", "fa", "ur"]],
  [/[\u0400-\u04FF]/, ["ru", "uk", "bg", "sr", "mk", "be", "kk"]],
  [/[\u0980-\u09FF]/, ["bn"]],
  [/[\u0370-\u03FF]/, ["el"]],
];

/** All of these, because most words have none of them. */
const OTHER_LETTERS = new RegExp(LETTERS.map(([script]) => script.source).join("|"));

/** Written in Latin letters as well. */
const BOTH_SCRIPTS: ReadonlySet<string> = new Set(["sr"]);
const OWN_SCRIPT: ReadonlySet<string> = new Set(
  LETTERS.flatMap(([, languages]) => languages).filter((language) => !BOTH_SCRIPTS.has(language)),
);

/** Whether a language is written in no Latin letters. */
export function hasOwnScript(language: string): boolean {
  return OWN_SCRIPT.has(language);
}

/** Gives the languages of the script that most words are written in; null for Latin. */
export function scriptLanguages(tokens: readonly Token[]): readonly string[] | null {
  const counts = LETTERS.map(() => 0);
  let all = 0;
  for (const token of tokens) {
    if (token.type !== "word") continue;
    all += 1;
    const index = OTHER_LETTERS.test(token.fold)
      ? LETTERS.findIndex(([script]) => script.test(token.fold))
      : -1;
    if (index >= 0) counts[index] = (counts[index] ?? 0) + 1;
    if (all >= SAMPLE) break;
  }
  const index = counts.findIndex((count) => count * 2 > all);
  return LETTERS[index]?.[1] ?? null;
}
