import type postgres from "postgres";
import { padToFlush } from "./single-round-trip.ts";

/** A statement or transaction that may be cancelled. */
export type Cancellable<T> = PromiseLike<T> & { cancel?: () => unknown };

/** The members of a postgres-js statement that cancelling it needs. */
interface Statement {
  readonly state?: unknown;
  strings?: readonly string[];
  args?: readonly unknown[];
  parameters?: readonly unknown[];
  canceller?: ((statement: Statement) => Promise<unknown>) | null;
  readonly cancel?: () => unknown;
}

/**
 * Cancels a statement that no caller waits for. postgres-js's own `cancel` has two faults: it loses the connection for
 * which a queued statement waits, and a server that refuses the cancel request causes an unhandled rejection.
 */
export function cancelSafely(pending: Cancellable<unknown>): void {
  const statement = pending as Statement;
  if (statement.strings === undefined) {
    statement.cancel?.();
  } else if (statement.state === null) {
    statement.strings = [padToFlush("select 1")];
    statement.args = [];
    statement.parameters = [];
  } else {
    const { canceller } = statement;
    statement.canceller = null;
    canceller?.(statement).catch(() => {});
  }
}

type Row = Record<string, unknown>;

/** A row's columns in the bytes that the database sent. */
export type RawRow = readonly (Buffer | null)[];

/** A statement that starts when it is awaited; `values` and `raw` return its rows as arrays of values or of bytes. */
export interface LazyStatement extends PromiseLike<Row[]> {
  catch(reject: (error: unknown) => unknown): Promise<unknown>;
  values(): Promise<unknown[][]>;
  raw(): Promise<RawRow[]>;
}

/** Makes a statement that starts when it is awaited, as those of postgres-js do. */
export function lazyStatement(
  run: <T>(pick: (query: postgres.PendingQuery<Row[]>) => Cancellable<T>) => Promise<T>,
): LazyStatement {
  let rows: Promise<Row[]> | undefined;
  const execute = () => (rows ??= run<Row[]>((query) => query).then(withoutHoles));
  return {
    // oxlint-disable-next-line unicorn/no-thenable -- postgres-js's own queries are thenables that start when awaited
    then: (resolve, reject) => execute().then(resolve, reject),
    catch: (reject) => execute().catch(reject),
    values: () => run<unknown[][]>((query) => query.values()).then(withoutHoles),
    raw: () => run<RawRow[]>((query) => query.raw()).then(withoutHoles),
  };
}

/**
 * Removes the holes before the first row. postgres-js keeps the row index of a statement that was cancelled in the
 * middle of its rows, so the next result on that connection starts with holes.
 */
function withoutHoles<R extends readonly unknown[]>(rows: R): R {
  return rows.length === 0 || 0 in rows ? rows : (rows.filter(() => true) as unknown as R);
}

/**
 * Begins a transaction that ends with its connection or its deadline. postgres-js alone would send the remaining
 * statements and its ROLLBACK to the next connection, outside any transaction.
 * Errors: those of the body and of the connection.
 */
export function beginTransaction<T>(
  sql: postgres.Sql,
  body: (transaction: postgres.TransactionSql) => Promise<T>,
  isConnectionError: (error: unknown) => boolean,
): Promise<T> & { cancel: () => void } {
  /** The reason why no further statement may run. */
  let ended: { readonly reason: unknown } | undefined;
  let isConnectionLost = false;
  let running: Cancellable<unknown> | undefined;

  const lose = (reason: unknown) => {
    isConnectionLost = true;
    ended ??= { reason };
  };

  async function runIn<R>(start: () => Cancellable<R>): Promise<R> {
    if (ended !== undefined) throw ended.reason;
    const statement = start();
    running = statement;
    try {
      return await statement;
    } catch (error) {
      if (isConnectionError(error)) lose(error);
      throw error;
    }
  }

  /** Returns the body's outcome, and never settles once the connection is lost, because nothing is left to roll back. */
  function guard<R>(
    transaction: postgres.TransactionSql,
    work: (guarded: postgres.TransactionSql) => Promise<R>,
  ): Promise<R> {
    const guarded = {
      options: sql.options,
      unsafe: (text: string, parameters?: postgres.ParameterOrJSON<never>[]) =>
        lazyStatement((pick) => runIn(() => pick(transaction.unsafe(text, parameters)))),
      savepoint: <S>(inner: (nested: postgres.TransactionSql) => Promise<S>) =>
        runIn(() => transaction.savepoint((nested) => guard(nested, inner)) as Promise<S>),
    };
    return new Promise((resolve, reject) => {
      const settle = (deliver: () => void) => {
        // Delayed, because a lost connection is reported in microtasks that run first.
        process.nextTick(() => {
          if (!isConnectionLost) deliver();
        });
      };
      if (ended !== undefined) {
        reject(ended.reason);
        return;
      }
      // Cast, because drizzle uses only these members of a client.
      work(guarded as unknown as postgres.TransactionSql).then(
        (value) => settle(() => (ended === undefined ? resolve(value) : reject(ended.reason))),
        (error: unknown) => settle(() => reject(error)),
      );
    });
  }

  const result = sql.begin((transaction) => guard(transaction, body)) as Promise<T>;
  result.catch((error: unknown) => {
    if (isConnectionError(error)) lose(error);
  });
  return Object.assign(result, {
    cancel() {
      ended ??= { reason: new Error("the transaction took too long") };
      if (running !== undefined) cancelSafely(running);
    },
  });
}
