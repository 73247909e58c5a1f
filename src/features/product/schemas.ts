import { z } from "zod";
import { HALAL_STATUSES, MADHABS } from "../../db/tables/vocabulary.ts";
import { writtenBarcode } from "../../trpc/barcode-input.ts";
import { byDefault, optional, plainText, webAddress } from "../../trpc/inputs.ts";
import { localeInput } from "../../trpc/languages.ts";
import { pageInput, pageOf } from "../../trpc/list.ts";
import { Product, ProductSummary, VerdictReasonOutput } from "../../trpc/product.ts";
import { Recall } from "../../trpc/recall.ts";
import { BySchool, ProductBoycott, Verdict } from "../../trpc/verdict.ts";
import { schemaError } from "../../texts/text.ts";

export const ByBarcodeInput = z.strictObject({
  barcode: writtenBarcode,
  /** The school whose rulings the verdict follows; by default the general status. */
  madhab: z.enum(MADHABS).nullish(),
  locale: localeInput,
});

export const ByBarcodeOutput = z.object({
  /** Canonical GTIN-14. */
  barcode: z.string(),
  /** Null when nobody has described it yet. */
  product: Product.nullable(),
  verdict: Verdict,
  boycott: ProductBoycott,
  /** In force now; the latest first. */
  recalls: z.array(Recall),
  /** `started`: nobody knows the barcode here, and it is being looked up elsewhere; ask again in some seconds. */
  lookup: z.literal("started").nullable(),
});
export type ByBarcodeOutput = z.infer<typeof ByBarcodeOutput>;

const halalStatus = z.enum(HALAL_STATUSES);
/** A category tag, such as `en:hams`. */
const category = plainText(400).toLowerCase();

/** A product of a list, with the verdict of a scan today, without a school and for each. */
export const ListedProduct = ProductSummary.extend({
  /** The verdict's, by the general rulings. */
  halalStatus,
  /** The verdict's. Units: 0–1. */
  confidenceScore: z.number().min(0).max(1),
  bySchool: BySchool,
  /** The most general first. */
  categories: z.array(z.string()),
});
export type ListedProduct = z.infer<typeof ListedProduct>;

export const SearchProductsInput = z.strictObject({
  query: plainText(100),
  /** Of the verdict by the general rulings. */
  halalStatus: halalStatus.nullish(),
  category: category.nullish(),
  ...pageInput,
});

export const SearchProductsOutput = pageOf(ListedProduct);

/** The last item of a page: its sort key and its id. */
export const SearchPlace = z.tuple([z.number().min(-1).max(2), z.uuid()]);

export const AlternativesInput = z.strictObject({
  barcode: writtenBarcode,
  /** The school for which they must be halal; by default by the general rulings. */
  madhab: z.enum(MADHABS).nullish(),
  limit: z.int().min(1).max(20).apply(byDefault(10)),
});

export const AlternativesOutput = z.object({
  /** The most specific category that one of the products shares with the one asked about; null where none does. */
  category: z.string().nullable(),
  /** The most alike first. */
  items: z.array(ListedProduct),
});
export type AlternativesOutput = z.infer<typeof AlternativesOutput>;

/** A product as administrators see it. */
export const AdminProduct = Product.extend({
  /** Ingredient lists by ISO 639-1 language. */
  ingredientTexts: z.record(z.string(), z.string()),
  /** Why its own source gives it its status. */
  reasons: z.array(VerdictReasonOutput),
  /** `admin`: imports leave it alone. */
  source: z.string(),
  /** The data source of the row before an administrator changed it. */
  baseSource: z.string().nullable(),
  /** Units: ISO 8601, UTC. */
  createdAt: z.iso.datetime(),
  /** Units: ISO 8601, UTC. */
  updatedAt: z.iso.datetime(),
});
export type AdminProduct = z.infer<typeof AdminProduct>;

const language = z.string().regex(/^[a-z]{2}$/, { error: schemaError("language_code") });
const INGREDIENTS_MAX = 6_000;
const tags = z.array(plainText(300).toLowerCase()).max(200);

/** The fields that an administrator sets; a field that is left out stays as it is, null empties it. */
export const UpsertProductInput = z.strictObject({
  barcode: writtenBarcode,
  name: plainText(300).nullable().optional(),
  /** All of them, by ISO 639-1 language. */
  names: z.record(language, plainText(300)).apply(optional),
  brand: plainText(150).nullable().optional(),
  imageUrl: webAddress.nullable().optional(),
  /** The stated status, for which an administrator answers; another status drops the earlier reasons. */
  halalStatus: halalStatus.apply(optional),
  /** Units: 0–1; 1 by default for a status that is given, 0 for `unknown`. */
  confidenceScore: z.number().min(0).max(1).apply(optional),
  reasons: z
    .array(z.strictObject({ code: plainText(60), message: plainText(500), source: plainText(200) }))
    .max(20)
    .apply(optional),
  /** E-numbers in any usual spelling. */
  additives: z.array(z.string().max(64)).max(100).apply(optional),
  ingredients: plainText(INGREDIENTS_MAX).nullable().optional(),
  /** All of them, by ISO 639-1 language. */
  ingredientTexts: z
    .record(language, plainText(INGREDIENTS_MAX))
    .refine((texts) => Object.keys(texts).length <= 12, {
      error: schemaError("languages_at_most", { maximum: 12 }),
    })
    .apply(optional),
  /** Of `ingredients`. */
  language: language.nullable().optional(),
  labels: tags.apply(optional),
  /** The most general first. */
  categories: tags.apply(optional),
  allergens: tags.apply(optional),
  certifierId: plainText(64).nullable().optional(),
});
export type UpsertProductInput = z.infer<typeof UpsertProductInput>;

export const RemoveProductInput = z.strictObject({ barcode: writtenBarcode });
export const RemoveProductOutput = z.object({ barcode: z.string() });

export const ListProductsInput = z
  .strictObject({
    /** Only those that administrators made or changed. */
    isEdited: z.boolean().apply(byDefault(false)),
    ...pageInput,
  })
  .prefault({});
export const ListProductsOutput = pageOf(AdminProduct);

/** The last item of a page. */
export const ListPlace = z.tuple([z.string().regex(/^[0-9]{14}$/)]);
