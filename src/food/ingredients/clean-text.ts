/** Entities that labels in databases hold; others stay as they are and end as an unrecognised item. */
const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: " ",
  shy: "",
  middot: "·",
  bull: "•",
  ndash: "–",
  mdash: "—",
  rsquo: "'",
  lsquo: "'",
  deg: "°",
  szlig: "ß",
  oelig: "œ",
  aelig: "æ",
  oslash: "ø",
  aring: "å",
  ccedil: "ç",
  ntilde: "ñ",
};

/** Combining marks that `&eacute;` and its like are made of. */
const ENTITY_MARKS: Readonly<Record<string, string>> = {
  acute: "\u0301",
  grave: "\u0300",
  circ: "\u0302",
  uml: "\u0308",
  tilde: "\u0303",
};

const ENTITY = /&(?:#(\d{1,6})|#x([0-9a-f]{1,5})|([a-z]{2,8}));/gi;
const ACCENT_ENTITY = /^([a-z])(acute|grave|circ|uml|tilde)$/i;

/** Superscripts and symbols that NFKC would turn into letters or digits of the word before. */
const FOOTNOTE_MARKS = /[\u00B9\u00B2\u00B3\u2070-\u2079\u2080-\u2089®™℠©†‡ªº°]/g;

/** Format characters that carry no letter: soft hyphen, direction marks, zero-width space and joiner, byte order mark. */
const INVISIBLE =
  /(?:\u00AD|\u061C|\u200B|\u200D|\u200E|\u200F|[\u202A-\u202E]|[\u2060-\u2069]|\uFEFF)/g;

// oxlint-disable-next-line no-control-regex -- control characters are what it removes
const CONTROL = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g;

/** U+200C stands inside Persian words; elsewhere it is noise. */
const STRAY_NON_JOINER = /(?<![\u0600-\u06FF])\u200C|\u200C(?![\u0600-\u06FF])/g;

const ARABIC_INDIC_DIGITS = /[\u0660-\u0669\u06F0-\u06F9]/g;
const BENGALI_DIGITS = /[\u09E6-\u09EF]/g;

/** Signs that an export wrote out in brackets. */
const NAMED_SIGNS = /\[(?:caret|tm|r)\]|\((?:tm|r)\)/gi;

/** Printable ASCII and line feeds without `<`, `&` and `_`: nothing to clean. */
const PLAIN = /^[\n !-%'-;=-^`-~]*$/;

/**
 * Brings a label's text to plain characters: HTML and `_allergen_` marks dropped, entities decoded, compatibility forms,
 * digits and spaces made one. Every quote of the reader is a part of this text.
 * Source: Unicode NFKC; WHATWG HTML, named character references.
 */
export function cleanText(text: string): string {
  let clean = text.replace(NAMED_SIGNS, "");
  if (PLAIN.test(clean)) return clean;
  if (clean.includes("<")) {
    clean = clean
      .replace(/<(?:br|li|\/p|\/div|\/tr)\b[^<>]{0,80}>/gi, "\n")
      .replace(/<\/?[a-z][^<>]{0,200}>/gi, "");
  }
  if (clean.includes("&")) clean = clean.replace(ENTITY, decodeEntity);
  return clean
    .replace(/\r\n?|[\u2028\u2029]/g, "\n")
    .replace(CONTROL, " ")
    .replace(FOOTNOTE_MARKS, " ")
    .normalize("NFKC")
    .replace(INVISIBLE, "")
    .replace(STRAY_NON_JOINER, "")
    .replace(/_/g, "")
    .replace(ARABIC_INDIC_DIGITS, (digit) => String(digit.charCodeAt(0) & 0xf))
    .replace(BENGALI_DIGITS, (digit) => String(digit.charCodeAt(0) - 0x9e6))
    .replace(/\u066A/g, "%")
    .replace(/\u066B/g, ".");
}

function decodeEntity(
  whole: string,
  decimal: string | undefined,
  hexadecimal: string | undefined,
  name: string | undefined,
): string {
  if (name === undefined) {
    const code = decimal === undefined ? Number.parseInt(hexadecimal ?? "", 16) : Number(decimal);
    const isCharacter = code > 0 && code <= 0x10_ffff && (code < 0xd800 || code > 0xdfff);
    return isCharacter ? String.fromCodePoint(code) : " ";
  }
  const known = ENTITIES[name] ?? ENTITIES[name.toLowerCase()];
  if (known !== undefined) return known;
  const [, letter, mark] = ACCENT_ENTITY.exec(name) ?? [];
  const combining = ENTITY_MARKS[mark?.toLowerCase() ?? ""];
  return letter === undefined || combining === undefined ? whole : letter + combining;
}
