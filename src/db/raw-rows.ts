import type { SQL } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import type { Db } from "./database.ts";
import type { LazyStatement, RawRow } from "./transaction.ts";

/** What `rawRows` needs of the client that drizzle was made with. */
export interface RawClient {
  unsafe(text: string, values: readonly unknown[]): Pick<LazyStatement, "raw">;
}

const dialect = new PgDialect();

/**
 * The rows of a query in the bytes that the database sent, which for long texts saves writing them twice.
 * Errors: those of the query.
 */
export function rawRows(db: Db, query: SQL): Promise<RawRow[]> {
  const { sql: text, params } = dialect.sqlToQuery(query);
  // Why the cast: drizzle's type for databases and transactions alike does not declare it.
  const { $client } = db as unknown as { readonly $client: RawClient };
  return $client.unsafe(text, params).raw();
}
