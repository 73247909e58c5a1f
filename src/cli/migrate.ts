import { loadConfig } from "../config.ts";
import { parseDatabaseAddress } from "../db/client/address.ts";
import { DRIZZLE_DIR, migrateDatabase, MIGRATIONS_DIR } from "../db/migrations/migrate.ts";
import { loadOwnLexicon } from "../seed/lexicon/load.ts";
import { openCommandDatabase, runCommand } from "./command.ts";

/** Returns the role of an address, without the project that Supabase's pooler appends. */
function roleOf(url: string): string | undefined {
  const { user, host } = parseDatabaseAddress(url);
  const role = host.endsWith(".pooler.supabase.com") ? user.replace(/\.[^.]+$/, "") : user;
  return role === "" ? undefined : role;
}

/** Applies `drizzle/`, then `migrations/`, and loads the lexicon of this release; several processes may run it at once. */
await runCommand(async () => {
  const config = loadConfig();
  const say = (line: string) => process.stdout.write(`${line}\n`);
  if (config.databaseDirectUrl === null) {
    // Opening the embedded database also migrates it.
    const database = await openCommandDatabase(config, process.stderr);
    await database.close();
    say("the embedded database is up to date");
    return;
  }
  const applied = await migrateDatabase({
    url: config.databaseDirectUrl,
    serviceRole: config.databaseUrl === null ? undefined : roleOf(config.databaseUrl),
    drizzleDir: DRIZZLE_DIR,
    migrationsDir: MIGRATIONS_DIR,
    log: say,
  });
  const database = await openCommandDatabase(config, process.stderr);
  try {
    if (await loadOwnLexicon(database.sql)) say("loaded the lexicon and the default rulings");
  } finally {
    await database.close();
  }
  say(applied.length === 0 ? "the database was up to date" : `applied ${applied.join(", ")}`);
});
