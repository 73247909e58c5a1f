import type { Config } from "./config.ts";
import { loadDemoData } from "./seed/demo/load.ts";
import { loadOwnLexicon } from "./seed/lexicon/load.ts";
import { startEmbeddedDatabase } from "./db/embedded/embedded.ts";
import { DRIZZLE_DIR, MIGRATIONS_DIR, pendingMigrations } from "./db/migrations/migrate.ts";
import type { DatabaseSource } from "./deps.ts";
import { developmentSecret } from "./development-secret.ts";

/** A database that this process has found or created. */
export interface ResolvedDatabase extends DatabaseSource {
  readonly isEmbedded: boolean;
  close(): Promise<void>;
}

/**
 * Returns the configured database or, without one, creates, migrates and fills an embedded one.
 * Errors: StartupError when the data directory, its secret or the embedded database cannot be used.
 */
export async function resolveDatabase(
  config: Config,
  output: NodeJS.WriteStream,
): Promise<ResolvedDatabase> {
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
      // The files are safe, but this process can no longer answer.
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
