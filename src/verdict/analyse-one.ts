import { sql } from "drizzle-orm";
import type { Db } from "../db/client/database.ts";
import type { ReadableProduct } from "./analysis.ts";
import { COMPUTED_COLUMNS } from "./computed-status.ts";
import { STORED_PRODUCT_JSON } from "./evidence-query.ts";
import type { AnalyseProduct } from "./off-thread-analysis.ts";
import type { StoredProduct } from "./stored-product.ts";

/**
 * Reads the lists of one product that was just written, and judges it; one that is written again meanwhile is left to
 * whoever did. Building the lexicon takes longer than a transaction may.
 * Errors: those of the database and of the analysis. Units: canonical GTIN-14.
 */
export async function analyseOne(
  { db, analyse }: { readonly db: Db; readonly analyse: AnalyseProduct },
  gtin14: string,
): Promise<void> {
  const [row] = await db.execute<{
    readable: ReadableProduct;
    stored: StoredProduct;
    version: string;
  }>(sql`
    select json_build_object('name', p.name, 'ingredients', p.ingredients, 'ingredientTexts', p.ingredient_texts,
        'language', p.language, 'categories', p.categories) as "readable", p.xmin::text as "version", ${sql.raw(STORED_PRODUCT_JSON)} as "stored"
    from products p join data_sources d on d.id = p.source left join certifiers c on c.id = p.certifier_id
    where p.barcode = ${gtin14}::char(14)`);
  if (row === undefined) return;
  const { readable, stored, version } = row;
  const analysed = await analyse(db, { gtin14, readable, stored });
  const { findings, nameFinding, statuses, analysisVersion, rulingsVersion } = analysed;
  const computed = COMPUTED_COLUMNS.map(
    (name, i) => sql`${sql.identifier(name)} = ${statuses[i] ?? "unknown"}`,
  );
  await db.execute(sql`
    update products set findings = ${findings}, name_finding = ${nameFinding === null ? null : JSON.stringify(nameFinding)}::jsonb,
      analysis_version = ${analysisVersion}, computed_version = ${rulingsVersion}, ${sql.join(computed, sql`, `)}
    where barcode = ${gtin14}::char(14) and xmin::text = ${version}`);
}
