import { parseArgs } from "node:util";
import type postgres from "postgres";
import { loadConfig } from "../config.ts";
import { createProgress } from "../progress.ts";
import {
  benchFavorites,
  benchProducts,
  type BenchRows,
  benchScans,
  benchStores,
} from "../seed/load-test-rows.ts";
import { insertMissing } from "../import/write/bulk-copy.ts";
import type { Cell } from "../import/write/copy-text.ts";
import { BENCH_SOURCE, saveDataSource } from "../import/write/data-sources.ts";
import { StartupError } from "../startup-error.ts";
import { openCommandDatabase, runCommand } from "./command.ts";

const BATCH_ROWS = 10_000;
const COUNT_MAX = 50_000_000;
/** Batches that are written in parallel, because a backend of PostgreSQL uses one core. */
const CONNECTIONS = 3;

/** Fills a database with invented rows for load tests. Existing rows stay, so the command can be repeated. */
await runCommand(async () => {
  const { values } = parseArgs({
    options: {
      stores: { type: "string", default: "0" },
      products: { type: "string", default: "0" },
      users: { type: "string", default: "0" },
    },
  });
  const stores = countOf("stores", values.stores);
  const products = countOf("products", values.products);
  const users = countOf("users", values.users);
  if (stores + products + users === 0) {
    throw new StartupError("npm run bench:data -- --stores <n> --products <n> --users <n>");
  }
  const database = await openCommandDatabase(
    loadConfig({ needsIssuer: false }),
    process.stderr,
    CONNECTIONS,
  );
  const fill = async () => {
    const { sql } = database;
    await saveDataSource(sql, BENCH_SOURCE);
    if (products > 0) await load(sql, "products", products, benchProducts(products));
    if (stores > 0) await load(sql, "stores", stores, benchStores(stores));
    if (users > 0) {
      await load(sql, "scans", undefined, benchScans(users, products));
      await load(sql, "favourites", undefined, benchFavorites(users, products));
    }
    await sql.unsafe("analyze stores, products, scans, favorites");
  };
  try {
    await Promise.race([fill(), database.lost]);
  } finally {
    await database.close();
  }
});

function countOf(name: string, text: string): number {
  const count = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (count <= COUNT_MAX) return count;
  throw new StartupError(`--${name} is a whole number from 0 to ${COUNT_MAX}, not ${text}`);
}

async function load(
  sql: postgres.Sql,
  label: string,
  total: number | undefined,
  { target, rows }: BenchRows,
): Promise<void> {
  const startedAt = performance.now();
  const progress = createProgress({ stream: process.stderr, label });
  let done = 0;
  let added = 0;
  let batch: (readonly Cell[])[] = [];
  const writing = new Set<Promise<void>>();
  const write = async (rowsOfBatch: readonly (readonly Cell[])[]) => {
    const inserted = await insertMissing(sql, target, rowsOfBatch);
    // Added after the wait, because `added += await …` would read the sum before the wait.
    added += inserted;
    done += rowsOfBatch.length;
    progress.update(done, total);
  };
  const flush = async () => {
    if (writing.size >= CONNECTIONS) await Promise.race(writing);
    const task = write(batch);
    batch = [];
    writing.add(task);
    // A failure is thrown at the next race or at the end; until then it must not count as unhandled.
    task.then(
      () => writing.delete(task),
      () => undefined,
    );
  };
  try {
    for (const row of rows) {
      batch.push(row);
      if (batch.length >= BATCH_ROWS) await flush();
    }
    if (batch.length > 0) await flush();
    await Promise.all(writing);
    progress.finish();
  } finally {
    progress.stop();
  }
  const seconds = (performance.now() - startedAt) / 1000;
  process.stdout.write(
    `${label}: ${done.toLocaleString("en")} rows, ${added.toLocaleString("en")} of them new, in ${seconds.toFixed(1)} s\n`,
  );
}
