import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  real,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { certifiers } from "./certifiers.ts";
import { geographyPoint, instant, lifecycle, literals } from "./columns.ts";
import { dataSources } from "./sources.ts";
import { HALAL_CLAIMS, type HalalClaim, STORE_TYPES, type StoreType } from "./vocabulary.ts";

/**
 * Halal shops. The database derives `location` from `latitude` and `longitude`.
 * A removed store keeps its row (`removed_at`), because favourites refer to it.
 */
export const stores = pgTable(
  "stores",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    name: text("name").notNull(),
    description: text("description"),
    storeType: text("store_type").$type<StoreType>().notNull(),
    address: text("address"),
    city: text("city"),
    postalCode: text("postal_code"),
    /** ISO 3166-1 alpha-2. */
    country: text("country"),
    phone: text("phone"),
    website: text("website"),
    imageUrl: text("image_url"),
    latitude: doublePrecision("latitude").notNull(),
    longitude: doublePrecision("longitude").notNull(),
    location: geographyPoint("location")
      .notNull()
      .generatedAlwaysAs(sql`(ST_SetSRID(ST_MakePoint(longitude, latitude), 4326)::geography)`),
    halalCertified: boolean("halal_certified").notNull().default(false),
    certifierId: text("certifier_id").references(() => certifiers.id, { onDelete: "set null" }),
    /** 0–5. */
    averageRating: real("average_rating"),
    reviewCount: integer("review_count").notNull().default(0),
    /** OSM `opening_hours` syntax. */
    openingHours: text("opening_hours"),
    /** IANA name, such as `Europe/Paris`. */
    timeZone: text("time_zone").notNull(),
    /** The source's claim about halal food, such as OSM's `diet:halal`; a store with `no` is hidden. */
    halalClaim: text("halal_claim").$type<HalalClaim | "no">(),
    /** The name in other languages, by BCP 47 tag. */
    names: jsonb("names").$type<Readonly<Record<string, string>>>().notNull().default({}),
    /** Names without a language: brands, old, short and official names. */
    otherNames: text("other_names").array().notNull().default([]),
    source: text("source")
      .notNull()
      .references(() => dataSources.id),
    /** The source's own key, such as `node/123`. */
    sourceRef: text("source_ref"),
    /** All names, city and address, normalised; maintained by a trigger. */
    searchText: text("search_text").notNull().default(""),
    /** A `StoreSummary` as JSON but for the certifier's name, then what the entry of a cell keeps beside it. */
    summary: text("summary")
      .notNull()
      .generatedAlwaysAs(
        sql`(store_summary(id, name, latitude, longitude, store_type, halal_certified, address, city, postal_code, country, phone, website, image_url, certifier_id, average_rating, halal_claim, review_count, names, opening_hours, time_zone))`,
      ),
    removedAt: instant("removed_at"),
    /** True while the source reports that the store is closed or not halal. */
    hiddenBySource: boolean("hidden_by_source").notNull().default(false),
    ...lifecycle,
  },
  (t) => [
    check("stores_name_length", sql`length(${t.name}) between 1 and 200`),
    check("stores_type_known", sql`${t.storeType} in (${literals(STORE_TYPES)})`),
    check(
      "stores_halal_claim_known",
      sql`${t.halalClaim} in (${literals([...HALAL_CLAIMS, "no"])})`,
    ),
    check("stores_latitude_range", sql`${t.latitude} between -90 and 90`),
    check("stores_longitude_range", sql`${t.longitude} between -180 and 180`),
    check("stores_country_iso", sql`${t.country} ~ '^[A-Z]{2}$'`),
    check("stores_rating_range", sql`${t.averageRating} between 0 and 5`),
    check("stores_review_count_range", sql`${t.reviewCount} >= 0`),
    check(
      "stores_text_lengths",
      sql`octet_length(concat(${t.description}, ${t.address}, ${t.city}, ${t.postalCode}, ${t.phone}, ${t.website}, ${t.imageUrl}, ${t.openingHours}, ${t.timeZone})) <= 16000`,
    ),
    uniqueIndex("stores_source_ref_key").on(t.source, t.sourceRef),
    index("stores_location_idx")
      .using("gist", t.location)
      .where(sql`removed_at is null`),
    index("stores_certifier_id_idx").on(t.certifierId),
  ],
);

/**
 * The words of all stores' `search_text`, among which a search finds the correct form of a misspelled word.
 * A trigger adds words. A word may occur twice, because writers do not wait for each other, and stays when no store has
 * it any more.
 */
export const storeWords = pgTable("store_words", { word: text("word").notNull() }, (t) => [
  index("store_words_word_idx").on(t.word),
]);
