import { type SQL, sql } from "drizzle-orm";

/** Formats an instant for the wire. Units: ISO 8601, UTC, milliseconds. */
export function isoInstant(column: SQL): SQL {
  return sql`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

/** Returns an array of texts; they go out as JSON, because the client knows no types of arrays. */
export function textArray(texts: readonly string[]): SQL {
  return sql`array(select jsonb_array_elements_text(${JSON.stringify(texts)}::jsonb))`;
}
