import { pgTable, text } from "drizzle-orm/pg-core";
import { instant } from "./columns.ts";

/** The sources of rows, with their licences and the attribution that a licence requires. */
export const dataSources = pgTable("data_sources", {
  id: text("id").primaryKey(),
  name: text("name").notNull(),
  licence: text("licence").notNull(),
  attribution: text("attribution").notNull(),
  url: text("url"),
  /** The time of the last import that changed rows. */
  importedAt: instant("imported_at"),
});
