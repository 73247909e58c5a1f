import type { AnalysedProduct, AnalysisThread } from "../../../verdict/analysis-thread.ts";
import { COMPUTED_COLUMNS } from "../../../verdict/computed-status.ts";
import type { AnalysisVersions } from "../../../verdict/lexicon-query.ts";
import type { Cell } from "../../write/copy-text.ts";
import type { RowCompletion } from "../../write/row-batch.ts";

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

/** Completes products by reading and judging them. */
export function completeBy({ thread, ...versions }: ImportAnalysis): RowCompletion {
  return {
    cellCount: WAITING_CELLS.length,
    async complete(requests) {
      const analysed = await thread.analyse(requests);
      return analysed.map((one) => foundCells(one, versions));
    },
  };
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
