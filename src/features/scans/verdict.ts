import { type HalalStatus, type Madhab, MADHABS } from "../../db/tables/vocabulary.ts";
import {
  additiveStatus,
  certifierTrust,
  clampConfidence,
  MIN_TRUST,
  type Verdict,
  type VerdictEvidence,
} from "./verdict-evidence.ts";
import { type DecidingCode, writeReasons } from "./verdict-reasons.ts";

/** What the rules look at, summed up from the evidence for one school or for none. */
export interface Facts {
  readonly hasProduct: boolean;
  readonly productStatus: HalalStatus;
  readonly productConfidence: number;
  /** 0–1; 0 without a certifier. */
  readonly certifierTrust: number;
  readonly hasHaramAdditive: boolean;
  readonly hasDoubtfulAdditive: boolean;
  readonly hasUnknownAdditive: boolean;
  readonly ingredientsKnown: boolean;
  readonly inStore: boolean;
}

/** One row of the table: when it holds, the status is this one. */
export interface VerdictRule {
  readonly code: DecidingCode;
  readonly when: string;
  readonly holds: (facts: Facts) => boolean;
  readonly halalStatus: HalalStatus;
  readonly confidence: (facts: Facts) => number;
}

/** One row of what lowers the confidence. */
export interface VerdictDoubt {
  readonly when: string;
  readonly holds: (facts: Facts, halalStatus: HalalStatus) => boolean;
  readonly factor: number;
}

/** How sure the status of an additive makes that of a product: a haram one settles it, a doubtful one depends on its origin. */
const HARAM_ADDITIVE_CONFIDENCE = 0.9;
const DOUBTFUL_ADDITIVE_CONFIDENCE = 0.6;

const isCertified = (facts: Facts): boolean => facts.certifierTrust >= MIN_TRUST;
const isHalalClaim = (facts: Facts): boolean =>
  facts.productStatus === "halal" && facts.productConfidence >= MIN_TRUST;

/**
 * The rules of a verdict, in order: the first that holds decides the status.
 * Halal needs a positive statement about the whole product (a certificate or its own status): additives that are
 * all halal say nothing of its meat, gelatine or alcohol. A boycott is a reason to know of and never a status.
 */
export const VERDICT_RULES: readonly VerdictRule[] = [
  {
    code: "product_haram",
    when: "The product's own source says haram, whoever certified it",
    holds: (facts) => facts.productStatus === "haram",
    halalStatus: "haram",
    confidence: (facts) =>
      facts.hasHaramAdditive
        ? Math.max(facts.productConfidence, HARAM_ADDITIVE_CONFIDENCE)
        : facts.productConfidence,
  },
  {
    code: "additive_haram",
    when: "One additive or more is haram, whoever certified it",
    holds: (facts) => facts.hasHaramAdditive,
    halalStatus: "haram",
    confidence: () => HARAM_ADDITIVE_CONFIDENCE,
  },
  {
    code: "certified",
    when: "A known certifier with a trust score of 30 or more certified it, and the barcode is not an in-store one",
    holds: (facts) => isCertified(facts) && !facts.inStore,
    halalStatus: "halal",
    confidence: (facts) => facts.certifierTrust,
  },
  {
    code: "product_doubtful",
    when: "The product's own source says doubtful",
    holds: (facts) => facts.productStatus === "doubtful",
    halalStatus: "doubtful",
    confidence: (facts) => facts.productConfidence,
  },
  {
    code: "product_halal",
    when: "The product's own source says halal with a confidence of 0.3 or more, and the barcode is not an in-store one",
    holds: (facts) => isHalalClaim(facts) && !facts.inStore,
    halalStatus: "halal",
    confidence: (facts) => facts.productConfidence,
  },
  {
    code: "additive_doubtful",
    when: "One additive or more is doubtful",
    holds: (facts) => facts.hasDoubtfulAdditive,
    halalStatus: "doubtful",
    confidence: () => DOUBTFUL_ADDITIVE_CONFIDENCE,
  },
  {
    code: "in_store_barcode",
    when: "The barcode is an in-store one: another shop may use it for something else",
    holds: (facts) => facts.inStore,
    halalStatus: "unknown",
    confidence: () => 0,
  },
  {
    code: "product_not_found",
    when: "The product is not in the database",
    holds: (facts) => !facts.hasProduct,
    halalStatus: "unknown",
    confidence: () => 0,
  },
  {
    code: "ingredients_unknown",
    when: "The product is there, but neither its ingredients nor its additives",
    holds: (facts) => !facts.ingredientsKnown,
    halalStatus: "unknown",
    confidence: () => 0,
  },
  {
    code: "not_enough_evidence",
    when: "Nothing above holds, even if every additive is halal",
    holds: () => true,
    halalStatus: "unknown",
    confidence: () => 0,
  },
];

/** What lowers the confidence of a verdict, never its status: every row that holds multiplies it. */
export const VERDICT_DOUBTS: readonly VerdictDoubt[] = [
  {
    when: "The verdict is haram, although a certifier or the product's own source says halal",
    holds: (facts, status) => status === "haram" && (isCertified(facts) || isHalalClaim(facts)),
    factor: 0.5,
  },
  {
    when: "The verdict is halal, although the product's own source says doubtful or an additive is doubtful",
    holds: (facts, status) =>
      status === "halal" && (facts.productStatus === "doubtful" || facts.hasDoubtfulAdditive),
    factor: 0.75,
  },
  {
    when: "The verdict is halal, although the ingredients or some additives are not known",
    holds: (facts, status) =>
      status === "halal" && (facts.hasUnknownAdditive || !facts.ingredientsKnown),
    factor: 0.9,
  },
  {
    when: "The barcode is an in-store one, so that the product may be another",
    holds: (facts) => facts.inStore,
    factor: 0.5,
  },
];

/**
 * Decides what a scan answers from everything known, for one school of law or in general.
 * The first rule of `VERDICT_RULES` that holds gives the status, `VERDICT_DOUBTS` lower its confidence.
 * Units: confidence from 0 to 1, to three decimals.
 */
export function decideVerdict(evidence: VerdictEvidence, madhab?: Madhab): Verdict {
  const facts = sumUp(evidence, madhab);
  const rule = decidingRule(facts);
  const doubt = VERDICT_DOUBTS.filter((one) => one.holds(facts, rule.halalStatus)).reduce(
    (product, one) => product * one.factor,
    1,
  );
  const general = decidingRule(sumUp(evidence, undefined)).halalStatus;
  const byMadhab: Partial<Record<Madhab, HalalStatus>> = {};
  for (const school of MADHABS) {
    const { halalStatus } = decidingRule(sumUp(evidence, school));
    if (halalStatus !== general) byMadhab[school] = halalStatus;
  }
  return {
    halalStatus: rule.halalStatus,
    confidence: Math.round(clampConfidence(rule.confidence(facts)) * doubt * 1000) / 1000,
    reasons: writeReasons(evidence, madhab, rule),
    byMadhab,
  };
}

function decidingRule(facts: Facts): VerdictRule {
  const rule = VERDICT_RULES.find((one) => one.holds(facts));
  if (rule === undefined) throw new Error("The last verdict rule always holds");
  return rule;
}

function sumUp(evidence: VerdictEvidence, madhab: Madhab | undefined): Facts {
  const statuses = new Set(
    evidence.additives.map((additive) => additiveStatus(additive, madhab).halalStatus),
  );
  return {
    hasProduct: evidence.product !== null,
    productStatus: evidence.product?.halalStatus ?? "unknown",
    productConfidence: clampConfidence(evidence.product?.confidenceScore ?? 0),
    certifierTrust: certifierTrust(evidence),
    hasHaramAdditive: statuses.has("haram"),
    hasDoubtfulAdditive: statuses.has("doubtful"),
    hasUnknownAdditive: statuses.has("unknown") || evidence.unknownAdditiveCodes.length > 0,
    ingredientsKnown: evidence.ingredientsKnown,
    inStore: evidence.inStore,
  };
}
