import { sql } from "drizzle-orm";
import { boolean, check, index, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { lifecycle, literals } from "./columns.ts";
import { dataSources } from "./sources.ts";
import { BOYCOTT_LEVELS, type BoycottLevel } from "./vocabulary.ts";

/** Companies that a boycott campaign names; the two keys are normalised for look-up. */
export const boycottTargets = pgTable(
  "boycott_targets",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    companyName: text("company_name").notNull(),
    brands: text("brands").array().notNull().default([]),
    parentCompany: text("parent_company"),
    level: text("level").$type<BoycottLevel>().notNull(),
    reasons: text("reasons").array().notNull().default([]),
    sourceUrl: text("source_url"),
    /** GS1 company prefixes of the company's barcodes; a hint, never a proof. */
    gtinPrefixes: text("gtin_prefixes").array().notNull().default([]),
    active: boolean("active").notNull().default(true),
    /** Two targets with the same key are the same company. */
    companyKey: text("company_key")
      .notNull()
      .generatedAlwaysAs(sql`(coalesce(nullif(brand_key(company_name), ''), company_name))`),
    /** Keys of the target's names; a brand matches a target when their keys have one in common. */
    matchKeys: text("match_keys")
      .array()
      .notNull()
      .generatedAlwaysAs(
        sql`(normalize_texts(brands || array[company_name] || array_remove(array[parent_company], null)))`,
      ),
    source: text("source").references(() => dataSources.id),
    ...lifecycle,
  },
  (t) => [
    check("boycott_targets_company_name_length", sql`length(${t.companyName}) between 1 and 200`),
    check("boycott_targets_level_known", sql`${t.level} in (${literals(BOYCOTT_LEVELS)})`),
    uniqueIndex("boycott_targets_company_key_key").on(t.companyKey),
    index("boycott_targets_match_keys_idx")
      .using("gin", t.matchKeys)
      .where(sql`active`),
    index("boycott_targets_gtin_prefixes_idx")
      .using("gin", t.gtinPrefixes)
      .where(sql`active`),
  ],
);
