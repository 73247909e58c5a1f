import { createServer } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import { createProtocolServer } from "./protocol.ts";

export type EmbeddedWorkerData = { directory: string; socketPath: string };

export type EmbeddedWorkerMessage =
  | { type: "ready" }
  | { type: "missing" }
  | { type: "failed"; message: string };

const CHECKPOINT_INTERVAL_MS = 30_000;
/** How much log a start after a crash must replay; 16 MiB take about a second. */
const CHECKPOINT_WAL_BYTES = 16 * 1024 * 1024;

async function loadEngine() {
  const [{ PGlite }, { postgis }, { btree_gist }, { pg_trgm }, { unaccent }] = await Promise.all([
    import("@electric-sql/pglite"),
    import("@electric-sql/pglite-postgis"),
    import("@electric-sql/pglite/contrib/btree_gist"),
    import("@electric-sql/pglite/contrib/pg_trgm"),
    import("@electric-sql/pglite/contrib/unaccent"),
  ]);
  return (directory: string) =>
    PGlite.create({
      dataDir: directory,
      extensions: { postgis, btree_gist, pg_trgm, unaccent },
    });
}

function report(message: EmbeddedWorkerMessage): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread's port has no origin
  parentPort?.postMessage(message);
}

async function serve({ directory, socketPath }: EmbeddedWorkerData): Promise<void> {
  const open = await loadEngine().catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND")
      return null;
    throw error;
  });
  if (open === null) {
    report({ type: "missing" });
    return;
  }
  const database = await open(directory);
  const protocol = createProtocolServer({
    execute: (message, onRawData) => database.execProtocolRawStream(message, { onRawData }),
    inTransaction: () => database.isInTransaction(),
  });
  const server = createServer((socket) => {
    const connection = protocol.connect({
      send: (bytes) => void (socket.writable && socket.write(bytes)),
      close: () => socket.destroySoon(),
    });
    socket.on("data", (bytes) => connection.receive(bytes));
    socket.on("error", () => socket.destroy());
    socket.on("close", () => connection.closed());
  });

  // A single-user backend has no checkpointer, so its log would only grow.
  let checkpointAt = 0n;
  const checkpoint = async () => {
    const { rows } = await database.query<{ at: string }>(
      "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::text AS at",
    );
    const at = BigInt(rows[0]?.at ?? 0);
    if (at - checkpointAt < CHECKPOINT_WAL_BYTES) return;
    await database.exec("CHECKPOINT");
    checkpointAt = at;
  };
  const timer = setInterval(() => {
    protocol.whenIdle(checkpoint).catch((error: unknown) => {
      report({ type: "failed", message: `checkpoint: ${String(error)}` });
    });
  }, CHECKPOINT_INTERVAL_MS);

  parentPort?.once("message", () => {
    clearInterval(timer);
    server.close();
    void protocol.whenIdle(async () => {
      await database.exec("CHECKPOINT");
      await database.close();
      process.exit(0);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(socketPath, resolve);
  });
  report({ type: "ready" });
}

serve(workerData).catch((error: unknown) => {
  report({ type: "failed", message: error instanceof Error ? error.message : String(error) });
});
