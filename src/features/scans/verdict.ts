import type { Madhab } from "../../db/tables/vocabulary.ts";
import { clampConfidence, type Verdict, type VerdictEvidence } from "./verdict-evidence.ts";
import { writeReasons } from "./verdict-reasons.ts";
import {
  type Facts,
  sumUp,
  VERDICT_DOUBTS,
  VERDICT_RULES,
  type VerdictRule,
} from "./verdict-rules.ts";

/**
 * Decides what a scan answers from everything known, for one school of law or in general.
 * The first rule of `VERDICT_RULES` that holds gives the status, `VERDICT_DOUBTS` lower its confidence.
 * Units: confidence from 0 to 1, to three decimals.
 */
export function decideVerdict(evidence: VerdictEvidence, madhab?: Madhab): Verdict {
  const facts = sumUp(evidence, madhab);
  const rule = decidingRule(facts);
  const { confidence } = rule;
  const sure = clampConfidence(typeof confidence === "number" ? confidence : confidence.of(facts));
  const doubt = VERDICT_DOUBTS.filter((one) => one.holds(facts, rule.halalStatus)).reduce(
    (product, one) => product * one.factor,
    1,
  );
  return {
    halalStatus: rule.halalStatus,
    confidence: Math.round(sure * doubt * 1000) / 1000,
    reasons: writeReasons(evidence, madhab, rule),
  };
}

function decidingRule(facts: Facts): VerdictRule {
  const rule = VERDICT_RULES.find((one) => one.holds(facts));
  if (rule === undefined) throw new Error("The last verdict rule always holds");
  return rule;
}
