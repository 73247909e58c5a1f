import type { HalalStatus, Madhab } from "../../db/tables/vocabulary.ts";
import { gtinCheckDigit } from "../../food/barcode.ts";
import { type DemoProduct, DEMO_PREFIX } from "./products.ts";
import { deterministicUuid } from "./random.ts";

interface ListProduct {
  /** The rule of `VERDICT_RULES` that decides it. */
  readonly rule: string;
  /** For whom; by default no school is chosen. */
  readonly madhab?: Madhab;
  readonly name: string;
  readonly language: string;
  readonly list: string | null;
  readonly additives?: readonly string[];
  readonly labels?: readonly string[];
  readonly categories?: readonly string[];
  readonly stated?: readonly [HalalStatus, number];
  readonly certifierId?: string;
  readonly isInStore?: boolean;
}

/** The second group of a GTIN: no brand of the demo data has it. */
const COMPANY = "0900";
const BRAND = "Listori";

// oxfmt-ignore
const PRODUCTS: readonly ListProduct[] = [
  { rule: "product_haram", name: "Chicken nuggets", language: "en", list: "Chicken (60%), wheat flour, water, salt.", labels: ["en:not-halal"], stated: ["haram", 0.6] },
  { rule: "ingredient_haram", name: "Soupe de pois", language: "fr", list: "Eau, pois cassés 30 %, lardons 8 % (poitrine de porc, sel), carottes, sel.", categories: ["en:soups"] },
  { rule: "ingredient_haram", name: "Erbsensuppe mit Schweineschmalz", language: "de", list: "Wasser, Erbsen (30%), Schweineschmalz, Salz, Pfeffer." },
  { rule: "ingredient_haram", name: "Tiramisu", language: "it", list: "Latte, zucchero, uova, marsala 4%, farina di frumento, cacao." },
  { rule: "ingredient_haram", name: "حساء العدس", language: "ar", list: "ماء، عدس، دهن خنزير، ملح، كمون" },
  { rule: "ingredient_haram", name: "Lolipop jelly", language: "id", list: "Gula, sirup glukosa, gelatin babi, asam sitrat.", labels: ["en:halal"], stated: ["halal", 0.6] },
  { rule: "additive_haram", madhab: "hanafi", name: "Rote Bonbons", language: "de", list: "Zucker, Glukosesirup, Farbstoff: E120.", additives: ["E120"] },
  { rule: "category_haram", name: "Prosciutto cotto", language: "it", list: null, categories: ["en:meats", "en:hams"] },
  { rule: "certified", name: "Sucuk", language: "tr", list: "Dana eti, dana yağı, tuz, sarımsak, baharatlar.", labels: ["en:halal"], certifierId: "hmc", stated: ["halal", 0.9] },
  { rule: "product_doubtful", name: "Party mix", language: "en", list: null, stated: ["doubtful", 0.5] },
  { rule: "product_halal", name: "Bakso ayam", language: "id", list: "Daging ayam, tepung tapioka, air, garam, bawang putih.", labels: ["id:halal"], stated: ["halal", 0.6] },
  { rule: "ingredient_doubtful", name: "Queso curado", language: "es", list: "Leche de oveja, sal, cuajo animal, fermentos lácticos." },
  { rule: "additive_doubtful", name: "Ositos de goma", language: "es", list: "Jarabe de glucosa, azúcar, gelatina, ácido cítrico.", additives: ["E330"] },
  { rule: "ingredient_doubtful", name: "Tavuk suyu çorbası", language: "tr", list: "Su, tavuk eti, un, tuz, nane." },
  { rule: "additive_doubtful", name: "Pão de forma", language: "pt", list: "Farinha de trigo, água, açúcar, fermento, emulsionante (E471), sal.", additives: ["E471"] },
  { rule: "trace_haram", name: "Crackers aux graines", language: "fr", list: "Farine de blé, huile de tournesol, graines de sésame, sel. Peut contenir des traces de porc." },
  { rule: "ingredients_clear", name: "Haferflocken-Riegel", language: "de", list: "Haferflocken (55%), Honig, Sonnenblumenöl, Rosinen, Meersalz." },
  { rule: "ingredients_clear", name: "Hummus", language: "en", list: "Chickpeas (60%), water, sesame paste, sunflower oil, lemon juice, garlic, salt." },
  { rule: "ingredients_clear", name: "خبز عربي", language: "ar", list: "دقيق القمح، ماء، خميرة، ملح، سكر" },
  { rule: "ingredients_clear", name: "Гречневые хлебцы", language: "ru", list: "Гречневая крупа, пшеничная мука, вода, соль." },
  { rule: "ingredients_clear", name: "Pain de mie", language: "fr", list: "Farine de blé, eau, levure, sel, émulsifiant : E471 (végétal).", additives: ["E471"] },
  { rule: "ingredients_clear", name: "Salatdressing ohne Alkohol", language: "de", list: "Wasser, Sonnenblumenöl, Zucker, Senfsaat, Salz. Ohne Alkohol." },
  { rule: "vegan_clear", name: "Tofu snack", language: "nl", list: "Tofu (water, sojabonen), zonnebloemolie, zeezout, snorrebloem, knoflook.", labels: ["en:vegan"] },
  { rule: "in_store_barcode", name: "Bread of the day", language: "en", list: "Wheat flour, water, salt, yeast.", isInStore: true },
  { rule: "ingredients_unknown", name: "Surprise box", language: "en", list: null },
  { rule: "not_enough_evidence", name: "Miracle bar", language: "en", list: "Dates, quellith powder, almonds, ferribund extract." },
];

/** A product of the demo data that shows a rule; `rule` decides a scan of it. */
export interface DemoListProduct extends DemoProduct {
  readonly language: string;
  readonly categories: string[];
}

/** Products with lists as labels print them, at least one for each rule but the one for products that are not there. */
export const DEMO_LIST_PRODUCTS: readonly DemoListProduct[] = PRODUCTS.map(rowOf);

/** Which rule decides a scan of each, and for whom. */
export const DEMO_RULES: readonly {
  readonly barcode: string;
  readonly rule: string;
  readonly madhab: Madhab | null;
}[] = PRODUCTS.map(({ rule, madhab = null }, index) => ({
  barcode: DEMO_LIST_PRODUCTS[index]?.barcode ?? "",
  rule,
  madhab,
}));

function rowOf(product: ListProduct, index: number): DemoListProduct {
  const { name, language, stated = ["unknown", 0], certifierId = null } = product;
  const number = String(index + 1).padStart(5, "0");
  const payload =
    product.isInStore === true ? `0200${COMPANY}${number}` : `0${DEMO_PREFIX}${COMPANY}${number}`;
  const barcode = `${payload}${gtinCheckDigit(payload)}`;
  return {
    id: deterministicUuid(`product ${barcode}`),
    barcode,
    name,
    names: { [language]: name },
    brand: BRAND,
    imageUrl: null,
    halalStatus: stated[0],
    confidenceScore: stated[1],
    reasons: [],
    additives: [...(product.additives ?? [])],
    ingredients: product.list,
    labels: [...(product.labels ?? [])],
    certifierId,
    source: "demo",
    language,
    categories: [...(product.categories ?? [])],
  };
}
