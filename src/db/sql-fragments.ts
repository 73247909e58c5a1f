import { type SQL, sql } from "drizzle-orm";

/** Formats an instant for the wire. Units: ISO 8601, UTC, milliseconds. */
export function isoInstant(column: SQL): SQL {
  return sql`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

/**
 * Returns a `select` that takes the user's lock until the transaction ends, because two writes of many rows of one user
 * could deadlock. Run alone, the statement waits for such writes to end.
 */
export function userLock(userId: string): SQL {
  return sql`select pg_advisory_xact_lock(hashtextextended(${userId}::text, 0))`;
}

/** Returns an array of texts; they go out as JSON, because the client knows no types of arrays. */
export function textArray(texts: readonly string[]): SQL {
  return sql`array(select jsonb_array_elements_text(${JSON.stringify(texts)}::jsonb))`;
}
