import type { Sql, TransactionSql } from "postgres";
import { StartupError } from "../../startup-error.ts";
import { retryOnLock } from "../migrations/concurrent-migrations.ts";
import { recopyDifferences } from "./compare-scans.ts";

/** The number of partitions; it cannot be changed in place. */
export const SCAN_PARTITIONS = 64;
/** An arbitrary number: the advisory lock of a run. */
const ADVISORY_LOCK = 7_305_412_164;
/** Rows that one statement copies, while changes of them wait. */
const COPIED_MAX = 1_000;
/** Calls wait for as long while a step waits for the table. */
const LOCK_TIMEOUT_MS = 500;
const LOCK_RETRIES = 60;

/** Settings of a run. */
export interface PartitionOptions {
  readonly log: (line: string) => void;
  /** Told of the rows that are copied. */
  readonly onProgress?: (done: number, total: number) => void;
  /** The share of the time in which rows are copied, so that calls have the rest. */
  readonly share?: number;
}

/**
 * Turns a plain table `scans` into one with partitions by user, while instances write. Triggers write to both tables
 * what is new, old rows are copied by key, the tables are compared, and a short transaction puts the new one in the place
 * of the old. An interrupted run goes on where it was.
 * Errors: StartupError when another run is under way, a lock is never free, or the tables stay different.
 */
export async function partitionScans(sql: Sql, options: PartitionOptions): Promise<void> {
  const { log } = options;
  const [lock] = await sql<{ taken: boolean }[]>`
    select pg_try_advisory_lock(${ADVISORY_LOCK}::bigint) as taken`;
  if (lock?.taken !== true) throw new StartupError("another run of scans:partition is under way");
  try {
    if (await isPartitioned(sql)) {
      log("the table scans has partitions already");
      return;
    }
    await prepare(sql, log);
    await copyRows(sql, options);
    await sql.unsafe("analyze scans_partitioned");
    const copied = await recopyDifferences(sql);
    log(
      `both tables have the same rows${copied > 0 ? ` (${copied} ranges were copied again)` : ""}`,
    );
    await replace(sql, log);
    log(`the table scans has ${SCAN_PARTITIONS} partitions`);
  } finally {
    // If this fails, the end of the connection releases the lock.
    await sql`select pg_advisory_unlock(${ADVISORY_LOCK}::bigint)`.catch(() => undefined);
  }
}

async function isPartitioned(sql: Sql): Promise<boolean> {
  const [row] = await sql<{ kind: string }[]>`
    select relkind as kind from pg_class where oid = to_regclass('scans')`;
  if (row === undefined) throw new StartupError("there is no table scans: npm run db:migrate");
  return row.kind === "p";
}

/** Runs a transaction that needs the table for itself, again and again for as long as others have it. */
async function withTable(
  sql: Sql,
  what: string,
  log: (line: string) => void,
  body: (transaction: TransactionSql) => Promise<unknown>,
): Promise<void> {
  const retry = { lockTimeoutMs: LOCK_TIMEOUT_MS, retries: LOCK_RETRIES, log };
  await retryOnLock(what, retry, async () => {
    await sql.begin(async (transaction) => {
      await transaction.unsafe(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
      await body(transaction);
    });
  });
}

/** Makes the new table, and the triggers by which it has every write from then on: of many rows as fast as of one. */
async function prepare(sql: Sql, log: (line: string) => void): Promise<void> {
  const [state] = await sql`select from pg_class where oid = to_regclass('drizzle.scans_copied')`;
  if (state !== undefined) {
    log("going on where an earlier run ended");
    return;
  }
  const columns = await sql<{ name: string }[]>`
    select quote_ident(attname) as name from pg_attribute
    where attrelid = 'scans'::regclass and attnum > 0 and not attisdropped order by attnum`;
  const names = columns.map(({ name }) => name);
  await withTable(sql, "making the new table", log, async (transaction) => {
    await transaction.unsafe("lock table scans in share row exclusive mode");
    await transaction.unsafe(`select make_partitioned_scans(${SCAN_PARTITIONS})`);
    await transaction.unsafe(`
      create table drizzle.scans_copied (last_user uuid, last_id uuid, rows bigint not null, is_done boolean not null);
      insert into drizzle.scans_copied values (null, null, 0, false);
      create or replace function copy_scans() returns trigger language plpgsql as $copy$
      begin
        if tg_op = 'DELETE' then
          delete from scans_partitioned n using old_rows o where n.user_id = o.user_id and n.id = o.id;
        else
          insert into scans_partitioned (${names.join(", ")}) select ${names.join(", ")} from new_rows
          order by user_id, id
          on conflict (user_id, id) do update set ${names.map((name) => `${name} = excluded.${name}`).join(", ")};
        end if;
        return null;
      end $copy$;
      create trigger copy_inserted after insert on scans referencing new table as new_rows
      for each statement execute function copy_scans();
      create trigger copy_updated after update on scans referencing new table as new_rows
      for each statement execute function copy_scans();
      create trigger copy_deleted after delete on scans referencing old table as old_rows
      for each statement execute function copy_scans()`);
  });
}

/** Copies the rows that are older than the triggers, in the order of their key. */
async function copyRows(sql: Sql, { onProgress, share = 0.7 }: PartitionOptions): Promise<void> {
  const [state] = await sql<
    { total: number; userId: string | null; id: string; isDone: boolean }[]
  >`
    select (select greatest(reltuples, 0)::float8 from pg_class where oid = 'scans'::regclass) as total,
      last_user as "userId", last_id as id, is_done as "isDone"
    from drizzle.scans_copied`;
  if (state === undefined) throw new StartupError("drizzle.scans_copied has lost its row");
  let { isDone } = state;
  let last = state.userId === null ? null : { userId: state.userId, id: state.id };
  while (!isDone) {
    const beganAt = performance.now();
    // The keys are parameters, so that the index is walked from there.
    const beyond: ReturnType<Sql> =
      last === null ? sql`true` : sql`(s.user_id, s.id) > (${last.userId}::uuid, ${last.id}::uuid)`;
    // Rows that others are changing or deleting are passed over, as the triggers do the same with the copy, and waiting
    // for them could be a deadlock. When that is rolled back, the comparison finds what is missing.
    const [step] = await sql<{ rows: number; isDone: boolean; userId: string; id: string }[]>`
      with batch as materialized (
        select s.* from scans s where ${beyond}
        order by s.user_id, s.id limit ${COPIED_MAX}
        for share of s skip locked
      ), copied as (
        insert into scans_partitioned select * from batch on conflict (user_id, id) do nothing
      ), last as (
        select user_id, id from batch order by user_id desc, id desc limit 1
      )
      update drizzle.scans_copied c
      set last_user = coalesce((select user_id from last), c.last_user),
        last_id = coalesce((select id from last), c.last_id),
        rows = c.rows + (select count(*) from batch), is_done = (select count(*) from batch) < ${COPIED_MAX}
      returning c.rows::float8 as rows, c.is_done as "isDone", c.last_user as "userId", c.last_id as id`;
    if (step === undefined) throw new StartupError("drizzle.scans_copied has lost its row");
    onProgress?.(step.rows, Math.max(step.rows, state.total));
    ({ isDone } = step);
    last = step;
    const pauseMs = (performance.now() - beganAt) * (1 / share - 1);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

async function replace(sql: Sql, log: (line: string) => void): Promise<void> {
  await withTable(sql, "putting the new table in its place", log, async (transaction) => {
    await transaction.unsafe("select replace_scans()");
    await transaction.unsafe("drop function copy_scans; drop table drizzle.scans_copied");
  });
}
