import { sql } from "drizzle-orm";
import { char, check, index, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { instant, literals } from "./columns.ts";
import { FAVORITE_KINDS, type FavoriteKind } from "./vocabulary.ts";

/**
 * Products and stores that users saved. A product that is not known yet is saved by its barcode; `barcode_favorite_id`
 * makes its `target_id` from the barcode, and the row stays so when the product becomes known. No foreign key, because
 * users' tables refer to no other table: a job deletes favourites whose product or store is gone.
 */
export const favorites = pgTable(
  "favorites",
  {
    userId: uuid("user_id").notNull(),
    kind: text("kind").$type<FavoriteKind>().notNull(),
    targetId: uuid("target_id").notNull(),
    productId: uuid("product_id").generatedAlwaysAs(
      sql`(case when kind = 'product' then target_id end)`,
    ),
    storeId: uuid("store_id").generatedAlwaysAs(sql`(case when kind = 'store' then target_id end)`),
    /** The barcode of a product that was saved by barcode; else null. Units: canonical GTIN-14. */
    barcode: char("barcode", { length: 14 }),
    createdAt: instant("created_at").notNull().defaultNow(),
    /** When the favourite was last added, to compare with removals that arrive late; null means `created_at`. */
    lastAddedAt: instant("last_added_at"),
  },
  (t) => [
    primaryKey({ columns: [t.userId, t.kind, t.targetId] }),
    check("favorites_kind_known", sql`${t.kind} in (${literals(FAVORITE_KINDS)})`),
    index("favorites_product_id_idx")
      .on(t.productId)
      .where(sql`product_id is not null`),
    index("favorites_store_id_idx")
      .on(t.storeId)
      .where(sql`store_id is not null`),
  ],
);

/** Removed favourites; an older change that arrives late does not restore one. */
export const favoriteRemovals = pgTable(
  "favorite_removals",
  {
    userId: uuid("user_id").notNull(),
    kind: text("kind").$type<FavoriteKind>().notNull(),
    targetId: uuid("target_id").notNull(),
    /** When the user removed the favourite, by the phone's clock. */
    removedAt: instant("removed_at").notNull(),
    /** When the removal was recorded, by the database's clock; the row is kept for six months. */
    recordedAt: instant("recorded_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.userId, t.kind, t.targetId] }),
    check("favorite_removals_kind_known", sql`${t.kind} in (${literals(FAVORITE_KINDS)})`),
    index("favorite_removals_user_id_recorded_at_idx").on(t.userId, t.recordedAt),
  ],
);
