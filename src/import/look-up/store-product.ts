import { type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client/database.ts";
import { indexCertifiers, type KnownCertifiers } from "../kinds/known-certifiers.ts";
import { createProductConverter } from "../kinds/products/products.ts";
import { PRODUCT_TARGET } from "../kinds/products/target.ts";
import type { Cell } from "../write/copy-text.ts";
import { OPEN_FOOD_FACTS } from "../write/data-sources.ts";

/** Columns that hold lists go out as JSON, because the client knows no types of arrays. */
function valueOf(cell: Cell, type: string): SQL {
  if (Array.isArray(cell))
    return sql`array(select jsonb_array_elements_text(${JSON.stringify(cell)}::jsonb))`;
  return sql`${cell}::${sql.raw(type)}`;
}

/**
 * Stores a record of Open Food Facts as an import would, but for a barcode that somebody knows by now or an
 * administrator has removed; the product then waits to be read and judged. Tells whether it was stored.
 * Errors: those of the database.
 */
export async function storeOffProduct(
  db: Db,
  gtin14: string,
  record: Readonly<Record<string, unknown>>,
  now: Date,
): Promise<boolean> {
  const certifiers = await readCertifiers(db);
  const convert = createProductConverter({ source: OPEN_FOOD_FACTS, certifiers, now });
  const conversion = convert(record);
  if ("problem" in conversion || conversion.cells[0] !== gtin14) return false;
  const columns = PRODUCT_TARGET.columns.flatMap(({ name, type, isHelper }, i) =>
    isHelper === true ? [] : [{ name, value: valueOf(conversion.cells[i] ?? null, type) }],
  );
  const { id, name, licence, attribution, url } = OPEN_FOOD_FACTS;
  const rows = await db.execute(sql`
    with source as (
      insert into data_sources (id, name, licence, attribution, url)
      values (${id}, ${name}, ${licence}, ${attribution}, ${url}) on conflict (id) do nothing
    )
    insert into products (${sql.join(
      columns.map((column) => sql.identifier(column.name)),
      sql`, `,
    )})
    select ${sql.join(
      columns.map((column) => column.value),
      sql`, `,
    )}
    where not exists (select from product_removals r where r.barcode = ${gtin14}::char(14))
    on conflict (barcode) do nothing returning 1`);
  return rows.length > 0;
}

async function readCertifiers(db: Db): Promise<KnownCertifiers> {
  const rows = await db.execute<{
    id: string;
    name: string;
    trustScore: number;
    labelTags: string[];
  }>(
    sql`select id, name, trust_score as "trustScore", array_to_json(label_tags) as "labelTags" from certifiers order by id`,
  );
  return indexCertifiers(rows);
}
