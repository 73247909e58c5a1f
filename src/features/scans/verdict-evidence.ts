import type { VerdictReason } from "../../db/tables/products.ts";
import type { BoycottLevel, HalalStatus, Madhab } from "../../db/tables/vocabulary.ts";

/** An additive of the product, as the additive table has it. */
export interface AdditiveEvidence {
  readonly code: string;
  readonly name: string | null;
  readonly halalStatus: HalalStatus;
  readonly source: string | null;
  readonly rulings: readonly {
    readonly madhab: Madhab;
    readonly halalStatus: HalalStatus;
    readonly source: string | null;
  }[];
}

/** A boycott target that the product belongs to; `gtin_prefix` is a hint and no proof. */
export interface BoycottEvidence {
  readonly id: string;
  readonly companyName: string;
  readonly level: BoycottLevel;
  readonly matchedBy: "company" | "brand" | "parent" | "gtin_prefix";
  readonly sourceUrl?: string | null;
}

/** Everything that is known about a scanned barcode; what is absent counts as not known. */
export interface VerdictEvidence {
  readonly product: {
    readonly halalStatus: HalalStatus;
    /** 0–1. */
    readonly confidenceScore: number;
    readonly source: string;
    readonly reasons?: readonly VerdictReason[];
  } | null;
  /** Who certified the product; `trustScore` is 0–100. */
  readonly certifier: {
    readonly id: string;
    readonly name: string;
    readonly trustScore: number;
  } | null;
  readonly additives: readonly AdditiveEvidence[];
  /** Additives on the label that the additive table does not have. */
  readonly unknownAdditiveCodes: readonly string[];
  readonly boycottTargets: readonly BoycottEvidence[];
  /** True when the barcode means something only inside one shop or chain. */
  readonly inStore: boolean;
  /** True when the product lists its ingredients or additives. */
  readonly ingredientsKnown: boolean;
}

/** The answer to a scan. */
export interface Verdict {
  readonly halalStatus: HalalStatus;
  /** 0–1: how sure the status is; 0 for `unknown`. */
  readonly confidence: number;
  /** The deciding reason first. */
  readonly reasons: VerdictReason[];
  /** The schools whose status differs from the general one, in which no school is chosen. */
  readonly byMadhab: Partial<Record<Madhab, HalalStatus>>;
}

/**
 * Confidence (of 1) under which evidence *for* halal is shown but decides nothing; evidence against always counts.
 */
export const MIN_TRUST = 0.3;

/** Tells a confidence from 0 to 1 out of any number; NaN is 0. */
export function clampConfidence(value: number): number {
  return value > 0 ? Math.min(value, 1) : 0;
}

/** Gives a certifier's trust from 0 to 1, and 0 without a certifier. */
export function certifierTrust(evidence: VerdictEvidence): number {
  return clampConfidence((evidence.certifier?.trustScore ?? 0) / 100);
}

/** Gives an additive's status and who says so: the school's ruling where it has one, the general status otherwise. */
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
