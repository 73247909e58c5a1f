import { sql } from "drizzle-orm";
import { check, index, integer, jsonb, pgTable, text } from "drizzle-orm/pg-core";
import { lifecycle } from "./columns.ts";
import { dataSources } from "./sources.ts";

/** One reason behind a certifier's trust score. */
export interface TrustCriterion {
  readonly criterion: string;
  readonly met: boolean;
  readonly points: number;
}

/** Bodies that certify shops and products as halal; `id` is a slug such as `avs`. */
export const certifiers = pgTable(
  "certifiers",
  {
    id: text("id").primaryKey(),
    name: text("name").notNull(),
    /** ISO 3166-1 alpha-2. */
    country: text("country").notNull(),
    website: text("website"),
    /** 0–100. */
    trustScore: integer("trust_score").notNull().default(50),
    trustCriteria: jsonb("trust_criteria").$type<TrustCriterion[]>().notNull().default([]),
    /** Label tags of Open Food Facts that name this certifier, such as `en:halal-avs`. */
    labelTags: text("label_tags").array().notNull().default([]),
    source: text("source").references(() => dataSources.id),
    ...lifecycle,
  },
  (t) => [
    check(
      "certifiers_id_slug",
      sql`${t.id} ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(${t.id}) <= 64`,
    ),
    check("certifiers_name_length", sql`length(${t.name}) between 1 and 200`),
    check("certifiers_country_iso", sql`${t.country} ~ '^[A-Z]{2}$'`),
    check("certifiers_trust_score_range", sql`${t.trustScore} between 0 and 100`),
    index("certifiers_trust_score_idx").on(t.trustScore.desc(), t.id),
  ],
);
