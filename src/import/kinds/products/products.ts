import { repairBarcode } from "../../../food/barcode.ts";
import { readENumber } from "../../../food/e-number.ts";
import { cutText, plainText, shortText, textList, webAddress } from "../fields.ts";
import type { Conversion, ConversionContext } from "../../kind.ts";
import { readLabelClaim } from "./labels.ts";
import { offImageAddress } from "./off-images.ts";
import { isObject, problem, type RecordProblem } from "../../read/records.ts";
import type { ReadableProduct } from "../../../verdict/analysis.ts";
import { WAITING_CELLS } from "./analysed.ts";
import { ANALYSED_TOPICS, MAIN_TOPICS, type Topic, TOPICS } from "./target.ts";

const NAME_BYTES_MAX = 900;
const BRAND_BYTES_MAX = 500;
const URL_BYTES_MAX = 900;
const INGREDIENTS_BYTES_MAX = 20_000;
const LANGUAGES_MAX = 40;
const TAGS_MAX = 200;
const COMMA = /,/;
const NAME_FIELD = /^product_name_([a-z]{2})$/;
const INGREDIENTS_FIELD = /^ingredients(?:_text(?:_[a-z]{2})?)?$/;
const LIST_FIELD = /^ingredients_text_([a-z]{2})$/;
const LISTS_MAX = 12;

const CATEGORY_FIELDS = ["categories_tags", "categories"];
const ALLERGEN_FIELDS = ["allergens_tags", "allergens"];
const NAME_FIELDS = ["product_name", "name"];
const BRAND_FIELDS = ["brands", "brand"];
const LABEL_FIELDS = ["labels_tags", "labels"];
const ADDITIVE_FIELDS = ["additives_tags", "additives"];
const IMAGE_FIELDS = ["image_front_url", "image_url", "image_front_small_url", "imageUrl"];

/**
 * Makes the converter of Open Food Facts products, from JSON or from its tab-separated export, to product rows that wait to
 * be read and judged.
 */
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
    const lists = listsOf(value);
    const brand = cutText(brandOf(value), BRAND_BYTES_MAX);
    const image = imageOf(value);
    const isSilent = [name, brand, lists.ingredients, image].every((one) => one === null);
    if (isSilent && labels.length === 0 && additives.length === 0) {
      return { problem: problem("empty", `nothing is said about ${gtin14} but its barcode`) };
    }
    const claim = readLabelClaim(labels, context.certifiers, context.source.name);
    const read = {
      name,
      categories: tags(value, CATEGORY_FIELDS),
      ...lists,
    };
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
      read.ingredients,
      JSON.stringify(read.ingredientTexts),
      read.language,
      labels,
      read.categories,
      tags(value, ALLERGEN_FIELDS),
      claim.certifierId,
      context.source.id,
      ...WAITING_CELLS,
    ];
    const toAnalyse = {
      gtin14,
      readable: read,
      stored: {
        halalStatus: claim.halalStatus,
        confidenceScore: claim.confidence,
        reasons: claim.reasons,
        additives,
        labels,
        hasIngredients: read.ingredients !== null,
        sourceName: context.source.name,
        certifier: claim.certifier,
      },
    };
    return notes.length === 0 ? { cells, toAnalyse } : { cells, notes, toAnalyse };
  };
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * The columns that a record speaks about: with a field that is there and empty, too. A product of the whole database export has
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
    categories: has(CATEGORY_FIELDS),
    allergens: has(ALLERGEN_FIELDS),
  };
  const topics: string[] = TOPICS.filter((topic) => isWhole || speaks[topic]);
  const hasAll = (all: readonly Topic[]) => all.every((topic) => topics.includes(topic));
  return [
    ...topics,
    ...(hasAll(MAIN_TOPICS) ? ["source"] : []),
    ...(hasAll(ANALYSED_TOPICS) ? ["analysis"] : []),
  ];
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

/** The lists by language; the main one is the first that is there, and its language the field's or the product's. */
function listsOf(
  value: Fields,
): Pick<ReadableProduct, "ingredients" | "ingredientTexts" | "language"> {
  const texts = new Map<string, string>();
  for (const [field, text] of Object.entries(value)) {
    const language = LIST_FIELD.exec(field)?.[1];
    const list = language === undefined ? null : cutText(text, INGREDIENTS_BYTES_MAX);
    if (language !== undefined && list !== null && texts.size < LISTS_MAX)
      texts.set(language, list);
  }
  const ingredientTexts = Object.fromEntries([...texts].sort(([a], [b]) => (a < b ? -1 : 1)));
  const written = plainText(value["lang"]) ?? plainText(value["lc"]) ?? "";
  const own = /^[a-z]{2}$/.test(written) ? written : null;
  const main = cutText(value["ingredients_text"] ?? value["ingredients"], INGREDIENTS_BYTES_MAX);
  if (main !== null) {
    const sameText = [...texts].find(([, text]) => text === main)?.[0];
    return { ingredients: main, ingredientTexts, language: sameText ?? own };
  }
  const language = [own, "en", "fr", ...texts.keys()].find((one) => one !== null && texts.has(one));
  const ingredients = language === null || language === undefined ? null : texts.get(language);
  return {
    ingredients: ingredients ?? null,
    ingredientTexts,
    language: ingredients === undefined ? own : (language ?? null),
  };
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
