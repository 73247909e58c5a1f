import { sql } from "drizzle-orm";
import type { Db } from "../../db/client/database.ts";

/** Messages of one request. Source: Expo's documentation of the push service. */
export const BATCH_MAX = 100;
/**
 * How far apart batches begin, over all workers. Expo takes 600 messages in a second: with six batches of 100 exactly a
 * second apart, a batch that arrives late and one in time would be seven.
 * Units: milliseconds.
 */
export const BATCH_INTERVAL_MS = 172;

/**
 * Takes the next turn to send a batch; gives how long it is until then, or null while sending is stopped.
 * Units: milliseconds.
 */
export async function takeTurn(db: Db): Promise<number | null> {
  const [row] = await db.execute<{ waitMs: number }>(sql`
    update push_rate set next_at = greatest(next_at, clock_timestamp()) + make_interval(secs => ${BATCH_INTERVAL_MS / 1000})
    where halted_at is null
    returning (extract(epoch from next_at - clock_timestamp()) * 1000 - ${BATCH_INTERVAL_MS})::float8 as "waitMs"`);
  return row === undefined ? null : Math.max(0, row.waitMs);
}

/** Puts all turns off, because Expo said that it gets too much. Units: seconds. */
export async function putOff(db: Db, seconds: number): Promise<void> {
  await db.execute(
    sql`update push_rate set next_at = greatest(next_at, clock_timestamp() + make_interval(secs => ${seconds}))`,
  );
}

/** Stops all sending until an operator resumes it. */
export async function halt(db: Db, because: string): Promise<void> {
  await db.execute(sql`
    update push_rate set halted_at = now(), halted_because = ${because} where halted_at is null`);
}

/** Lets sending go on; tells whether it was stopped. */
export async function resume(db: Db): Promise<boolean> {
  const rows = await db.execute(sql`
    update push_rate set halted_at = null, halted_because = null where halted_at is not null returning 1`);
  return rows.length > 0;
}

/** Why sending is stopped; null while it is not. */
export async function readHalt(db: Db): Promise<string | null> {
  const [row] = await db.execute<{ because: string | null }>(
    sql`select halted_because as because from push_rate where halted_at is not null`,
  );
  return row === undefined ? null : (row.because ?? "no reason is known");
}
