import { z } from "zod";
import {
  FAVORITE_KINDS,
  HALAL_CLAIMS,
  HALAL_STATUSES,
  STORE_TYPES,
} from "../../db/tables/vocabulary.ts";
import { barcodeInput } from "../../trpc/barcode-input.ts";
import { ProductSummary } from "../../trpc/product.ts";
import { Recall } from "../../trpc/recall.ts";
import { instantInput } from "../../trpc/instant.ts";
import { pageInput, pageOf } from "../../trpc/list.ts";
import { optional, byDefault } from "../../trpc/inputs.ts";
import { localeInput } from "../../trpc/languages.ts";

const kind = z.enum(FAVORITE_KINDS);

/** A product or a store; a product may be named by its barcode, also when nobody knows it yet. */
const RefById = z.strictObject({
  kind,
  id: z.guid().toLowerCase(),
  /** Says nothing beside an id: answers can be sent back as they are. */
  barcode: z
    .string()
    .nullish()
    .transform(() => undefined),
});
const RefByBarcode = z.strictObject({
  kind: z.literal("product"),
  /** As `scans.record` takes it. */
  barcode: barcodeInput,
});
export const FavoriteInput = z.union([RefById, RefByBarcode]);
export type FavoriteInput = z.infer<typeof FavoriteInput>;

/** A favourite as answers name it. */
export const FavoriteRef = z.object({
  kind,
  /** Of the product or store; of a product that was saved by its barcode, the favourite's own. */
  id: z.guid(),
  /** Of a product that was named by it. Units: canonical GTIN-14. */
  barcode: z.string().optional(),
});
export type FavoriteRef = z.infer<typeof FavoriteRef>;

export const AddOutput = FavoriteRef.extend({
  /** False when it already was a favourite. */
  added: z.boolean(),
});
export const RemoveOutput = FavoriteRef.extend({
  /** False when it was no favourite. */
  removed: z.boolean(),
});

/** By default now, after whatever was told before; one ahead of now is now. Units: ISO 8601. */
const happenedAt = { createdAt: instantInput.nullish() };

/** A change that a phone made while it was offline. */
export const SyncItem = z.union([RefById.extend(happenedAt), RefByBarcode.extend(happenedAt)]);
export type SyncItem = z.infer<typeof SyncItem>;

/** All of the caller's favourites, in no order. */
export const RefsOutput = z.object({
  items: z.array(
    z.object({
      kind,
      id: z.guid(),
      /** Of a product that was saved by it, else null. Units: canonical GTIN-14. */
      barcode: z.string().nullable(),
    }),
  ),
});
export type RefsOutput = z.infer<typeof RefsOutput>;

export const SyncInput = z.strictObject({
  add: z.array(SyncItem).max(200).apply(byDefault([])),
  /** Wins over `add` where an item is in both at the same time. */
  remove: z.array(SyncItem).max(200).apply(byDefault([])),
});
export type SyncInput = z.infer<typeof SyncInput>;

/** The state of each item when the call returns, so that a retry answers the same. */
export const SyncOutput = z.object({
  /** Those that are favourites; also one to remove that was added after that. */
  added: z.array(FavoriteRef),
  /** Those that are none; also one to add that was removed after that. */
  removed: z.array(FavoriteRef),
  /** Those to add for which there is no such product or store. */
  unknown: z.array(FavoriteRef),
  /** Those to add that would be more than a user may have. */
  overLimit: z.array(FavoriteRef),
});
export type SyncOutput = z.infer<typeof SyncOutput>;

export const ListInput = z
  .strictObject({ kind: kind.apply(optional), locale: localeInput, ...pageInput })
  .prefault({});
export type ListInput = z.infer<typeof ListInput>;

export const FavoriteStore = z.object({
  id: z.guid(),
  name: z.string(),
  storeType: z.enum(STORE_TYPES),
  address: z.string().nullable(),
  city: z.string().nullable(),
  postalCode: z.string().nullable(),
  /** ISO 3166-1 alpha-2. */
  country: z.string().nullable(),
  phone: z.string().nullable(),
  website: z.string().nullable(),
  imageUrl: z.string().nullable(),
  /** Units: WGS 84 decimal degrees. */
  latitude: z.number(),
  /** Units: WGS 84 decimal degrees. */
  longitude: z.number(),
  halalCertified: z.boolean(),
  certifierId: z.string().nullable(),
  /** Units: stars, 0–5. */
  averageRating: z.number().nullable(),
  /** The claim of its source about halal food: all of it (`only`), some (`yes`), little (`limited`); null: nothing. */
  halalClaim: z.enum(HALAL_CLAIMS).nullable(),
});
export type FavoriteStore = z.infer<typeof FavoriteStore>;

/** A product with the verdict of a scan of it today, no school chosen. */
const FavoriteProduct = ProductSummary.extend({
  halalStatus: z.enum(HALAL_STATUSES),
  /** Units: 0–1; 0 for `unknown`. */
  confidenceScore: z.number().min(0).max(1),
});

export const Favorite = z.object({
  kind,
  /** Of the product or store; of a product that was saved by its barcode, the favourite's own. */
  id: z.guid(),
  /** Of a product. Units: canonical GTIN-14. */
  barcode: z.string().nullable(),
  /** Units: ISO 8601, UTC. */
  createdAt: z.iso.datetime(),
  /** Null for a store, and for a product that nobody knows yet. */
  product: FavoriteProduct.nullable(),
  /** Null for a product. */
  store: FavoriteStore.nullable(),
  /** Of the product, in force now; the latest first. */
  recalls: z.array(Recall),
});
export type Favorite = z.infer<typeof Favorite>;
export const ListOutput = pageOf(Favorite);

/** Where a page begins: after this favourite. */
export const ListCursor = z.tuple([instantInput, kind, z.guid()]);
export type ListCursor = z.infer<typeof ListCursor>;
