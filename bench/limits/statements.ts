import type { SQL } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import type { Db } from "../../src/db/client/database.ts";
import type { RawClient } from "../../src/db/client/raw-rows.ts";
import type { RawRow } from "../../src/db/client/transaction.ts";

const dialect = new PgDialect();

/** Makes a database that records each statement with its values, and passes the statement on. */
export function recordingDb(
  statements: string[],
  answer: (query: SQL) => Promise<readonly unknown[]>,
): Db {
  const execute = async (query: SQL) => {
    const { sql, params } = dialect.sqlToQuery(query);
    statements.push(writeOut(sql, params));
    return await answer(query);
  };
  // Cast, because the measured queries use no other members of drizzle.
  return { execute } as unknown as Db;
}

/** Makes such a database for queries that read rows as bytes; all of them get the same row. */
export function recordingRawDb(statements: string[], row: RawRow): Db {
  const $client: RawClient = {
    unsafe(sql, params) {
      statements.push(writeOut(sql, params));
      return { raw: () => Promise.resolve([row]) };
    },
  };
  // Cast, because the measured queries use no other members of drizzle.
  return { $client } as unknown as Db;
}

/** Writes a statement's parameters into it as quoted literals, whose types PostgreSQL infers as those of parameters. */
function writeOut(sql: string, params: readonly unknown[]): string {
  const literals = sql.replaceAll(/'(?:[^']|'')*'/g, (text) =>
    text.includes(":") ? quote(text.slice(1, -1).replaceAll("''", "'")) : text,
  );
  return literals.replaceAll(/\$(\d+)\b/g, (_, number: string) => {
    const value = params[Number(number) - 1];
    if (value === null) return "null";
    if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") {
      throw new TypeError(`a parameter that cannot be written out: ${typeof value}`);
    }
    return quote(String(value));
  });
}

/** Quotes a literal without colons, because pgbench takes text after a colon for a variable, even in quotes. */
function quote(text: string): string {
  const inner = text.replaceAll("\\", "\\\\").replaceAll("'", "''").replaceAll(":", "\\x3a");
  return `E'${inner}'`;
}
