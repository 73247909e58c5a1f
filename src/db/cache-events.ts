import { sql } from "drizzle-orm";
import type { Db } from "./client/database.ts";
import { endOfLastRecord } from "./replicas/lsn.ts";

/** A line of the journal: a transaction wrote a row that cached answers may show. */
export interface CacheEvent {
  readonly id: number;
  /** The writing transaction. */
  readonly xid: number;
  /** `store`, `certifier`, `boycott`, `additive`, `ruling`, `source`, `alert`, `trending`, `app_config`, `flush` with the cache's name in `ref`, or `job`. */
  readonly topic: string;
  /** The changed row; null for any row of the topic. */
  readonly ref: string | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly storeType: string | null;
  readonly halalCertified: boolean | null;
}

/** The events that an earlier snapshot did not see, and the snapshot in which they were read. */
export interface JournalPage {
  /** The database and its timeline, because transaction numbers of another one cannot be compared. */
  readonly databaseId: string;
  readonly snapshot: string;
  /** The database's clock. Units: Unix milliseconds. */
  readonly nowMs: number;
  /** The end of the write-ahead log. Everything committed earlier lies before it. Units: bytes. */
  readonly lsn: number;
  readonly events: readonly CacheEvent[];
}

/** A `pg_snapshot` that saw nothing. */
export const EMPTY_SNAPSHOT = "1:1:";

/** A line with this topic has in `ref` the queue to which a job was added. */
export const JOB_TOPIC = "job";
/** A line with this topic has in `ref` the number below which all transactions had ended. */
const ENDED_BELOW = "ended-below";
const NOTED_EVERY_SECONDS = 600;

/** Rows that one trimming statement deletes, few enough for the journal's deadline. */
const TRIMMED_MAX = 5_000;

/** Reads the newest events that a snapshot did not see, at most `limit`. */
export async function readCacheEvents(db: Db, seen: string, limit: number): Promise<JournalPage> {
  const [row] = await db.execute<{
    databaseId: string;
    snapshot: string;
    nowMs: number;
    lsn: number;
    events: CacheEvent[];
  }>(sql`
    select
      (select system_identifier::text from pg_control_system())
        || '/' || (select oid::text from pg_database where datname = current_database())
        || '/' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) as "databaseId",
      pg_current_snapshot()::text as "snapshot",
      (extract(epoch from clock_timestamp()) * 1000)::float8 as "nowMs",
      (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::float8 as "lsn",
      coalesce((
        select json_agg(json_build_object(
          'id', id, 'xid', xid::text::bigint, 'topic', topic, 'ref', ref, 'latitude', latitude, 'longitude', longitude,
          'storeType', store_type, 'halalCertified', halal_certified))
        from (
          select * from cache_events
          where xid >= pg_snapshot_xmin(${seen}::pg_snapshot) and not pg_visible_in_snapshot(xid, ${seen}::pg_snapshot)
            and topic <> ${ENDED_BELOW}
          order by xid desc limit ${limit}
        ) as unseen
      ), '[]') as "events"`);
  if (row === undefined) throw new Error("the journal gave no row");
  return { ...row, lsn: endOfLastRecord(row.lsn) };
}

/**
 * Deletes events that are older than every cached answer; returns true when there may be more of them.
 * A line's own time cannot decide that, because its transaction may have been open for hours. Every ten minutes a line
 * therefore records the number below which all transactions have ended, and events below an old such number go.
 */
export async function trimCacheEvents(db: Db, olderThanSeconds: number): Promise<boolean> {
  await db.execute(sql`
    insert into cache_events (topic, ref)
    select ${ENDED_BELOW}, pg_snapshot_xmin(pg_current_snapshot())::text
    where not exists (
      select from cache_events
      where topic = ${ENDED_BELOW} and at > now() - make_interval(secs => ${NOTED_EVERY_SECONDS}))`);
  const deleted = await db.execute(sql`
    delete from cache_events where id in (
      select id from cache_events
      where xid < (
        select ref::xid8 from cache_events
        where topic = ${ENDED_BELOW} and at < now() - make_interval(secs => ${olderThanSeconds})
        order by at desc limit 1)
      order by xid limit ${TRIMMED_MAX}
    ) returning id`);
  return deleted.length === TRIMMED_MAX;
}

/** Writes an event upon which every instance drops one cache. */
export async function flushCache(db: Db, name: string): Promise<void> {
  await db.execute(sql`insert into cache_events (topic, ref) values ('flush', ${name})`);
}
