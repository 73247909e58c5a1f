import { analyseProduct, type ReadableProduct } from "../../../verdict/analysis.ts";
import { COMPUTED_COLUMNS, computeStatuses } from "../../../verdict/computed-status.ts";
import type { ConversionContext } from "../../kind.ts";
import type { Cell } from "../../write/copy-text.ts";
import type { LabelClaim } from "./labels.ts";

/** A record as far as it is read and judged. */
export interface ReadRecord {
  readonly gtin14: string;
  readonly read: ReadableProduct;
  readonly claim: LabelClaim;
  readonly labels: readonly string[];
  readonly additives: readonly string[];
}

/** The cells of what was found: findings, name, the numbers of the analysis and of the rulings, the statuses. */
export function analyse(record: ReadRecord, { tools, source }: ConversionContext): Cell[] {
  if (tools === null || tools === undefined)
    return [null, null, null, null, ...COMPUTED_COLUMNS.map(() => "unknown")];
  const { gtin14, read, claim, labels, additives } = record;
  const { findings, nameFinding } = analyseProduct(read, tools.lexicon);
  const stored = {
    halalStatus: claim.halalStatus,
    confidenceScore: claim.confidence,
    reasons: claim.reasons,
    additives,
    labels,
    hasIngredients: read.ingredients !== null,
    findings,
    nameFinding,
    sourceName: source.name,
    certifier: claim.certifier,
  };
  return [
    findings,
    nameFinding === null ? null : JSON.stringify(nameFinding),
    tools.analysisVersion,
    tools.rulingsVersion,
    ...computeStatuses(gtin14, stored, tools.rulings),
  ];
}
