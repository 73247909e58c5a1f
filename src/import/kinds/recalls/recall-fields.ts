import { readBarcode, repairBarcode } from "../../../food/barcode.ts";
import { cutText, matchKey, plainText } from "../fields.ts";

/** Fields by names without case, accents and all that is no letter or digit, without empty ones. */
export function foldedFields(
  value: Readonly<Record<string, unknown>>,
): ReadonlyMap<string, unknown> {
  const fields = new Map<string, unknown>();
  for (const [name, field] of Object.entries(value)) {
    const key = matchKey(name).replaceAll(" ", "");
    if (!fields.has(key) && field !== "" && field !== null) fields.set(key, field);
  }
  return fields;
}

/** The first of the fields that has a text, lists joined by a space. */
export function firstText(
  fields: ReadonlyMap<string, unknown>,
  names: readonly string[],
): string | null {
  for (const name of names) {
    const field = fields.get(name);
    const text = plainText(
      Array.isArray(field) ? field.map((item) => plainText(item) ?? "").join(" ") : field,
    );
    if (text !== null) return text;
  }
  return null;
}

/** Headed paragraphs of those texts that are there, or null without any. */
export function paragraphs(parts: readonly (readonly [string, string | null])[]): string | null {
  const text = parts
    .flatMap(([heading, body]) => (body === null ? [] : [`${heading}: ${cutText(body, 4000)}`]))
    .join("\n\n");
  return text === "" ? null : text;
}

/** A number that a source gives as a barcode; null when it is none. Units: canonical GTIN-14. */
export function barcodeOf(value: unknown): string | null {
  const text = plainText(value);
  if (text === null) return null;
  const reading = repairBarcode(text);
  return reading.ok ? reading.barcode.gtin14 : null;
}

/** Runs of digits, also grouped by single spaces, hyphens or points. */
const DIGIT_RUN = /\d(?:[ .\-–]?\d){7,16}/g;
const BARCODE_WORD = /\b(?:upcs?|gtins?|eans?|bar ?codes?|codes? à barres)\b/giu;
/** From here on a text speaks of something else that has digits. */
const OTHER_WORD =
  /\b(?:lots?|batch(?:es)?|best|exp(?:iry|iration|ires?)?|use by|sell by|dates?|item|sku|julian|establishment|phone|tel)\b/iu;

/**
 * Barcodes in free text: numbers with a right check digit that follow a word for them. A number elsewhere, such as a
 * lot's, has a right check digit one time in ten.
 */
export function barcodesAfterWords(text: string): string[] {
  const found: string[] = [];
  for (const match of text.matchAll(BARCODE_WORD)) {
    const rest = text.slice(match.index + match[0].length, match.index + 2000);
    const next = OTHER_WORD.exec(rest)?.index ?? rest.length;
    for (const [run] of rest.slice(0, next).matchAll(DIGIT_RUN)) {
      const reading = readBarcode(run.replaceAll(/\D/g, ""));
      if (reading.ok) found.push(reading.barcode.gtin14);
    }
  }
  return [...new Set(found)];
}

const MONTHS = [
  "janvier",
  "fevrier",
  "mars",
  "avril",
  "mai",
  "juin",
  "juillet",
  "aout",
  "septembre",
  "octobre",
  "novembre",
  "decembre",
];

/**
 * A day or instant as public sources write it: ISO 8601, `20240521`, `21/05/2024`, `mardi 21 mai 2024`.
 * Units: ISO 8601, UTC, from 1970 to 2199; null when it is none.
 */
export function instantOf(value: unknown): string | null {
  const text = plainText(value);
  if (text === null) return null;
  const iso = isoOf(text);
  const ms = iso === null ? Number.NaN : Date.parse(iso);
  return ms >= 0 && ms < Date.UTC(2200, 0, 1) ? new Date(ms).toISOString() : null;
}

function isoOf(text: string): string | null {
  if (/^\d{4}-\d{2}-\d{2}(?:[T ]|$)/.test(text)) return text.replace(" ", "T");
  const compact = /^(\d{4})(\d{2})(\d{2})$/.exec(text);
  if (compact !== null) return compact.slice(1).join("-");
  const slashed = /^(\d{1,2})\/(\d{1,2})\/(\d{4})/.exec(text);
  if (slashed !== null) return dayOf(slashed[3], Number(slashed[2]), slashed[1]);
  const written = /(\d{1,2})(?:er)? ([a-z]+) (\d{4})/.exec(matchKey(text));
  return written === null
    ? null
    : dayOf(written[3], MONTHS.indexOf(written[2] ?? "") + 1, written[1]);
}

function dayOf(year = "", month: number, day = ""): string {
  return `${year}-${String(month).padStart(2, "0")}-${day.padStart(2, "0")}`;
}

/** The end of the day of an instant. Units: ISO 8601, UTC. */
export function endOfDay(instant: string | null): string | null {
  return instant === null
    ? null
    : new Date(Date.parse(`${instant.slice(0, 10)}T00:00:00Z`) + 86_400_000).toISOString();
}
