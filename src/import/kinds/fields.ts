const CONTROL = /[\p{Cc}\u2028\u2029]+/gu;

/** Any scalar as clean text: control characters and runs of space become one space; null when nothing is left. */
export function plainText(value: unknown): string | null {
  if (typeof value === "number" && Number.isFinite(value)) return String(value);
  if (typeof value !== "string") return null;
  const text = value
    .toWellFormed()
    .replace(CONTROL, " ")
    .replace(/\s{2,}/g, " ")
    .trim();
  return text === "" ? null : text;
}

/** Clean text, or null when it is longer than it may be. Units: bytes of UTF-8. */
export function shortText(value: unknown, maxBytes: number): string | null {
  const text = plainText(value);
  return text === null || Buffer.byteLength(text) > maxBytes ? null : text;
}

/** Clean text, cut after whole characters where it is too long. Units: bytes of UTF-8. */
export function cutText(value: unknown, maxBytes: number): string | null {
  const text = plainText(value);
  if (text === null || Buffer.byteLength(text) <= maxBytes) return text;
  const cut = Buffer.from(text).subarray(0, maxBytes).toString("utf8");
  return cut.replace(/\uFFFD+$/, "").trim();
}

/** An http(s) address, also one written without its scheme; null when it is none or too long. */
export function webAddress(value: unknown, maxBytes: number): string | null {
  const text = shortText(value, maxBytes)?.split(/[\s;]/)[0];
  if (text === undefined) return null;
  const address = /^[\w-]+(?:\.[\w-]+)+(?:[/:?#]|$)/.test(text) ? `https://${text}` : text;
  return /^https?:\/\/[^/]*\w/i.test(address) && URL.canParse(address) ? address : null;
}

/** A finite number, also from text; a decimal comma counts as a point. */
export function finiteNumber(value: unknown): number | null {
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  const text = plainText(value)?.replace(/^([+-]?\d+),(\d+)$/, "$1.$2");
  return text !== undefined && /^[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(text)
    ? Number(text)
    : null;
}

/** Yes or no, as people and OSM write it. */
export function yesNo(value: unknown): boolean | null {
  if (typeof value === "boolean") return value;
  const text = plainText(value)?.toLowerCase();
  if (text === "yes" || text === "true" || text === "1") return true;
  return text === "no" || text === "false" || text === "0" ? false : null;
}

/** A list of texts without repetition: an array, a JSON array in a text, or a text cut at `separator`. */
export function textList(value: unknown, separator: RegExp, maxItems: number): string[] {
  const items = Array.isArray(value) ? value : splitText(value, separator);
  const texts = items.map((item) => shortText(item, 400)).filter((item) => item !== null);
  return [...new Set(texts)].slice(0, maxItems);
}

function splitText(value: unknown, separator: RegExp): readonly unknown[] {
  if (typeof value !== "string") return [];
  if (value.startsWith("[")) {
    try {
      const parsed: unknown = JSON.parse(value);
      if (Array.isArray(parsed)) return parsed;
    } catch {
      // A text that only looks like JSON.
    }
  }
  return value.split(separator);
}

/** A field's name without case, spaces, hyphens and underscores: `Postal Code` is `postalcode`. */
export function looseName(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_-]/g, "");
}

/** The same record by loose names, without empty fields. */
export function looseFields(
  value: Readonly<Record<string, unknown>>,
): ReadonlyMap<string, unknown> {
  const fields = new Map<string, unknown>();
  for (const [name, field] of Object.entries(value)) {
    const key = looseName(name);
    if (!fields.has(key) && field !== "" && field !== null) fields.set(key, field);
  }
  return fields;
}

/** The key that two spellings of a name have in common: letters and digits, without case and accents. */
export function matchKey(name: string): string {
  return name
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

/** A name as a slug: `À Votre Service` is `a-votre-service`. */
export function slug(name: string): string {
  return matchKey(name).replaceAll(" ", "-");
}
