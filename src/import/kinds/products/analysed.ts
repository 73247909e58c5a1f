import type { AnalysedProduct, AnalysisThread } from "../../../verdict/analysis-thread.ts";
import { COMPUTED_COLUMNS } from "../../../verdict/computed-status.ts";
import type { AnalysisVersions } from "../../../verdict/lexicon-query.ts";
import type { Cell } from "../../write/copy-text.ts";
import type { StagedRow } from "../../write/staging.ts";

/** The thread that reads and judges the products of an import, and the numbers of its lexicon and rulings. */
export interface ImportAnalysis extends AnalysisVersions {
  readonly thread: AnalysisThread;
}

/** The last cells of a product that waits to be read and judged. */
export const WAITING_CELLS: readonly Cell[] = [
  null,
  null,
  null,
  null,
  ...COMPUTED_COLUMNS.map(() => "unknown"),
];

/** Replaces the last cells of the rows of a batch by what reading and judging found. Errors: those of the thread. */
export async function analyseRows(
  rows: readonly StagedRow[],
  { thread, ...versions }: ImportAnalysis,
): Promise<StagedRow[]> {
  const analysed = await thread.analyse(rows.flatMap(({ toAnalyse }) => toAnalyse ?? []));
  let next = 0;
  return rows.map((row) => {
    if (row.toAnalyse === undefined) return row;
    const result = analysed[next];
    next += 1;
    if (result === undefined) return row;
    const { position, cells } = row;
    return {
      position,
      cells: [...cells.slice(0, -WAITING_CELLS.length), ...foundCells(result, versions)],
    };
  });
}

/** The cells of what was found: findings, name, the numbers of the analysis and of the rulings, the statuses. */
function foundCells(
  { findings, nameFinding, statuses }: AnalysedProduct,
  { analysisVersion, rulingsVersion }: AnalysisVersions,
): Cell[] {
  return [
    findings,
    nameFinding === null ? null : JSON.stringify(nameFinding),
    analysisVersion,
    rulingsVersion,
    ...statuses,
  ];
}
