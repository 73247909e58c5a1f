import { sql } from "drizzle-orm";
import { customType, timestamp } from "drizzle-orm/pg-core";

/** A column of type `geography(Point, 4326)`, read and written only inside SQL. */
export const geographyPoint = customType<{ data: string }>({
  dataType: () => "geography(Point, 4326)",
});

/** A column with a UTC instant, read as a Date. Units: milliseconds. */
export const instant = (name: string) =>
  timestamp(name, { withTimezone: true, mode: "date", precision: 3 });

/** When a row was created and last changed; a trigger maintains `updated_at`. */
export const lifecycle = {
  createdAt: instant("created_at").notNull().defaultNow(),
  updatedAt: instant("updated_at").notNull().defaultNow(),
};

/** Returns the SQL list of a closed vocabulary, for a check constraint. */
export const literals = (values: readonly string[]) =>
  sql.raw(values.map((value) => `'${value}'`).join(", "));
