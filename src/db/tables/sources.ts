import { pgTable, text } from "drizzle-orm/pg-core";
import { instant } from "./columns.ts";

/** Where rows came from and under which licence: the attribution a data licence asks for. */
export const dataSources = pgTable("data_sources", {
  id: text("id").primaryKey(),
  name: text("name").notNull(),
  licence: text("licence").notNull(),
  attribution: text("attribution").notNull(),
  url: text("url"),
  /** Last import that changed anything. */
  importedAt: instant("imported_at"),
});
