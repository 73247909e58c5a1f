import { sql } from "drizzle-orm";
import type { Db } from "../db/client/database.ts";

/** The content of one queue. Units: seconds for `oldestSeconds`, null when nothing that is due waits. */
export interface QueueState {
  readonly queue: string;
  readonly waiting: number;
  readonly active: number;
  readonly failed: number;
  readonly oldestSeconds: number | null;
}

/** Returns the content of each queue; pg-boss's own queues are left out. */
export async function readQueues(db: Db): Promise<QueueState[]> {
  return await db.execute<QueueState & Record<string, unknown>>(sql`
    select q.name as "queue",
      count(j.id) filter (where j.state < 'active' and j.start_after <= now())::int as "waiting",
      count(j.id) filter (where j.state = 'active')::int as "active",
      count(j.id) filter (where j.state = 'failed')::int as "failed",
      extract(epoch from now() - min(j.start_after) filter (
        where j.state < 'active' and j.start_after <= now()))::float8 as "oldestSeconds"
    from pgboss.queue q
    left join pgboss.job j on j.name = q.name and j.state in ('created', 'retry', 'active', 'failed')
    where q.name not like '\\_\\_pgboss\\_\\_%'
    group by q.name order by q.name`);
}

/** A job that failed for good, or waits to be tried again. */
export interface TroubledJob {
  readonly id: string;
  readonly queue: string;
  readonly state: string;
  readonly tries: number;
  readonly createdAt: string;
  readonly data: unknown;
  /** The message of the last error. */
  readonly error: string | null;
}

/** The newest jobs that failed or are to be tried again. */
export async function listTroubled(db: Db, limit: number): Promise<TroubledJob[]> {
  return await db.execute<TroubledJob & Record<string, unknown>>(sql`
    select j.id, j.name as "queue", j.state::text as "state", j.retry_count + 1 as "tries",
      to_char(j.created_on at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "createdAt", j.data,
      j.output ->> 'message' as "error"
    from pgboss.job j join pgboss.queue q on q.name = j.name
    where j.state = 'failed' or j.state = 'retry'
    order by j.created_on desc limit ${limit}`);
}

/**
 * Puts failed jobs back into their queues, all of a queue or one; gives how many those were. Of those with one key only
 * the newest is tried again, and none while another with its key is waiting or at work.
 */
export async function retryFailed(
  db: Db,
  which: { readonly queue: string } | { readonly id: string },
): Promise<number> {
  const condition = "id" in which ? sql`f.id = ${which.id}::uuid` : sql`f.name = ${which.queue}`;
  const rows = await db.execute(sql`
    with chosen as materialized (
      select distinct on (f.name, coalesce(f.singleton_key, '')) f.name, f.id from pgboss.job f
      where f.state = 'failed' and ${condition} and not exists (
        select from pgboss.job other where other.name = f.name and other.state <= 'active'
          and coalesce(other.singleton_key, '') = coalesce(f.singleton_key, ''))
      order by f.name, coalesce(f.singleton_key, ''), f.created_on desc
    ), retried as (
      update pgboss.job j set state = 'retry', retry_limit = j.retry_count + 1, start_after = now(), completed_on = null
      from chosen where j.name = chosen.name and j.id = chosen.id and j.state = 'failed' returning j.name
    ), woken as (
      insert into cache_events (topic, ref) select distinct 'job', name from retried
    ) select name from retried`);
  return rows.length;
}
