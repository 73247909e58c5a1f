import { fail, type Finding, listed, ok, readableBytes, warn } from "./finding.ts";
import type { TableFacts } from "./schema.ts";

/** A statement and its figures in pg_stat_statements. */
export interface StatementFacts {
  readonly text: string;
  readonly calls: number;
  readonly meanMs: number;
}

/** The time limits of an instance's connections. Units: milliseconds; 0 is no limit. */
export interface TimeoutFacts {
  readonly statementMs: number;
  readonly lockMs: number;
  readonly idleInTransactionMs: number;
}

/** The size and the age of the cache journal. */
export interface JournalFacts {
  readonly lines: number;
  readonly bytes: number;
  /** Null for an empty journal. */
  readonly oldestSeconds: number | null;
}

/** The facts on which the removal of dead rows depends. */
export interface VacuumFacts {
  readonly isAutovacuumOn: boolean;
  readonly threshold: number;
  readonly scaleFactor: number;
  /** Transactions since the oldest frozen row. */
  readonly frozenAge: number;
  readonly longestTransactionSeconds: number;
  readonly tables: readonly TableFacts[];
}

/** The difference of another machine's clock and this one's. Units: milliseconds. */
export interface ClockFacts {
  readonly name: string;
  readonly skewMs: number;
  readonly uncertaintyMs: number;
}

/** The state of a read replica, as the replica reports it. */
export interface StandbyFacts {
  readonly address: string;
  readonly isInRecovery: boolean;
  /** Whether the replica is a copy of the primary. */
  readonly isOfPrimary: boolean;
  /** Age of the last replayed transaction; null when the replica caught up within `STANDBY_BEHIND_MAX_MS`. */
  readonly behindSeconds: number | null;
  /** Whether the replica has replayed everything it received. */
  readonly isIdle: boolean;
}

/** Instances send no reads to a replica with a larger lag. */
export const STANDBY_BEHIND_MAX_MS = 900;

const SLOW_MEAN_MS = 100;
/** Instances abandon a statement after 2.5 s; a shorter limit of the server would fail calls that had time left. */
const STATEMENT_DEADLINE_MS = 2_500;
const STATEMENT_TIMEOUT_MAX_MS = 60_000;
/** Instances keep 3 h of the journal and trim it four times an hour. */
const JOURNAL_OLDEST_SECONDS = 4 * 3600;
const JOURNAL_BYTES = 256 * 1024 * 1024;
const LONG_TRANSACTION_SECONDS = 300;
/** PostgreSQL stops writes near 2,000 million; autovacuum begins to freeze at 200 million. */
const FROZEN_AGE_WARN = 500_000_000;
const FROZEN_AGE_FAIL = 1_500_000_000;

/** Checks the statements that take longest on average; null when pg_stat_statements cannot be read. */
export function checkStatements(statements: readonly StatementFacts[] | null): Finding {
  if (statements === null) {
    return warn(
      "slowest statements",
      "pg_stat_statements is missing",
      "start PostgreSQL with shared_preload_libraries=pg_stat_statements, then CREATE EXTENSION pg_stat_statements",
    );
  }
  const slowest = statements.toSorted((a, b) => b.meanMs - a.meanMs);
  const describe = ({ text, calls, meanMs }: StatementFacts) =>
    `${meanMs.toFixed(1)} ms on average over ${calls} calls: ${text}`;
  const slow = slowest.filter(({ meanMs }) => meanMs > SLOW_MEAN_MS);
  if (slow.length > 0) {
    return warn(
      "slowest statements",
      slow.slice(0, 3).map(describe).join(" | "),
      "EXPLAIN (ANALYZE, BUFFERS) it; SELECT pg_stat_statements_reset() afterwards",
    );
  }
  const [first] = slowest;
  return ok(
    "slowest statements",
    first === undefined ? "no statement was called often enough" : describe(first),
  );
}

/** The rights of a role beyond reading and writing rows. */
export interface RoleFacts {
  readonly role: string;
  readonly isSuperuser: boolean;
  /** The number of tables that the role could drop or change. */
  readonly ownedTables: number;
  readonly mayCreate: boolean;
}

/** Checks that the role of the instances cannot drop or change a table. */
export function checkRole({ role, isSuperuser, ownedTables, mayCreate }: RoleFacts): Finding {
  const advice = "a role of its own for the instances: docs/operations.md, roles of the database";
  if (isSuperuser) return warn("role of the service", `${role} is a superuser`, advice);
  if (ownedTables > 0) {
    return warn("role of the service", `${role} can drop ${ownedTables} tables`, advice);
  }
  if (mayCreate) return warn("role of the service", `${role} can create tables`, advice);
  return ok("role of the service", `${role} owns nothing: it reads and writes rows`);
}

/** Checks the time limits that the role gives each connection of an instance. */
export function checkTimeouts({ statementMs, lockMs, idleInTransactionMs }: TimeoutFacts): Finding {
  if (statementMs === 0) {
    return fail(
      "time limits",
      "statement_timeout is off: a statement whose caller is gone runs forever and keeps its server connection",
      "ALTER ROLE <role> SET statement_timeout = '5s'; it applies to new server connections (PgBouncer: RECONNECT)",
    );
  }
  if (statementMs < STATEMENT_DEADLINE_MS || statementMs > STATEMENT_TIMEOUT_MAX_MS) {
    return warn(
      "time limits",
      `statement_timeout is ${statementMs} ms`,
      "instances abandon statements after 2500 ms: ALTER ROLE <role> SET statement_timeout = '5s'",
    );
  }
  const missing = [
    ...(lockMs === 0 ? ["lock_timeout"] : []),
    ...(idleInTransactionMs === 0 ? ["idle_in_transaction_session_timeout"] : []),
  ];
  if (missing.length > 0) {
    return warn(
      "time limits",
      `${listed(missing)} off`,
      "ALTER ROLE <role> SET lock_timeout = '2s', and idle_in_transaction_session_timeout = '10s'",
    );
  }
  return ok(
    "time limits",
    `statement ${statementMs} ms, lock ${lockMs} ms, idle in transaction ${idleInTransactionMs} ms`,
  );
}

/** Checks that the journal is trimmed and small. */
export function checkJournal({ lines, bytes, oldestSeconds }: JournalFacts): Finding {
  const found = `${lines} lines, ${readableBytes(bytes)}, oldest ${((oldestSeconds ?? 0) / 3600).toFixed(1)} h`;
  if (oldestSeconds !== null && oldestSeconds > JOURNAL_OLDEST_SECONDS) {
    return warn(
      "cache journal",
      found,
      "no instance has trimmed it: has any instance run for hours, may its role delete from cache_events, is a transaction open for hours?",
    );
  }
  if (bytes > JOURNAL_BYTES) {
    return warn(
      "cache journal",
      found,
      "something writes row by row what should be one statement; afterwards VACUUM cache_events",
    );
  }
  return ok("cache journal", found);
}

/** Checks that vacuum keeps up, and that no transaction holds it back. */
export function checkVacuum(facts: VacuumFacts): Finding[] {
  const { isAutovacuumOn, threshold, scaleFactor, frozenAge, longestTransactionSeconds } = facts;
  const findings: Finding[] = [];
  const behind = facts.tables.filter(
    ({ liveRows, deadRows }) =>
      deadRows > 10_000 && deadRows > 2 * (threshold + scaleFactor * liveRows),
  );
  const unknown = facts.tables.filter(
    ({ liveRows, isAnalyzed }) => liveRows >= 10_000 && !isAnalyzed,
  );
  if (!isAutovacuumOn) {
    findings.push(
      fail("autovacuum", "is off", "ALTER SYSTEM SET autovacuum = on; SELECT pg_reload_conf()"),
    );
  } else if (frozenAge > FROZEN_AGE_WARN) {
    const make = frozenAge > FROZEN_AGE_FAIL ? fail : warn;
    findings.push(
      make(
        "autovacuum",
        `${Math.round(frozenAge / 1e6)} million transactions without a freeze (writes stop near 2000)`,
        "end the oldest transactions and replication slots, then VACUUM (FREEZE)",
      ),
    );
  } else if (behind.length > 0) {
    findings.push(
      warn(
        "autovacuum",
        `behind on ${listed(behind.map(({ table, deadRows }) => `${table} (${deadRows} dead rows)`))}`,
        `VACUUM (ANALYZE) ${behind[0]?.table ?? ""}; if it comes back, lower its autovacuum_vacuum_scale_factor`,
      ),
    );
  } else if (unknown.length > 0) {
    findings.push(
      warn(
        "autovacuum",
        `never analysed: ${listed(unknown.map(({ table }) => table))}`,
        `ANALYZE ${unknown[0]?.table ?? ""}: the planner guesses until then`,
      ),
    );
  } else {
    findings.push(ok("autovacuum", "keeps up"));
  }
  findings.push(
    longestTransactionSeconds > LONG_TRANSACTION_SECONDS
      ? warn(
          "long transactions",
          `the oldest is open for ${Math.round(longestTransactionSeconds / 60)} min`,
          "it holds back vacuum and makes every reading of the journal longer: look in pg_stat_activity by xact_start",
        )
      : ok("long transactions", "none"),
  );
  return findings;
}

/** Checks that this machine's clock agrees with another one, because both check tokens and expiry dates. */
export function checkClock({ name, skewMs, uncertaintyMs }: ClockFacts): Finding {
  const check = `clock of ${name}`;
  const certainMs = Math.max(0, Math.abs(skewMs) - uncertaintyMs);
  const found = `${Math.round(Math.abs(skewMs))} ms ${skewMs < 0 ? "behind" : "ahead of"} this machine (± ${Math.ceil(uncertaintyMs)} ms)`;
  const advice = "run chrony or systemd-timesyncd on both machines";
  if (certainMs > 10_000) return fail(check, found, advice);
  return certainMs > 1_000 ? warn(check, found, advice) : ok(check, found);
}

/** Checks that a read replica is a standby of the primary and keeps up. */
export function checkStandby(facts: StandbyFacts): Finding {
  const { address, isInRecovery, isOfPrimary, behindSeconds, isIdle } = facts;
  const check = "read replica";
  if (!isInRecovery) {
    return fail(
      check,
      `${address} is not a standby: its data are not a copy of the primary`,
      "take it out of DATABASE_REPLICA_URLS, or make it a streaming replica",
    );
  }
  if (!isOfPrimary) {
    return fail(
      check,
      `${address} is the standby of another server than DATABASE_URL's`,
      "take it out of DATABASE_REPLICA_URLS, or build it anew from the primary",
    );
  }
  if (behindSeconds !== null) {
    const since = `its last transaction is ${behindSeconds.toFixed(1)} s old`;
    return warn(
      check,
      isIdle
        ? `${address} is behind and receives nothing: ${since}`
        : `${address} is more than 0.9 s behind: ${since}`,
      "see docs/operations.md, replica lag; until then reads go to the primary",
    );
  }
  return ok(check, `${address} follows`);
}
