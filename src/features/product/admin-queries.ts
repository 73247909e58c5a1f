import { type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client/database.ts";
import { isoInstant } from "../../db/sql-fragments.ts";
import { PRODUCT_JSON } from "../../verdict/barcode-query.ts";
import { STORED_PRODUCT_JSON } from "../../verdict/evidence-query.ts";
import type { StoredProduct } from "../../verdict/stored-product.ts";
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
): Promise<{ readonly product: AdminProduct; readonly stored: StoredProduct }> {
  const names = Object.keys(columns).map((name) => sql.identifier(name));
  const values = Object.values(columns);
  const changes = names.map((name) => sql`${name} = excluded.${name}`);
  await db.execute(sql`delete from product_removals where barcode = ${gtin14}`);
  await db.execute(sql`
    insert into products (barcode, source${sql.join(names.map((name) => sql`, ${name}`))})
    values (${gtin14}, 'admin'${sql.join(values.map((value) => sql`, ${value}`))})
    on conflict (barcode) do update set source = 'admin'${sql.join(changes.map((change) => sql`, ${change}`))}`);
  const [row] = await db.execute<{ product: AdminProduct; stored: StoredProduct }>(sql`
    select ${adminJson} as "product", ${sql.raw(STORED_PRODUCT_JSON)} as "stored"
    from products p join data_sources d on d.id = p.source left join certifiers c on c.id = p.certifier_id
    where p.barcode = ${gtin14}`);
  if (row === undefined) throw new Error("the product's upsert left no row");
  return row;
}

/** Writes what reading and judging a product gave. */
export async function writeAnalysis(
  db: Db,
  gtin14: string,
  columns: ProductColumns,
): Promise<void> {
  const changes = Object.entries(columns).map(
    ([name, value]) => sql`${sql.identifier(name)} = ${value}`,
  );
  await db.execute(
    sql`update products set ${sql.join(changes, sql`, `)} where barcode = ${gtin14}`,
  );
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
