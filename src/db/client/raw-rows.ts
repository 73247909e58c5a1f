import { DrizzleQueryError, type SQL } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import type { Db } from "./database.ts";
import type { LazyStatement, RawRow } from "./transaction.ts";

/** The member of drizzle's client that `rawRows` uses. */
export interface RawClient {
  unsafe(text: string, values: readonly unknown[]): Pick<LazyStatement, "raw">;
}

const dialect = new PgDialect();

/** Returns the client that drizzle was created with. */
export function rawClientOf(db: Db): RawClient {
  // Cast, because drizzle's common type of databases and transactions does not declare the client.
  return (db as unknown as { readonly $client: RawClient }).$client;
}

/**
 * Returns a query's rows in the bytes that the database sent, which saves decoding and encoding long texts.
 * Errors: DrizzleQueryError around the query's error, because the log hides the parameters of this class.
 */
export async function rawRows(db: Db, query: SQL): Promise<RawRow[]> {
  const { sql: text, params } = dialect.sqlToQuery(query);
  try {
    return await rawClientOf(db).unsafe(text, params).raw();
  } catch (error) {
    throw new DrizzleQueryError(text, params, error instanceof Error ? error : undefined);
  }
}
