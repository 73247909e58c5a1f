import { sql } from "drizzle-orm";
import type { Db } from "./client/database.ts";
import { endOfLastRecord } from "./replicas/lsn.ts";

/** A line of the journal: something that cached answers may show was written. */
export interface CacheEvent {
  readonly id: number;
  /** The writing transaction. */
  readonly xid: number;
  /** `store`, `certifier`, `boycott`, `additive`, `ruling`, `source`, `flush` with the cache's name in `ref`, or `job`. */
  readonly topic: string;
  /** The changed row; null: any row of the topic. */
  readonly ref: string | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly storeType: string | null;
  readonly halalCertified: boolean | null;
}

/** What the journal holds that an earlier snapshot did not see, and the snapshot it was read in. */
export interface JournalPage {
  /** Which database this is, and which of its timelines: another one's transaction numbers mean nothing here. */
  readonly databaseId: string;
  readonly snapshot: string;
  /** The database's clock, in Unix milliseconds. */
  readonly nowMs: number;
  /** Where its log was: what was committed before lies before it. Units: bytes. */
  readonly lsn: number;
  readonly events: readonly CacheEvent[];
}

/** A `pg_snapshot` that saw nothing. */
export const EMPTY_SNAPSHOT = "1:1:";

/** Lines with this topic say in `ref` into which queue a job was put. */
export const JOB_TOPIC = "job";
/** Lines with this topic say in `ref` below which number all transactions had ended. */
const ENDED_BELOW = "ended-below";
const NOTED_EVERY_SECONDS = 600;

/** Rows that one trimming statement deletes: it must end well before the journal's deadline. */
const TRIMMED_MAX = 5_000;

/** Reads the events that a snapshot did not see, at most `limit` of them (the newest). */
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
 * Forgets events that everybody could see for so long that no cached answer is older; true when there may be more of
 * them. A line's own time does not tell: its transaction may have been open for hours. So a line of the journal notes
 * now and then below which number all transactions have ended, and what lies below an old enough one of them goes.
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

/** Tells every replica to drop one cache. */
export async function flushCache(db: Db, name: string): Promise<void> {
  await db.execute(sql`insert into cache_events (topic, ref) values ('flush', ${name})`);
}
