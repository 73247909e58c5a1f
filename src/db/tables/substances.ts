import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  doublePrecision,
  integer,
  pgTable,
  primaryKey,
  text,
  unique,
} from "drizzle-orm/pg-core";
import { instant, lifecycle, literals } from "./columns.ts";
import { dataSources } from "./sources.ts";
import {
  DIET_ANSWERS,
  type DietAnswer,
  HALAL_STATUSES,
  type HalalStatus,
  type Madhab,
  MADHABS,
  PHRASE_ROLES,
  type PhraseRole,
  SUBSTANCE_KINDS,
  type SubstanceKind,
} from "./vocabulary.ts";

/** Substances that ingredient lists name, such as `en:pork-gelatin`. */
export const substances = pgTable(
  "substances",
  {
    id: text("id").primaryKey(),
    /** Ids of what it is a kind of, nearest first; not all of them need a row. */
    parents: text("parents").array().notNull().default([]),
    kind: text("kind").$type<SubstanceKind>(),
    /** The E-number that its words name. */
    additive: text("additive"),
    vegan: text("vegan").$type<DietAnswer>(),
    vegetarian: text("vegetarian").$type<DietAnswer>(),
    source: text("source")
      .notNull()
      .references(() => dataSources.id),
  },
  (t) => [
    check("substances_id_form", sql`${t.id} ~ '^[a-z]{1,3}:.' and octet_length(${t.id}) <= 300`),
    check("substances_kind_known", sql`${t.kind} in (${literals(SUBSTANCE_KINDS)})`),
    check("substances_vegan_known", sql`${t.vegan} in (${literals(DIET_ANSWERS)})`),
    check("substances_vegetarian_known", sql`${t.vegetarian} in (${literals(DIET_ANSWERS)})`),
  ],
);

/** What labels call a substance, by language and by who says so. */
export const substanceWords = pgTable(
  "substance_words",
  {
    substance: text("substance")
      .notNull()
      .references(() => substances.id, { onDelete: "cascade" }),
    /** ISO 639-1. */
    language: text("language").notNull(),
    /** As labels print them; the reader folds case, accents and letter forms. */
    words: text("words").array().notNull(),
    source: text("source")
      .notNull()
      .references(() => dataSources.id),
  },
  (t) => [
    primaryKey({ columns: [t.substance, t.language, t.source] }),
    check("substance_words_language_form", sql`${t.language} ~ '^[a-z]{2,3}$'`),
  ],
);

/** Words of ingredient lists that name no substance. */
export const lexiconPhrases = pgTable(
  "lexicon_phrases",
  {
    role: text("role").$type<PhraseRole>().notNull(),
    language: text("language").notNull(),
    words: text("words").array().notNull(),
    source: text("source")
      .notNull()
      .references(() => dataSources.id),
  },
  (t) => [
    primaryKey({ columns: [t.role, t.language, t.source] }),
    check("lexicon_phrases_role_known", sql`${t.role} in (${literals(PHRASE_ROLES)})`),
  ],
);

/**
 * What authorities say of a substance, for everybody (`madhab` null) or for one school; what descends from it inherits it.
 * No foreign key: a ruling may be there before the words of its substance.
 */
export const substanceRulings = pgTable(
  "substance_rulings",
  {
    substance: text("substance").notNull(),
    madhab: text("madhab").$type<Madhab>(),
    halalStatus: text("halal_status").$type<HalalStatus>().notNull(),
    /** How sure it is that this is a fair report. Units: 0–1. */
    confidence: doublePrecision("confidence").notNull(),
    /** Why, such as `slaughter_unknown`. */
    reasonCode: text("reason_code").notNull(),
    /** Who says so. */
    sourceName: text("source_name").notNull(),
    /** Where: an address, a verse, a number. */
    sourceRef: text("source_ref"),
    note: text("note"),
    /** Set for an admin's row: neither an import nor a start changes it. */
    isLocked: boolean("is_locked").notNull().default(false),
    /** Whose row it is: `own` for the defaults of this program. */
    source: text("source")
      .notNull()
      .references(() => dataSources.id),
    ...lifecycle,
  },
  (t) => [
    unique("substance_rulings_substance_madhab_key").on(t.substance, t.madhab).nullsNotDistinct(),
    check("substance_rulings_substance_form", sql`${t.substance} ~ '^[a-z]{1,3}:.'`),
    check("substance_rulings_madhab_known", sql`${t.madhab} in (${literals(MADHABS)})`),
    check(
      "substance_rulings_halal_status_known",
      sql`${t.halalStatus} in (${literals(HALAL_STATUSES)})`,
    ),
    check("substance_rulings_confidence_range", sql`${t.confidence} between 0 and 1`),
    check("substance_rulings_source_named", sql`${t.sourceName} ~ '\\S'`),
  ],
);

/**
 * One row: how often the lexicon and what verdicts rest on were changed, so that products know what they were read with.
 * Triggers count; a start compares `own_content` with the files of this program.
 */
export const analysisState = pgTable(
  "analysis_state",
  {
    isOnly: boolean("is_only").primaryKey().default(true),
    lexiconVersion: integer("lexicon_version").notNull().default(1),
    rulingsVersion: integer("rulings_version").notNull().default(1),
    /** Hash of the shipped lexicon and rulings that were loaded last. */
    ownContent: text("own_content"),
    loadedAt: instant("loaded_at"),
  },
  (t) => [check("analysis_state_is_only", sql`${t.isOnly}`)],
);
