import type postgres from "postgres";

/** What postgres-js keeps of a statement's values; undeclared. */
interface Sendable {
  parameters?: (string | null)[];
}

/** postgres-js sends as much at once, and keeps less back until the event loop turns. */
const SENT_AT_ONCE_BYTES = 1024;

/**
 * Makes a statement long enough to be sent at once. What is kept back when its connection is lost would be sent in
 * front of the next connection's first message, which then waits for an answer in vain.
 */
export function sentAtOnce(text: string): string {
  return text.padEnd(SENT_AT_ONCE_BYTES);
}

/**
 * A statement that goes out with its values in one trip. Of an unnamed statement postgres-js first asks which types its
 * values have, and waits for that; told as text, they need no types, and PostgreSQL finds them as it would have then.
 * Errors: TypeError for a value that has no one text, such as an array.
 */
export function sendInOneTrip(
  sql: postgres.Sql,
  text: string,
  values: readonly unknown[],
  options: postgres.UnsafeQueryOptions,
): ReturnType<postgres.Sql["unsafe"]> {
  const given = { ...options, simple: values.length === 0 };
  const statement = sql.unsafe(sentAtOnce(text), [], given);
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
