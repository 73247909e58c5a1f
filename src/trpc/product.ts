import { z } from "zod";
import { HALAL_STATUSES } from "../db/tables/vocabulary.ts";
import { LANGUAGES } from "../texts/language.ts";

/** One reason behind a verdict, and who says so. */
export const VerdictReasonOutput = z.object({
  /** Stable, to be translated by. */
  code: z.string(),
  /** The subject of the code, such as the substance, the quoted text and the school; none in old rows. */
  params: z
    .record(z.string(), z.union([z.string(), z.number(), z.array(z.string()), z.null()]))
    .default({}),
  message: z.string(),
  source: z.string(),
  /** Of `message`: the caller's; null for a source's own words, which are in whatever language they were written. */
  language: z.enum(LANGUAGES).nullable().default(null),
});

/** The columns of a product that a list shows. */
export const ProductSummary = z.object({
  id: z.guid(),
  /** Canonical GTIN-14. */
  barcode: z.string(),
  name: z.string().nullable(),
  brand: z.string().nullable(),
  imageUrl: z.string().nullable(),
  /** The product's own status as its source says, before additives and boycotts. */
  halalStatus: z.enum(HALAL_STATUSES),
  /** Units: 0–1. */
  confidenceScore: z.number().min(0).max(1),
  /** E-numbers on the label. */
  additives: z.array(z.string()),
  certifierId: z.string().nullable(),
  /** Where the row came from, as its licence asks to be told. */
  attribution: z.object({
    name: z.string(),
    licence: z.string(),
    attribution: z.string(),
    url: z.string().nullable(),
  }),
});
export type ProductSummary = z.infer<typeof ProductSummary>;

/** Everything known of a product. */
export const Product = ProductSummary.extend({
  /** By ISO 639-1 language. */
  names: z.record(z.string(), z.string()),
  ingredients: z.string().nullable(),
  /** The language of `ingredients`. Units: ISO 639-1. */
  language: z.string().nullable(),
  /** Category tags of Open Food Facts, the most general first, such as `en:hams`. */
  categories: z.array(z.string()),
  /** Allergen tags of Open Food Facts, such as `en:milk`. */
  allergens: z.array(z.string()),
  /** Label tags of Open Food Facts, such as `en:halal`. */
  labels: z.array(z.string()),
});
export type Product = z.infer<typeof Product>;
