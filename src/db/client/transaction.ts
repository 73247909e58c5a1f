import type postgres from "postgres";
import { sentAtOnce } from "./one-trip.ts";

/** A statement or transaction that may be given up. */
export type Cancellable<T> = PromiseLike<T> & { cancel?: () => unknown };

/** What postgres-js keeps of a statement, as far as giving it up needs it. */
interface Statement {
  readonly state?: unknown;
  strings?: readonly string[];
  args?: readonly unknown[];
  parameters?: readonly unknown[];
  canceller?: ((statement: Statement) => Promise<unknown>) | null;
  readonly cancel?: () => unknown;
}

/**
 * Gives up a statement that nobody waits for any more. postgres-js's own `cancel` would do two kinds of harm: of a
 * statement that is waiting for a connection it loses that connection for good, and a server that refuses the cancel
 * request makes it an unhandled rejection.
 */
export function giveUp(pending: Cancellable<unknown>): void {
  const statement = pending as Statement;
  if (statement.strings === undefined) {
    statement.cancel?.();
  } else if (statement.state === null) {
    statement.strings = [sentAtOnce("select 1")];
    statement.args = [];
    statement.parameters = [];
  } else {
    const { canceller } = statement;
    statement.canceller = null;
    canceller?.(statement).catch(() => {});
  }
}

type Row = Record<string, unknown>;

/** A row's columns as the database sent them. */
export type RawRow = readonly (Buffer | null)[];

/** Starts when it is awaited, once; or for its rows as arrays, of values or of bytes. */
export interface LazyStatement extends PromiseLike<Row[]> {
  catch(reject: (error: unknown) => unknown): Promise<unknown>;
  values(): Promise<unknown[][]>;
  raw(): Promise<RawRow[]>;
}

/** Makes a statement that starts when it is awaited, as postgres-js's own do. */
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
 * The rows that came. postgres-js counts on where a statement was stopped in the middle of its rows, so that those of
 * the next one on the connection begin further back, behind holes.
 */
function withoutHoles<R extends readonly unknown[]>(rows: R): R {
  return rows.length === 0 || 0 in rows ? rows : (rows.filter(() => true) as unknown as R);
}

/**
 * Begins a transaction that is over when its connection or its time is: postgres-js alone would send the statements
 * that are left (and its own ROLLBACK) to the connection that comes after, outside any transaction.
 * Errors: those of the body and of the connection.
 */
export function beginTransaction<T>(
  sql: postgres.Sql,
  body: (transaction: postgres.TransactionSql) => Promise<T>,
  isConnectionError: (error: unknown) => boolean,
): Promise<T> & { cancel: () => void } {
  /** Why no further statement may run. */
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

  /** The body's outcome, but nothing at all once the connection is lost: then there is nothing to roll back. */
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
        // After the microtasks by which a lost connection makes itself known.
        process.nextTick(() => {
          if (!isConnectionLost) deliver();
        });
      };
      if (ended !== undefined) {
        reject(ended.reason);
        return;
      }
      // Why the cast: drizzle uses just these members of the client it is given.
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
      if (running !== undefined) giveUp(running);
    },
  });
}
