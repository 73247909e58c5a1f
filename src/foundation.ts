import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "./config.ts";
import { loadDemoData } from "./db/demo/load.ts";
import { startEmbeddedDatabase } from "./db/embedded.ts";
import { DRIZZLE_DIR, MIGRATIONS_DIR, pendingMigrations } from "./db/migrate.ts";
import type { Foundation } from "./deps.ts";

/** What the process stands on, and how to put it away. */
export interface LaidFoundation extends Foundation {
  readonly isEmbedded: boolean;
  close(): Promise<void>;
}

/**
 * Finds the database: the configured one, or an embedded one that is made, migrated and filled here.
 * Errors: StartupError when the data directory or the embedded database cannot be used.
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

/** The secret that signs development tokens: random, made once, kept in the data directory. */
export function developmentSecret(dataDir: string): string {
  const file = join(dataDir, "jwt-secret");
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  try {
    writeFileSync(file, randomBytes(32).toString("base64url"), { flag: "wx", mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  return readFileSync(file, "utf8");
}
