import type { ErrorReason } from "../error-reasons.ts";
import { AppError } from "../errors.ts";
import { plainCodeText, plainDigits } from "./code-text.ts";
import { readScannedText } from "./gs1.ts";
import { inEnglish, type Text, text } from "../texts/text.ts";

/** The form a barcode was written in. */
export type BarcodeFormat = "GTIN-8" | "UPC-E" | "GTIN-12" | "GTIN-13" | "GTIN-14";

/** A barcode in its one canonical form. */
export interface ParsedBarcode {
  /** Fourteen digits, padded with zeros on the left. */
  readonly gtin14: string;
  readonly format: BarcodeFormat;
  /** True when the number means something only inside one shop or chain. */
  readonly inStore: boolean;
}

/** Why a text is not a barcode. */
export type BarcodeProblemReason =
  | "check_digit"
  | "spreadsheet_damage"
  | "length"
  | "characters"
  | "zeros"
  | "no_gtin";

/** A text that is not a barcode, and what people are told; `message` is the English of it, for imports. */
export interface BarcodeProblem {
  readonly ok: false;
  readonly reason: BarcodeProblemReason;
  readonly text: Text;
  readonly message: string;
}

/** The reason with which an unreadable barcode is answered. */
export function barcodeFault({ reason }: BarcodeProblem): ErrorReason {
  return reason === "check_digit" ? "barcode_check_digit" : "barcode_unreadable";
}

/** The result of reading a barcode. */
export type BarcodeReading =
  | { readonly ok: true; readonly barcode: ParsedBarcode }
  | BarcodeProblem;

/** The result of repairing a barcode; `leadingZerosAdded` is 0 when the text was right as it stood. */
export type BarcodeRepair =
  | { readonly ok: true; readonly barcode: ParsedBarcode; readonly leadingZerosAdded: number }
  | BarcodeProblem;

/** Longer texts are refused before any pattern looks at them; a link with all its attributes is shorter. */
export const BARCODE_TEXT_MAX = 500;

const FORMAT_BY_LENGTH: ReadonlyMap<number, BarcodeFormat> = new Map([
  [8, "GTIN-8"],
  [12, "GTIN-12"],
  [13, "GTIN-13"],
  [14, "GTIN-14"],
]);

/** A number in scientific notation, or with decimals: what a spreadsheet makes of a long one. */
const SPREADSHEET_NUMBER = /^[+-]?(?:\d+[.,]\d+(?:e[+-]?\d+)?|\d+e[+-]\d+)$/i;

/**
 * Eleven digits or more of which the last six are zeros: a spreadsheet's rounded number, written out again. It shows at most
 * six digits of a number that it writes with an exponent. One right number in ten million ends like this.
 */
const ROUNDED_NUMBER = /^\d{5,8}0{6}$/;

/**
 * Computes the GTIN check digit of a number given without it.
 * Source: GS1 General Specifications, check digit calculation (weights 3, 1, 3 … from the right, modulo 10).
 */
export function gtinCheckDigit(payload: string): number {
  let sum = 0;
  for (let index = payload.length - 1, weight = 3; index >= 0; index -= 1, weight = 4 - weight) {
    sum += Number(payload[index]) * weight;
  }
  return (10 - (sum % 10)) % 10;
}

/**
 * Expands eight digits of a UPC-E to its UPC-A, or gives null when its check digit does not hold.
 * The check digit of a UPC-E is that of its UPC-A; only number systems 0 and 1 exist.
 * Source: GS1 General Specifications, EAN/UPC symbology (UPC-E, zero suppression).
 */
export function expandUpcE(upcE: string): string | null {
  const parts = /^([01])(\d{5})(\d)(\d)$/.exec(upcE);
  if (parts === null) return null;
  const [, system = "", data = "", last = "", check = ""] = parts;
  let company: string;
  let item: string;
  if (last <= "2") {
    company = `${data.slice(0, 2)}${last}00`;
    item = `00${data.slice(2)}`;
  } else if (last === "3") {
    company = `${data.slice(0, 3)}00`;
    item = `000${data.slice(3)}`;
  } else if (last === "4") {
    company = `${data.slice(0, 4)}0`;
    item = `0000${data.slice(4)}`;
  } else {
    company = data;
    item = `0000${last}`;
  }
  const payload = `${system}${company}${item}`;
  return gtinCheckDigit(payload) === Number(check) ? `${payload}${check}` : null;
}

/**
 * Tells whether a canonical GTIN-14 is a number for restricted circulation.
 * GTIN-8 that begin with 0 or 2, GTIN-13 that begin with 02, 04 or 20–29.
 * Source: GS1 General Specifications (GS1 Prefixes and GS1-8 Prefixes).
 */
export function isInStoreGtin(gtin14: string): boolean {
  const gtin13 = gtin14.slice(1);
  return gtin13.startsWith("00000") ? /^0{5}[02]/.test(gtin13) : /^(?:02|04|2)/.test(gtin13);
}

/**
 * Lists the company prefixes that a canonical GTIN-14 can begin with, as leading digits of its GTIN-13.
 * None for GTIN-8 and for numbers of restricted circulation: those tell nothing of a company.
 * Units: 4–12 digits each.
 * Source: GS1 General Specifications (GS1 Company Prefix, GS1-8).
 */
export function companyPrefixes(gtin14: string): string[] {
  const gtin13 = gtin14.slice(1);
  if (gtin13.startsWith("00000") || isInStoreGtin(gtin14)) return [];
  return Array.from({ length: 9 }, (_, index) => gtin13.slice(0, 4 + index));
}

/**
 * Tells which reading wins when eight digits are both a right GTIN-8 and a right UPC-E: every UPC-E whose seventh
 * digit is 5–9 is, since its check digit is then that of the GTIN-8. 01–09 is a UPC-E, an everyday American barcode.
 * 00 is a GTIN-8: British chains number their own goods so, and a wrong guess ends as "in-store, unknown", never as
 * another maker's product. 1 is a GTIN-8: a UPC-E of number system 1 is hardly ever seen.
 * Source: GS1 General Specifications (GS1-8 Prefixes); the codes that hold both ways in a sample of Open Food Facts.
 */
function prefersUpcE(digits: string): boolean {
  return /^0[1-9]/.test(digits);
}

/**
 * Reads a barcode without throwing: digits of every script, with spaces or hyphens, or what a scanner gives (a GS1
 * Digital Link, `]C1` and its kin, `(01)…`, elements parted by U+001D), of which AI 01 counts.
 * Eight digits may be a GTIN-8 or a UPC-E: the check digit decides, and `prefersUpcE` where both hold.
 * Six digits of a UPC-E without its check digit are refused: nothing would catch a mistyped one.
 * Errors: none thrown; the problem says what is wrong.
 * Source: GS1 General Specifications; GS1 Digital Link URI Syntax.
 */
export function readBarcode(text: string): BarcodeReading {
  const written = readWritten(text);
  return "ok" in written ? written : readDigits(written);
}

function readDigits({ digits, isGtin: isNoUpcE }: WrittenNumber): BarcodeReading {
  const format = FORMAT_BY_LENGTH.get(digits.length);
  if (format === undefined) return lengthProblem(digits);
  const payload = digits.slice(0, -1);
  const expected = gtinCheckDigit(payload);
  const isGtin = expected === Number(digits.at(-1));
  const upcA = format === "GTIN-8" && !isNoUpcE ? expandUpcE(digits) : null;
  if (upcA !== null && (!isGtin || prefersUpcE(digits))) return found(upcA, "UPC-E");
  if (isGtin) return found(digits, format);
  return problem(
    "check_digit",
    text("barcode_check_digit", {
      barcode: digits,
      payload,
      expected,
      last: digits.slice(-1),
    }),
  );
}

/**
 * Reads a barcode as `readBarcode` does, for a caller that wants an exception.
 * Errors: BAD_REQUEST (wrong check digit, wrong length, letters, a number that a spreadsheet damaged).
 */
export function parseBarcode(text: string): ParsedBarcode {
  const reading = readBarcode(text);
  if (!reading.ok)
    throw new AppError("BAD_REQUEST", reading.text, { reason: barcodeFault(reading) });
  return reading.barcode;
}

/**
 * Reads a barcode that may have lost leading zeros in a spreadsheet, and says how many it put back.
 * A number that looks rounded is refused even where its check digit happens to hold, as it does one time in ten.
 * Only 7 and 9–11 digits are padded (to 8 and 12), and only when the check digit then holds, which a random
 * number does one time in ten: for imports from a known source, never for what a person types.
 * Errors: none thrown; the problem says what is wrong.
 */
export function repairBarcode(given: string): BarcodeRepair {
  const written = readWritten(given);
  if ("ok" in written) return written;
  const { digits } = written;
  if (ROUNDED_NUMBER.test(digits)) {
    return problem("spreadsheet_damage", text("barcode_rounded", { digits }));
  }
  const reading = readDigits(written);
  if (reading.ok) return { ...reading, leadingZerosAdded: 0 };
  if (reading.reason !== "length") return reading;
  const targetLength = digits.length === 7 ? 8 : 12;
  if (digits.length < 7 || digits.length > targetLength) return reading;
  const padded = readBarcode(digits.padStart(targetLength, "0"));
  return padded.ok ? { ...padded, leadingZerosAdded: targetLength - digits.length } : reading;
}

/** A number as it was written. */
interface WrittenNumber {
  readonly digits: string;
  /** True where the code itself says that it is a GTIN, so that eight digits are no UPC-E. */
  readonly isGtin: boolean;
}

function readWritten(written: string): WrittenNumber | BarcodeProblem {
  if (written.length > BARCODE_TEXT_MAX) {
    return problem("length", text("barcode_text_length", { length: written.length }));
  }
  const scanned = readScannedText(plainDigits(written));
  if (scanned.kind === "none") return problem("no_gtin", scanned.problem);
  const isGtin = scanned.kind === "gtin";
  const plain = isGtin ? scanned.digits : plainCodeText(scanned.text);
  if (/^[\p{Pd}\u2212]\d/u.test(plain)) {
    return problem("characters", text("barcode_signed"));
  }
  if (SPREADSHEET_NUMBER.test(plain)) {
    return problem("spreadsheet_damage", text("barcode_spreadsheet"));
  }
  const digits = plain.replace(/\p{Pd}/gu, "");
  if (digits === "") return problem("length", text("barcode_empty"));
  if (!/^[0-9]+$/.test(digits)) {
    return problem("characters", text("barcode_characters"));
  }
  if (/^0+$/.test(digits)) {
    return problem("zeros", text("barcode_zeros"));
  }
  return { digits, isGtin };
}

function lengthProblem(digits: string): BarcodeProblem {
  const { length } = digits;
  return problem(
    "length",
    length === 6 ? text("barcode_length_upc_e", { length }) : text("barcode_length", { length }),
  );
}

function found(gtin: string, format: BarcodeFormat): BarcodeReading {
  const gtin14 = gtin.padStart(14, "0");
  return { ok: true, barcode: { gtin14, format, inStore: isInStoreGtin(gtin14) } };
}

function problem(reason: BarcodeProblemReason, text: Text): BarcodeProblem {
  return { ok: false, reason, text, message: inEnglish(text) };
}
