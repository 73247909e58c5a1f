import { drizzle } from "drizzle-orm/postgres-js";
import type { Sql } from "postgres";
import { DRIZZLE_DIR, MIGRATIONS_DIR } from "../db/migrations/migrate.ts";
import {
  listPending,
  readApplied,
  readMigrationFiles,
  rejectChangedFiles,
} from "../db/migrations/migration-files.ts";
import { parseConcurrentIndex } from "../db/migrations/concurrent-index.ts";
import { StartupError } from "../startup-error.ts";
import type { MigrationFacts } from "./schema.ts";

/**
 * Compares the database's migrations with this program's.
 * Errors: StartupError when the folders cannot be read.
 */
export async function askMigrations(sql: Sql): Promise<MigrationFacts> {
  const files = await readMigrationFiles({
    drizzleDir: DRIZZLE_DIR,
    migrationsDir: MIGRATIONS_DIR,
  });
  const applied = await readApplied(drizzle(sql));
  const known = new Set([
    ...files.drizzle.map(({ createdAt }) => String(createdAt)),
    ...files.concurrent.map(({ name }) => name),
  ]);
  const has = [
    ...[...(applied?.drizzle.keys() ?? [])].map(String),
    ...(applied?.concurrent.keys() ?? []),
  ];
  let changed: string | null = null;
  try {
    if (applied !== null) rejectChangedFiles(files, applied);
  } catch (error) {
    if (!(error instanceof StartupError)) throw error;
    changed = error.message;
  }
  return {
    pending: listPending(files, applied),
    changed,
    unknownCount: has.filter((name) => !known.has(name)).length,
  };
}

/** Returns the indexes that applied migrations built and no later migration dropped. */
export async function expectedIndexes(pending: readonly string[]): Promise<string[]> {
  const files = await readMigrationFiles({
    drizzleDir: DRIZZLE_DIR,
    migrationsDir: MIGRATIONS_DIR,
  });
  const expected = new Set<string>();
  for (const { name, statements } of files.concurrent) {
    if (pending.includes(name)) continue;
    for (const { text } of statements) {
      const built = parseConcurrentIndex(text);
      if (built !== null) expected.add(built.index);
      const dropped = /^drop\s+index\s+(?:concurrently\s+)?(?:if\s+exists\s+)?"?(\w+)"?/i.exec(
        text,
      );
      if (dropped?.[1] !== undefined) expected.delete(dropped[1]);
    }
  }
  return [...expected];
}
