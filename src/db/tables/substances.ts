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
    /** The ids of the substances of which this one is a kind, nearest first; an id need not have a row. */
    parents: text("parents").array().notNull().default([]),
    kind: text("kind").$type<SubstanceKind>(),
    /** The E-number that the substance's words name. */
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

/** The names of a substance on labels, by language and by source. */
export const substanceWords = pgTable(
  "substance_words",
  {
    substance: text("substance")
      .notNull()
      .references(() => substances.id, { onDelete: "cascade" }),
    /** ISO 639-1. */
    language: text("language").notNull(),
    /** The names as labels print them; the reader folds case, accents and letter forms. */
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
 * Rulings of authorities on a substance, in general (`madhab` null) or for one school; descendants inherit them.
 * No foreign key, because a ruling may be loaded before the words of its substance.
 */
export const substanceRulings = pgTable(
  "substance_rulings",
  {
    substance: text("substance").notNull(),
    madhab: text("madhab").$type<Madhab>(),
    halalStatus: text("halal_status").$type<HalalStatus>().notNull(),
    /** How certain it is that the source says this. Units: 0–1. */
    confidence: doublePrecision("confidence").notNull(),
    /** The code of the reason, such as `slaughter_unknown`. */
    reasonCode: text("reason_code").notNull(),
    /** The authority that gave the ruling. */
    sourceName: text("source_name").notNull(),
    /** The place in the source: an address, a verse or a number. */
    sourceRef: text("source_ref"),
    note: text("note"),
    /** True for an admin's row, which neither an import nor a start changes. */
    isLocked: boolean("is_locked").notNull().default(false),
    /** The source that provided the row; `own` for the defaults of this program. */
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
 * One row with the versions of the lexicon and of the data behind verdicts, which each analysed product refers to.
 * Triggers increment the versions; a start compares `own_content` with the files of this program.
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
