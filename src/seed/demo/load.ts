import { getTableColumns, getTableName } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";
import type postgres from "postgres";
import { additiveRulings, additives } from "../../db/tables/additives.ts";
import { alerts } from "../../db/tables/alerts.ts";
import { boycottTargets } from "../../db/tables/boycotts.ts";
import { certifiers } from "../../db/tables/certifiers.ts";
import { products } from "../../db/tables/products.ts";
import { stores } from "../../db/tables/stores.ts";
import { DEMO_ADDITIVES, DEMO_RULINGS } from "./additives.ts";
import { DEMO_ALERTS } from "./alerts.ts";
import { DEMO_BOYCOTT_TARGETS } from "./boycotts.ts";
import { DEMO_CERTIFIERS } from "./certifiers.ts";
import { analyseProducts } from "../../verdict/analyse-products.ts";
import { loadOwnLexicon } from "../lexicon/load.ts";
import { generateStores } from "./generate-stores.ts";
import { DEMO_LIST_PRODUCTS } from "./list-products.ts";
import { DEMO_PRODUCTS } from "./products.ts";

interface Part {
  readonly table: PgTable;
  /** Every row has the same keys: those of the table's definition. */
  readonly rows: readonly object[];
}

/** More than the thousand rows from which on a statement leaves one line in the cache journal, not one a row. */
const BATCH_ROWS = 2_000;

/**
 * Loads the demo data set in one transaction, then reads the products' lists: a killed load is done again, a repeated one
 * changes nothing.
 * A row that is already there stays as it is, also where an admin has changed it since.
 * Units: `done` and `total` count rows that were looked at, new or not.
 * Errors: the driver's, with nothing loaded.
 */
export async function loadDemoData(
  sql: postgres.Sql,
  onProgress: (done: number, total: number) => void,
): Promise<void> {
  await loadOwnLexicon(sql);
  const parts = demoParts();
  const total = parts.reduce((sum, { rows }) => sum + rows.length, 0);
  let done = 0;
  onProgress(done, total);
  await sql.begin(async (transaction) => {
    await transaction`
      insert into data_sources (id, name, licence, attribution, imported_at)
      values ('demo', 'Demo data set', 'CC0-1.0', 'Invented for demonstration by this project', now())
      on conflict do nothing`;
    for (const { table, rows } of parts) {
      for (let start = 0; start < rows.length; start += BATCH_ROWS) {
        const batch = rows.slice(start, start + BATCH_ROWS);
        await insertNew(transaction, table, batch);
        done += batch.length;
        onProgress(done, total);
      }
    }
    // The embedded database has no autovacuum that would do it later.
    await transaction`analyze certifiers, stores, additives, products, boycott_targets, alerts`;
  });
  await analyseProducts(sql, { onlyWaiting: true });
}

/** In an order in which every reference finds its row. */
function demoParts(): readonly Part[] {
  return [
    { table: certifiers, rows: DEMO_CERTIFIERS },
    { table: additives, rows: DEMO_ADDITIVES },
    { table: additiveRulings, rows: DEMO_RULINGS },
    { table: boycottTargets, rows: DEMO_BOYCOTT_TARGETS },
    { table: products, rows: DEMO_PRODUCTS },
    { table: products, rows: DEMO_LIST_PRODUCTS },
    { table: alerts, rows: DEMO_ALERTS },
    { table: stores, rows: generateStores() },
  ];
}

async function insertNew(
  transaction: postgres.TransactionSql,
  table: PgTable,
  rows: readonly object[],
): Promise<void> {
  const definition = getTableColumns(table);
  const keys = Object.keys(rows[0] ?? {});
  const columns = keys.map((key) => {
    const column = definition[key];
    if (column === undefined)
      throw new TypeError(`${getTableName(table)} has no column for ${key}`);
    return column.name;
  });
  const byColumn = rows.map((row) => {
    const values = new Map<string, unknown>(Object.entries(row));
    return Object.fromEntries(columns.map((column, i) => [column, values.get(keys[i] ?? "")]));
  });
  const name = getTableName(table);
  // As text, because the driver would encode a jsonb parameter a second time.
  await transaction`
    insert into ${transaction(name)} (${transaction(columns)})
    select ${transaction(columns)}
    from jsonb_populate_recordset(null::${transaction(name)}, ${JSON.stringify(byColumn)}::text::jsonb)
    on conflict do nothing`;
}
