import { type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client/database.ts";
import { isoInstant } from "../../db/sql-fragments.ts";
import type { FavoriteKind } from "../../db/tables/vocabulary.ts";
import type { NamesByLanguage } from "../../trpc/languages.ts";
import type { ProductSummary } from "../../trpc/product.ts";
import { STORED_PRODUCT_JSON } from "../../verdict/evidence-query.ts";
import { recallsOfBarcode, type StoredRecall } from "../../verdict/recalls.ts";
import type { StoredProduct } from "../../verdict/stored-product.ts";
import type { FavoriteChange } from "./changes.ts";
import type { Favorite, FavoriteStore, ListCursor, RefsOutput } from "./schemas.ts";

/** The outcome of an item that was sent. */
export interface ChangedFavorite {
  readonly kind: FavoriteKind;
  /** As it was sent. */
  readonly id: string | null;
  readonly barcode: string | null;
  /** Of the favourite. */
  readonly target: string;
  /** Whether there is such a product or store. */
  readonly isKnown: boolean;
  readonly wasFavorite: boolean;
  readonly isFavorite: boolean;
  /** Whether it was not added because the user has as many as there may be. */
  readonly isOverLimit: boolean;
}

/** A favourite as its rows have it: a product without its verdict, and what that rests on; a store with all its names. */
export interface FavoriteRow extends Omit<Favorite, "product" | "store" | "recalls"> {
  readonly recalls: readonly StoredRecall[];
  readonly product: Omit<ProductSummary, "halalStatus" | "confidenceScore"> | null;
  readonly stored: StoredProduct | null;
  readonly store: (FavoriteStore & { readonly names: NamesByLanguage }) | null;
}

/** Part of a user's favourites. */
interface Part {
  readonly kind: FavoriteKind | undefined;
  readonly limit: number;
  readonly after: ListCursor | null;
  readonly now: Date;
}

/** Favourites that one statement reads after a page of which many are gone. */
const NEXT_PART = 500;

/** A page of a user's favourites, the latest first, without those that are gone; one row more than `limit`. */
export async function listFavorites(db: Db, userId: string, page: Part): Promise<FavoriteRow[]> {
  const found: FavoriteRow[] = [];
  let part = { ...page, limit: page.limit + 1 };
  for (;;) {
    const rows = await readFavorites(db, userId, part);
    for (const { isGone, ...row } of rows) if (!isGone) found.push(row);
    const last = rows.at(-1);
    if (last === undefined || rows.length < part.limit || found.length > page.limit)
      return found.slice(0, page.limit + 1);
    part = { ...part, limit: NEXT_PART, after: [last.createdAt, last.kind, last.id] };
  }
}

/** Reads the user's rows as a block of their own, and what the catalogue has of them, which may be nothing any more. */
async function readFavorites(
  db: Db,
  userId: string,
  { kind, limit, after, now }: Part,
): Promise<(FavoriteRow & { readonly isGone: boolean })[]> {
  const conditions: SQL[] = [
    sql`user_id = ${userId}::uuid`,
    ...(kind === undefined ? [] : [sql`kind = ${kind}`]),
    ...(after === null
      ? []
      : [
          sql`created_at <= ${after[0]}::timestamptz`,
          sql`(created_at < ${after[0]}::timestamptz or (kind, target_id) > (${after[1]}, ${after[2]}::uuid))`,
        ]),
  ];
  return await db.execute<FavoriteRow & { isGone: boolean } & Record<string, unknown>>(sql`
    select f.kind, f.target_id as "id", coalesce(p.barcode, f.barcode) as "barcode", ${isoInstant(sql`f.created_at`)} as "createdAt",
      p.id is null and f.barcode is null and s.id is null as "isGone",
      case when p.id is not null then json_build_object(
        'id', p.id, 'barcode', p.barcode, 'name', p.name, 'brand', p.brand, 'imageUrl', p.image_url,
        'additives', p.additives,
        'certifierId', p.certifier_id,
        'attribution', json_build_object('name', d.name, 'licence', d.licence, 'attribution', d.attribution, 'url', d.url)
      ) end as "product",
      case when p.id is not null then ${sql.raw(STORED_PRODUCT_JSON)} end as "stored",
      case when f.kind = 'product' then ${recallsOfBarcode(sql`coalesce(p.barcode, f.barcode)`, now)} else '[]' end as "recalls",
      case when s.id is not null then json_build_object(
        'id', s.id, 'name', s.name, 'storeType', s.store_type, 'address', s.address, 'city', s.city,
        'postalCode', s.postal_code, 'country', s.country, 'phone', s.phone, 'website', s.website,
        'imageUrl', s.image_url, 'latitude', s.latitude, 'longitude', s.longitude,
        'halalCertified', s.halal_certified, 'certifierId', s.certifier_id, 'averageRating', s.average_rating,
        'halalClaim', s.halal_claim, 'names', s.names
      ) end as "store"
    from (
      select kind, target_id, product_id, store_id, barcode, created_at from favorites
      where ${sql.join(conditions, sql` and `)}
      order by created_at desc, kind, target_id limit ${limit}
    ) as f
    left join products p on p.id = f.product_id or p.barcode = f.barcode
    left join data_sources d on d.id = p.source
    left join certifiers c on c.id = p.certifier_id
    left join stores s on s.id = f.store_id and s.removed_at is null
    order by f.created_at desc, f.kind, f.target_id`);
}

/**
 * Merges changes with those that were told before, in whatever order they come; tells of each what holds then.
 * No item may be among the changes twice. All in one statement, which holds up the user's other ones.
 * Units: `maximum` in favourites of this user.
 */
export async function changeFavorites(
  db: Db,
  userId: string,
  changes: readonly FavoriteChange[],
  maximum: number,
): Promise<ChangedFavorite[]> {
  return await db.execute<ChangedFavorite & Record<string, unknown>>(sql`
    select kind, id, barcode, target, is_known as "isKnown", was_favorite as "wasFavorite", is_favorite as "isFavorite",
      over_limit as "isOverLimit"
    from change_favorites(${userId}::uuid, ${JSON.stringify(changes)}::jsonb, ${maximum}::int)`);
}

/** All favourites of a user. */
export async function listRefs(db: Db, userId: string): Promise<RefsOutput["items"]> {
  return await db.execute<RefsOutput["items"][number] & Record<string, unknown>>(sql`
    select kind, target_id as "id", barcode from favorites where user_id = ${userId}::uuid`);
}
