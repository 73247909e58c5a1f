import { sql } from "drizzle-orm";
import {
  char,
  check,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  text,
  uuid,
} from "drizzle-orm/pg-core";
import { certifiers } from "./certifiers.ts";
import { instant, lifecycle, literals } from "./columns.ts";
import { dataSources } from "./sources.ts";
import { HALAL_STATUSES, type HalalStatus } from "./vocabulary.ts";

/** The parameters of a reason, with which a phone translates and links it. */
export type ReasonParams = Record<string, string | number | null | string[]>;

/** One reason behind a verdict, with its source. */
export interface VerdictReason {
  readonly code: string;
  /** Missing in rows that are older than this field. */
  readonly params?: ReasonParams;
  readonly message: string;
  readonly source: string;
}

/** Pork or alcoholic drink that categories, or a name without an ingredient list, name. */
export interface StoredNameFinding {
  readonly substance: string;
  readonly from: "category" | "name";
  readonly quote: string;
  /** True when the name contradicts a general category. */
  readonly contradicted: boolean;
}

/**
 * Packaged products by canonical GTIN-14. A covering index in `migrations/` makes barcodes unique and their look-up
 * index-only.
 */
export const products = pgTable(
  "products",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    barcode: char("barcode", { length: 14 }).notNull(),
    name: text("name"),
    /** Names by ISO 639-1 language. */
    names: jsonb("names").$type<Record<string, string>>().notNull().default({}),
    brand: text("brand"),
    imageUrl: text("image_url"),
    /** The product's own status as its source says, before additives and boycotts. */
    halalStatus: text("halal_status").$type<HalalStatus>().notNull().default("unknown"),
    /** 0–1. */
    confidenceScore: doublePrecision("confidence_score").notNull().default(0),
    reasons: jsonb("reasons").$type<VerdictReason[]>().notNull().default([]),
    additives: text("additives").array().notNull().default([]),
    ingredients: text("ingredients"),
    /** Ingredient lists by ISO 639-1 language. */
    ingredientTexts: jsonb("ingredient_texts")
      .$type<Record<string, string>>()
      .notNull()
      .default({}),
    /** The language of `ingredients`. Units: ISO 639-1. */
    language: text("language"),
    labels: text("labels").array().notNull().default([]),
    /** Category tags of Open Food Facts, such as `en:hams`. */
    categories: text("categories").array().notNull().default([]),
    /** Allergen tags of Open Food Facts, such as `en:milk`. */
    allergens: text("allergens").array().notNull().default([]),
    /** The findings in the lists, as `packFindings` encodes them; null until the lists are read. Units: 2,048 bytes at most. */
    findings: text("findings"),
    nameFinding: jsonb("name_finding").$type<StoredNameFinding>(),
    /** The version of the reader and lexicon that read the lists; null when they must be read. */
    analysisVersion: integer("analysis_version"),
    /** A scan's verdict without a school and by school as of `computed_version`, for searching. */
    computedStatus: text("computed_status").$type<HalalStatus>().notNull().default("unknown"),
    computedHanafi: text("computed_hanafi").$type<HalalStatus>().notNull().default("unknown"),
    computedShafii: text("computed_shafii").$type<HalalStatus>().notNull().default("unknown"),
    computedMaliki: text("computed_maliki").$type<HalalStatus>().notNull().default("unknown"),
    computedHanbali: text("computed_hanbali").$type<HalalStatus>().notNull().default("unknown"),
    /** The version of the rulings behind the computed statuses; null when they must be computed. */
    computedVersion: integer("computed_version"),
    certifierId: text("certifier_id").references(() => certifiers.id, { onDelete: "set null" }),
    /** `admin` for a row that an administrator made or changed: imports leave it alone. */
    source: text("source")
      .notNull()
      .references(() => dataSources.id),
    /** The source of the row before an admin changed it, because its licence still requires the attribution; maintained by a trigger. */
    baseSource: text("base_source").references(() => dataSources.id),
    /** Name, brand and other names, normalised; maintained by a trigger. */
    searchText: text("search_text").notNull().default(""),
    ...lifecycle,
  },
  (t) => [
    check("products_barcode_gtin14", sql`${t.barcode} ~ '^[0-9]{14}$'`),
    check("products_halal_status_known", sql`${t.halalStatus} in (${literals(HALAL_STATUSES)})`),
    check("products_confidence_range", sql`${t.confidenceScore} between 0 and 1`),
    check("products_language_form", sql`${t.language} ~ '^[a-z]{2,3}$'`),
    check("products_findings_length", sql`octet_length(${t.findings}) <= 2048`),
    check(
      "products_computed_known",
      sql`array[${t.computedStatus}, ${t.computedHanafi}, ${t.computedShafii}, ${t.computedMaliki}, ${t.computedHanbali}] <@ array[${literals(HALAL_STATUSES)}]`,
    ),
    // The covering index includes these columns, and a B-tree entry is limited to about 2,700 bytes.
    check(
      "products_covered_lengths",
      sql`octet_length(concat(${t.name}, ${t.brand}, ${t.imageUrl})) <= 2400`,
    ),
    index("products_certifier_id_idx")
      .on(t.certifierId)
      .where(sql`certifier_id is not null`),
  ],
);

/** Barcodes of products that an admin removed; imports do not add them again. */
export const productRemovals = pgTable("product_removals", {
  barcode: char("barcode", { length: 14 }).primaryKey(),
  removedAt: instant("removed_at").notNull().defaultNow(),
});

/** The words of all products' `search_text`, for misspelled searches; maintained like `store_words`. */
export const productWords = pgTable("product_words", { word: text("word").notNull() }, (t) => [
  index("product_words_word_idx").on(t.word),
]);
