import { sql } from "drizzle-orm";
import type { Db } from "./database.ts";

/** A line of the journal: something that cached answers may show was written. */
export interface CacheEvent {
  readonly id: number;
  /** The writing transaction. */
  readonly xid: number;
  /** `store`, `certifier`, `boycott`, `additive`, `source`, or `flush` with the cache's name in `ref`. */
  readonly topic: string;
  /** The changed row; null: any row of the topic. */
  readonly ref: string | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly storeType: string | null;
  readonly halalCertified: boolean | null;
}

/** The journal from a transaction on, and the snapshot it was read in. */
export interface JournalPage {
  /** Which database this is: another one's transaction numbers mean nothing here. */
  readonly databaseId: string;
  readonly snapshot: string;
  readonly events: readonly CacheEvent[];
}

/** Reads the events of all transactions from `sinceXid` on, at most `limit` (the newest). */
export async function readCacheEvents(
  db: Db,
  sinceXid: number,
  limit: number,
): Promise<JournalPage> {
  const [row] = await db.execute<{
    databaseId: string;
    snapshot: string;
    events: CacheEvent[];
  }>(sql`
    select
      (select system_identifier::text from pg_control_system())
        || '/' || (select oid::text from pg_database where datname = current_database()) as "databaseId",
      pg_current_snapshot()::text as "snapshot",
      coalesce((
        select json_agg(json_build_object(
          'id', id, 'xid', xid::text::bigint, 'topic', topic, 'ref', ref, 'latitude', latitude, 'longitude', longitude,
          'storeType', store_type, 'halalCertified', halal_certified))
        from (select * from cache_events where xid >= ${String(sinceXid)}::xid8 order by xid desc limit ${limit}) as recent
      ), '[]') as "events"`);
  if (row === undefined) throw new Error("the journal gave no row");
  return row;
}

/** Forgets events that no cached answer can be older than. */
export async function trimCacheEvents(db: Db, olderThanSeconds: number): Promise<void> {
  await db.execute(
    sql`delete from cache_events where at < now() - make_interval(secs => ${olderThanSeconds})`,
  );
}

/** Tells every replica to drop one cache. */
export async function flushCache(db: Db, name: string): Promise<void> {
  await db.execute(sql`insert into cache_events (topic, ref) values ('flush', ${name})`);
}
