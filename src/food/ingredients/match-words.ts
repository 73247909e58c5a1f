import { readCode } from "./e-code.ts";
import type { LanguageView, Lexicon, SubstanceRow } from "./lexicon.ts";
import type { PhraseHit } from "./phrase-map.ts";
import { FIRST_ORIGIN, ROLE } from "./roles.ts";
import { printedForm, type Token } from "./tokens.ts";
import { type WordMeaning, unknownWordMeaning } from "./word-forms.ts";

/** A stretch of an entry with one meaning. */
export interface Part {
  readonly type: "substance" | "code" | "role" | "percent" | "number" | "break" | "unknown";
  /** The `ROLE` of a role, or the number of an amount. */
  readonly value: number;
  readonly substance: SubstanceRow | null;
  readonly code: string | null;
  /** Meaning of a compound or suffixed word, with what its other parts say. */
  readonly word: WordMeaning | null;
  /** First token and the one after the last. */
  readonly from: number;
  readonly to: number;
  /** Length of a single word that names a substance as it stands. Units: letters; 0 for anything else. */
  readonly length: number;
}

/** A word that no phrase holds, by language and printed form, and its meaning. */
export type AskedWord = readonly [key: string, meaning: WordMeaning | null];

/** The effort that the reader may still spend on unknown words. Units: words. */
export interface Budget {
  unknownWords: number;
  /** The results for the words that cost most, by language and printed form. */
  readonly meanings: Map<string, WordMeaning | null>;
  /** The words that were looked up so, in order. */
  readonly asked: AskedWord[];
  /** Names the substances that count as not found. */
  readonly isLeftOut?: (value: number) => boolean;
}

/** The budget of a text with so many words that no phrase holds. */
export const newBudget = (unknownWords: number): Budget => ({
  unknownWords,
  meanings: new Map(),
  asked: [],
});

const UNITS =
  /^(?:g|gr|gram|grams|grammes|mg|kg|ml|cl|dl|l|kcal|kj|mcg|ug|μg|µg|cm|mm|vol|min|max|mind|ca|iu|ui|ie|kbe|cfu|ufc|г|мг|кг|мл|جم|غ|غم|مل|گرم)$/;

const ROMAN = /^(?=[ivx])x{0,2}(?:ix|iv|v?i{0,3})$/;
const SINGLE_LETTER = /^[a-zа-я]$/;

/** Reads an entry's words from left to right, the longest known phrase first. */
export function matchWords(
  tokens: readonly Token[],
  view: LanguageView,
  lexicon: Lexicon,
  budget: Budget,
): Part[] {
  const parts: Part[] = [];
  let at = 0;
  while (at < tokens.length) {
    const part = matchAt(tokens, at, view, lexicon, budget);
    parts.push(part);
    at = part.to;
  }
  return parts;
}

function matchAt(
  tokens: readonly Token[],
  at: number,
  view: LanguageView,
  lexicon: Lexicon,
  budget: Budget,
): Part {
  const token = tokens[at];
  if (token === undefined || token.type === "mark") return markPart(token, at);
  const phrase = longestPhrase(tokens, at, view, lexicon, budget);
  if (token.type === "number" && (phrase === null || phrase.to === at + 1)) {
    return numberPart(tokens, at);
  }
  const code = readCode(tokens, at, view);
  if (code !== null && (phrase === null || phrase.to - at <= code.length)) {
    return part("code", at, at + code.length, {
      code: code.code,
      substance: lexicon.findAdditive(code.code),
    });
  }
  const stems = mayGrow(phrase, tokens) ? stemPhrase(tokens, at, view, budget) : null;
  if (stems !== null && at + stems.length > (phrase?.to ?? at)) {
    return part("substance", at, at + stems.length, {
      substance: lexicon.substanceAt(stems.value),
    });
  }
  if (phrase !== null) return phrase;
  return unknownPart(tokens, at, view, lexicon, budget);
}

/** A longer phrase of inflected words replaces a shorter one, but never a denial. */
function mayGrow(phrase: Part | null, tokens: readonly Token[]): boolean {
  if (phrase === null) return true;
  const next = tokens[phrase.to];
  if (next === undefined || next.type === "mark") return false;
  return (
    phrase.type === "substance" || phrase.value === ROLE.modifier || phrase.value >= FIRST_ORIGIN
  );
}

/** The longest phrase wins; of two equally long ones a denial or a conjunction, then a substance, then the rest. */
function longestPhrase(
  tokens: readonly Token[],
  at: number,
  view: LanguageView,
  lexicon: Lexicon,
  { isLeftOut }: Budget,
): Part | null {
  const role = view.roles.find(tokens, at, tokens.length);
  const word = view.words.find(tokens, at, tokens.length, isLeftOut);
  const phrase = view.phrases.find(tokens, at, tokens.length);
  const roleLength = role?.length ?? 0;
  const wordLength = word?.length ?? 0;
  const phraseLength = phrase?.length ?? 0;
  if (
    roleLength > 0 &&
    roleLength >= phraseLength &&
    (roleLength > wordLength || (roleLength === wordLength && winsTie(role, wordLength)))
  ) {
    return part("role", at, at + roleLength, { value: role?.value ?? 0 });
  }
  if (word !== null && wordLength >= phraseLength) {
    const length = wordLength === 1 ? (tokens[at]?.fold.length ?? 0) : 0;
    return part("substance", at, at + wordLength, {
      length,
      substance: lexicon.substanceAt(word.value),
    });
  }
  if (phrase !== null && phraseLength >= roleLength) {
    return part("role", at, at + phraseLength, { value: phrase.value });
  }
  return null;
}

function winsTie(role: PhraseHit | null, length: number): boolean {
  const value = role?.value ?? 0;
  if (value >= FIRST_ORIGIN) return false;
  return value !== ROLE.stop && value !== ROLE.of ? true : length === 1;
}

function markPart(token: Token | undefined, at: number): Part {
  const isAnd = token?.fold === "/" || token?.fold === "+";
  if (isAnd) return part("role", at, at + 1, { value: ROLE.and });
  return part("break", at, at + 1, {});
}

function numberPart(tokens: readonly Token[], at: number): Part {
  const value = Number(tokens[at]?.fold.replace(",", "."));
  const next = tokens[at + 1];
  if (next?.fold === "%") {
    const after = tokens[at + 2];
    const isDenial = value === 0 && after?.type === "word";
    return isDenial
      ? part("role", at, at + 2, { value: ROLE.without })
      : part("percent", at, at + 2, { value });
  }
  if (next?.type === "word" && UNITS.test(next.fold)) {
    return part("role", at, at + 2, { value: ROLE.stop });
  }
  return part("number", at, at + 1, { value });
}

function unknownPart(
  tokens: readonly Token[],
  at: number,
  view: LanguageView,
  lexicon: Lexicon,
  budget: Budget,
): Part {
  const token = tokens[at];
  if (token === undefined) return part("break", at, at + 1, {});
  const isNothing =
    SINGLE_LETTER.test(token.fold) || ROMAN.test(token.fold) || UNITS.test(token.fold);
  if (isNothing) return part("role", at, at + 1, { value: ROLE.stop });
  const key = `${view.language} ${printedForm(token)}`;
  let word = budget.meanings.get(key);
  if (word === undefined) {
    budget.unknownWords -= 1;
    if (budget.unknownWords < 0) return part("unknown", at, at + 1, {});
    word = unknownWordMeaning(token, view, lexicon);
    budget.meanings.set(key, word);
  }
  budget.asked.push([key, word]);
  if (word === null) return part("unknown", at, at + 1, {});
  if (word.role !== 0) return part("role", at, at + 1, { value: word.role });
  return part("substance", at, at + 1, { substance: word.substance, word });
}

/** Units: tokens. */
const LONGEST_STEM_PHRASE = 4;

function stemPhrase(
  tokens: readonly Token[],
  at: number,
  view: LanguageView,
  { isLeftOut }: Budget,
): PhraseHit | null {
  const stem = view.grammar.stem;
  if (stem === undefined || view.stems.size === 0) return null;
  let key = "";
  let best: PhraseHit | null = null;
  for (let length = 1; length <= LONGEST_STEM_PHRASE; length += 1) {
    const token = tokens[at + length - 1];
    if (token === undefined || token.type === "mark") break;
    key += (length === 1 ? "" : " ") + stem(token.fold);
    const value = view.stems.get(key) ?? (length > 1 ? view.words.get(key) : 0);
    if (value !== 0 && isLeftOut?.(value) !== true) best = { value, length };
  }
  return best;
}

function part(
  type: Part["type"],
  from: number,
  to: number,
  rest: Partial<Pick<Part, "length" | "value" | "substance" | "code" | "word">>,
): Part {
  return { type, from, to, length: 0, value: 0, substance: null, code: null, word: null, ...rest };
}
