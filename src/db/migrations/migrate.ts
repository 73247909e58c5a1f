import { fileURLToPath } from "node:url";
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate } from "drizzle-orm/postgres-js/migrator";
import postgres, { type Sql } from "postgres";
import { StartupError } from "../../startup-error.ts";
import {
  applyConcurrentMigrations,
  createConcurrentTable,
  retryOnLock,
  type RetryOptions,
} from "./concurrent-migrations.ts";
import { connectionTo, NO_TIME_LIMITS } from "../client/address.ts";
import { SESSION_OPTIONS } from "../client/session.ts";
import type { Db } from "../client/database.ts";
import {
  listPending,
  type MigrationDirs,
  type MigrationFiles,
  readApplied,
  readMigrationFiles,
  rejectChangedFiles,
} from "./migration-files.ts";
import { grantFutureRights, grantRights } from "./service-role.ts";
import type { OnProgress } from "../../progress.ts";

export const DRIZZLE_DIR = fileURLToPath(new URL("../../../drizzle", import.meta.url));
export const MIGRATIONS_DIR = fileURLToPath(new URL("../../../migrations", import.meta.url));

export type MigrateOptions = MigrationDirs & {
  /** The address of a direct connection, without a pooler. */
  url: string;
  /** The embedded database's socket, which replaces the address's host and port. */
  socketPath?: string | undefined;
  log: (line: string) => void;
  /** The role of the instances, if another role migrates; it gets rights on rows only. */
  serviceRole?: string | undefined;
  /** Receives the progress. Units: statements. */
  onProgress?: OnProgress;
  lockTimeoutMs?: number;
  /** How often a step is repeated when locks block it. */
  lockRetries?: number;
  /** How long to wait for another migration of the same database. */
  waitTimeoutMs?: number;
};

let ownFiles: Promise<MigrationFiles> | undefined;

/**
 * Returns the names of this program's migrations that a database lacks, with one query; the folders are read once.
 * Errors: StartupError when the folders cannot be read; the driver's error when the database cannot.
 */
export async function pendingMigrations(db: Db): Promise<string[]> {
  ownFiles ??= readMigrationFiles({ drizzleDir: DRIZZLE_DIR, migrationsDir: MIGRATIONS_DIR });
  return listPending(await ownFiles, await readApplied(db));
}

/** The advisory lock that every migrator of this program takes; an arbitrary number. */
const ADVISORY_LOCK = 7_305_412_118;
const POLL_INTERVAL_MS = 250;

/**
 * Applies `drizzle/` in a transaction, then `migrations/` statement by statement, and returns the applied names.
 * Several processes may run it at once, and an interrupted run may be repeated.
 * Errors: StartupError when the connection is pooled, a file was changed, or a lock is not released.
 */
export async function migrateDatabase(options: MigrateOptions): Promise<string[]> {
  const files = await readMigrationFiles(options);
  const sql = connect(options);
  try {
    const release = await takeAdvisoryLock(sql, options);
    try {
      const { serviceRole, log } = options;
      const role = serviceRole === undefined ? null : { name: serviceRole, log };
      const isApart = role !== null && (await grantFutureRights(sql, role));
      const applied = await applyPending(sql, files, options);
      // Tables may be older than the role, or restored without its rights.
      if (isApart) await grantRights(sql, role);
      return applied;
    } finally {
      await release();
    }
  } catch (error) {
    if (error instanceof Error && error.message.includes("unsupported startup parameter")) {
      throw new StartupError(
        "migrations need a direct connection, and this one goes through PgBouncer: set DATABASE_DIRECT_URL",
        { cause: error },
      );
    }
    throw error;
  } finally {
    await sql.end({ timeout: 5 });
  }
}

function connect({ url, socketPath }: MigrateOptions): Sql {
  return postgres({
    // Sent at startup, because a role's short defaults must never apply. PgBouncer refuses these parameters, which reveals
    // a pooled address.
    ...connectionTo(url, { socketPath, applicationName: "migrate", startup: NO_TIME_LIMITS }),
    max: 1,
    ...SESSION_OPTIONS,
  });
}

async function takeAdvisoryLock(
  sql: Sql,
  { log, waitTimeoutMs = 900_000 }: MigrateOptions,
): Promise<() => Promise<void>> {
  const endsAt = performance.now() + waitTimeoutMs;
  for (let isLogged = false; ; isLogged = true) {
    // Polled, because a session that waits inside a query keeps a snapshot open, for which the concurrent index build of
    // the other migrator would wait forever.
    const [row] = await sql<
      { taken: boolean }[]
    >`SELECT pg_try_advisory_lock(${ADVISORY_LOCK}::bigint) AS taken`;
    if (row?.taken === true) break;
    if (!isLogged) log("another migration of this database is running: waiting for it");
    if (performance.now() >= endsAt) {
      throw new StartupError(
        "another migration of this database is still running: giving up the wait",
      );
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
  }
  return async () => {
    // If this fails, the end of the connection releases the lock.
    await sql`SELECT pg_advisory_unlock(${ADVISORY_LOCK}::bigint)`.catch(() => undefined);
  };
}

async function applyPending(
  sql: Sql,
  files: MigrationFiles,
  options: MigrateOptions,
): Promise<string[]> {
  const { log, onProgress, lockTimeoutMs = 5_000, lockRetries = 8 } = options;
  const db = drizzle(sql, { logger: { logQuery: () => onQuery() } });
  let onQuery = (): void => undefined;
  let before = await readApplied(db);
  if (before === null) {
    await createConcurrentTable(sql);
    // drizzle-kit may have migrated this database before.
    before = await readApplied(db);
  }
  if (before !== null) rejectChangedFiles(files, before);
  const pending = listPending(files, before);
  if (pending.length === 0 && before !== null) {
    log("the database is up to date");
    return [];
  }

  const backend = await readBackend(sql);
  const stillHeld = async () => {
    if ((await readBackend(sql)) !== backend) {
      throw new StartupError("the connection was lost while migrating: run the migration again");
    }
  };
  const pendingNames = new Set(pending);
  const drizzlePending = files.drizzle.filter(({ name }) => pendingNames.has(name));
  const drizzleStatements = drizzlePending.reduce(
    (sum, { statementCount }) => sum + statementCount,
    0,
  );
  const concurrentStatements = files.concurrent
    .map(({ name, statements }) => statements.length - (before?.concurrent.get(name)?.size ?? 0))
    .reduce((sum, count) => sum + count, 0);
  const total = drizzleStatements + concurrentStatements;
  let done = 0;
  const advance = () => {
    done = Math.min(done + 1, total);
    onProgress?.(done, total);
  };
  onProgress?.(0, total);
  const retry: RetryOptions = { lockTimeoutMs, retries: lockRetries, log };

  await sql.unsafe(`SET lock_timeout = ${Math.round(lockTimeoutMs)}`);
  try {
    if (drizzlePending.length > 0 || before === null) {
      await retryOnLock("drizzle", retry, async () => {
        done = 0;
        onQuery = advance;
        await migrate(db, { migrationsFolder: options.drizzleDir }).finally(() => {
          onQuery = () => undefined;
        });
      });
      for (const { name } of drizzlePending) log(`applied ${name}`);
    }
    done = drizzleStatements;
    const applied = await readApplied(db);
    const skipped = files.drizzle.filter(
      ({ createdAt }) => applied?.drizzle.has(createdAt) !== true,
    );
    if (skipped.length > 0) {
      throw new StartupError(
        `drizzle skipped ${skipped.map(({ name }) => name).join(", ")}, older than what this database has: generate it anew`,
      );
    }
    await applyConcurrentMigrations(sql, files.concurrent, applied?.concurrent ?? new Map(), {
      ...retry,
      stillHeld,
      onStatement: advance,
    });
  } finally {
    // Reset, because all clients of the embedded database share one session.
    await sql.unsafe("RESET lock_timeout").catch(() => undefined);
  }
  return pending;
}

async function readBackend(sql: Sql): Promise<number> {
  const [row] = await sql<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`;
  return row?.pid ?? 0;
}
