import { sql } from "drizzle-orm";
import { customType, timestamp } from "drizzle-orm/pg-core";

/** PostGIS `geography(Point, 4326)`, read and written only inside SQL. */
export const geographyPoint = customType<{ data: string }>({
  dataType: () => "geography(Point, 4326)",
});

/** A UTC instant in milliseconds' precision, read as a Date. */
export const instant = (name: string) =>
  timestamp(name, { withTimezone: true, mode: "date", precision: 3 });

/** When a row was made and last changed; the database keeps `updated_at` by a trigger. */
export const lifecycle = {
  createdAt: instant("created_at").notNull().defaultNow(),
  updatedAt: instant("updated_at").notNull().defaultNow(),
};

/** SQL list literal of a closed vocabulary, for a check constraint. */
export const literals = (values: readonly string[]) =>
  sql.raw(values.map((value) => `'${value}'`).join(", "));
