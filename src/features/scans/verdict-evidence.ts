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
}

/** Tells a confidence from 0 to 1 out of any number; NaN is 0. */
export function clampConfidence(value: number): number {
  return value > 0 ? Math.min(value, 1) : 0;
}
