import type { SQL } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import type { Db } from "../../src/db/client/database.ts";
import type { RawClient } from "../../src/db/client/raw-rows.ts";
import type { RawRow } from "../../src/db/client/transaction.ts";

const dialect = new PgDialect();

/** A database that notes each statement, written out, before it is passed on. */
export function recordingDb(
  statements: string[],
  answer: (query: SQL) => Promise<readonly unknown[]>,
): Db {
  const execute = async (query: SQL) => {
    const { sql, params } = dialect.sqlToQuery(query);
    statements.push(writeOut(sql, params));
    return await answer(query);
  };
  // Why the cast: the queries that are measured use nothing else of drizzle.
  return { execute } as unknown as Db;
}

/** The same for queries that want their rows in bytes; all of them are given the same row. */
export function recordingRawDb(statements: string[], row: RawRow): Db {
  const $client: RawClient = {
    unsafe(sql, params) {
      statements.push(writeOut(sql, params));
      return { raw: () => Promise.resolve([row]) };
    },
  };
  // Why the cast: the queries that are measured use nothing else of drizzle.
  return { $client } as unknown as Db;
}

/** A statement with its parameters in it, in quotes: PostgreSQL infers their types as it does for parameters. */
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

/** A literal without colons: pgbench takes what follows one for a variable of its own, in quotes too. */
function quote(text: string): string {
  const inner = text.replaceAll("\\", "\\\\").replaceAll("'", "''").replaceAll(":", "\\x3a");
  return `E'${inner}'`;
}
