import { sql } from "drizzle-orm";
import {
  boolean,
  char,
  check,
  customType,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { instant, lifecycle, literals } from "./columns.ts";
import { REPORT_KINDS, REPORT_STATES, type ReportKind, type ReportState } from "./vocabulary.ts";

const bytea = customType<{ data: Buffer }>({ dataType: () => "bytea" });

/** Cases that group the reports of one kind about one product or store; an administrator decides each case once. */
export const reportCases = pgTable(
  "report_cases",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    kind: text("kind").$type<ReportKind>().notNull(),
    /** Canonical GTIN-14. */
    barcode: char("barcode", { length: 14 }),
    storeId: uuid("store_id"),
    state: text("state").$type<ReportState>().notNull().default("open"),
    /** The number of reports; a decision names it, because new reports may arrive meanwhile. */
    revision: integer("revision").notNull().default(1),
    /** The administrator's message to the reporters. */
    note: text("note"),
    resolvedBy: uuid("resolved_by"),
    resolvedAt: instant("resolved_at"),
    ...lifecycle,
  },
  (t) => [
    check("report_cases_kind_known", sql`${t.kind} in (${literals(REPORT_KINDS)})`),
    check("report_cases_state_known", sql`${t.state} in (${literals(REPORT_STATES)})`),
    check("report_cases_one_target", sql`(${t.barcode} is null) <> (${t.storeId} is null)`),
    check("report_cases_barcode_gtin14", sql`${t.barcode} ~ '^[0-9]{14}$'`),
    uniqueIndex("report_cases_open_product_key")
      .on(t.barcode, t.kind)
      .where(sql`state = 'open' and barcode is not null`),
    uniqueIndex("report_cases_open_store_key")
      .on(t.storeId, t.kind)
      .where(sql`state = 'open' and store_id is not null`),
    index("report_cases_state_created_at_idx").on(t.state, t.createdAt, t.id),
  ],
);

/** Reports of users and guests; the owner of a guest's report is the id in the guest's token. */
export const reports = pgTable(
  "reports",
  {
    userId: uuid("user_id").notNull(),
    /** Created by the phone, which can then send the report again. */
    id: uuid("id").notNull(),
    isGuest: boolean("is_guest").notNull(),
    /** The case; no foreign key, because users' tables refer to no other table. */
    caseId: uuid("case_id").notNull(),
    kind: text("kind").$type<ReportKind>().notNull(),
    barcode: char("barcode", { length: 14 }),
    storeId: uuid("store_id"),
    text: text("text"),
    proposed: jsonb("proposed").$type<Record<string, unknown>>(),
    createdAt: instant("created_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.userId, t.id] }),
    check("reports_kind_known", sql`${t.kind} in (${literals(REPORT_KINDS)})`),
    check("reports_text_length", sql`length(${t.text}) between 1 and 2000`),
    index("reports_case_id_idx").on(t.caseId),
    index("reports_user_id_created_at_idx").on(t.userId, t.createdAt, t.id),
  ],
);

/** Keys for tokens that this service issues; created by a migration and shared by all instances. */
export const signingSecrets = pgTable("signing_secrets", {
  name: text("name").primaryKey(),
  secret: bytea("secret").notNull(),
});
