import { DrizzleQueryError, type SQL } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import type { Db } from "./database.ts";
import type { LazyStatement, RawRow } from "./transaction.ts";

/** What `rawRows` needs of the client that drizzle was made with. */
export interface RawClient {
  unsafe(text: string, values: readonly unknown[]): Pick<LazyStatement, "raw">;
}

const dialect = new PgDialect();

/** The client that drizzle was made with. */
export function rawClientOf(db: Db): RawClient {
  // Why the cast: drizzle's type for databases and transactions alike does not declare it.
  return (db as unknown as { readonly $client: RawClient }).$client;
}

/**
 * The rows of a query in the bytes that the database sent, which for long texts saves writing them twice.
 * Errors: DrizzleQueryError around those of the query, as of any other: the log knows that it holds what was asked.
 */
export async function rawRows(db: Db, query: SQL): Promise<RawRow[]> {
  const { sql: text, params } = dialect.sqlToQuery(query);
  try {
    return await rawClientOf(db).unsafe(text, params).raw();
  } catch (error) {
    throw new DrizzleQueryError(text, params, error instanceof Error ? error : undefined);
  }
}
