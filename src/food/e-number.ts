import { AppError } from "../errors.ts";
import { plainCodeText } from "./code-text.ts";
import { latinLookalikes } from "./look-alikes.ts";
import { type Text, text } from "../texts/text.ts";

/** A food additive's number in its parts; `code` is the canonical form, such as `E160ai`. */
export interface ENumber {
  readonly code: string;
  readonly number: number;
  /** The form's letter (`a` in `E160ai`), or empty. */
  readonly letter: string;
  /** The sub-form's lower-case Roman numeral (`i` in `E160ai`), or empty. */
  readonly roman: string;
}

/** The result of reading an E-number. */
export type ENumberReading =
  | { readonly ok: true; readonly eNumber: ENumber }
  | { readonly ok: false; readonly text: Text };

/** Longer texts are refused before any pattern looks at them. */
const MAX_TEXT_LENGTH = 64;

/** Language tag, prefix (`E`, `INS`, French and Spanish `SIN`), number, up to two marks of a sub-form. */
const WRITTEN_FORM =
  /^(?:[a-z]{2}:)?(?:(?:e|ins|sin)[-.]?)?([1-9]\d{2,3})(?:([a-z]+)|\(([a-z]+)\))?(?:\(([a-z]+)\))?$/;

/** Roman numerals 1 to 39. */
const ROMAN = /^(?=.)x{0,3}(?:ix|iv|v?i{0,3})$/;

/**
 * Numbers whose letters run past h, so that their `i` is a letter and not a numeral.
 * Source: Codex CXG 36-1989, INS 161a–161j (xanthophylls; 161i is citranaxanthin).
 */
const NUMBERS_WITH_LETTER_I: ReadonlySet<number> = new Set([161]);

/**
 * Reads an E-number without throwing, in any usual spelling (`E471`, `e 471`, `INS 471`, `en:e471`, `E450(i)`), also
 * with letters of another script that look like the Latin ones, and with digits of any script.
 * Source: Codex CXG 36-1989 (International Numbering System) and Regulation (EC) 1333/2008 for the form of codes.
 */
export function readENumber(written: string): ENumberReading {
  const plain = written.length > MAX_TEXT_LENGTH ? "" : plainENumberText(written);
  const [, digits, attached, bracketed, second] = WRITTEN_FORM.exec(plain) ?? [];
  const number = Number(digits);
  const subForm =
    digits === undefined ? null : readSubForm(number, attached ?? bracketed ?? "", second);
  if (subForm === null) {
    return {
      ok: false,
      text: text("e_number"),
    };
  }
  const { letter, roman } = subForm;
  return { ok: true, eNumber: { code: `E${number}${letter}${roman}`, number, letter, roman } };
}

/**
 * Reads an E-number as `readENumber` does, for a caller that wants an exception.
 * Errors: BAD_REQUEST (not an E-number).
 */
export function parseENumber(text: string): ENumber {
  const reading = readENumber(text);
  if (!reading.ok)
    throw new AppError("BAD_REQUEST", reading.text, {
      reason: "e_number_unreadable",
    });
  return reading.eNumber;
}

/**
 * Lists the codes that a code is a form of, nearest first: `E160ai` gives `E160a`, `E160`.
 * Errors: BAD_REQUEST (not an E-number).
 */
export function parentCodes(code: string): string[] {
  const { number, letter, roman } = parseENumber(code);
  const parents: string[] = [];
  if (roman !== "" && letter !== "") parents.push(`E${number}${letter}`);
  if (roman !== "" || letter !== "") parents.push(`E${number}`);
  return parents;
}

/** Orders codes as the Codex lists them (`E450iv` before `E450ix` before `E450x`); what is no E-number comes last. */
export function compareENumbers(left: string, right: string): number {
  const a = readENumber(left);
  const b = readENumber(right);
  if (!a.ok || !b.ok) {
    return a.ok === b.ok ? compareText(left, right) : Number(b.ok) - Number(a.ok);
  }
  return (
    a.eNumber.number - b.eNumber.number ||
    compareText(a.eNumber.letter, b.eNumber.letter) ||
    romanValue(a.eNumber.roman) - romanValue(b.eNumber.roman)
  );
}

/** A code's plain text in small Latin letters, with plain hyphens. */
export function plainENumberText(text: string): string {
  return latinLookalikes(plainCodeText(text).toLowerCase())
    .replace(/\p{Pd}/gu, "-")
    .replace(/(?<!\d)[1-9][\do]{2}(?![\do])/, (number) => number.replaceAll("o", "0"));
}

function readSubForm(
  number: number,
  first: string,
  second: string | undefined,
): { letter: string; roman: string } | null {
  const isLetterI = first.startsWith("i") && NUMBERS_WITH_LETTER_I.has(number);
  if (second === undefined && !isLetterI && (first === "" || ROMAN.test(first))) {
    return { letter: "", roman: first };
  }
  const letter = first.slice(0, 1);
  const roman = first.slice(1) + (second ?? "");
  const isLetter = isLetterI || /^[^ivx]$/.test(letter);
  const isRoman = roman === "" || ROMAN.test(roman);
  return isLetter && isRoman && (second === undefined || first.length === 1)
    ? { letter, roman }
    : null;
}

function romanValue(roman: string): number {
  const values: Readonly<Record<string, number>> = { i: 1, v: 5, x: 10 };
  let total = 0;
  for (const [index, numeral] of roman.split("").entries()) {
    const value = values[numeral] ?? 0;
    const next = values[roman[index + 1] ?? ""] ?? 0;
    total += value < next ? -value : value;
  }
  return total;
}

function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
