import { parseArgs } from "node:util";
import { drizzle } from "drizzle-orm/postgres-js";
import { CACHE_NAMES } from "../cache/names.ts";
import { loadConfig } from "../config.ts";
import { flushCache } from "../db/cache-events.ts";
import { openCommandDatabase, runCommand } from "./command.ts";
import { StartupError } from "../startup-error.ts";

/** Drops one cache, such as `stores`, on every instance within a second. */
await runCommand(async () => {
  const { positionals } = parseArgs({ allowPositionals: true });
  const [name] = positionals;
  if (
    positionals.length !== 1 ||
    name === undefined ||
    !CACHE_NAMES.some((known) => known === name)
  ) {
    throw new StartupError(`name the cache to flush: ${CACHE_NAMES.join(", ")}`);
  }
  const config = loadConfig();
  if (config.databaseUrl === null) {
    throw new StartupError(
      "the embedded server keeps its cache in its own memory: restart it instead (or set DATABASE_URL)",
    );
  }
  const database = await openCommandDatabase(config, process.stderr);
  try {
    await flushCache(drizzle(database.sql), name);
    process.stdout.write(`${name}: every instance drops it within a second\n`);
  } finally {
    await database.close();
  }
});
