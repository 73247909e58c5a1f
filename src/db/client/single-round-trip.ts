import type postgres from "postgres";

/** The undeclared member in which postgres-js keeps a statement's values. */
interface Sendable {
  parameters?: (string | null)[];
}

/** postgres-js flushes messages of at least this size at once; smaller ones wait for the next tick. */
const FLUSHED_FROM_BYTES = 1024;

/**
 * Pads a statement so that postgres-js flushes it at once. If a connection is lost, postgres-js sends an unflushed
 * message before the first message of the next connection, which then never gets an answer.
 */
export function padToFlush(text: string): string {
  return text.padEnd(FLUSHED_FROM_BYTES);
}

/**
 * Sends a statement and its values in one round trip. For an unnamed statement postgres-js sends Describe first and
 * waits for the types of its values; values sent as text need no types, because PostgreSQL infers the same ones.
 * Errors: TypeError for a value without one text form, such as an array.
 */
export function sendUndescribed(
  sql: postgres.Sql,
  text: string,
  values: readonly unknown[],
  options: postgres.UnsafeQueryOptions,
): ReturnType<postgres.Sql["unsafe"]> {
  const sendOptions = { ...options, simple: values.length === 0 };
  const statement = sql.unsafe(padToFlush(text), [], sendOptions);
  (statement as Sendable).parameters = values.map(textOf);
  return statement;
}

function textOf(value: unknown): string | null {
  if (value === null || typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean")
    return String(value);
  if (value instanceof Date) return value.toISOString();
  throw new TypeError(`not a value for a statement: ${typeof value}`);
}
