import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { AppError } from "../../errors.ts";
import { connectionTo } from "./address.ts";
import { isAborted } from "./errors.ts";
import { sendUndescribed } from "./single-round-trip.ts";
import { StatementQueue } from "./statement-queue.ts";
import { TrackedSockets } from "./tracked-sockets.ts";
import { beginTransaction, type Cancellable, cancelSafely, lazyStatement } from "./transaction.ts";
import { text } from "../../texts/text.ts";

/** The first parameter of query functions: drizzle over a client whose every statement has a deadline. */
export type Db = PostgresJsDatabase;

/** The address of PostgreSQL, and the limits of the pool. */
export interface DatabaseOptions {
  readonly url: string;
  /** The path of a unix socket that replaces the address's host and port. */
  readonly socketPath?: string;
  /** Connections of this client. */
  readonly poolMax: number;
  readonly prepare: boolean;
  /** How long a statement may take, with waiting and retries. */
  readonly deadlineMs: number;
  /** How many statements may wait for a connection; further ones are rejected. */
  readonly waitingMax: number;
  /** Whether statements that wait in an overload are rejected before their deadline; false by default. */
  readonly shedsEarly?: boolean;
  /** Whether the server accepts cancel requests (PGlite does not). */
  readonly cancellable: boolean;
  /** Whether a read that loses its connection is retried; true by default. */
  readonly retriesLost?: boolean;
  readonly applicationName: string;
}

/** The state of the pool, for metrics. */
export interface DatabaseStats {
  readonly running: number;
  readonly waiting: number;
  readonly shed: number;
  readonly timedOut: number;
  readonly retried: number;
  readonly waitSecondsTotal: number;
  readonly statements: number;
}

/** A PostgreSQL client in which no statement can hang. */
export interface Database {
  readonly db: Db;
  stats(): DatabaseStats;
  close(): Promise<void>;
}

const NEVER_SENT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENOENT",
  "CONNECT_TIMEOUT",
  "EHOSTUNREACH",
]);
const CONNECTION_LOST = new Set([
  ...NEVER_SENT,
  "CONNECTION_CLOSED",
  "CONNECTION_DESTROYED",
  "CONNECTION_ENDED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "57P01",
  "57P02",
  "57P03",
  "08000",
  "08001",
  "08003",
  "08004",
  "08006",
  "08P01",
  "53300",
]);

function codeOf(error: unknown): string {
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
}

/** Whether an error means that the connection failed or was lost, rather than that a statement failed. */
export function isConnectionError(error: unknown): boolean {
  return CONNECTION_LOST.has(codeOf(error));
}

function unavailable(cause: unknown): AppError {
  return new AppError("SERVICE_UNAVAILABLE", text("database_away"), {
    cause,
    retryAfterSeconds: 2,
  });
}

const READ_ONLY =
  /^\s*(?:select|with)\b(?![\s\S]*\b(?:insert|update|delete|merge|for\s+update)\b)/i;
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/**
 * Opens a pool of connections whose statements each have a deadline.
 * A read that loses its connection is retried within the deadline; a write only if it was certainly not sent.
 * Errors: SERVICE_UNAVAILABLE when the deadline passes, the database is unavailable, or too many statements wait.
 */
export function openDatabase(options: DatabaseOptions): Database {
  const sockets = new TrackedSockets();
  const queue = new StatementQueue({
    runningMax: options.poolMax,
    waitingMax: options.waitingMax,
    isControlled: options.shedsEarly ?? false,
  });
  let timedOut = 0;
  let retried = 0;
  let statements = 0;
  let closed = false;

  const client = postgres({
    ...connectionTo(options.url, options),
    max: options.poolMax,
    prepare: options.prepare,
    // Statements cast arrays themselves, because fetching the types costs one query for each connection.
    fetch_types: false,
    connect_timeout: 2,
    idle_timeout: 0,
    max_lifetime: options.cancellable ? 1800 : null,
    backoff: () => 0.05,
    onnotice: () => {},
    ...sockets.option(),
  });
  const statementOptions = {
    prepare: options.prepare,
    // Undeclared: false prevents pipelining. PgBouncer releases a server connection when a statement ends, even if the
    // next one's Parse was already forwarded to it; the replies then reach another client.
    onexecute: () => false,
  };

  /** Runs one attempt. At the deadline the statement is cancelled, or its connection destroyed. */
  async function attempt<T>(
    start: (sql: postgres.Sql) => Cancellable<T>,
    remainingMs: number,
  ): Promise<T> {
    const pending = start(client);
    const settled = Promise.resolve(pending);
    let timer: NodeJS.Timeout | undefined;
    let isOver = false;
    const deadline = new Promise<never>((_resolve, reject) => {
      const end = () => {
        if (isOver) return;
        timedOut += 1;
        reject(unavailable(new Error("deadline")));
        abandon(settled, pending);
      };
      // Timers run before sockets are read, so on a busy process the answer may already have arrived.
      timer = setTimeout(() => setImmediate(end), remainingMs);
    });
    try {
      return await Promise.race([settled, deadline]);
    } finally {
      isOver = true;
      clearTimeout(timer);
    }
  }

  function abandon(settled: Promise<unknown>, pending: Cancellable<unknown>): void {
    let done = false;
    const finish = () => {
      done = true;
    };
    settled.then(finish, finish);
    if (!options.cancellable) return;
    const received = sockets.received();
    cancelSafely(pending);
    // A server that does not end a cancelled statement hangs or cannot be reached.
    setTimeout(() => {
      if (!done) sockets.destroySilent(received);
    }, 500).unref();
  }

  async function run<T>(
    repeatable: boolean,
    start: (sql: postgres.Sql) => Cancellable<T>,
  ): Promise<T> {
    statements += 1;
    const endsAt = performance.now() + options.deadlineMs;
    await queue.enter(options.deadlineMs);
    try {
      for (let tries = 0; ; tries += 1) {
        try {
          return await attempt(start, Math.max(1, endsAt - performance.now()));
        } catch (error) {
          if (!isConnectionError(error) && !isAborted(error)) throw error;
          const again =
            !closed &&
            options.retriesLost !== false &&
            (repeatable || NEVER_SENT.has(codeOf(error)));
          const delayMs = Math.min(25 * 2 ** tries, 250);
          if (!again || performance.now() + delayMs >= endsAt) throw unavailable(error);
          retried += 1;
          await pause(delayMs);
        }
      }
    } finally {
      queue.leave();
    }
  }

  const guarded = {
    options: client.options,
    unsafe(text: string, parameters: postgres.ParameterOrJSON<never>[] = []) {
      const repeatable = READ_ONLY.test(text);
      return lazyStatement((pick) =>
        run(repeatable, (sql) =>
          pick(
            options.prepare
              ? sql.unsafe(text, parameters, statementOptions)
              : sendUndescribed(sql, text, parameters, statementOptions),
          ),
        ),
      );
    },
    begin: <T>(body: (sql: postgres.TransactionSql) => Promise<T>) =>
      run(false, (sql) => beginTransaction(sql, body, isConnectionError)),
  };

  // Cast, because drizzle uses only these members of a client.
  const db = drizzle(guarded as unknown as postgres.Sql);
  return {
    db,
    stats: () => ({
      running: queue.running,
      waiting: queue.waiting,
      shed: queue.shed,
      waitSecondsTotal: queue.waitSecondsTotal,
      timedOut,
      retried,
      statements,
    }),
    async close() {
      closed = true;
      await client.end({ timeout: 2 });
      sockets.destroyAll();
    },
  };
}
