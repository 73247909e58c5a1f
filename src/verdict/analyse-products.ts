import { setImmediate as nextTurn } from "node:timers/promises";
import type postgres from "postgres";
import { analyseProduct, type ReadableProduct } from "./analysis.ts";
import { COMPUTED_COLUMNS, computeStatuses } from "./computed-status.ts";
import { STORED_PRODUCT_JSON } from "./evidence-query.ts";
import {
  type AnalysisTools,
  loadAnalysisTools,
  readVersions,
  type Statements,
} from "./lexicon-query.ts";
import type { StoredProduct } from "./stored-product.ts";

/** The counts of a run. */
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

/** A client or pool; the service's own has these members too. */
export type AnalysisClient = Pick<postgres.Sql, "unsafe" | "begin">;

/** So few that nobody waits long for a row that a batch has locked. */
const BATCH_ROWS = 200;
/** Keys that one statement looks at: where little is out of date, a batch would else read the whole table. */
const WINDOW_ROWS = 5_000;
/** Of a statement, where the role has a shorter limit. Units: milliseconds. */
const STATEMENT_TIMEOUT_MS = 60_000;
/** After so many products others have a turn, because a worker also sends notifications to the millisecond. */
const TURN_ROWS = 10;

/**
 * Reads products again that were read with another lexicon or reader, and judges those again that were judged by other
 * rulings, in batches by key, a transaction each. Stopped anywhere it goes on where it was; two runs share the work.
 * `isWaiting` only takes those that an import has left, which an index finds.
 * Errors: the driver's; whole batches are written.
 */
export async function analyseProducts(
  sql: AnalysisClient,
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
    const { rows, next } = await sql.begin(async (transaction) => {
      await transaction.unsafe("select set_config('statement_timeout', $1, true)", [
        String(STATEMENT_TIMEOUT_MS),
      ]);
      const batch = await takeBatch(transaction, after, versions, options.onlyWaiting === true);
      if (batch.rows.length === 0) return batch;
      // Loaded by the first batch that needs it: most runs find nothing to do.
      tools ??= await loadAnalysisTools(transaction);
      await writeBatch(transaction, batch.rows, tools);
      return batch;
    });
    counts.looked += rows.length;
    counts.read += rows.filter((row) => !row.isRead).length;
    options.onProgress?.(counts.looked);
    if (next === null) return counts;
    after = next;
    if (options.restMs !== undefined) await new Promise((rest) => setTimeout(rest, options.restMs));
  }
}

interface Batch {
  readonly rows: readonly Row[];
  /** After which key the next batch begins; null at the end. */
  readonly next: string | null;
}

/** The next products that are out of date; those that another run holds are its own. */
async function takeBatch(
  transaction: Statements,
  after: string,
  { analysisVersion, rulingsVersion }: Pick<AnalysisTools, "analysisVersion" | "rulingsVersion">,
  onlyWaiting: boolean,
): Promise<Batch> {
  // An index finds those that wait.
  const until = onlyWaiting ? null : await endOfWindow(transaction, after);
  if (!onlyWaiting && until === null) return { rows: [], next: null };
  const isDue = onlyWaiting
    ? "(p.analysis_version is null or p.computed_version is null) and $4::uuid is null"
    : "(p.analysis_version is distinct from $2::int or p.computed_version is distinct from $3::int) and p.id <= $4::uuid";
  const rows = await transaction.unsafe<Row[]>(
    `select p.id, p.barcode, p.name, p.ingredients, p.ingredient_texts as "ingredientTexts", p.language,
       array_to_json(p.categories) as categories, p.analysis_version is not distinct from $2::int as "isRead",
       ${STORED_PRODUCT_JSON} as "stored"
     from products p join data_sources d on d.id = p.source left join certifiers c on c.id = p.certifier_id
     where p.id > $1::uuid and $2::int is not null and $3::int is not null and ${isDue}
     order by p.id limit ${BATCH_ROWS} for no key update of p skip locked`,
    [after, analysisVersion, rulingsVersion, until],
  );
  return { rows, next: rows.length < BATCH_ROWS ? until : (rows.at(-1)?.id ?? null) };
}

/** The last of the next keys; null when there is none. */
async function endOfWindow(transaction: Statements, after: string): Promise<string | null> {
  const [row] = await transaction.unsafe<{ id: string }[]>(
    `select id from (select id from products where id > $1::uuid order by id limit ${WINDOW_ROWS}) as keys
     order by id desc limit 1`,
    [after],
  );
  return row?.id ?? null;
}

async function writeBatch(
  transaction: Statements,
  rows: readonly Row[],
  tools: AnalysisTools,
): Promise<void> {
  const results: object[] = [];
  for (const row of rows) {
    if (results.length % TURN_ROWS === TURN_ROWS - 1) await nextTurn();
    const analysis = row.isRead
      ? { findings: row.stored.findings, nameFinding: row.stored.nameFinding, kept: undefined }
      : analyseProduct(row, tools.lexicon);
    const { kept, ...found } = analysis;
    const stored = { ...row.stored, ...found };
    const statuses = computeStatuses(row.barcode, stored, tools.rulings, kept);
    results.push({
      id: row.id,
      findings: analysis.findings,
      name_finding: analysis.nameFinding,
      ...Object.fromEntries(COMPUTED_COLUMNS.map((column, i) => [column, statuses[i]])),
    });
  }
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
