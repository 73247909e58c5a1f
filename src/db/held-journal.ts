import { sql } from "drizzle-orm";
import type { Db } from "./client/database.ts";
import type { CacheEvent } from "./cache-events.ts";
import {
  databaseIdSql,
  LINES_MAX,
  NOTED_EVERY_SECONDS,
  SEEN_MAX_SECONDS,
} from "./journal-fragments.ts";
import { textArray } from "./sql-fragments.ts";

/** A consumer of the journal whose effects lie outside the database: one process at a time has its lease. */
export interface HeldConsumer {
  readonly name: string;
  readonly topics: readonly string[];
  /** Names the process. */
  readonly holder: string;
}

/** The part of a line of the journal that says which row was written. */
export type JournalLine = Pick<CacheEvent, "topic" | "ref" | "latitude" | "longitude">;

/** The lines that a holder has not read. */
export interface HeldReading {
  readonly databaseId: string;
  readonly snapshot: string;
  /** Lines may be missing: the place is of another database, too old, or there are too many. */
  readonly isLost: boolean;
  /** Whether the place is worth writing down though nothing came. */
  readonly isStale: boolean;
  readonly lines: readonly JournalLine[];
  /** Since the oldest line was written; 0 without one. Units: milliseconds. */
  readonly oldestAgeMs: number;
}

/**
 * How long a lease lasts without being renewed: longer than the holder's interval, and so short that a successor is in
 * time when the holder is killed. Two holders for a moment do no harm, because effects are repeatable. Units: seconds.
 */
const LEASE_SECONDS = 0.8;

/**
 * Takes or renews the lease, notes what is done for good, and reads on, in one statement; null while another process has
 * the lease. `from` is the snapshot of the holder's last reading, null for a new holder.
 */
export async function readHeldJournal(
  db: Db,
  { name, topics, holder }: HeldConsumer,
  from: string | null,
  done: string | null,
): Promise<HeldReading | null> {
  const [row] = await db.execute<{
    databaseId: string;
    snapshot: string;
    isLost: boolean;
    isStale: boolean;
    oldestAgeMs: number;
    lines: HeldReading["lines"];
  }>(sql`
    with here as materialized (select ${databaseIdSql} as id), held as (
      update journal_consumers set holder = ${holder},
        held_until = clock_timestamp() + make_interval(secs => ${LEASE_SECONDS}),
        database_id = case when ${done}::text is null then database_id else (select id from here) end,
        seen = coalesce(${done}::pg_snapshot, seen),
        seen_at = case when ${done}::text is null then seen_at else now() end
      where name = ${name} and (holder = ${holder} or held_until is null or held_until < clock_timestamp())
      returning database_id, seen, seen_at
    ), place as materialized (
      select coalesce(${from}::pg_snapshot, seen) as seen, database_id, seen_at from held
    ), unseen as materialized (
      select e.* from place, cache_events e
      where e.xid >= pg_snapshot_xmin(place.seen) and not pg_visible_in_snapshot(e.xid, place.seen)
        and e.topic = any(${textArray(topics)})
      limit ${LINES_MAX + 1}
    )
    select here.id as "databaseId", pg_current_snapshot()::text as "snapshot",
      (${from}::text is null and (here.id <> place.database_id
        or place.seen_at < now() - make_interval(secs => ${SEEN_MAX_SECONDS})))
        or (select count(*) from unseen) > ${LINES_MAX} as "isLost",
      place.seen_at < now() - make_interval(secs => ${NOTED_EVERY_SECONDS}) as "isStale",
      coalesce((select extract(epoch from clock_timestamp() - min(at)) * 1000 from unseen), 0)::float8 as "oldestAgeMs",
      coalesce((select json_agg(json_build_object('topic', topic, 'ref', ref, 'latitude', latitude,
        'longitude', longitude)) from unseen), '[]') as "lines"
    from place, here`);
  if (row === undefined) return null;
  return row.isLost ? { ...row, lines: [] } : row;
}

/** Makes the place of a consumer where there is none, as one that has seen nothing. */
export async function makeJournalPlace(db: Db, name: string): Promise<void> {
  await db.execute(sql`
    insert into journal_consumers (name, database_id, seen, seen_at)
    values (${name}, '', '1:1:', '-infinity') on conflict do nothing`);
}
