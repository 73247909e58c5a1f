import { sql } from "drizzle-orm";
import {
  char,
  check,
  doublePrecision,
  index,
  jsonb,
  pgTable,
  text,
  uuid,
} from "drizzle-orm/pg-core";
import { certifiers } from "./certifiers.ts";
import { lifecycle, literals } from "./columns.ts";
import { dataSources } from "./sources.ts";
import { HALAL_STATUSES, type HalalStatus } from "./vocabulary.ts";

/** One reason behind a verdict, and who says so. */
export interface VerdictReason {
  readonly code: string;
  readonly message: string;
  readonly source: string;
}

/**
 * Packaged products by canonical GTIN-14.
 * Their uniqueness is the covering index in `migrations/`, which also makes the barcode look-up index-only.
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
    labels: text("labels").array().notNull().default([]),
    certifierId: text("certifier_id").references(() => certifiers.id, { onDelete: "set null" }),
    source: text("source")
      .notNull()
      .references(() => dataSources.id),
    ...lifecycle,
  },
  (t) => [
    check("products_barcode_gtin14", sql`${t.barcode} ~ '^[0-9]{14}$'`),
    check("products_halal_status_known", sql`${t.halalStatus} in (${literals(HALAL_STATUSES)})`),
    check("products_confidence_range", sql`${t.confidenceScore} between 0 and 1`),
    // The covering index holds these; a B-tree entry is limited to about 2,700 bytes.
    check(
      "products_covered_lengths",
      sql`octet_length(concat(${t.name}, ${t.brand}, ${t.imageUrl})) <= 2400`,
    ),
    index("products_certifier_id_idx")
      .on(t.certifierId)
      .where(sql`certifier_id is not null`),
  ],
);
