import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type postgres from "postgres";
import { type Cell, toCopyText } from "./copy-text.ts";

/** Copies rows into all columns of a table. Errors: the driver's. */
export async function copyRows(
  transaction: postgres.TransactionSql,
  table: string,
  rows: readonly (readonly Cell[])[],
): Promise<void> {
  await copyText(transaction, table, toCopyText(rows));
}

/** Copies lines that are encoded already into all columns of a table. Errors: the driver's. */
export async function copyText(
  transaction: postgres.TransactionSql,
  table: string,
  text: string,
): Promise<void> {
  const copy = await transaction`copy ${transaction(table)} from stdin`.writable();
  await pipeline(Readable.from([Buffer.from(text)]), copy);
}

/** A table, and the columns of the rows that are added. */
export interface InsertTarget {
  readonly table: string;
  readonly columns: readonly string[];
}

/**
 * Inserts the missing rows in one transaction, and returns their number.
 * Errors: the driver's; then no row is inserted.
 */
export async function insertMissing(
  sql: postgres.Sql,
  { table, columns }: InsertTarget,
  rows: readonly (readonly Cell[])[],
): Promise<number> {
  const inserted = await sql.begin(async (transaction) => {
    await transaction`
      create temporary table bulk_batch on commit drop
      as select ${transaction(columns)} from ${transaction(table)} with no data`;
    await copyRows(transaction, "bulk_batch", rows);
    const { count } = await transaction`
      insert into ${transaction(table)} (${transaction(columns)})
      select ${transaction(columns)} from bulk_batch on conflict do nothing`;
    return count;
  });
  return inserted;
}
