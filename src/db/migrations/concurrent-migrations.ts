import type { Sql } from "postgres";
import { StartupError } from "../../startup-error.ts";
import { type AppliedMigrations, type ConcurrentMigration, sqlStateOf } from "./migration-files.ts";
import { type ConcurrentIndex, parseConcurrentIndex } from "./concurrent-index.ts";

export type RetryOptions = {
  lockTimeoutMs: number;
  retries: number;
  log: (line: string) => void;
};

const LOCK_NOT_AVAILABLE = "55P03";
const DEADLOCK_DETECTED = "40P01";
const LONGEST_LOCK_TIMEOUT_MS = 60_000;

/**
 * Runs a step, and repeats it after growing pauses while another session's lock blocks it.
 * Units: the pauses start at half a second and end at ten.
 */
export async function retryOnLock(
  what: string,
  { retries, log }: RetryOptions,
  step: (attempt: number) => Promise<void>,
): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      await step(attempt);
      return;
    } catch (error) {
      const state = sqlStateOf(error);
      if (state !== LOCK_NOT_AVAILABLE && state !== DEADLOCK_DETECTED) throw error;
      if (attempt >= retries) {
        throw new StartupError(
          `${what}: another session's lock was in the way ${attempt + 1} times: try again, or end the long transaction`,
          { cause: error },
        );
      }
      const delayMs = Math.min(10_000, 500 * 2 ** attempt) * (0.75 + Math.random() / 2);
      log(
        `${what}: waiting for another session's lock, trying again in ${Math.ceil(delayMs / 1000)} s`,
      );
      await new Promise((resolve) => setTimeout(resolve, delayMs));
    }
  }
}

/** Creates the table that records which statements of `migrations/` were run. */
export async function createConcurrentTable(sql: Sql): Promise<void> {
  await sql.unsafe("CREATE SCHEMA IF NOT EXISTS drizzle");
  await sql.unsafe(
    `CREATE TABLE IF NOT EXISTS drizzle.concurrent_migrations (
       name text NOT NULL,
       statement_index integer NOT NULL,
       hash text NOT NULL,
       applied_at timestamptz NOT NULL DEFAULT now(),
       PRIMARY KEY (name, statement_index)
     )`,
  );
}

/**
 * Runs the statements that a database lacks, each outside a transaction, and records each.
 * Errors: StartupError when locks keep blocking a statement; else the server's error, with the file's name.
 */
export async function applyConcurrentMigrations(
  sql: Sql,
  migrations: ConcurrentMigration[],
  applied: AppliedMigrations["concurrent"],
  options: RetryOptions & { stillHeld: () => Promise<void>; onStatement: () => void },
): Promise<void> {
  for (const { name, statements } of migrations) {
    const done = applied.get(name);
    if (statements.every((_, index) => done?.has(index) === true)) continue;
    for (const [index, { text, hash }] of statements.entries()) {
      if (done?.has(index) === true) continue;
      await options.stillHeld();
      await retryOnLock(name, options, async (attempt) => {
        // A concurrent build blocks no other session while it waits, so each attempt may wait longer.
        const lockTimeoutMs = Math.min(
          options.lockTimeoutMs * 2 ** attempt,
          LONGEST_LOCK_TIMEOUT_MS,
        );
        await sql.unsafe(`SET lock_timeout = ${Math.round(lockTimeoutMs)}`);
        await runStatement(sql, text);
      }).catch((error: unknown) => {
        if (error instanceof StartupError) throw error;
        const reason = error instanceof Error ? error.message : String(error);
        throw new Error(`${name}, statement ${index + 1}: ${reason}`, { cause: error });
      });
      await sql`
        INSERT INTO drizzle.concurrent_migrations (name, statement_index, hash) VALUES (${name}, ${index}, ${hash})`;
      options.onStatement();
    }
    options.log(`applied ${name}`);
  }
}

async function runStatement(sql: Sql, statement: string): Promise<void> {
  const target = parseConcurrentIndex(statement);
  if (target === null) {
    await sql.unsafe(statement);
    return;
  }
  const partitions = await sql<{ name: string; table: string; isEmpty: boolean }[]>`
    SELECT ${target.index} || substring(part.relname from '_p[0-9]+$') AS name, part.oid::regclass::text AS table,
      pg_relation_size(part.oid) = 0 AS "isEmpty"
    FROM pg_inherits JOIN pg_class AS part ON part.oid = inhrelid
    WHERE inhparent = to_regclass(${target.table}) AND part.relispartition ORDER BY part.relname`;
  if (partitions.length === 0) {
    await buildIndex(sql, target, statement);
    return;
  }
  // PostgreSQL builds no index of a partitioned table concurrently; made last, it takes those of the partitions as its own.
  const create = target.isUnique ? "CREATE UNIQUE INDEX" : "CREATE INDEX";
  for (const { name, table, isEmpty } of partitions) {
    const how = isEmpty ? create : `${create} CONCURRENTLY`;
    await buildIndex(sql, { index: name, table }, `${how} "${name}" ON ${table}${target.rest}`);
  }
  await buildIndex(sql, target, `${create} "${target.index}" ON ${target.table}${target.rest}`);
}

/** Builds an index that is not there, or in place of one whose build failed. */
async function buildIndex(
  sql: Sql,
  target: Pick<ConcurrentIndex, "index" | "table">,
  statement: string,
): Promise<void> {
  const [found] = await sql<{ valid: boolean; index: string }[]>`
    SELECT pg_index.indisvalid AS valid, format('%I.%I', pg_namespace.nspname, index_class.relname) AS index
    FROM pg_class AS index_class
    JOIN pg_namespace ON pg_namespace.oid = index_class.relnamespace
    JOIN pg_index ON pg_index.indexrelid = index_class.oid
    WHERE index_class.relname = ${target.index}
      AND index_class.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = to_regclass(${target.table}))`;
  if (found?.valid === true) return;
  if (found !== undefined) await sql.unsafe(`DROP INDEX CONCURRENTLY ${found.index}`);
  await sql.unsafe(statement);
}
