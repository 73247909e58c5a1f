import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  customType,
  doublePrecision,
  index,
  pgTable,
  text,
} from "drizzle-orm/pg-core";
import { instant } from "./columns.ts";

const xid8 = customType<{ data: string }>({ dataType: () => "xid8" });

/**
 * The journal of writes, to which triggers add events in each write's own transaction.
 * Instances read it to find cached answers that are no longer valid; events are deleted after a few hours.
 */
export const cacheEvents = pgTable(
  "cache_events",
  {
    id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    /** The writing transaction, which the snapshot of an answer sees or does not see. */
    xid: xid8("xid")
      .notNull()
      .default(sql`pg_current_xact_id()`),
    at: instant("at")
      .notNull()
      .default(sql`clock_timestamp()`),
    /** `store`, `product`, `certifier`, `boycott`, `boycott_keys`, `additive`, `ruling`, `recall`, `source`, `app_config`, `flush` or `ended-below`. */
    topic: text("topic").notNull(),
    /** The changed row, or keys of changed rows; null for any row of the topic. */
    ref: text("ref"),
    latitude: doublePrecision("latitude"),
    longitude: doublePrecision("longitude"),
    storeType: text("store_type"),
    halalCertified: boolean("halal_certified"),
  },
  (t) => [index("cache_events_xid_idx").on(t.xid), index("cache_events_at_idx").on(t.at)],
);
