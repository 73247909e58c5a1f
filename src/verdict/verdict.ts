import type { VerdictBySchool } from "../db/tables/scans.ts";
import { type Madhab, MADHABS } from "../db/tables/vocabulary.ts";
import { clampConfidence, type Decision, type Verdict, type VerdictEvidence } from "./evidence.ts";
import { type Facts, sumUp } from "./facts.ts";
import { writeReasons } from "./reasons.ts";
import type { School } from "./rulings.ts";
import { VERDICT_DOUBTS, VERDICT_RULES, type VerdictRule } from "./verdict-rules.ts";

/**
 * Decides what a scan answers from everything known, for one school of law or in general.
 * The first rule of `VERDICT_RULES` that holds gives the status, `VERDICT_DOUBTS` lower its confidence.
 * Units: confidence from 0 to 1, to three decimals.
 */
export function decideVerdict(evidence: VerdictEvidence, madhab?: Madhab): Verdict {
  const school = madhab ?? null;
  const facts = sumUp(evidence, school);
  const rule = decidingRule(facts);
  return {
    ...decisionBy(rule, facts),
    basis: rule.basis,
    madhab: school,
    reasons: writeReasons(evidence, madhab, rule),
    bySchool: decideBySchool(evidence),
  };
}

/** Decides the status alone, with no reasons: what lists and stored statuses need. */
export function decideStatus(evidence: VerdictEvidence, school: School): Decision {
  const facts = sumUp(evidence, school);
  return decisionBy(decidingRule(facts), facts);
}

function decideBySchool(evidence: VerdictEvidence): VerdictBySchool {
  const decisions = MADHABS.map((madhab) => [madhab, decideStatus(evidence, madhab)] as const);
  return Object.fromEntries(decisions) as Record<Madhab, Decision>;
}

function decisionBy(rule: VerdictRule, facts: Facts): Decision {
  const { confidence } = rule;
  const sure = clampConfidence(typeof confidence === "number" ? confidence : confidence.of(facts));
  const doubt = VERDICT_DOUBTS.filter((one) => one.holds(facts, rule.halalStatus)).reduce(
    (product, one) => product * one.factor,
    1,
  );
  return {
    halalStatus: rule.halalStatus,
    confidence: Math.round(sure * doubt * 1000) / 1000,
  };
}

function decidingRule(facts: Facts): VerdictRule {
  const rule = VERDICT_RULES.find((one) => one.holds(facts));
  if (rule === undefined) throw new Error("The last verdict rule always holds");
  return rule;
}
