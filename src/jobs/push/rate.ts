import { sql } from "drizzle-orm";
import type { Db } from "../../db/client/database.ts";

/** Messages of one request. Source: Expo's documentation of the push service. */
export const BATCH_MAX = 100;
/**
 * How long after a batch has been sent the next one of its slot may be. Expo takes 600 messages in a second, hence six
 * slots; the rest is for requests that take longer on their way than others.
 * Units: milliseconds.
 */
export const SLOT_REST_MS = 1_040;
/** How long after its time a slot that was taken stays its worker's. Units: milliseconds. */
export const SLOT_LEASE_MS = 2_000;

/** A slot that is a worker's own until it gives it back. Units: milliseconds. */
export interface Slot {
  readonly number: number;
  /** Until a batch may be sent. */
  readonly waitMs: number;
}

/**
 * Takes the next slot to send a batch in; gives null while others have all of them, or sending is stopped. A slot is
 * free again a second after its batch was in fact sent: however late that was, no second has seven.
 */
export async function takeSlot(db: Db, claim: string): Promise<Slot | null> {
  const [row] = await db.execute<Slot & Record<string, unknown>>(sql`
    update push_slots s set holder = ${claim}::uuid, free_at = next.at,
      held_until = next.at + make_interval(secs => ${SLOT_LEASE_MS / 1000})
    from (
      select p.number, greatest(clock_timestamp(), r.next_at, p.free_at,
        p.held_until + make_interval(secs => ${SLOT_REST_MS / 1000})) as at
      from push_slots p, push_rate r
      where r.halted_at is null and (p.holder is null or p.held_until < clock_timestamp())
      order by p.free_at limit 1 for update of p skip locked
    ) as next
    where s.number = next.number
    returning s.number as "number", greatest(0, extract(epoch from next.at - clock_timestamp()) * 1000)::float8 as "waitMs"`);
  return row ?? null;
}

/** Gives a slot back, in which a batch was sent just now, or nothing. */
export async function giveSlotBack(
  db: Db,
  claim: string,
  { number }: Slot,
  wasUsed: boolean,
): Promise<void> {
  const restMs = wasUsed ? SLOT_REST_MS : 0;
  await db.execute(sql`
    update push_slots set holder = null, held_until = null,
      free_at = clock_timestamp() + make_interval(secs => ${restMs / 1000})
    where number = ${number} and holder = ${claim}::uuid`);
}

/** Puts off all that has no slot yet, because Expo said that it gets too much. Units: seconds. */
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
