import { type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client/database.ts";
import { isoInstant } from "../../db/sql-fragments.ts";
import { PRODUCT_JSON } from "../../verdict/barcode-query.ts";
import type { AdminProduct } from "./schemas.ts";

/** A product `p` as administrators see it. */
const adminJson: SQL = sql`${sql.raw(PRODUCT_JSON)}::jsonb || jsonb_build_object(
  'ingredientTexts', p.ingredient_texts, 'reasons', p.reasons, 'source', p.source, 'baseSource', p.base_source,
  'createdAt', ${isoInstant(sql`p.created_at`)}, 'updatedAt', ${isoInstant(sql`p.updated_at`)})`;

/** A page of products by barcode; one row more than `limit`. */
export async function listProducts(
  db: Db,
  page: { readonly isEdited: boolean; readonly limit: number; readonly after: string | null },
): Promise<AdminProduct[]> {
  const { isEdited, limit, after } = page;
  const rows = await db.execute<{ product: AdminProduct }>(sql`
    select ${adminJson} as "product" from products p
    where ${isEdited ? sql`p.source = 'admin'` : sql`true`} and p.barcode > ${after ?? ""}::char(14)
    order by p.barcode limit ${limit + 1}`);
  return rows.map(({ product }) => product);
}

/** Columns of a product by name; what is not among them stays as it is. */
export type ProductColumns = Readonly<Record<string, SQL>>;

/** Makes a product with these columns, or changes them; the row is an administrator's from then on. */
export async function writeProduct(
  db: Db,
  gtin14: string,
  columns: ProductColumns,
): Promise<AdminProduct> {
  const names = Object.keys(columns).map((name) => sql.identifier(name));
  const values = Object.values(columns);
  const changes = names.map((name) => sql`${name} = excluded.${name}`);
  const [row] = await db.execute<{ product: AdminProduct }>(sql`
    with wanted_again as (delete from product_removals where barcode = ${gtin14}::char(14)), p as (
      insert into products (barcode, source${sql.join(names.map((name) => sql`, ${name}`))})
      values (${gtin14}, 'admin'${sql.join(values.map((value) => sql`, ${value}`))})
      on conflict (barcode) do update set source = 'admin'${sql.join(changes.map((change) => sql`, ${change}`))}
      returning *
    )
    select ${adminJson} as "product" from p`);
  if (row === undefined) throw new Error("the product's upsert left no row");
  return row.product;
}

/** Removes a product for good; imports do not bring it back. False when there was none. */
export async function removeProduct(db: Db, gtin14: string): Promise<boolean> {
  const removed = await db.execute(sql`
    with removed as (delete from products where barcode = ${gtin14} returning barcode)
    insert into product_removals (barcode) select barcode from removed
    on conflict (barcode) do update set removed_at = now()
    returning barcode`);
  return removed.length > 0;
}
