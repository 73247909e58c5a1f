import type { Sql } from "postgres";
import {
  type ClockFacts,
  type JournalFacts,
  type RoleFacts,
  STANDBY_BEHIND_MAX_MS,
  type StandbyFacts,
  type StatementFacts,
  type TimeoutFacts,
  type VacuumFacts,
} from "./database-health.ts";
import type { ServerConnectionFacts } from "./pool.ts";
import { FEED_FAILURES_MIN, type WorkerFacts } from "./workers.ts";
import type { ExtensionFacts, IndexFacts, TableFacts } from "./schema.ts";

const STANDBY_POLL_MS = 50;

async function one<T extends object>(rows: PromiseLike<readonly T[]>): Promise<T> {
  const [row] = await rows;
  if (row === undefined) throw new Error("the database gave no row");
  return row;
}

/** Reads the indexes of this program's tables. */
export async function askIndexes(sql: Sql): Promise<IndexFacts[]> {
  return await sql<IndexFacts[]>`
    select
      index.relname as "index", owner.relname as "table",
      i.indisvalid and i.indisready as "isValid",
      exists (select from pg_stat_progress_create_index where index_relid = i.indexrelid) as "isBeingBuilt",
      i.indisunique or exists (select from pg_constraint where conindid = i.indexrelid) as "isConstraint",
      coalesce(used.idx_scan, parts.scans, 0)::float8 as "scans",
      (pg_relation_size(i.indexrelid) + coalesce(parts.bytes, 0))::float8 as "bytes"
    from pg_index i
    join pg_class index on index.oid = i.indexrelid
    join pg_class owner on owner.oid = i.indrelid
    left join pg_stat_user_indexes used on used.indexrelid = i.indexrelid
    cross join lateral (
      select sum(s.idx_scan) as scans, sum(pg_relation_size(s.indexrelid)) as bytes
      from pg_inherits h join pg_stat_user_indexes s on s.indexrelid = h.inhrelid where h.inhparent = i.indexrelid
    ) as parts
    -- An index of partitions counts as one.
    where owner.relnamespace = 'public'::regnamespace and not owner.relispartition
    order by 1`;
}

/** Reads the age of the statistics counters. Units: seconds. */
export async function askStatisticsAge(sql: Sql): Promise<number> {
  const { age } = await one(
    sql<{ age: number }[]>`
      select extract(epoch from now() - coalesce(stats_reset, pg_postmaster_start_time()))::float8 as age
      from pg_stat_database where datname = current_database()`,
  );
  return age;
}

/** Reads the counters of all tables. */
export async function askTables(sql: Sql): Promise<TableFacts[]> {
  return await sql<TableFacts[]>`
    select
      relname as "table", n_live_tup::float8 as "liveRows", n_dead_tup::float8 as "deadRows",
      seq_scan::float8 as "sequentialScans", seq_tup_read::float8 as "sequentialRowsRead",
      coalesce(last_analyze, last_autoanalyze) is not null as "isAnalyzed"
    from pg_stat_user_tables where schemaname = 'public' order by 1`;
}

/** Reads the extensions and the server's version. */
export async function askExtensions(
  sql: Sql,
): Promise<{ extensions: ExtensionFacts[]; serverVersion: string }> {
  return await one(
    sql<{ extensions: ExtensionFacts[]; serverVersion: string }[]>`
      select
        (select json_agg(json_build_object('name', extname, 'installed', extversion, 'available', default_version))
         from pg_extension left join pg_available_extensions on name = extname) as "extensions",
        current_setting('server_version') as "serverVersion"`,
  );
}

/** Reads the slowest statements of this role; returns null when pg_stat_statements is not loaded. */
export async function askStatements(sql: Sql): Promise<StatementFacts[] | null> {
  try {
    return await sql<StatementFacts[]>`
      select
        left(regexp_replace(query, '\\s+', ' ', 'g'), 100) as "text",
        calls::float8 as "calls", mean_exec_time as "meanMs"
      from pg_stat_statements
      where dbid = (select oid from pg_database where datname = current_database())
        and userid = current_user::regrole
        and calls >= 10
        and query ~* '^\\s*(select|with|insert|update|delete|merge)'
      order by mean_exec_time desc limit 5`;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    // The view does not exist, or the library is not preloaded.
    if (code === "42P01" || code === "55000") return null;
    throw error;
  }
}

/** Reads the time limits that the role gives this connection. */
export async function askTimeouts(sql: Sql): Promise<TimeoutFacts> {
  return await one(
    sql<TimeoutFacts[]>`
      select
        max(setting::float8) filter (where name = 'statement_timeout') as "statementMs",
        max(setting::float8) filter (where name = 'lock_timeout') as "lockMs",
        max(setting::float8) filter (where name = 'idle_in_transaction_session_timeout') as "idleInTransactionMs"
      from pg_settings`,
  );
}

/** Reads which rights on tables the role of this connection has, beyond reading and writing rows. */
export async function askRole(sql: Sql): Promise<RoleFacts> {
  return await one(
    sql<RoleFacts[]>`
      select
        current_user::text as "role",
        (select rolsuper from pg_roles where rolname = current_user) as "isSuperuser",
        (select count(*)::int from pg_class
         where relnamespace in ('public'::regnamespace, to_regnamespace('drizzle')) and relkind in ('r', 'p')
           and pg_has_role(current_user, relowner, 'USAGE')
           and not exists (select from pg_depend where objid = pg_class.oid and deptype = 'e')) as "ownedTables",
        has_schema_privilege('public', 'CREATE') as "mayCreate"`,
  );
}

/** Reads the size and the age of the journal. */
export async function askJournal(sql: Sql): Promise<JournalFacts> {
  return await one(
    sql<JournalFacts[]>`
      select
        (select count(*) from (select from cache_events limit 1000000) as counted)::float8 as "lines",
        pg_total_relation_size('cache_events')::float8 as "bytes",
        (select extract(epoch from now() - min(at)) from cache_events)::float8 as "oldestSeconds"`,
  );
}

/** Reads how many workers have sent a heartbeat within three of their intervals. */
export async function askWorkers(sql: Sql): Promise<WorkerFacts> {
  return await one(
    sql<WorkerFacts[]>`
      select
        (count(*) filter (where stopped_on is null and heartbeat_on > now() - make_interval(secs => 3 * heartbeat_seconds)))::int
          as "alive",
        extract(epoch from now() - max(heartbeat_on))::float8 as "silentSeconds",
        (select count(*) from pgboss.job where state = 'failed')::int as "failedJobs",
        (select coalesce(halted_because, 'no reason is known') from push_rate where halted_at is not null) as "pushHalted",
        (select count(*) from recall_feeds)::int as "feeds",
        coalesce((select json_agg(json_build_object('url', url, 'error', last_error) order by url)
          from recall_feeds where failures >= ${FEED_FAILURES_MIN}), '[]') as "failingFeeds"
      from pgboss.instance`,
  );
}

/** Reads the settings of autovacuum, and the transactions that hold vacuum back. */
export async function askVacuum(sql: Sql): Promise<Omit<VacuumFacts, "tables">> {
  return await one(
    sql<Omit<VacuumFacts, "tables">[]>`
      select
        current_setting('autovacuum')::boolean as "isAutovacuumOn",
        current_setting('autovacuum_vacuum_threshold')::float8 as "threshold",
        current_setting('autovacuum_vacuum_scale_factor')::float8 as "scaleFactor",
        (select age(datfrozenxid) from pg_database where datname = current_database())::float8 as "frozenAge",
        (select coalesce(max(extract(epoch from now() - xact_start)), 0) from pg_stat_activity
         where backend_type = 'client backend' and pid <> pg_backend_pid())::float8 as "longestTransactionSeconds"`,
  );
}

/** Reads how many connections the server accepts. */
export async function askServerConnections(sql: Sql): Promise<ServerConnectionFacts> {
  return await one(
    sql<ServerConnectionFacts[]>`
      select
        current_setting('max_connections')::int as "connectionsMax",
        current_setting('superuser_reserved_connections')::int
          + coalesce(current_setting('reserved_connections', true)::int, 0) as "reserved"`,
  );
}

/** Reads the database's clock and compares it with this machine's. */
export async function askClock(sql: Sql): Promise<ClockFacts> {
  const before = Date.now();
  const { timeMs } = await one(
    sql<
      { timeMs: number }[]
    >`select (extract(epoch from clock_timestamp()) * 1000)::float8 as "timeMs"`,
  );
  return clockAgainst("the database", timeMs, before, Date.now());
}

/** Compares a clock that was read between two moments of this machine's clock. Units: milliseconds. */
export function clockAgainst(
  name: string,
  timeMs: number,
  beforeMs: number,
  afterMs: number,
): ClockFacts {
  return {
    name,
    skewMs: timeMs - (beforeMs + afterMs) / 2,
    uncertaintyMs: (afterMs - beforeMs) / 2 + 1,
  };
}

/** Reads whether a read replica is a standby of the primary, and how far behind it is. */
export async function askStandby(sql: Sql, primary: Sql, address: string): Promise<StandbyFacts> {
  const { lsn, systemId } = await one(
    primary<{ lsn: string; systemId: string }[]>`
      select pg_current_wal_lsn()::text as "lsn",
        (select system_identifier::text from pg_control_system()) as "systemId"`,
  );
  const askedAt = performance.now();
  for (;;) {
    const beganAt = performance.now();
    const { isCaughtUp, ...facts } = await one(
      sql<(Omit<StandbyFacts, "address"> & { isCaughtUp: boolean })[]>`
        select
          pg_is_in_recovery() as "isInRecovery",
          (select system_identifier::text from pg_control_system()) = ${systemId}::text as "isOfPrimary",
          coalesce(pg_last_wal_replay_lsn() >= ${lsn}::text::pg_lsn, false) as "isCaughtUp",
          pg_last_wal_receive_lsn() is not distinct from pg_last_wal_replay_lsn() as "isIdle",
          coalesce(extract(epoch from now() - pg_last_xact_replay_timestamp()), 0)::float8 as "behindSeconds"`,
    );
    if (isCaughtUp || !facts.isInRecovery || !facts.isOfPrimary)
      return { address, ...facts, behindSeconds: null };
    if (beganAt - askedAt > STANDBY_BEHIND_MAX_MS) return { address, ...facts };
    await new Promise((resolve) => setTimeout(resolve, STANDBY_POLL_MS));
  }
}
