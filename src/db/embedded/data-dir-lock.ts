import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StartupError, unusableDataDir } from "../../startup-error.ts";

export type DataDirLock = { release(): void };

const SQLITE_BUSY = 5;

/** References to the open handles, because the garbage collector would close and unlock an unreferenced one. */
const heldDatabases = new Set<DatabaseSync>();

/**
 * Locks the data directory for this process, and creates the directory if it is missing.
 * The lock is SQLite's exclusive file lock, which the operating system releases even if the process crashes.
 * Errors: StartupError when another process has the lock, or the directory cannot be used.
 */
export function acquireDataDirLock(dataDir: string): DataDirLock {
  const holderFile = join(dataDir, "lock.pid");
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    database = new DatabaseSync(join(dataDir, "lock.db"), { timeout: 0 });
    database.exec("PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    writeFileSync(holderFile, `${process.pid}\n`);
  } catch (error) {
    database?.close();
    if (isBusy(error)) {
      throw new StartupError(
        `DATA_DIR ${dataDir} is in use by another process${readHolder(holderFile)}: stop it, or set another DATA_DIR`,
        { cause: error },
      );
    }
    throw unusableDataDir(dataDir, error);
  }
  const held = database;
  heldDatabases.add(held);
  return {
    release() {
      if (!heldDatabases.delete(held)) return;
      rmSync(holderFile, { force: true });
      held.close();
    },
  };
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY;
}

function readHolder(holderFile: string): string {
  try {
    const pid = readFileSync(holderFile, "utf8").trim();
    return /^\d+$/.test(pid) ? ` (pid ${pid})` : "";
  } catch {
    return "";
  }
}
