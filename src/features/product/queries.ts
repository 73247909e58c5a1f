import { sql } from "drizzle-orm";
import type { Loaded } from "../../cache/policy.ts";
import type { Db } from "../../db/client/database.ts";
import { textArray } from "../../db/sql-fragments.ts";
import type { Product } from "../../trpc/product.ts";
import { BARCODE_JOINS, barcodeColumns, type BarcodeRow } from "../../verdict/barcode-query.ts";

/** Everything that answers about a barcode are made of, but for the rulings. */
export type ProductEvidence = BarcodeRow<Product>;

/** Recalls that are over are told from those in force when an answer is made: an entry outlives them. */
const ANY_TIME = new Date(0);

/** Everything that the tables know of a barcode. Units: canonical GTIN-14; the first digits of its GTIN-13. */
export async function findByBarcode(
  db: Db,
  { gtin14, prefixes }: { readonly gtin14: string; readonly prefixes: readonly string[] },
): Promise<Loaded<ProductEvidence>> {
  const [row] = await db.execute<
    ProductEvidence & { readonly snapshot: string } & Record<string, unknown>
  >(sql`
    select pg_current_snapshot()::text as "snapshot", ${barcodeColumns(ANY_TIME)}
    from (
      select ${gtin14}::char(14) as barcode,
        ${textArray(prefixes)} as prefixes
    ) as wanted
    ${sql.raw(BARCODE_JOINS)}`);
  if (row === undefined) throw new Error("the barcode's query gave no row");
  const { snapshot, ...value } = row;
  return { value, snapshot };
}
