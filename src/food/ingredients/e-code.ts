import type { LanguageView } from "./lexicon.ts";
import { phraseTokens, splitPhrases } from "./roles.ts";
import type { Token } from "./tokens.ts";

/** An E-number found in a text. */
export interface CodeHit {
  /** Canonical, such as `E160ai`. */
  readonly code: string;
  /** Units: tokens. */
  readonly length: number;
}

/** `e471`, `e160ai`; the first letter may be Cyrillic or Greek, and the form's letter a misread numeral. */
const WHOLE_CODE = /^[eеε](\d{3,4})([a-h]?)(i{1,3}|iv|v|vi{1,3}|l|ii?l)?$/;

const FORM = /^([a-h]?)(i{1,3}|iv|v|vi{1,3})?$/;

/** The letters that may stand apart for the E: Latin, Cyrillic and Greek letters, and the Codex's name in English and French. */
const PREFIXES: ReadonlySet<string> = new Set(["e", "е", "ε", "ins", "sin"]);

/** Letters of a form that no language in use has as a word of its own. */
const LOOSE_FORM = /^[bcdf]$/;

const UNITS =
  /^(?:g|gr|gram|gramm|grammes|grams|mg|kg|ml|cl|dl|l|kcal|kj|days|dagen|tage|tagen|jours|giorni|dias|hari|gun|dni|дней|г|мл)$/;

/** Food additives are numbered from 100 to 1521. */
const FIRST_NUMBER = 100;
const LAST_NUMBER = 1_525;

/**
 * Reads an E-number at a place in a text: `E471`, `E 471`, `E-160a(ii)`, `INS 471`, Cyrillic `Е471`.
 * A separate `E` must be a word of its own, so `DIE 120 DAGEN` has none; a number with a unit is an amount.
 * Source: Codex CXG 36-1989 for the numbers.
 */
export function readCode(tokens: readonly Token[], at: number, view: LanguageView): CodeHit | null {
  const token = tokens[at];
  if (token?.type !== "word") return null;
  const [, digits, letter = "", roman = ""] = WHOLE_CODE.exec(token.fold) ?? [];
  if (digits !== undefined) {
    return isAdditiveNumber(digits) ? withLooseForm(tokens, at, 1, digits, letter, roman) : null;
  }
  if (!PREFIXES.has(token.fold) && !codeLetters(view).has(token.fold)) return null;
  const next = tokens[at + 1]?.fold === "." ? 2 : 1;
  const number = tokens[at + next];
  if (number?.type !== "number" || !isAdditiveNumber(number.fold)) return null;
  const after = tokens[at + next + 1];
  if (after !== undefined && (after.fold === "%" || UNITS.test(after.fold))) return null;
  return withLooseForm(tokens, at, next + 1, number.fold, "", "");
}

/** Tells whether digits can be an additive's number. */
export function isAdditiveNumber(digits: string): boolean {
  return (
    /^\d{3,4}$/.test(digits) && Number(digits) >= FIRST_NUMBER && Number(digits) <= LAST_NUMBER
  );
}

/** Adds the form that is printed after the number: `E150 d`, `E 472e`, `E450 i`. */
function withLooseForm(
  tokens: readonly Token[],
  at: number,
  length: number,
  digits: string,
  letter: string,
  roman: string,
): CodeHit {
  const last = tokens[at + length - 1];
  const next = tokens[at + length];
  const gap = next === undefined || last === undefined ? -1 : next.start - last.end;
  if (letter === "" && roman === "" && next?.type === "word" && gap >= 0 && gap <= 1) {
    const [, nextLetter = "", nextRoman = ""] = FORM.exec(next.fold) ?? [];
    const isForm =
      FORM.test(next.fold) && (gap === 0 || LOOSE_FORM.test(next.fold) || nextRoman.length > 1);
    if (isForm) return { code: `E${digits}${nextLetter}${nextRoman}`, length: length + 1 };
  }
  return { code: `E${digits}${letter}${roman.replaceAll("l", "i")}`, length };
}

const lettersByLanguage = new Map<string, ReadonlySet<string>>();

function codeLetters(view: LanguageView): ReadonlySet<string> {
  const known = lettersByLanguage.get(view.language);
  if (known !== undefined) return known;
  const letters = new Set(
    splitPhrases(view.grammar.codeLetters).flatMap((letter) =>
      phraseTokens(letter, false).map((token) => token.fold),
    ),
  );
  lettersByLanguage.set(view.language, letters);
  return letters;
}
