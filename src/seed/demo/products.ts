import type { products, VerdictReason } from "../../db/tables/products.ts";
import type { HalalStatus } from "../../db/tables/vocabulary.ts";
import { reason } from "../../verdict/reason-texts.ts";
import { createRandom, deterministicUuid, type Random } from "./random.ts";

/** A row for `products` with every column that the demo data sets. */
export type DemoProduct = Required<
  Pick<
    typeof products.$inferInsert,
    | "id"
    | "barcode"
    | "name"
    | "names"
    | "brand"
    | "imageUrl"
    | "halalStatus"
    | "confidenceScore"
    | "reasons"
    | "additives"
    | "ingredients"
    | "labels"
    | "certifierId"
    | "source"
  >
>;

/** Set aside by GS1 for demonstrations: no real product has it. */
export const DEMO_PREFIX = "952";

type Brand = readonly [name: string, certifierId: string | null];

/** The last four belong to the boycott targets of the demo data; a brand's place makes its GTINs. */
const BRANDS: readonly Brand[] = [
  ["Zaytara", "hmc"],
  ["Nurbrook", "avs"],
  ["Halvessane", "jakim"],
  ["Saffrelle", null],
  ["Brindlesnax", null],
  ["Fizzarra", null],
  ["Quillfen", null],
  ["Gumdrolls", null],
];

type Kind = readonly [
  en: string,
  fr: string,
  ar: string,
  ingredients: string,
  additives: readonly string[],
  stated?: HalalStatus,
];

// A table: one entry a line.
// oxfmt-ignore
const KINDS: readonly Kind[] = [
  ["Fruit gums", "Bonbons gélifiés", "حلوى هلامية بالفواكه", "glucose syrup, sugar, gelatine, citric acid, carmine", ["E441", "E330", "E120"], "doubtful"],
  ["Vegan fruit gums", "Bonbons gélifiés véganes", "حلوى هلامية نباتية", "sugar, pectin, citric acid, beetroot red", ["E440", "E330", "E162"]],
  ["Milk chocolate", "Chocolat au lait", "شوكولاتة بالحليب", "sugar, cocoa butter, milk powder, lecithin", ["E322", "E476"]],
  ["Sandwich bread", "Pain de mie", "خبز توست", "wheat flour, water, yeast, emulsifiers", ["E471", "E481", "E920"]],
  ["Chicken sausages", "Saucisses de poulet", "نقانق دجاج", "chicken, water, salt, diphosphates, sodium nitrite", ["E450", "E250"]],
  ["Beef burgers", "Steaks hachés", "برغر لحم بقري", "beef, onion, salt", []],
  ["Pork pâté", "Pâté de porc", "باتيه لحم الخنزير", "pork liver, pork fat, salt, sodium nitrite", ["E250"], "haram"],
  ["Cola drink", "Boisson au cola", "مشروب كولا", "water, sugar, caramel, phosphoric acid", ["E150d", "E338"]],
  ["Orange soda", "Soda à l'orange", "مشروب برتقال غازي", "water, sugar, orange juice, carotenes", ["E330", "E160a", "E202"]],
  ["Strawberry yoghurt", "Yaourt à la fraise", "زبادي بالفراولة", "milk, strawberries, sugar, carmine", ["E120"], "doubtful"],
  ["Vanilla ice cream", "Glace à la vanille", "مثلجات بالفانيليا", "milk, cream, sugar, emulsifier", ["E471", "E412", "E407"]],
  ["Instant noodles, chicken", "Nouilles instantanées au poulet", "نودلز بالدجاج", "wheat flour, palm oil, flavour enhancers", ["E621", "E627", "E631"]],
  ["Crisps, paprika", "Chips au paprika", "رقائق بطاطس بالبابريكا", "potatoes, oil, paprika extract", ["E160c", "E621"]],
  ["Rum truffles", "Truffes au rhum", "شوكولاتة بالروم", "chocolate, cream, rum", ["E322", "E1510"], "haram"],
  ["Date bar", "Barre aux dattes", "لوح تمر", "dates, almonds", []],
];

const REASONS: Readonly<Record<HalalStatus, readonly VerdictReason[]>> = {
  halal: [reason("stated_mark", {}, "demo")],
  haram: [reason("stated_forbidden", {}, "demo")],
  doubtful: [reason("stated_disputed", {}, "demo")],
  unknown: [],
};

/** Units: per cent. */
const LEAST_CONFIDENCE: Readonly<Record<HalalStatus, number>> = {
  halal: 85,
  haram: 90,
  doubtful: 55,
  unknown: 0,
};

/**
 * Products of the demo data: every brand and product is invented.
 * Units: barcode in canonical GTIN-14; confidence 0–1.
 * Source: GS1 General Specifications, prefix 952 for demonstrations and examples.
 */
export const DEMO_PRODUCTS: readonly DemoProduct[] = BRANDS.flatMap((brand, brandIndex) =>
  KINDS.map((kind, kindIndex) => demoProduct(brand, kind, brandIndex + 1, kindIndex + 1)),
);

function demoProduct(
  [brand, certifierId]: Brand,
  [en, fr, ar, ingredients, additives, stated]: Kind,
  brandNumber: number,
  kindNumber: number,
): DemoProduct {
  const barcode = demoBarcode(brandNumber, kindNumber);
  const random = createRandom(`product ${barcode}`);
  // Nobody certifies what its own label makes doubtful or unlawful.
  const certified = certifierId !== null && stated === undefined;
  const halalStatus = certified ? "halal" : (stated ?? "unknown");
  return {
    id: deterministicUuid(`product ${barcode}`),
    barcode,
    name: `${brand} ${en}`,
    names: { en: `${brand} ${en}`, fr: `${fr} ${brand}`, ar: `${ar} ${brand}` },
    brand,
    imageUrl: null,
    halalStatus,
    confidenceScore: confidence(random, halalStatus),
    reasons: [...REASONS[halalStatus]],
    additives: [...additives],
    ingredients,
    labels: certified ? ["en:halal"] : [],
    certifierId: certified ? certifierId : null,
    source: "demo",
  };
}

function confidence(random: Random, halalStatus: HalalStatus): number {
  const least = LEAST_CONFIDENCE[halalStatus];
  return least === 0 ? 0 : (least + random.integer(0, 9)) / 100;
}

/** The barcode of a demo product. Units: both numbers count from 1, in the order of `BRANDS` and `KINDS`. */
export function demoBarcode(brandNumber: number, kindNumber: number): string {
  const body = `0${DEMO_PREFIX}${pad(brandNumber, 4)}${pad(kindNumber, 5)}`;
  const sum = Array.from(body, Number).reduce(
    (total, digit, position) => total + digit * (position % 2 === 0 ? 3 : 1),
    0,
  );
  return `${body}${(10 - (sum % 10)) % 10}`;
}

function pad(number: number, length: number): string {
  return String(number).padStart(length, "0");
}
