import type { Origin } from "./findings.ts";
import { ORIGINS } from "./findings.ts";
import { BEGINNING, type LanguageView, type Lexicon, type SubstanceRow } from "./lexicon.ts";
import { originOf } from "./origins.ts";
import { FIRST_ORIGIN, ROLE } from "./roles.ts";
import type { Token } from "./tokens.ts";

/** The meaning of one word that no phrase holds as it stands. */
export interface WordMeaning {
  /** The substance that the word names, or null where only a role is known. */
  readonly substance: SubstanceRow | null;
  /** A `ROLE`, or 0 for a substance. */
  readonly role: number;
  /** The origin that the rest of the word states. */
  readonly origin: Origin | null;
  /** A second substance in the word, such as the pork of `Schweinegelatine`. */
  readonly also: SubstanceRow | null;
  /** True when the word denies the substance: `alkoholfrei`. */
  readonly denied: boolean;
  /** True when a part of the word stayed unknown. */
  readonly partial: boolean;
}

/** Units: letters. */
const MIN_PART = 3;
/** A tail with an unknown head counts only from this length on: `ham` is no tail of `Champigham`. Units: letters. */
const MIN_SAFE_TAIL = 5;
const MAX_WORD = 48;
const MAX_PARTS = 4;
/** Units: places where one word is cut. */
const MAX_CUTS = 80;

/** Letters that tie German, Dutch and Scandinavian compounds. */
const LINKS = ["s", "es", "n", "en", "e", "er"] as const;

/** Short tails that are common: oil in German and Dutch, egg. */
const SHORT_TAILS: ReadonlySet<string> = new Set(["ol", "ei", "ol"]);

/** Tries what may be wrong or added in a word, likeliest first. Returns null for a word that stays unknown. */
export function unknownWordMeaning(
  token: Token,
  view: LanguageView,
  lexicon: Lexicon,
): WordMeaning | null {
  const word = token.fold;
  if (word.length > MAX_WORD) return null;
  return (
    deniedWord(word, view, lexicon) ??
    alcoholFreeWord(word, view, lexicon) ??
    shortenedWord(word, view, lexicon) ??
    tiedWords(token, view, lexicon) ??
    (view.grammar.hasCompounds === true ? compoundWord(word, view, lexicon) : null) ??
    misreadWord(word, view, lexicon)
  );
}

/** `alkoholfrei`, `jelatinsiz`: what is denied need not be known. */
function deniedWord(word: string, view: LanguageView, lexicon: Lexicon): WordMeaning | null {
  for (const ending of view.grammar.absentEndings ?? []) {
    if (!word.endsWith(ending) || word.length - ending.length < MIN_PART) continue;
    const rest = word.slice(0, -ending.length);
    const substance = lookUp(rest, view, lexicon);
    return substance === null
      ? { ...NOTHING, role: ROLE.modifier }
      : { ...NOTHING, substance, denied: true };
  }
  return null;
}

/** Units: letters of the word for alcohol. */
const MIN_ALCOHOL = 5;

/** `bezalkoholowe`, `désalcoolisé`: a beginning that denies, then the word for alcohol with any ending. */
function alcoholFreeWord(word: string, view: LanguageView, lexicon: Lexicon): WordMeaning | null {
  for (const beginning of view.grammar.alcoholFree ?? []) {
    if (!word.startsWith(beginning)) continue;
    const rest = word.slice(beginning.length);
    for (let end = rest.length; end >= MIN_ALCOHOL; end -= 1) {
      const substance = lexicon.substanceAt(view.words.get(rest.slice(0, end)));
      if (substance?.substance === "en:alcohol") return { ...NOTHING, substance, denied: true };
    }
  }
  return null;
}

function shortenedWord(word: string, view: LanguageView, lexicon: Lexicon): WordMeaning | null {
  for (const form of view.grammar.shorten?.(word) ?? []) {
    const meaning = simpleMeaning(form, view, lexicon);
    if (meaning !== null) return meaning;
  }
  return null;
}

/** Splits a compound into known parts, the longest tail first; the tail names the thing. */
function compoundWord(word: string, view: LanguageView, lexicon: Lexicon): WordMeaning | null {
  const parts = splitCompound(word, view, lexicon, MAX_PARTS, { cuts: MAX_CUTS });
  if (parts !== null) return joinMeanings(parts, lexicon);
  for (let at = MIN_PART; at <= word.length - MIN_SAFE_TAIL; at += 1) {
    const substance = lookUp(word.slice(at), view, lexicon);
    if (substance !== null) return { ...NOTHING, substance, partial: true };
  }
  if (!view.beginnings.has(word.slice(0, BEGINNING))) return null;
  for (let at = word.length - MIN_PART; at >= MIN_SAFE_TAIL; at -= 1) {
    const substance =
      lookUp(word.slice(0, at), view, lexicon) ?? lookUpLinked(word.slice(0, at), view, lexicon);
    if (substance?.kind === "animal") return { ...NOTHING, substance, partial: true };
  }
  return null;
}

function splitCompound(
  word: string,
  view: LanguageView,
  lexicon: Lexicon,
  most: number,
  left: { cuts: number },
): WordMeaning[] | null {
  for (let at = MIN_PART; at <= word.length - 2; at += 1) {
    left.cuts -= 1;
    if (left.cuts < 0) return null;
    const tail = word.slice(at);
    if (tail.length < MIN_PART && !SHORT_TAILS.has(tail)) continue;
    const tailMeaning = simpleMeaning(tail, view, lexicon);
    if (tailMeaning === null) continue;
    const head = word.slice(0, at);
    const headMeaning = headOf(head, view, lexicon);
    if (headMeaning !== null) return [headMeaning, tailMeaning];
    const heads = most > 2 ? splitCompound(head, view, lexicon, most - 1, left) : null;
    if (heads !== null) return [...heads, tailMeaning];
  }
  return null;
}

/** A plant with an `e` goes before a drink without: `Kirsch` in `Kirschsaft` is the cherry. */
function headOf(head: string, view: LanguageView, lexicon: Lexicon): WordMeaning | null {
  const plain = simpleMeaning(head, view, lexicon);
  if (plain !== null && plain.substance?.kind !== "alcohol") return plain;
  const withE = simpleMeaning(`${head}e`, view, lexicon);
  if (withE !== null) return withE;
  if (plain !== null) return plain;
  for (const link of LINKS) {
    if (head.length - link.length >= MIN_PART && head.endsWith(link)) {
      const meaning = simpleMeaning(head.slice(0, -link.length), view, lexicon);
      if (meaning !== null) return meaning;
    }
  }
  return null;
}

/** The last part that is a substance names the thing; the parts before it state the origin. */
function joinMeanings(parts: readonly WordMeaning[], lexicon: Lexicon): WordMeaning | null {
  let main: SubstanceRow | null = null;
  let origin: Origin | null = null;
  let also: SubstanceRow | null = null;
  let partial = false;
  for (const part of parts) {
    if (part.substance === null) {
      if (part.role >= FIRST_ORIGIN) origin = ORIGINS[part.role - FIRST_ORIGIN] ?? null;
      continue;
    }
    if (main !== null) {
      const source = originOf(main, lexicon);
      if (source !== null) origin = source;
      else if (main.kind === "animal") also = main;
      else if (main.kind === "alcohol") partial = true;
    }
    main = part.substance;
  }
  if (main === null) return { ...NOTHING, role: ROLE.modifier };
  return { ...NOTHING, substance: main, origin, also, partial };
}

function tiedWords(token: Token, view: LanguageView, lexicon: Lexicon): WordMeaning | null {
  if (token.parts === null) return null;
  const meanings: WordMeaning[] = [];
  const last = token.parts.at(-1);
  for (const part of token.parts) {
    const known =
      part === last ? simpleMeaning(part.fold, view, lexicon) : headOf(part.fold, view, lexicon);
    const meaning = known ?? unknownWordMeaning(part, view, lexicon);
    if (meaning === null) return null;
    meanings.push(meaning);
  }
  return joinMeanings(meanings, lexicon);
}

/** Undoes what a scanner does: `1` and `|` for l, `0` for o, a footnote's digit at the end. */
function misreadWord(word: string, view: LanguageView, lexicon: Lexicon): WordMeaning | null {
  if (!/\d/.test(word)) return null;
  const unmarked = word.replace(/\d{1,2}$/, "");
  const candidates = [
    unmarked,
    word.replaceAll("1", "l").replaceAll("0", "o").replaceAll("5", "s"),
    word.replaceAll("1", "i").replaceAll("0", "o").replaceAll("5", "s"),
  ];
  for (const candidate of candidates) {
    if (candidate.length < MIN_PART) continue;
    const meaning = simpleMeaning(candidate, view, lexicon);
    if (meaning !== null) return meaning;
  }
  return null;
}

const NOTHING: WordMeaning = {
  substance: null,
  role: 0,
  origin: null,
  also: null,
  denied: false,
  partial: false,
};

function simpleMeaning(word: string, view: LanguageView, lexicon: Lexicon): WordMeaning | null {
  if (!view.beginnings.has(word.slice(0, BEGINNING))) return null;
  const substance = lookUp(word, view, lexicon);
  if (substance !== null) return { ...NOTHING, substance };
  const role = view.phrases.get(word) || view.roles.get(word);
  const isHarmless = role === ROLE.modifier || role === ROLE.stop || role >= FIRST_ORIGIN;
  return isHarmless ? { ...NOTHING, role } : null;
}

function lookUp(word: string, view: LanguageView, lexicon: Lexicon): SubstanceRow | null {
  if (!view.beginnings.has(word.slice(0, BEGINNING))) return null;
  const value = view.words.get(word) || (view.stems.get(view.grammar.stem?.(word) ?? word) ?? 0);
  return value === 0 ? null : lexicon.substanceAt(value);
}

function lookUpLinked(word: string, view: LanguageView, lexicon: Lexicon): SubstanceRow | null {
  for (const link of LINKS) {
    if (word.endsWith(link)) {
      const substance = lookUp(word.slice(0, -link.length), view, lexicon);
      if (substance !== null) return substance;
    }
  }
  return null;
}
