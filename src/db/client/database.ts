import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { AppError } from "../../errors.ts";
import { connectionTo } from "./address.ts";
import { isGivenUp } from "./errors.ts";
import { sendInOneTrip } from "./one-trip.ts";
import { QueryGate } from "./query-gate.ts";
import { SocketPool } from "./socket-pool.ts";
import { beginTransaction, type Cancellable, giveUp, lazyStatement } from "./transaction.ts";

/** What a query function is given: drizzle over a client whose every statement has a deadline. */
export type Db = PostgresJsDatabase;

/** How to reach PostgreSQL, and how long to believe in an answer. */
export interface DatabaseOptions {
  readonly url: string;
  /** A unix socket instead of the address's host and port. */
  readonly socketPath?: string;
  /** Connections of this client. */
  readonly poolMax: number;
  readonly prepare: boolean;
  /** How long a statement may take in all, waiting and retries included. */
  readonly deadlineMs: number;
  /** Statements that may wait for a connection before further ones are turned away. */
  readonly waitingMax: number;
  /** Whether the server takes cancel requests (PGlite does not). */
  readonly cancellable: boolean;
  /** Whether a read that loses its connection is tried again here; so it is unless this is false. */
  readonly retriesLost?: boolean;
  readonly applicationName: string;
}

/** What the pool is doing, for metrics. */
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

/** Whether an error says that the database could not be reached or was lost, rather than that it refused a statement. */
export function isConnectionError(error: unknown): boolean {
  return CONNECTION_LOST.has(codeOf(error));
}

function unavailable(cause: unknown): AppError {
  return new AppError(
    "SERVICE_UNAVAILABLE",
    "The database cannot answer right now. Please try again.",
    {
      cause,
      retryAfterSeconds: 2,
    },
  );
}

const READ_ONLY =
  /^\s*(?:select|with)\b(?![\s\S]*\b(?:insert|update|delete|merge|for\s+update)\b)/i;
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/**
 * Opens a pool of connections whose statements each have a deadline.
 * A read that loses its connection is tried again within the deadline; a write only if it was certainly not sent.
 * Errors: SERVICE_UNAVAILABLE when the deadline passes, the database is away, or too many statements wait.
 */
export function openDatabase(options: DatabaseOptions): Database {
  const sockets = new SocketPool();
  const gate = new QueryGate(options.poolMax, options.waitingMax);
  let timedOut = 0;
  let retried = 0;
  let statements = 0;
  let closed = false;

  const client = postgres({
    ...connectionTo(options.url, options),
    max: options.poolMax,
    prepare: options.prepare,
    // An array's type is spelled out in each statement; asking for types costs a query a connection.
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
    // Undeclared: false keeps further statements off the connection until this one has ended. PgBouncer takes a server
    // connection away at a statement's end though the next one's Parse has gone to it already, whose replies then
    // reach somebody else.
    onexecute: () => false,
  };

  /** One attempt, given up at the deadline; what is left behind is cancelled, or its connection cut. */
  async function attempt<T>(
    start: (sql: postgres.Sql) => Cancellable<T>,
    remainingMs: number,
  ): Promise<T> {
    const pending = start(client);
    const settled = Promise.resolve(pending);
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        timedOut += 1;
        reject(unavailable(new Error("deadline")));
        abandon(settled, pending);
      }, remainingMs);
    });
    try {
      return await Promise.race([settled, deadline]);
    } finally {
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
    giveUp(pending);
    // A server that does not even end a cancelled statement hangs, or is beyond a dead link.
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
    await gate.enter(options.deadlineMs);
    try {
      for (let tries = 0; ; tries += 1) {
        try {
          return await attempt(start, Math.max(1, endsAt - performance.now()));
        } catch (error) {
          if (!isConnectionError(error) && !isGivenUp(error)) throw error;
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
      gate.leave();
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
              : sendInOneTrip(sql, text, parameters, statementOptions),
          ),
        ),
      );
    },
    begin: <T>(body: (sql: postgres.TransactionSql) => Promise<T>) =>
      run(false, (sql) => beginTransaction(sql, body, isConnectionError)),
  };

  // Why the cast: drizzle uses just these members of the client it is given.
  const db = drizzle(guarded as unknown as postgres.Sql);
  return {
    db,
    stats: () => ({
      running: gate.running,
      waiting: gate.waiting,
      shed: gate.shed,
      waitSecondsTotal: gate.waitSecondsTotal,
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
