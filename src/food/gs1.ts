import { type Text, text } from "../texts/text.ts";

/** The group separator that stands for FNC1 between elements. */
const SEPARATOR = "\u001D";
/** The separator of records in the envelope of ISO/IEC 15434. */
const RECORD_SEPARATOR = "\u001E";

/** How scanners and logs write FNC1 where they do not send U+001D itself; `|` parts a linear code from its 2D component. */
const WRITTEN_SEPARATORS = /\u241D|[<{[](?:GS|FNC1)[>}\]]|\\x1d|\\u001d|\^\]|\|/gi;

/** AIM symbology identifier, such as `]C1`. Source: ISO/IEC 15424. */
const SYMBOLOGY = /^\]([A-Za-z])([0-9A-Za-z])/;

/** The envelope of ISO/IEC 15434 around GS1 elements (format 05), without its separators. */
const ENVELOPE = /^\[\)>\p{Cc}?05/u;

/**
 * Total lengths of elements whose length is fixed, by the first two digits of the application identifier; any other
 * element ends at a separator. Units: digits, the identifier included.
 * Source: GS1 General Specifications, element strings with predefined length.
 */
const FIXED_LENGTHS: ReadonlyMap<string, number> = new Map([
  ["00", 20],
  ["01", 16],
  ["02", 16],
  ["03", 16],
  ["04", 18],
  ...["11", "12", "13", "14", "15", "16", "17", "18", "19"].map((ai) => [ai, 8] as const),
  ["20", 4],
  ...["31", "32", "33", "34", "35", "36"].map((ai) => [ai, 10] as const),
  ["41", 16],
]);

/** The content of a scanner's text. */
export type ScannedText =
  /** The value of AI 01, as written: 8, 12, 13 or 14 digits. */
  | { readonly kind: "gtin"; readonly digits: string }
  /** No GS1 syntax: a number as people write it. */
  | { readonly kind: "plain"; readonly text: string }
  /** GS1 syntax without a GTIN. */
  | { readonly kind: "none"; readonly problem: Text };

/**
 * Finds the GTIN in what a scanner gives: a GS1 Digital Link, element strings with or without brackets, with the
 * symbology identifier before them or not. Takes text in compatibility form with plain digits.
 * Errors: none thrown.
 * Source: GS1 General Specifications (application identifiers); GS1 Digital Link URI Syntax; ISO/IEC 15424.
 */
export function readScannedText(scanned: string): ScannedText {
  const marked = scanned
    .replace(/[\s\p{Cf}]/gu, "")
    .replace(WRITTEN_SEPARATORS, SEPARATOR)
    .replace(/\p{Cc}/gu, (control) =>
      control === SEPARATOR || control === RECORD_SEPARATOR ? SEPARATOR : "",
    )
    .replace(/^\p{Cc}+(?=\])/u, "");
  const [identifier = "", letter, modifier] = SYMBOLOGY.exec(marked) ?? [];
  const enveloped = marked.slice(identifier.length);
  const body = enveloped.replace(ENVELOPE, "");
  if (/^(?:https?:)?\/\/|^[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d+)?\//i.test(body))
    return readLink(body);
  if (/[([]\d{2,4}[)\]]/.test(body)) return readBracketed(body);
  const plain = body.replaceAll(SEPARATOR, "");
  if (letter === "E" && /^\d+$/.test(plain)) return readRetail(plain, modifier ?? "");
  const saysElements =
    ["C1", "d2", "Q3", "e0", "e1", "e2", "J1"].includes(`${letter}${modifier}`) ||
    body.includes(SEPARATOR) ||
    enveloped !== body;
  // A bare number is read as elements only where it is longer than any GTIN.
  if (saysElements || /^\d{15}/.test(body)) {
    const digits = readElements(body);
    if (digits !== null) return { kind: "gtin", digits };
  }
  if (!saysElements || /^[\p{Pd}\d]{6,16}$/u.test(plain)) return { kind: "plain", text: plain };
  return none(text("gs1_no_product"));
}

function readLink(link: string): ScannedText {
  const path = (link.split(/[?#]/, 1)[0] ?? "").replace(/^(?:https?:)?\/\//i, "");
  const [, digits] = /\/(?:01|gtin)\/((?:\d|%3\d)+)(?:\/|$)/i.exec(path) ?? [];
  if (digits === undefined) {
    return none(text("gs1_link"));
  }
  return { kind: "gtin", digits: digits.replace(/%3(\d)/g, "$1") };
}

function readBracketed(body: string): ScannedText {
  const [, value] = /[([]01[)\]]([^([]*)/.exec(body) ?? [];
  if (value === undefined) return none(text("gs1_brackets"));
  return { kind: "gtin", digits: value.replace(/[\p{Pd}\p{Cc}]/gu, "") };
}

/**
 * EAN and UPC as scanners send them: thirteen digits for UPC-A and UPC-E too, two or five more of an add-on.
 * Source: ISO/IEC 15424, `]E0` to `]E4`.
 */
function readRetail(digits: string, modifier: string): ScannedText {
  if (modifier === "1" || modifier === "2") {
    return none(text("gs1_add_on"));
  }
  if (modifier === "4") return { kind: "gtin", digits };
  const isLonger = modifier === "3" && (digits.length === 15 || digits.length === 18);
  return { kind: "plain", text: isLonger ? digits.slice(0, 13) : digits };
}

/** The value of AI 01 among elements that stand one after the other; null when there is none that can be reached. */
function readElements(text: string): string | null {
  let at = 0;
  while (at < text.length) {
    if (text[at] === SEPARATOR) {
      at += 1;
      continue;
    }
    const identifier = text.slice(at, at + 2);
    if (!/^\d{2}$/.test(identifier)) return null;
    if (identifier === "01") {
      const digits = text.slice(at + 2, at + 16);
      return /^\d{14}$/.test(digits) ? digits : null;
    }
    const fixed = FIXED_LENGTHS.get(identifier);
    const separator = text.indexOf(SEPARATOR, at);
    if (fixed === undefined) {
      if (separator < 0) return null;
      at = separator + 1;
    } else {
      if (!/^\d+$/.test(text.slice(at, at + fixed)) || at + fixed > text.length) return null;
      at += fixed;
    }
  }
  return null;
}

function none(problem: Text): ScannedText {
  return { kind: "none", problem };
}
