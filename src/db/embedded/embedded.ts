import { rmSync } from "node:fs";
import { mkdir, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Worker } from "node:worker_threads";
import postgres, { type Sql } from "postgres";
import { StartupError } from "../../startup-error.ts";
import { acquireDataDirLock } from "./data-dir-lock.ts";
import {
  DATABASE_FOLDER,
  readEmbeddedState,
  removeUnfinished,
  writeEmbeddedState,
} from "./state.ts";
import type { EmbeddedWorkerData, EmbeddedWorkerMessage } from "./worker.ts";
import { migrateDatabase } from "../migrations/migrate.ts";
import type { MigrationDirs } from "../migrations/migration-files.ts";
import {
  createProgress,
  type OnProgress,
  type Progress,
  type ProgressStream,
} from "../../progress.ts";

export type EmbeddedOptions = MigrationDirs & {
  dataDir: string;
  /** The stream that shows the progress of the start. */
  output: ProgressStream;
  /** Loads rows that every start needs, such as the lexicon of this release. */
  prepare?: (sql: Sql) => Promise<unknown>;
  loadDemo: (sql: Sql, onProgress: OnProgress) => Promise<void>;
  /** Receives the error when the database ends without having been closed. */
  onFailure?: (error: Error) => void;
};

export type EmbeddedDatabase = {
  /** The address for postgres-js, whose option `path` must be `socketPath`. */
  url: string;
  socketPath: string;
  /** Whether this start created the database. */
  created: boolean;
  /** Shuts the database down and unlocks the data directory. */
  close(): Promise<void>;
};

/** The socket replaces the host of this address. */
const URL_ON_SOCKET = "postgres://postgres@localhost/postgres";
const SOCKET_NAME = "s.PGSQL";
/** The longest path of a socket on every operating system. Units: bytes. */
const SOCKET_PATH_MAX = 100;
const CLOSE_TIMEOUT_MS = 10_000;
/** Makes PGlite compile PostGIS, which the first request of a busy machine would wait longer for than its deadline. */
const LOAD_POSTGIS = `SELECT ST_DWithin(place, place, 1), place <-> place
  FROM (SELECT ST_SetSRID(ST_MakePoint(0, 0), 4326)::geography AS place) AS places`;

/**
 * Starts PGlite with PostGIS in a worker thread on a private unix socket, with its files in `dataDir`.
 * The first start creates, migrates and fills the database; an interrupted first start is repeated; later starts
 * migrate.
 * Errors: StartupError when the directory is in use or of another program, or PGlite is not installed.
 */
export async function startEmbeddedDatabase(options: EmbeddedOptions): Promise<EmbeddedDatabase> {
  const dataDir = resolve(options.dataDir);
  const lock = acquireDataDirLock(dataDir);
  let socketDirectory: string | undefined;
  let engine: Engine | undefined;
  const tidy = () => {
    if (socketDirectory !== undefined) rmSync(socketDirectory, { recursive: true, force: true });
    lock.release();
  };
  // A process that exits early leaves the files as a crash does, and the next start recovers them.
  process.once("exit", tidy);
  const close = async () => {
    await engine?.close();
    tidy();
    process.removeListener("exit", tidy);
  };
  try {
    const state = await readEmbeddedState(dataDir);
    if (state === "creating") {
      options.output.write("an earlier first start was interrupted: repeating it\n");
      await removeUnfinished(dataDir);
    }
    const created = state !== "ready";
    if (created) await writeEmbeddedState(dataDir, "creating");

    socketDirectory = await makeSocketDirectory();
    const socketPath = join(socketDirectory, SOCKET_NAME);
    await showing(
      options.output,
      created ? "creating the embedded database" : "opening the embedded database",
      "steps",
      async () => {
        await mkdir(join(dataDir, DATABASE_FOLDER), { recursive: true, mode: 0o700 });
        engine = await startEngine(
          { directory: join(dataDir, DATABASE_FOLDER), socketPath },
          options.onFailure,
        );
      },
    );
    if (created) {
      await firstStart(socketPath, options);
      await writeEmbeddedState(dataDir, "ready");
    } else {
      const log = (line: string) => void options.output.write(`${line}\n`);
      await migrateDatabase({ ...options, url: URL_ON_SOCKET, socketPath, log });
      await withConnection(socketPath, async (sql) => {
        await options.prepare?.(sql);
        await sql.unsafe(LOAD_POSTGIS);
      });
    }
    return { url: URL_ON_SOCKET, socketPath, created, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Shows a task's progress while it runs. */
async function showing(
  stream: ProgressStream,
  label: string,
  unit: string,
  task: (progress: Progress) => Promise<void>,
): Promise<void> {
  const progress = createProgress({ stream, label, unit, isSteady: unit === "rows" });
  try {
    await task(progress);
    progress.finish();
  } finally {
    progress.stop();
  }
}

async function firstStart(
  socketPath: string,
  { output, prepare, loadDemo, ...dirs }: EmbeddedOptions,
): Promise<void> {
  await showing(output, "migrating", "statements", async (progress) => {
    await migrateDatabase({
      ...dirs,
      url: URL_ON_SOCKET,
      socketPath,
      log: () => undefined,
      onProgress: progress.update,
    });
  });
  await withConnection(socketPath, async (sql) => {
    await prepare?.(sql);
    await showing(output, "loading demo data", "rows", async (progress) => {
      await loadDemo(sql, progress.update);
      // A single-user backend has no autovacuum, and without statistics its plans are bad.
      await sql.unsafe("VACUUM (ANALYZE)");
      await sql.unsafe("CHECKPOINT");
    });
  });
}

async function withConnection(
  socketPath: string,
  work: (sql: Sql) => Promise<unknown>,
): Promise<void> {
  const sql = postgres(URL_ON_SOCKET, {
    path: socketPath,
    max: 1,
    prepare: false,
    fetch_types: false,
    onnotice: () => undefined,
  });
  try {
    await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function makeSocketDirectory(): Promise<string> {
  // The random part is six characters long.
  const length = join(tmpdir(), "halal-XXXXXX", SOCKET_NAME).length;
  return mkdtemp(join(length < SOCKET_PATH_MAX ? tmpdir() : "/tmp", "halal-"));
}

type Engine = { close(): Promise<void> };

function startEngine(
  data: EmbeddedWorkerData,
  onFailure?: (error: Error) => void,
): Promise<Engine> {
  return new Promise((resolveEngine, reject) => {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), {
      workerData: data,
      // The flags of the process (of an inline script or a test runner) must not reach the worker.
      execArgv: [],
    });
    let state: "starting" | "running" | "closing" | "ended" = "starting";
    const fail = (error: Error) => {
      const before = state;
      state = "ended";
      if (before === "starting") reject(error);
      else if (before === "running") onFailure?.(error);
      void worker.terminate();
    };
    const exited = new Promise<void>((resolveExit) => {
      worker.once("exit", () => {
        fail(new Error("the embedded database ended unexpectedly"));
        resolveExit();
      });
    });
    worker.once("error", (error: unknown) => {
      fail(error instanceof Error ? error : new Error(String(error)));
    });
    // Under `node --watch` Node sends its own messages, which have no type.
    worker.on("message", (message: EmbeddedWorkerMessage | { type?: undefined }) => {
      if (message.type === "missing") {
        fail(new StartupError("the embedded database is not installed here: set DATABASE_URL"));
      } else if (message.type === "failed") {
        fail(
          new StartupError(`the embedded database in ${data.directory} failed: ${message.message}`),
        );
      } else if (message.type === "ready") {
        state = "running";
        resolveEngine({
          async close() {
            if (state === "running") {
              state = "closing";
              // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread has no origin
              worker.postMessage("close");
            }
            const timer = setTimeout(() => void worker.terminate(), CLOSE_TIMEOUT_MS);
            await exited;
            clearTimeout(timer);
          },
        });
      }
    });
  });
}
