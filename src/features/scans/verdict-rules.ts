import type { HalalStatus, Madhab } from "../../db/tables/vocabulary.ts";
import {
  type AdditiveEvidence,
  clampConfidence,
  type VerdictEvidence,
} from "./verdict-evidence.ts";

/**
 * The rules by which a scan is judged, to be read and checked without being a programmer: two tables, and what their
 * words mean. A rule is its `when`, `halalStatus` and `confidence`; the code beside these does what they say.
 */

/** The rules' names, which phones get as the code of the deciding reason. */
export type DecidingCode =
  | "product_haram"
  | "additive_haram"
  | "certified"
  | "product_doubtful"
  | "product_halal"
  | "additive_doubtful"
  | "in_store_barcode"
  | "product_not_found"
  | "ingredients_unknown"
  | "not_enough_evidence";

/**
 * Evidence *for* halal (a certifier's trust score of 100, a source's confidence of 1) that is weaker than this part is
 * shown but decides nothing; evidence against always counts.
 */
export const MIN_TRUST = 0.3;

/** Gives a certifier's trust from 0 to 1, and 0 without a certifier. */
export function certifierTrust(evidence: VerdictEvidence): number {
  return clampConfidence((evidence.certifier?.trustScore ?? 0) / 100);
}

/**
 * What an additive is, and who says so: for a user who follows a school (madhab), that school's ruling where it has
 * one that is not `unknown`; for everybody else, and where the school has none, the general status.
 */
export function additiveStatus(
  additive: AdditiveEvidence,
  madhab: Madhab | undefined,
): { halalStatus: HalalStatus; source: string | null; isRuling: boolean } {
  const ruling = additive.rulings.find(
    (one) => one.madhab === madhab && one.halalStatus !== "unknown",
  );
  return ruling === undefined
    ? { halalStatus: additive.halalStatus, source: additive.source, isRuling: false }
    : { halalStatus: ruling.halalStatus, source: ruling.source, isRuling: true };
}

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
  /** How sure that is, from 0 to 1: the same for all products, or as `says` says. */
  readonly confidence: number | Confidence;
}

/** A confidence that depends on the product. */
export interface Confidence {
  readonly says: string;
  readonly of: (facts: Facts) => number;
}

/** One row of what lowers the confidence. */
export interface VerdictDoubt {
  readonly when: string;
  readonly holds: (facts: Facts, halalStatus: HalalStatus) => boolean;
  readonly factor: number;
}

const PRODUCT_CONFIDENCE: Confidence = {
  says: "The confidence of the product's own source",
  of: (facts) => facts.productConfidence,
};

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
    confidence: {
      says: "The confidence of the product's own source; at least 0.9 if an additive is haram (for the school that the user follows, else in general), too",
      of: (facts) => Math.max(facts.productConfidence, facts.hasHaramAdditive ? 0.9 : 0),
    },
  },
  {
    code: "additive_haram",
    when: "One additive or more is haram for the school that the user follows (in general, if the user names no school or it has no ruling), whoever certified the product",
    holds: (facts) => facts.hasHaramAdditive,
    halalStatus: "haram",
    confidence: 0.9,
  },
  {
    code: "certified",
    when: "A known certifier with a trust score of 30 or more certified it, and the barcode is not an in-store one",
    holds: (facts) => isCertified(facts) && !facts.inStore,
    halalStatus: "halal",
    confidence: {
      says: "The certifier's trust score, divided by 100",
      of: (facts) => facts.certifierTrust,
    },
  },
  {
    code: "product_doubtful",
    when: "The product's own source says doubtful",
    holds: (facts) => facts.productStatus === "doubtful",
    halalStatus: "doubtful",
    confidence: PRODUCT_CONFIDENCE,
  },
  {
    code: "product_halal",
    when: "The product's own source says halal with a confidence of 0.3 or more, and the barcode is not an in-store one",
    holds: (facts) => isHalalClaim(facts) && !facts.inStore,
    halalStatus: "halal",
    confidence: PRODUCT_CONFIDENCE,
  },
  {
    code: "additive_doubtful",
    when: "One additive or more is doubtful for the school that the user follows (in general, if the user names no school or it has no ruling)",
    holds: (facts) => facts.hasDoubtfulAdditive,
    halalStatus: "doubtful",
    confidence: 0.6,
  },
  {
    code: "in_store_barcode",
    when: "The barcode is an in-store one: another shop may use it for something else",
    holds: (facts) => facts.inStore,
    halalStatus: "unknown",
    confidence: 0,
  },
  {
    code: "product_not_found",
    when: "The product is not in the database",
    holds: (facts) => !facts.hasProduct,
    halalStatus: "unknown",
    confidence: 0,
  },
  {
    code: "ingredients_unknown",
    when: "The product is there, but neither its ingredients nor its additives",
    holds: (facts) => !facts.ingredientsKnown,
    halalStatus: "unknown",
    confidence: 0,
  },
  {
    code: "not_enough_evidence",
    when: "Nothing above holds, even if every additive is halal for every school",
    holds: () => true,
    halalStatus: "unknown",
    confidence: 0,
  },
];

/** What lowers the confidence of a verdict, never its status: every row that holds multiplies it. */
export const VERDICT_DOUBTS: readonly VerdictDoubt[] = [
  {
    when: "The verdict is haram, although a certifier with a trust score of 30 or more, or the product's own source with a confidence of 0.3 or more, says halal",
    holds: (facts, status) => status === "haram" && (isCertified(facts) || isHalalClaim(facts)),
    factor: 0.5,
  },
  {
    when: "The verdict is halal, although the product's own source says doubtful or an additive is doubtful for the school that the user follows, else in general",
    holds: (facts, status) =>
      status === "halal" && (facts.productStatus === "doubtful" || facts.hasDoubtfulAdditive),
    factor: 0.75,
  },
  {
    when: "The verdict is halal, although the ingredients are not known, or some additives or what the school that the user follows, else the general list, says of them",
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

/** Sums up the evidence for one school, or in general. */
export function sumUp(evidence: VerdictEvidence, madhab: Madhab | undefined): Facts {
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
