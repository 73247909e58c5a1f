import { z } from "zod";
import { HALAL_STATUSES, MADHABS } from "../../db/tables/vocabulary.ts";
import { byDefault, plainText } from "../../trpc/inputs.ts";
import { pageInput, pageOf } from "../../trpc/list.ts";
import { Product, ProductSummary } from "../../trpc/product.ts";
import { Recall } from "../../trpc/recall.ts";
import { BySchool, ProductBoycott, Verdict } from "../../trpc/verdict.ts";

/** Longer than any barcode: what is wrong with one is told by its reader. */
const BARCODE_TEXT_MAX = 500;

/** GTIN-8, -12, -13, -14 or UPC-E. */
export const writtenBarcode = z.string().max(BARCODE_TEXT_MAX);

export const ByBarcodeInput = z.strictObject({
  barcode: writtenBarcode,
  /** The school whose rulings the verdict follows; by default the general status. */
  madhab: z.enum(MADHABS).nullish(),
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
const category = plainText(400)
  .regex(/^[^\\]+$/, { error: "a category tag such as en:hams" })
  .toLowerCase();

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
