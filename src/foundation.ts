import type { Config } from "./config.ts";
import { loadDemoData } from "./seed/demo/load.ts";
import { loadOwnLexicon } from "./seed/lexicon/load.ts";
import { startEmbeddedDatabase } from "./db/embedded/embedded.ts";
import { DRIZZLE_DIR, MIGRATIONS_DIR, pendingMigrations } from "./db/migrations/migrate.ts";
import type { Foundation } from "./deps.ts";
import { developmentSecret } from "./development-secret.ts";

/** What the process stands on, and how to put it away. */
export interface LaidFoundation extends Foundation {
  readonly isEmbedded: boolean;
  close(): Promise<void>;
}

/**
 * Finds the database: the configured one, or an embedded one that is made, migrated and filled here.
 * Errors: StartupError when the data directory, its secret or the embedded database cannot be used.
 */
export async function layFoundation(
  config: Config,
  output: NodeJS.WriteStream,
): Promise<LaidFoundation> {
  const tokenKey =
    config.tokenIssuer.kind === "generated"
      ? ({ kind: "secret", secret: developmentSecret(config.dataDir) } as const)
      : config.tokenIssuer;
  if (config.databaseUrl !== null) {
    return {
      isEmbedded: false,
      databaseUrl: config.databaseUrl,
      socketPath: null,
      tokenKey,
      pendingMigrations,
      close: () => Promise.resolve(),
    };
  }
  const embedded = await startEmbeddedDatabase({
    onFailure: (error) => {
      // The files are safe; there is nothing this process can answer any more.
      output.write(`the embedded database ended: ${error.message}\n`);
      process.exit(1);
    },
    dataDir: config.dataDir,
    output,
    drizzleDir: DRIZZLE_DIR,
    migrationsDir: MIGRATIONS_DIR,
    prepare: loadOwnLexicon,
    loadDemo: loadDemoData,
  });
  return {
    isEmbedded: true,
    databaseUrl: embedded.url,
    socketPath: embedded.socketPath,
    tokenKey,
    pendingMigrations,
    close: () => embedded.close(),
  };
}
