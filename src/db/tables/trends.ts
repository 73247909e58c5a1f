import { sql } from "drizzle-orm";
import {
  bigint,
  char,
  customType,
  date,
  pgTable,
  primaryKey,
  smallint,
  text,
} from "drizzle-orm/pg-core";
import { instant } from "./columns.ts";

/** A set of users, of which each is one bit; SQL's `user_bit` makes them, and `estimate_users` counts them. */
const userBits = customType<{ data: string }>({ dataType: () => "bit(1024)" });

/** Who scanned a product on a day in a coarse cell, as a set that names nobody. */
export const scanRollups = pgTable(
  "scan_rollups",
  {
    /** When the scans were recorded. Units: a day in UTC. */
    day: date("day").notNull(),
    /** A geohash of five characters; empty: everywhere. */
    cell5: text("cell5").notNull(),
    /** Canonical GTIN-14. */
    barcode: char("barcode", { length: 14 }).notNull(),
    users: userBits("users").notNull(),
    /** At least so many users: two of them may have one bit. */
    certain: smallint("certain")
      .notNull()
      .generatedAlwaysAs(sql`bit_count("users")::smallint`),
  },
  (t) => [primaryKey({ columns: [t.day, t.cell5, t.barcode] })],
);

/** Days that are rolled up to their end. */
export const scanRollupDays = pgTable("scan_rollup_days", {
  day: date("day").primaryKey(),
  rolledAt: instant("rolled_at").notNull().defaultNow(),
});

/** One row: the secret behind users' bits and the noise of trends. */
export const trendSeed = pgTable("trend_seed", {
  seed: bigint("seed", { mode: "bigint" }).notNull(),
});
