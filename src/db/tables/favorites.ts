import { sql } from "drizzle-orm";
import { check, index, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { instant, literals } from "./columns.ts";
import { products } from "./products.ts";
import { stores } from "./stores.ts";
import { FAVORITE_KINDS, type FavoriteKind } from "./vocabulary.ts";

/** What users saved. The two derived columns let the database check the reference of either kind. */
export const favorites = pgTable(
  "favorites",
  {
    userId: uuid("user_id").notNull(),
    kind: text("kind").$type<FavoriteKind>().notNull(),
    targetId: uuid("target_id").notNull(),
    productId: uuid("product_id")
      .generatedAlwaysAs(sql`(case when kind = 'product' then target_id end)`)
      .references(() => products.id, { onDelete: "cascade" }),
    storeId: uuid("store_id")
      .generatedAlwaysAs(sql`(case when kind = 'store' then target_id end)`)
      .references(() => stores.id, { onDelete: "cascade" }),
    createdAt: instant("created_at").notNull().defaultNow(),
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
