import { repairBarcode } from "../food/barcode.ts";
import { readENumber } from "../food/e-number.ts";
import { cutText, plainText, shortText, textList, webAddress } from "./fields.ts";
import type { Conversion, ConversionContext } from "./kind.ts";
import { readLabelClaim } from "./labels.ts";
import { isObject, problem, type RecordProblem } from "./records.ts";
import { upsertTarget } from "./target.ts";

const NAME_BYTES_MAX = 900;
const BRAND_BYTES_MAX = 500;
const URL_BYTES_MAX = 900;
const INGREDIENTS_BYTES_MAX = 20_000;
const LANGUAGES_MAX = 40;
const TAGS_MAX = 200;
const COMMA = /,/;
const NAME_FIELD = /^product_name_([a-z]{2})$/;

/** Products by barcode. */
export const PRODUCT_TARGET = upsertTarget({
  name: "products",
  table: "products",
  key: "barcode",
  keySql: "s.barcode",
  match: (incoming) => `t.barcode = ${incoming}.barcode`,
  columns: [
    { name: "barcode", type: "char(14)", isKey: true },
    { name: "name", type: "text" },
    { name: "names", type: "jsonb" },
    { name: "brand", type: "text" },
    { name: "image_url", type: "text" },
    { name: "halal_status", type: "text" },
    { name: "confidence_score", type: "double precision" },
    { name: "reasons", type: "jsonb" },
    { name: "additives", type: "text[]" },
    { name: "ingredients", type: "text" },
    { name: "labels", type: "text[]" },
    { name: "certifier_id", type: "text" },
    { name: "source", type: "text" },
  ],
});

/** Makes the converter of Open Food Facts products, from JSON or from its tab-separated export, to product rows. */
export function createProductConverter(context: ConversionContext): (value: unknown) => Conversion {
  return (value) => {
    if (!isObject(value)) return { problem: problem("not_a_product", "not a product's record") };
    const code = plainText(value["code"]) ?? plainText(value["barcode"]) ?? "";
    const reading = repairBarcode(code);
    if (!reading.ok) return { problem: problem(`barcode_${reading.reason}`, reading.message) };
    const { gtin14 } = reading.barcode;
    const notes: RecordProblem[] = [];
    if (reading.leadingZerosAdded > 0) {
      notes.push(problem("barcode_repaired", `leading zeros put back: ${code} is ${gtin14}`));
    }

    const { name, names } = namesOf(value);
    const labels = tags(value, "labels_tags", "labels");
    const additives = readAdditives(tags(value, "additives_tags", "additives"), notes);
    const ingredients = ingredientsOf(value, name === null ? null : plainText(value["lang"]));
    const brand = cutText(brandOf(value), BRAND_BYTES_MAX);
    if (name === null && brand === null && ingredients === null && labels.length === 0) {
      if (additives.length === 0) {
        return { problem: problem("empty", `nothing is said about ${gtin14} but its barcode`) };
      }
    }
    const claim = readLabelClaim(labels, context.certifiers, context.source.name);
    const cells = [
      gtin14,
      name,
      JSON.stringify(names),
      brand,
      imageOf(value),
      claim.halalStatus,
      claim.confidence,
      JSON.stringify(claim.reasons),
      additives,
      ingredients,
      labels,
      claim.certifierId,
      context.source.id,
    ];
    return notes.length === 0 ? { cells } : { cells, notes };
  };
}

type Fields = Readonly<Record<string, unknown>>;

function namesOf(value: Fields): { name: string | null; names: Record<string, string> } {
  const found = new Map<string, string>();
  for (const [field, text] of Object.entries(value)) {
    const language = NAME_FIELD.exec(field)?.[1];
    const name = language === undefined ? null : cutText(text, NAME_BYTES_MAX);
    if (language !== undefined && name !== null && found.size < LANGUAGES_MAX) {
      found.set(language, name);
    }
  }
  const main = cutText(value["product_name"] ?? value["name"], NAME_BYTES_MAX);
  const language = plainText(value["lang"]) ?? plainText(value["lc"]) ?? "";
  if (main !== null && /^[a-z]{2}$/.test(language) && !found.has(language))
    found.set(language, main);
  const [first] = found.values();
  return {
    name: main ?? found.get(language) ?? found.get("en") ?? first ?? null,
    // In a fixed order, so that the same names are the same text.
    names: Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

function brandOf(value: Fields): string | null {
  const brands = value["brands"] ?? value["brand"];
  const list = textList(brands, COMMA, 10);
  return list.length === 0 ? null : list.join(", ");
}

function imageOf(value: Fields): string | null {
  for (const field of ["image_front_url", "image_url", "image_front_small_url", "imageUrl"]) {
    const address = webAddress(value[field], URL_BYTES_MAX);
    if (address !== null) return address;
  }
  return null;
}

function ingredientsOf(value: Fields, language: string | null): string | null {
  for (const field of [
    "ingredients_text",
    `ingredients_text_${language}`,
    "ingredients_text_en",
    "ingredients_text_fr",
    "ingredients",
  ]) {
    const text = cutText(value[field], INGREDIENTS_BYTES_MAX);
    if (text !== null) return text;
  }
  return null;
}

function tags(value: Fields, ...fields: readonly string[]): string[] {
  for (const field of fields) {
    const list = textList(value[field], COMMA, TAGS_MAX);
    if (list.length > 0) return [...new Set(list.map((tag) => tag.toLowerCase()))];
  }
  return [];
}

function readAdditives(written: readonly string[], notes: RecordProblem[]): string[] {
  const codes = new Set<string>();
  for (const text of written) {
    const reading = readENumber(text);
    if (reading.ok) codes.add(reading.eNumber.code);
    else notes.push(problem("additive_unreadable", `additive left out: ${shortText(text, 100)}`));
  }
  return [...codes];
}
