import postgres from "postgres";
import { type Config, ConfigError } from "../config.ts";
import { connectionTo, NO_TIME_LIMITS } from "../db/client/address.ts";
import { SESSION_OPTIONS } from "../db/client/session.ts";
import { AppError } from "../errors.ts";
import { isConnectionLost, LostConnectionError } from "../import/write/lost-connection.ts";
import { StartupError } from "../startup-error.ts";
import { exitOnStopSignals, type HandOver } from "../stop-signals.ts";

/** The database of a command: direct sessions without time limits for statements. */
export interface CommandDatabase {
  readonly sql: postgres.Sql;
  readonly isEmbedded: boolean;
  /** Rejects with a LostConnectionError when a connection ends unexpectedly; never resolves. */
  readonly lost: Promise<never>;
  close(): Promise<void>;
}

const LOST = "the connection to the database was lost; run the command again to continue";

/**
 * Runs a command and exits with the code that the command returns (0 without one). SIGINT and SIGTERM end the command at
 * once, unless it handles them.
 * Errors: printed as one line if expected, else with their stack; the exit code is then 1.
 */
export async function runCommand(
  main: (handOver: HandOver) => Promise<number | void>,
): Promise<void> {
  const handOver = exitOnStopSignals();
  let code: number;
  try {
    code = (await main(handOver)) ?? 0;
  } catch (error) {
    process.stderr.write(`${describe(error)}\n`);
    code = 1;
  }
  // The embedded database's worker thread would keep the process alive.
  process.exit(code);
}

function describe(error: unknown): string {
  if (isConnectionLost(error) && !(error instanceof LostConnectionError)) return LOST;
  if (
    error instanceof ConfigError ||
    error instanceof StartupError ||
    error instanceof AppError ||
    // The messages of node:util's parseArgs are written for people.
    (error instanceof TypeError &&
      "code" in error &&
      String(error.code).startsWith("ERR_PARSE_ARGS"))
  ) {
    return error.message;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/**
 * Opens the configured database by its direct address, or the embedded database, which is created if necessary.
 * Errors: StartupError when the database cannot be reached, is behind a pooler, or its data directory is in use.
 */
export async function openCommandDatabase(
  config: Config,
  output: NodeJS.WriteStream,
  connections = 1,
): Promise<CommandDatabase> {
  const source = await findDatabase(config, output);
  const { promise: lost, reject: lose } = Promise.withResolvers<never>();
  // The command may not wait for `lost`, and then its rejection must not count as unhandled.
  lost.catch(() => undefined);
  let isClosing = false;
  const onLost = () => {
    if (!isClosing) lose(new LostConnectionError(LOST));
  };
  // postgres-js writes into a socket that has just closed, in a callback whose error cannot be caught.
  const onUncaught = (error: unknown) => {
    if (isWriteAfterClose(error)) {
      onLost();
      return;
    }
    process.stderr.write(`${describe(error)}\n`);
    process.exit(1);
  };
  process.on("uncaughtException", onUncaught);
  const sql = postgres({
    // PgBouncer refuses these settings, which reveals a pooled address.
    ...connectionTo(source.databaseUrl, {
      socketPath: source.socketPath,
      applicationName: "command",
      startup: NO_TIME_LIMITS,
    }),
    // With one connection, settings, locks and temporary tables apply to all statements of the command.
    max: source.isEmbedded ? 1 : connections,
    ...SESSION_OPTIONS,
    onclose: onLost,
  });
  const close = async () => {
    isClosing = true;
    await sql.end({ timeout: 5 });
    await source.close();
    process.off("uncaughtException", onUncaught);
  };
  try {
    await sql`select 1`;
  } catch (error) {
    await close();
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartupError(
      reason.includes("unsupported startup parameter")
        ? "this command needs a direct connection, and this one goes through PgBouncer: set DATABASE_DIRECT_URL"
        : `the database cannot be used: ${reason}`,
      { cause: error },
    );
  }
  return { sql, isEmbedded: source.isEmbedded, lost, close };
}

function isWriteAfterClose(error: unknown): boolean {
  return (
    error instanceof TypeError &&
    /\/postgres\/(?:src|cjs\/src)\/connection\.js/.test(error.stack ?? "") &&
    error.message.includes("null")
  );
}

interface CommandDatabaseSource {
  readonly databaseUrl: string;
  readonly socketPath: string | null;
  readonly isEmbedded: boolean;
  close(): Promise<void>;
}

async function findDatabase(
  { databaseDirectUrl, ...config }: Config,
  output: NodeJS.WriteStream,
): Promise<CommandDatabaseSource> {
  if (databaseDirectUrl !== null) {
    const close = () => Promise.resolve();
    return { databaseUrl: databaseDirectUrl, socketPath: null, isEmbedded: false, close };
  }
  // Imported here, because loading drizzle takes seconds and 200 MB, which most commands need not pay.
  const { resolveDatabase } = await import("../database-source.ts");
  return resolveDatabase({ databaseDirectUrl, ...config }, output);
}
