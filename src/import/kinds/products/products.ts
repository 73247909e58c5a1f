import { repairBarcode } from "../../../food/barcode.ts";
import { readENumber } from "../../../food/e-number.ts";
import { cutText, plainText, shortText, textList, webAddress } from "../fields.ts";
import type { Conversion, ConversionContext } from "../../kind.ts";
import { readLabelClaim } from "./labels.ts";
import { offImageAddress } from "./off-images.ts";
import { isObject, problem, type RecordProblem } from "../../read/records.ts";
import { said, SAYS, speaksOf, upsertTarget } from "../../write/target.ts";

const NAME_BYTES_MAX = 900;
const BRAND_BYTES_MAX = 500;
const URL_BYTES_MAX = 900;
const INGREDIENTS_BYTES_MAX = 20_000;
const LANGUAGES_MAX = 40;
const TAGS_MAX = 200;
const COMMA = /,/;
const NAME_FIELD = /^product_name_([a-z]{2})$/;
const INGREDIENTS_FIELD = /^ingredients(?:_text(?:_[a-z]{2})?)?$/;

/** The columns that a file may have, or lack, on their own. */
const TOPICS = ["name", "names", "brand", "image", "labels", "additives", "ingredients"] as const;
type Topic = (typeof TOPICS)[number];

/** Who fills these gives the row its source; an image or a name in one more language does not. */
const MAIN_TOPICS: readonly Topic[] = ["name", "brand", "labels", "additives", "ingredients"];

/** Products by barcode; what a record does not speak about stays as it is. */
export const PRODUCT_TARGET = upsertTarget({
  name: "products",
  table: "products",
  key: "barcode",
  keySql: "s.barcode",
  match: (incoming) => `t.barcode = ${incoming}.barcode`,
  columns: [
    { name: "barcode", type: "char(14)", isKey: true },
    SAYS,
    {
      name: "name",
      type: "text",
      // A name in one language stands in where there is none.
      update: (existing, incoming) =>
        `case when ${speaksOf("name", incoming)} then ${incoming}.name else coalesce(${existing}.name, ${incoming}.name) end`,
    },
    {
      name: "names",
      type: "jsonb",
      update: (existing, incoming) =>
        `case when ${speaksOf("names", incoming)} then ${incoming}.names else ${existing}.names || ${incoming}.names end`,
    },
    said("brand", "text"),
    said("image_url", "text", "image"),
    said("halal_status", "text", "labels"),
    said("confidence_score", "double precision", "labels"),
    said("reasons", "jsonb", "labels"),
    said("additives", "text[]"),
    said("ingredients", "text"),
    said("labels", "text[]"),
    said("certifier_id", "text", "labels"),
    said("source", "text"),
  ],
});

const NAME_FIELDS = ["product_name", "name"];
const BRAND_FIELDS = ["brands", "brand"];
const LABEL_FIELDS = ["labels_tags", "labels"];
const ADDITIVE_FIELDS = ["additives_tags", "additives"];
const IMAGE_FIELDS = ["image_front_url", "image_url", "image_front_small_url", "imageUrl"];

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
    const labels = tags(value, LABEL_FIELDS);
    const additives = readAdditives(tags(value, ADDITIVE_FIELDS), notes);
    const ingredients = ingredientsOf(value, name === null ? null : plainText(value["lang"]));
    const brand = cutText(brandOf(value), BRAND_BYTES_MAX);
    const image = imageOf(value);
    const isSilent = [name, brand, ingredients, image].every((one) => one === null);
    if (isSilent && labels.length === 0 && additives.length === 0) {
      return { problem: problem("empty", `nothing is said about ${gtin14} but its barcode`) };
    }
    const claim = readLabelClaim(labels, context.certifiers, context.source.name);
    const cells = [
      gtin14,
      topicsOf(value),
      name,
      JSON.stringify(names),
      brand,
      image,
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

/**
 * What a record speaks about: with a field that is there and empty, too. A product of the whole database export has
 * nothing but what it says; from other files it may be an extract.
 */
function topicsOf(value: Fields): string[] {
  const has = (fields: readonly string[]) => fields.some((field) => value[field] !== undefined);
  const any = (pattern: RegExp) => Object.keys(value).some((field) => pattern.test(field));
  const isWhole = has(["_id"]) && has(["last_modified_t"]);
  const speaks: Readonly<Record<Topic, boolean>> = {
    name: has(NAME_FIELDS),
    names: false,
    brand: has(BRAND_FIELDS),
    image: has(["images", ...IMAGE_FIELDS]),
    labels: has(LABEL_FIELDS),
    additives: has(ADDITIVE_FIELDS),
    ingredients: any(INGREDIENTS_FIELD),
  };
  const topics = TOPICS.filter((topic) => isWhole || speaks[topic]);
  return MAIN_TOPICS.every((topic) => topics.includes(topic)) ? [...topics, "source"] : topics;
}

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
  for (const field of IMAGE_FIELDS) {
    const address = webAddress(value[field], URL_BYTES_MAX);
    if (address !== null) return address;
  }
  return offImageAddress(value);
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

/** The first of the fields that the file has counts, also when it is empty: the others are what it was made from. */
function tags(value: Fields, fields: readonly string[]): string[] {
  const field = fields.find((one) => value[one] !== undefined && value[one] !== null);
  if (field === undefined) return [];
  const list = textList(value[field], COMMA, TAGS_MAX);
  return [...new Set(list.map((tag) => tag.toLowerCase()))];
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
