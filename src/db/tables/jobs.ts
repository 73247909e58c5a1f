import { customType, integer, pgTable, text } from "drizzle-orm/pg-core";
import { instant } from "./columns.ts";

const pgSnapshot = customType<{ data: string }>({ dataType: () => "pg_snapshot" });

/** How far each durable consumer of the journal is: which transactions its effects take into account. */
export const journalConsumers = pgTable("journal_consumers", {
  name: text("name").primaryKey(),
  /** Which database and timeline the snapshot is of. */
  databaseId: text("database_id").notNull(),
  /** Not the highest id: ids are given before their transactions commit. */
  seen: pgSnapshot("seen").notNull(),
  /** When `seen` was taken; lines older than the journal keeps may be gone since. */
  seenAt: instant("seen_at").notNull(),
  /** The process whose turn it is, where effects lie outside the database. */
  holder: text("holder"),
  /** When its turn ends unless it is renewed. */
  heldUntil: instant("held_until"),
});

/** Feeds of recalls that the worker fetches, as their last fetches left them. */
export const recallFeeds = pgTable("recall_feeds", {
  url: text("url").primaryKey(),
  /** Of the edition that was imported last, so that the same one is not sent again. */
  etag: text("etag"),
  lastModified: text("last_modified"),
  /** In a row, since the last success. */
  failures: integer("failures").notNull().default(0),
  lastError: text("last_error"),
  /** Not asked before. */
  nextAt: instant("next_at").notNull().defaultNow(),
  succeededAt: instant("succeeded_at"),
});
