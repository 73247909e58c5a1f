import { sql } from "drizzle-orm";
import { char, check, index, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { instant, literals } from "./columns.ts";
import { stores } from "./stores.ts";
import { FAVORITE_KINDS, type FavoriteKind } from "./vocabulary.ts";

/**
 * What users saved. A product that nobody knows yet is saved by its barcode, and its `target_id` is made from that by
 * `barcode_favorite_id`; it stays so when the product becomes known.
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
    storeId: uuid("store_id")
      .generatedAlwaysAs(sql`(case when kind = 'store' then target_id end)`)
      .references(() => stores.id, { onDelete: "cascade" }),
    /** Canonical GTIN-14 of what was saved by it; null for what was saved by id. */
    barcode: char("barcode", { length: 14 }),
    createdAt: instant("created_at").notNull().defaultNow(),
    /** When it was last added, which decides against a removal that comes late; null: at `created_at`. */
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

/** What users saved no more: an older change that comes late does not bring it back. */
export const favoriteRemovals = pgTable(
  "favorite_removals",
  {
    userId: uuid("user_id").notNull(),
    kind: text("kind").$type<FavoriteKind>().notNull(),
    targetId: uuid("target_id").notNull(),
    /** By the phone's clock. */
    removedAt: instant("removed_at").notNull(),
    /** By the database's clock; from then on it is kept for six months. */
    recordedAt: instant("recorded_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.userId, t.kind, t.targetId] }),
    check("favorite_removals_kind_known", sql`${t.kind} in (${literals(FAVORITE_KINDS)})`),
    index("favorite_removals_user_id_recorded_at_idx").on(t.userId, t.recordedAt),
  ],
);
