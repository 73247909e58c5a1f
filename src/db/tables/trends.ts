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

/** A set of users as bits; the SQL function `user_bit` returns a user's bit, and `estimate_users` counts users. */
const userBits = customType<{ data: string }>({ dataType: () => "bit(1024)" });

/** The anonymous set of users who scanned a product on a day in a coarse cell. */
export const scanRollups = pgTable(
  "scan_rollups",
  {
    /** The day on which the scans were recorded. Units: UTC. */
    day: date("day").notNull(),
    /** A geohash of five characters, or an empty string for the whole world. */
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

/** Days that are completely rolled up. */
export const scanRollupDays = pgTable("scan_rollup_days", {
  day: date("day").primaryKey(),
  rolledAt: instant("rolled_at").notNull().defaultNow(),
});

/** One row with the secret from which users' bits and the noise of trends are derived. */
export const trendSeed = pgTable("trend_seed", {
  seed: bigint("seed", { mode: "bigint" }).notNull(),
});
