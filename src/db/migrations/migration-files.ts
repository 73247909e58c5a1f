import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { StartupError } from "../../startup-error.ts";
import type { Db } from "../client/database.ts";

export type MigrationDirs = {
  /** What drizzle-kit generates; applied in one transaction. */
  drizzleDir: string;
  /** Hand-written SQL; applied statement by statement outside a transaction. */
  migrationsDir: string;
};

export type DrizzleMigration = {
  name: string;
  createdAt: number;
  hash: string;
  statementCount: number;
};
export type ConcurrentStatement = { text: string; hash: string };
export type ConcurrentMigration = { name: string; statements: ConcurrentStatement[] };
export type MigrationFiles = { drizzle: DrizzleMigration[]; concurrent: ConcurrentMigration[] };

/** What a database says was applied: drizzle's rows by their `created_at`, ours by name and statement index. */
export type AppliedMigrations = {
  drizzle: Map<number, string>;
  concurrent: Map<string, Map<number, string>>;
};

const UNDEFINED_TABLE = "42P01";
/** Stands between two statements of a file. Source: drizzle-kit's SQL files. */
const BREAKPOINT = "--> statement-breakpoint";

/** The SQLSTATE of the driver's error, or of the one inside drizzle's. */
export function sqlStateOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("code" in error && typeof error.code === "string") return error.code;
  return sqlStateOf(error.cause);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/**
 * Reads both migration folders.
 * Errors: StartupError when a folder, the journal or a file is missing or not understood.
 */
export async function readMigrationFiles(dirs: MigrationDirs): Promise<MigrationFiles> {
  try {
    return {
      drizzle: await readDrizzleFolder(dirs.drizzleDir),
      concurrent: await readConcurrentFolder(dirs.migrationsDir),
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartupError(`the migrations cannot be read: ${reason}`, { cause: error });
  }
}

async function readDrizzleFolder(directory: string): Promise<DrizzleMigration[]> {
  const journal: unknown = JSON.parse(
    await readFile(join(directory, "meta", "_journal.json"), "utf8"),
  );
  if (!isJournal(journal)) throw new Error(`${directory}/meta/_journal.json has another form`);
  return Promise.all(
    journal.entries.map(async ({ tag, when }) => {
      const text = await readFile(join(directory, `${tag}.sql`), "utf8");
      const statementCount = text.split(BREAKPOINT).length;
      return { name: `drizzle/${tag}`, createdAt: when, hash: sha256(text), statementCount };
    }),
  );
}

function isJournal(value: unknown): value is { entries: { tag: string; when: number }[] } {
  return (
    typeof value === "object" &&
    value !== null &&
    "entries" in value &&
    Array.isArray(value.entries) &&
    value.entries.every(
      (entry: unknown) =>
        typeof entry === "object" &&
        entry !== null &&
        "tag" in entry &&
        typeof entry.tag === "string" &&
        "when" in entry &&
        typeof entry.when === "number",
    )
  );
}

async function readConcurrentFolder(directory: string): Promise<ConcurrentMigration[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith(".sql")).sort();
  return Promise.all(
    names.map(async (name) => {
      const script = await readFile(join(directory, name), "utf8");
      return {
        name: `migrations/${name.slice(0, -".sql".length)}`,
        statements: script.split(BREAKPOINT).flatMap(readStatement),
      };
    }),
  );
}

/** Returns a piece's statement without comment lines and its semicolon, because neither belongs to its hash. */
function readStatement(piece: string): ConcurrentStatement[] {
  const lines = piece.split("\n").filter((line) => !line.trimStart().startsWith("--"));
  const text = lines.join("\n").trim().replace(/;$/, "");
  return text === "" ? [] : [{ text, hash: sha256(text) }];
}

/** Reads in one query, fit for PgBouncer, what was applied; null on a database that was never migrated. */
export async function readApplied(db: Db): Promise<AppliedMigrations | null> {
  const rows = await db
    .execute<{ kind: string; name: string; position: string; hash: string }>(
      sql.raw(
        `SELECT 'drizzle' AS kind, '' AS name, created_at::text AS position, hash FROM drizzle.__drizzle_migrations
         UNION ALL
         SELECT 'concurrent', name, statement_index::text, hash FROM drizzle.concurrent_migrations`,
      ),
    )
    .catch((error: unknown) => {
      if (sqlStateOf(error) === UNDEFINED_TABLE) return null;
      throw error;
    });
  if (rows === null) return null;
  const applied: AppliedMigrations = { drizzle: new Map(), concurrent: new Map() };
  for (const { kind, name, position, hash } of rows) {
    if (kind === "drizzle") {
      applied.drizzle.set(Number(position), hash);
    } else {
      const statements = applied.concurrent.get(name) ?? new Map<number, string>();
      applied.concurrent.set(name, statements.set(Number(position), hash));
    }
  }
  return applied;
}

/** The names of the migrations a database still lacks, in the order they are applied. */
export function listPending(files: MigrationFiles, applied: AppliedMigrations | null): string[] {
  return [
    ...files.drizzle.filter(({ createdAt }) => applied?.drizzle.has(createdAt) !== true),
    ...files.concurrent.filter(({ name, statements }) => {
      const done = applied?.concurrent.get(name);
      return statements.some((_, index) => done?.has(index) !== true);
    }),
  ].map(({ name }) => name);
}

/**
 * Checks that what was applied is still what the files say.
 * Errors: StartupError naming the file that was changed after it was applied.
 */
export function refuseChangedFiles(files: MigrationFiles, applied: AppliedMigrations): void {
  const changed = [
    ...files.drizzle
      .filter(({ createdAt, hash }) => (applied.drizzle.get(createdAt) ?? hash) !== hash)
      .map(({ name }) => name),
    ...files.concurrent
      .filter(({ name, statements }) =>
        [...(applied.concurrent.get(name) ?? [])].some(
          ([index, hash]) => statements[index]?.hash !== hash,
        ),
      )
      .map(({ name }) => name),
  ];
  if (changed.length > 0) {
    throw new StartupError(
      `${changed.join(", ")} was changed after it was applied to this database: restore the file and put the change in a new migration`,
    );
  }
}
