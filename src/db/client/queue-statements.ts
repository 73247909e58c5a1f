import type { Db } from "./database.ts";
import { rawClientOf } from "./raw-rows.ts";

type Row = Record<string, unknown>;

/** Runs the statements of a library that writes its own SQL. */
export interface QueueStatements {
  executeSql(text: string, values?: unknown[]): Promise<{ rows: Row[] }>;
}

/** postgres-js returns a list of lists for several statements in one text. */
type Unsafe = (text: string, values: readonly unknown[]) => PromiseLike<(Row | Row[])[]>;

/**
 * Runs pg-boss's statements on the client of drizzle.
 * Errors: those of the database, and SERVICE_UNAVAILABLE like every other statement.
 */
export function queueStatements(db: Db): QueueStatements {
  return {
    async executeSql(text, values = []) {
      const client = rawClientOf(db) as unknown as { unsafe: Unsafe };
      const result = await client.unsafe(withoutTransaction(text), values.map(textOf));
      return { rows: result.flatMap<Row>((row) => row) };
    },
  };
}

/**
 * Removes BEGIN and COMMIT, which postgres-js refuses on a pool. Several statements in one message are a transaction
 * anyway.
 * Source: PostgreSQL documentation, "Multiple Statements in a Simple Query".
 */
function withoutTransaction(text: string): string {
  return /^\s*BEGIN;/i.test(text)
    ? text.replace(/^\s*BEGIN;/i, "").replace(/COMMIT;?\s*$/i, "")
    : text;
}

/** Encodes a value as text, because the client does not know the types of arrays and objects. */
function textOf(value: unknown): unknown {
  if (Array.isArray(value)) return `{${value.map(elementOf).join(",")}}`;
  if (value === undefined) return null;
  if (value instanceof Date || value === null || typeof value !== "object") return value;
  return JSON.stringify(value);
}

function elementOf(value: unknown): string {
  if (value === null || value === undefined) return "NULL";
  if (Array.isArray(value)) return String(textOf(value));
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
