import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { LANGUAGES, type Language } from "../../texts/language.ts";
import { instant, lifecycle, literals } from "./columns.ts";
import { dataSources } from "./sources.ts";
import { ALERT_SEVERITIES, type AlertSeverity } from "./vocabulary.ts";

/** An alert's words in one language. */
export interface AlertText {
  readonly title: string;
  readonly summary: string;
  readonly content?: string | null | undefined;
  readonly risk?: string | null | undefined;
  readonly whatToDo?: string | null | undefined;
}

/** An alert in other languages than its own. */
export type AlertTexts = Readonly<Partial<Record<Language, AlertText>>>;

/**
 * Recalls and warnings; a retracted alert is inactive and keeps its row.
 * An alert with `recall_barcodes` is a recall; their index is in `migrations/`.
 */
export const alerts = pgTable(
  "alerts",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    /** The language in which it was written; null when nobody said. */
    language: text("language").$type<Language>(),
    /** The same in other languages. */
    texts: jsonb("texts").$type<AlertTexts>().notNull().default({}),
    title: text("title").notNull(),
    summary: text("summary").notNull(),
    content: text("content"),
    severity: text("severity").$type<AlertSeverity>().notNull(),
    category: text("category").notNull(),
    imageUrl: text("image_url"),
    sourceUrl: text("source_url"),
    publishedAt: instant("published_at").notNull().defaultNow(),
    expiresAt: instant("expires_at"),
    isActive: boolean("is_active").notNull().default(true),
    /** True for an imported alert that waits for an administrator's approval. */
    isHeld: boolean("is_held").notNull().default(false),
    /** True when an administrator has changed the alert; imports then do not change it. */
    isLocked: boolean("is_locked").notNull().default(false),
    /** The recalled products; null for an alert that is not a recall. Units: canonical GTIN-14. */
    recallBarcodes: text("recall_barcodes").array(),
    recallLots: text("recall_lots").array(),
    recallBrand: text("recall_brand"),
    recallRisk: text("recall_risk"),
    recallWhatToDo: text("recall_what_to_do"),
    /** ISO 3166-1 alpha-2. */
    recallCountries: text("recall_countries").array(),
    source: text("source").references(() => dataSources.id),
    /** The source's own key, such as a recall's number. */
    sourceRef: text("source_ref"),
    /** The version of the record at its source, if the source has versions. */
    sourceVersion: integer("source_version"),
    ...lifecycle,
  },
  (t) => [
    check("alerts_language_known", sql`${t.language} in (${literals(LANGUAGES)})`),
    check("alerts_texts_of_others", sql`not jsonb_exists(${t.texts}, ${t.language})`),
    check("alerts_title_length", sql`length(${t.title}) between 1 and 200`),
    check("alerts_severity_known", sql`${t.severity} in (${literals(ALERT_SEVERITIES)})`),
    check("alerts_expiry_after_publication", sql`${t.expiresAt} > ${t.publishedAt}`),
    check("alerts_held_is_inactive", sql`not (${t.isHeld} and ${t.isActive})`),
    check(
      "alerts_recall_whole",
      sql`(${t.recallBarcodes} is null) = (${t.recallLots} is null) and (${t.recallBarcodes} is null) = (${t.recallCountries} is null)
        and (${t.recallBarcodes} is not null or coalesce(${t.recallBrand}, ${t.recallRisk}, ${t.recallWhatToDo}) is null)`,
    ),
    check("alerts_recall_size", sql`cardinality(${t.recallBarcodes}) <= 1000`),
    uniqueIndex("alerts_source_ref_key").on(t.source, t.sourceRef),
  ],
);

/** The alerts that users have read. */
export const alertReads = pgTable(
  "alert_reads",
  {
    userId: uuid("user_id").notNull(),
    /** No foreign key, because users' tables refer to no other table; a job deletes reads of alerts that are gone. */
    alertId: uuid("alert_id").notNull(),
    readAt: instant("read_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.userId, t.alertId] }),
    index("alert_reads_alert_id_idx").on(t.alertId),
  ],
);
