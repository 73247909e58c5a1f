import { type SQL, sql } from "drizzle-orm";

/** An instant as the wire has it. Units: ISO 8601, UTC, milliseconds. */
export function isoInstant(column: SQL): SQL {
  return sql`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

/**
 * A `select` that holds up the user's other writes of many rows until its transaction ends: no two can deadlock.
 * As a statement of its own it waits for those that are running.
 */
export function userLock(userId: string): SQL {
  return sql`select pg_advisory_xact_lock(hashtextextended(${userId}::text, 0))`;
}
