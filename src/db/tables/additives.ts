import { sql } from "drizzle-orm";
import { boolean, check, index, jsonb, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { LANGUAGES, type Language } from "../../texts/language.ts";
import { lifecycle, literals } from "./columns.ts";
import { dataSources } from "./sources.ts";
import {
  ADDITIVE_ORIGINS,
  type AdditiveOrigin,
  DIET_ANSWERS,
  type DietAnswer,
  HALAL_STATUSES,
  type HalalStatus,
  type Madhab,
  MADHABS,
} from "./vocabulary.ts";

/** An explanation's own language (null: not known), and the same in others, by language. */
const explained = {
  explanationLanguage: text("explanation_language").$type<Language>(),
  explanationTexts: jsonb("explanation_texts")
    .$type<Partial<Record<Language, string>>>()
    .notNull()
    .default({}),
};

/** Food additives by E-number (`E471`, `E472a`, `E450i`). */
export const additives = pgTable(
  "additives",
  {
    code: text("code").primaryKey(),
    nameEn: text("name_en"),
    nameFr: text("name_fr"),
    nameAr: text("name_ar"),
    /** Functional class, such as `emulsifier`. */
    category: text("category"),
    origin: text("origin").$type<AdditiveOrigin>().notNull().default("unknown"),
    halalStatus: text("halal_status").$type<HalalStatus>().notNull().default("unknown"),
    explanation: text("explanation"),
    ...explained,
    /** The source of the status, a title or an address. */
    statusSource: text("status_source"),
    /** True when an admin set the status; imports then do not change it. */
    statusLocked: boolean("status_locked").notNull().default(false),
    vegan: text("vegan").$type<DietAnswer>(),
    vegetarian: text("vegetarian").$type<DietAnswer>(),
    /** The codes of the entries of which this one is a form. */
    parents: text("parents").array().notNull().default([]),
    source: text("source").references(() => dataSources.id),
    searchText: text("search_text")
      .notNull()
      .generatedAlwaysAs(
        sql`(normalize_text(code || ' ' || coalesce(name_en, '') || ' ' || coalesce(name_fr, '') || ' ' || coalesce(name_ar, '')))`,
      ),
    ...lifecycle,
  },
  (t) => [
    check("additives_code_form", sql`${t.code} ~ '^E[0-9]{3,4}[a-z]?[ivx]*$'`),
    check("additives_origin_known", sql`${t.origin} in (${literals(ADDITIVE_ORIGINS)})`),
    check("additives_halal_status_known", sql`${t.halalStatus} in (${literals(HALAL_STATUSES)})`),
    check(
      "additives_explanation_language_known",
      sql`${t.explanationLanguage} in (${literals(LANGUAGES)})`,
    ),
    check("additives_vegan_known", sql`${t.vegan} in (${literals(DIET_ANSWERS)})`),
    check("additives_vegetarian_known", sql`${t.vegetarian} in (${literals(DIET_ANSWERS)})`),
    index("additives_search_text_idx").using("gin", t.searchText.op("gin_trgm_ops")),
    index("additives_forms_idx").using("gin", sql`search_forms(${t.searchText})`),
  ],
);

/** Rulings of a school of law on an additive that differ from the default or explain it. */
export const additiveRulings = pgTable(
  "additive_rulings",
  {
    additiveCode: text("additive_code")
      .notNull()
      .references(() => additives.code, { onDelete: "cascade", onUpdate: "cascade" }),
    madhab: text("madhab").$type<Madhab>().notNull(),
    halalStatus: text("halal_status").$type<HalalStatus>().notNull(),
    explanation: text("explanation"),
    ...explained,
    source: text("source"),
  },
  (t) => [
    primaryKey({ columns: [t.additiveCode, t.madhab] }),
    check(
      "additive_rulings_explanation_language_known",
      sql`${t.explanationLanguage} in (${literals(LANGUAGES)})`,
    ),
    check("additive_rulings_madhab_known", sql`${t.madhab} in (${literals(MADHABS)})`),
    check(
      "additive_rulings_halal_status_known",
      sql`${t.halalStatus} in (${literals(HALAL_STATUSES)})`,
    ),
  ],
);
