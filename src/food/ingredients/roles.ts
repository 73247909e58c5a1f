import { ORIGINS } from "./findings.ts";
import type { Grammar } from "./languages/grammar.ts";
import { PhraseMap } from "./phrase-map.ts";
import { type Token, joinTied, plainTokens, tokenize } from "./tokens.ts";

/** The role of a phrase in a list, where it names no substance. Origins are numbered from `FIRST_ORIGIN` on. */
export const ROLE = {
  stop: 1,
  and: 2,
  of: 3,
  without: 4,
  freeFrom: 5,
  absent: 6,
  trace: 7,
  traceAfter: 8,
  contains: 9,
  halal: 10,
  notHalal: 11,
  heading: 12,
  place: 13,
  modifier: 14,
  noise: 15,
  not: 16,
} as const;

export const FIRST_ORIGIN = 20;

/** Words that are their own folded form. */
const PLAIN = /^[a-z]+(?: [a-z]+)*$/;

/** Folds a phrase the way `tokenize` folds a text; `join` makes hyphenated words one. */
export function phraseTokens(phrase: string, join: boolean): Token[] {
  if (PLAIN.test(phrase)) return plainTokens(phrase);
  const words = tokenize(phrase).filter((token) => token.type !== "mark");
  return join ? joinTied(words, () => false) : words;
}

/** Folds a phrase to the text that maps hold. */
export function foldPhrase(phrase: string): string {
  return phraseTokens(phrase, false)
    .map((token) => token.fold)
    .join(" ");
}

/**
 * Adds a phrase to a map, once as printed and, where compounds are written together, once without hyphens. With `exact`, a
 * short word keeps its accents.
 */
export function addPhrase(
  map: PhraseMap,
  phrase: string,
  value: number,
  isCompound: boolean,
  exact = false,
): void {
  if (PLAIN.test(phrase)) {
    map.add(phrase, phrase, value, exact);
    return;
  }
  const join = isCompound && phrase.includes("-");
  for (const tokens of join
    ? [phraseTokens(phrase, true), phraseTokens(phrase, false)]
    : [phraseTokens(phrase, false)]) {
    const fold = tokens.map((token) => token.fold).join(" ");
    map.add(fold, tokens.map((token) => token.lower).join(" "), value, exact);
  }
}

/** Builds the map of a grammar's phrases. Where two roles have one phrase, the one named first here wins. */
export function grammarRoles(grammar: Grammar): PhraseMap {
  const map = new PhraseMap();
  const isCompound = grammar.hasCompounds === true;
  const add = (phrases: string | undefined, role: number) => {
    for (const phrase of splitPhrases(phrases)) addPhrase(map, phrase, role, isCompound);
  };
  add(grammar.headings, ROLE.heading);
  add(grammar.notHalal, ROLE.notHalal);
  add(grammar.halal, ROLE.halal);
  add(grammar.traces, ROLE.trace);
  add(grammar.tracesAfter, ROLE.traceAfter);
  add(grammar.freeFrom, ROLE.freeFrom);
  add(grammar.without, ROLE.without);
  add(grammar.not, ROLE.not);
  add(grammar.absent, ROLE.absent);
  add(grammar.and, ROLE.and);
  add(grammar.contains, ROLE.contains);
  add(grammar.places, ROLE.place);
  for (const [index, origin] of ORIGINS.entries())
    if (origin !== "halal") add(grammar.origins?.[origin], FIRST_ORIGIN + index);
  add(grammar.of, ROLE.of);
  add(grammar.stopWords, ROLE.stop);
  return map;
}

/** Splits a grammar's field into phrases. */
export function splitPhrases(phrases: string | undefined): string[] {
  return phrases === undefined || phrases === "" ? [] : phrases.split("|");
}
