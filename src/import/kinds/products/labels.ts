import type { VerdictReason } from "../../../db/tables/products.ts";
import type { HalalStatus } from "../../../db/tables/vocabulary.ts";
import type { KnownCertifiers } from "../known-certifiers.ts";

/** What a product's labels say of it as a whole. */
export interface LabelClaim {
  readonly halalStatus: HalalStatus;
  /** 0–1. */
  readonly confidence: number;
  readonly certifierId: string | null;
  readonly reasons: readonly VerdictReason[];
}

/** A tag without its language: `fr:viande-halal` is `viande-halal`. */
const WITHOUT_LANGUAGE = /^(?:[a-z]{2,3}:)?(.*)$/;
/** Source: the halal entry's names in the Open Food Facts labels taxonomy. */
const HALAL_WORD = /(?:^|-)(?:hall?a+l|халяль|ฮาลาล|חלאל|حلال)(?:-|$)/u;
const NEGATED_HALAL = /(?:^|-)(?:not|non|no|pas|nicht|kein|haram)-(?:[a-z]+-)?hall?a+l(?:-|$)/u;

/** A label read off a package by volunteers, with or without a certifier whose name can be checked. */
const CERTIFIED_CONFIDENCE = 0.9;
const CLAIMED_CONFIDENCE = 0.6;

/** Reads the halal claim out of label tags; labels that say nothing of halal leave it unknown. */
export function readLabelClaim(
  labels: readonly string[],
  certifiers: KnownCertifiers,
  sourceName: string,
): LabelClaim {
  const names = labels.map((label) => WITHOUT_LANGUAGE.exec(label)?.[1] ?? label);
  const negated = names.some((name) => NEGATED_HALAL.test(name));
  const certifier =
    labels.map((label) => certifiers.byLabel(label)).find((one) => one !== null) ?? null;
  if (negated) {
    return {
      halalStatus: "haram",
      confidence: CLAIMED_CONFIDENCE,
      certifierId: null,
      reasons: [reason("label_not_halal", "A label says that it is not halal.", sourceName)],
    };
  }
  if (certifier !== null) {
    return {
      halalStatus: "halal",
      confidence: CERTIFIED_CONFIDENCE,
      certifierId: certifier.id,
      reasons: [
        reason("label_certifier", `A label names the certifier ${certifier.name}.`, sourceName),
      ],
    };
  }
  if (names.some((name) => HALAL_WORD.test(name))) {
    return {
      halalStatus: "halal",
      confidence: CLAIMED_CONFIDENCE,
      certifierId: null,
      reasons: [
        reason("label_halal", "A label says halal and names no certifier known here.", sourceName),
      ],
    };
  }
  return { halalStatus: "unknown", confidence: 0, certifierId: null, reasons: [] };
}

const reason = (code: string, message: string, source: string): VerdictReason => ({
  code,
  message,
  source,
});
