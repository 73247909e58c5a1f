import postgres from "postgres";
import { type Config, ConfigError } from "../config.ts";
import { connectionTo, NO_TIME_LIMITS } from "../db/client/address.ts";
import { AppError } from "../errors.ts";
import { isConnectionLost, LostConnectionError } from "../import/write/lost-connection.ts";
import { StartupError } from "../startup-error.ts";
import { exitOnStopSignals, type HandOver } from "../stop-signals.ts";

/** The database as a command has it: sessions past the pooler whose statements may take as long as they need. */
export interface CommandDatabase {
  readonly sql: postgres.Sql;
  readonly isEmbedded: boolean;
  /** Rejects with a LostConnectionError when a connection ends of itself, and never resolves. */
  readonly lost: Promise<never>;
  close(): Promise<void>;
}

const LOST = "the connection to the database was lost; run the command again to go on";

/**
 * Runs a command to its end and exits with the code it gives (0 when it gives none). SIGINT and SIGTERM end it at once,
 * unless it takes them over.
 * Errors: an expected one is told as one line, any other with its stack; the exit code is then 1.
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
  // The embedded database's worker would keep the process.
  process.exit(code);
}

function describe(error: unknown): string {
  if (isConnectionLost(error) && !(error instanceof LostConnectionError)) return LOST;
  if (
    error instanceof ConfigError ||
    error instanceof StartupError ||
    error instanceof AppError ||
    // What node:util's parseArgs says of an unknown option is meant for people.
    (error instanceof TypeError &&
      "code" in error &&
      String(error.code).startsWith("ERR_PARSE_ARGS"))
  ) {
    return error.message;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/**
 * Opens the configured database by its direct address, or the embedded one, which it makes if need be.
 * Errors: StartupError when it cannot be reached, is behind a pooler, or a server uses the same data directory.
 */
export async function openCommandDatabase(
  config: Config,
  output: NodeJS.WriteStream,
  connections = 1,
): Promise<CommandDatabase> {
  const foundation = await findDatabase(config, output);
  const { promise: lost, reject: lose } = Promise.withResolvers<never>();
  // Whoever waits for it hears of it; nobody may.
  lost.catch(() => undefined);
  let isClosing = false;
  const onLost = () => {
    if (!isClosing) lose(new LostConnectionError(LOST));
  };
  // postgres-js writes on into a socket that has just closed, in a callback of its own where nothing can catch it.
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
    // PgBouncer refuses these settings, which tells a pooled address apart.
    ...connectionTo(foundation.databaseUrl, {
      socketPath: foundation.socketPath,
      applicationName: "command",
      startup: NO_TIME_LIMITS,
    }),
    // With one, what a statement sets, locks or keeps in temporary tables holds for the next.
    max: foundation.isEmbedded ? 1 : connections,
    prepare: false,
    fetch_types: false,
    idle_timeout: 0,
    max_lifetime: null,
    connect_timeout: 10,
    onnotice: () => undefined,
    onclose: onLost,
  });
  const close = async () => {
    isClosing = true;
    await sql.end({ timeout: 5 });
    await foundation.close();
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
  return { sql, isEmbedded: foundation.isEmbedded, lost, close };
}

function isWriteAfterClose(error: unknown): boolean {
  return (
    error instanceof TypeError &&
    /\/postgres\/(?:src|cjs\/src)\/connection\.js/.test(error.stack ?? "") &&
    error.message.includes("null")
  );
}

interface CommandFoundation {
  readonly databaseUrl: string;
  readonly socketPath: string | null;
  readonly isEmbedded: boolean;
  close(): Promise<void>;
}

async function findDatabase(
  { databaseDirectUrl, ...config }: Config,
  output: NodeJS.WriteStream,
): Promise<CommandFoundation> {
  if (databaseDirectUrl !== null) {
    const close = () => Promise.resolve();
    return { databaseUrl: databaseDirectUrl, socketPath: null, isEmbedded: false, close };
  }
  // Only here, because loading drizzle takes seconds and 200 MB that no other command needs.
  const { layFoundation } = await import("../foundation.ts");
  return layFoundation({ databaseDirectUrl, ...config }, output);
}
