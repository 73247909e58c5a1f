import { sql } from "drizzle-orm";
import {
  boolean,
  char,
  check,
  doublePrecision,
  index,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uuid,
} from "drizzle-orm/pg-core";
import { instant, literals } from "./columns.ts";
import type { VerdictReason } from "./products.ts";
import {
  HALAL_STATUSES,
  type HalalStatus,
  type Madhab,
  MADHABS,
  VERDICT_BASES,
  type VerdictBasis,
} from "./vocabulary.ts";

/** A verdict's status and confidence for each school. */
export type VerdictBySchool = Readonly<
  Record<Madhab, { readonly halalStatus: HalalStatus; readonly confidence: number }>
>;

/**
 * Scans of users, with the verdict that was shown.
 * The key begins with the user, because phones create the ids and the table can be partitioned by user.
 */
export const scans = pgTable(
  "scans",
  {
    userId: uuid("user_id").notNull(),
    id: uuid("id").notNull(),
    /** Canonical GTIN-14; no foreign key, because phones also scan unknown products. */
    barcode: char("barcode", { length: 14 }).notNull(),
    scannedAt: instant("scanned_at").notNull(),
    recordedAt: instant("recorded_at").notNull().defaultNow(),
    latitude: doublePrecision("latitude"),
    longitude: doublePrecision("longitude"),
    /** False when the position was rounded to a geohash of five characters, because the scan is old. */
    positionIsExact: boolean("position_is_exact").notNull().default(true),
    halalStatus: text("halal_status").$type<HalalStatus>().notNull(),
    confidence: doublePrecision("confidence").notNull(),
    reasons: jsonb("reasons").$type<VerdictReason[]>().notNull().default([]),
    basis: text("basis").$type<VerdictBasis>().notNull().default("none"),
    /** The requested school; null for the general rulings. */
    madhab: text("madhab").$type<Madhab>(),
    /** Null in rows that are older than this column. */
    bySchool: jsonb("by_school").$type<VerdictBySchool>(),
  },
  (t) => [
    primaryKey({ columns: [t.userId, t.id] }),
    check("scans_barcode_gtin14", sql`${t.barcode} ~ '^[0-9]{14}$'`),
    check("scans_halal_status_known", sql`${t.halalStatus} in (${literals(HALAL_STATUSES)})`),
    check("scans_confidence_range", sql`${t.confidence} between 0 and 1`),
    check("scans_basis_known", sql`${t.basis} in (${literals(VERDICT_BASES)})`),
    check("scans_madhab_known", sql`${t.madhab} in (${literals(MADHABS)})`),
    check("scans_latitude_range", sql`${t.latitude} between -90 and 90`),
    check("scans_longitude_range", sql`${t.longitude} between -180 and 180`),
    check("scans_position_whole", sql`(${t.latitude} is null) = (${t.longitude} is null)`),
  ],
);

/** Scans that users removed; a scan that a phone sends again is not restored. */
export const scanRemovals = pgTable(
  "scan_removals",
  {
    userId: uuid("user_id").notNull(),
    id: uuid("id").notNull(),
    /** When the scan was removed; the row is kept for six months. */
    removedAt: instant("removed_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.userId, t.id] }),
    index("scan_removals_user_id_removed_at_idx").on(t.userId, t.removedAt),
  ],
);
