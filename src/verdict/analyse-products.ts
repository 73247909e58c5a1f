import type postgres from "postgres";
import { analyseProduct, type ReadableProduct } from "./analysis.ts";
import { COMPUTED_COLUMNS, computeStatuses } from "./computed-status.ts";
import { STORED_PRODUCT_JSON } from "./evidence-query.ts";
import { type AnalysisTools, loadAnalysisTools, readVersions } from "./lexicon-query.ts";
import type { StoredProduct } from "./stored-product.ts";

/** What a run did. */
export interface AnalysisCounts {
  /** Products that were looked at, because they were read or judged with something older. */
  looked: number;
  /** Of these, products of which the lists were read again. */
  read: number;
}

interface Row extends ReadableProduct {
  readonly id: string;
  readonly barcode: string;
  readonly isRead: boolean;
  readonly stored: StoredProduct;
}

/** So few that nobody waits long for a row that a batch has locked. */
const BATCH_ROWS = 200;

/**
 * Reads products again that were read with another lexicon or reader, and judges those again that were judged by other
 * rulings, in batches by key, a transaction each. Stopped anywhere it goes on where it was; two runs share the work.
 * `isWaiting` only takes those that an import has left, which an index finds.
 * Errors: the driver's; whole batches are written.
 */
export async function analyseProducts(
  sql: postgres.Sql,
  options: {
    readonly onlyWaiting?: boolean;
    readonly tools?: AnalysisTools;
    readonly onProgress?: (looked: number) => void;
    readonly isStopped?: () => boolean;
    /** Rests between batches, so that a service beside it keeps its speed. Units: milliseconds. */
    readonly restMs?: number;
  } = {},
): Promise<AnalysisCounts> {
  const counts: AnalysisCounts = { looked: 0, read: 0 };
  let tools = options.tools;
  let after = "00000000-0000-0000-0000-000000000000";
  for (;;) {
    if (options.isStopped?.() === true) return counts;
    const versions = tools ?? (await readVersions(sql));
    const batch = await sql.begin(async (transaction) => {
      const rows = await takeBatch(transaction, after, versions, options.onlyWaiting === true);
      if (rows.length === 0) return rows;
      // Loaded by the first batch that needs it: most runs find nothing to do.
      tools ??= await loadAnalysisTools(transaction);
      await writeBatch(transaction, rows, tools);
      return rows;
    });
    const last = batch.at(-1);
    if (last === undefined) return counts;
    after = last.id;
    counts.looked += batch.length;
    counts.read += batch.filter((row) => !row.isRead).length;
    options.onProgress?.(counts.looked);
    if (options.restMs !== undefined) await new Promise((rest) => setTimeout(rest, options.restMs));
  }
}

/** The next products that are out of date; those that another run holds are its own. */
async function takeBatch(
  transaction: postgres.TransactionSql,
  after: string,
  { analysisVersion, rulingsVersion }: Pick<AnalysisTools, "analysisVersion" | "rulingsVersion">,
  onlyWaiting: boolean,
): Promise<Row[]> {
  const isDue = onlyWaiting
    ? "(p.analysis_version is null or p.computed_version is null)"
    : "(p.analysis_version is distinct from $2::int or p.computed_version is distinct from $3::int)";
  return await transaction.unsafe<Row[]>(
    `select p.id, p.barcode, p.name, p.ingredients, p.ingredient_texts as "ingredientTexts", p.language,
       array_to_json(p.categories) as categories, p.analysis_version is not distinct from $2::int as "isRead",
       ${STORED_PRODUCT_JSON} as "stored"
     from products p join data_sources d on d.id = p.source left join certifiers c on c.id = p.certifier_id
     where p.id > $1::uuid and $2::int is not null and $3::int is not null and ${isDue}
     order by p.id limit ${BATCH_ROWS} for no key update of p skip locked`,
    [after, analysisVersion, rulingsVersion],
  );
}

async function writeBatch(
  transaction: postgres.TransactionSql,
  rows: readonly Row[],
  tools: AnalysisTools,
): Promise<void> {
  const results = rows.map((row) => {
    const analysis = row.isRead
      ? { findings: row.stored.findings, nameFinding: row.stored.nameFinding }
      : analyseProduct(row, tools.lexicon);
    const statuses = computeStatuses(row.barcode, { ...row.stored, ...analysis }, tools.rulings);
    return {
      id: row.id,
      findings: analysis.findings,
      name_finding: analysis.nameFinding,
      ...Object.fromEntries(COMPUTED_COLUMNS.map((column, i) => [column, statuses[i]])),
    };
  });
  const computed = COMPUTED_COLUMNS.map((column) => `${column} = r.${column}`).join(", ");
  await transaction.unsafe(
    `update products p set findings = r.findings, name_finding = r.name_finding, analysis_version = $2::int,
       computed_version = $3::int, ${computed}
     from json_to_recordset($1::text::json) as r(id uuid, findings text, name_finding jsonb,
       ${COMPUTED_COLUMNS.map((column) => `${column} text`).join(", ")})
     where p.id = r.id`,
    [JSON.stringify(results), tools.analysisVersion, tools.rulingsVersion],
  );
}
