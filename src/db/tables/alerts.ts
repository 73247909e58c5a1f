import { sql } from "drizzle-orm";
import { boolean, check, index, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { instant, lifecycle, literals } from "./columns.ts";
import { ALERT_SEVERITIES, type AlertSeverity } from "./vocabulary.ts";

/** Recalls and warnings; a retracted alert is inactive and keeps its row. */
export const alerts = pgTable(
  "alerts",
  {
    id: uuid("id").primaryKey().defaultRandom(),
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
    ...lifecycle,
  },
  (t) => [
    check("alerts_title_length", sql`length(${t.title}) between 1 and 200`),
    check("alerts_severity_known", sql`${t.severity} in (${literals(ALERT_SEVERITIES)})`),
    check("alerts_expiry_after_publication", sql`${t.expiresAt} > ${t.publishedAt}`),
  ],
);

/** The alerts that users have read. */
export const alertReads = pgTable(
  "alert_reads",
  {
    userId: uuid("user_id").notNull(),
    alertId: uuid("alert_id")
      .notNull()
      .references(() => alerts.id, { onDelete: "cascade" }),
    readAt: instant("read_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.userId, t.alertId] }),
    index("alert_reads_alert_id_idx").on(t.alertId),
  ],
);
