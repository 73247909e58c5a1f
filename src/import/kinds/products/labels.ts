import type { VerdictReason } from "../../../db/tables/products.ts";
import type { HalalStatus } from "../../../db/tables/vocabulary.ts";
import { reason } from "../../../verdict/reason-texts.ts";
import type { KnownCertifier, KnownCertifiers } from "../known-certifiers.ts";
import { readHalalLabel } from "./label-words.ts";

/** The statement of a product's labels as a whole. */
export interface LabelClaim {
  readonly halalStatus: HalalStatus;
  /** 0–1. */
  readonly confidence: number;
  readonly certifierId: string | null;
  readonly certifier: KnownCertifier | null;
  readonly reasons: readonly VerdictReason[];
}

/** A label read off a package by volunteers, with or without a certifier whose name can be checked. */
const CERTIFIED_CONFIDENCE = 0.9;
const CLAIMED_CONFIDENCE = 0.6;

/** Reads the halal claim out of labels; those that say nothing of halal, or are not understood, leave it unknown. */
export function readLabelClaim(
  labels: readonly string[],
  certifiers: KnownCertifiers,
  sourceName: string,
): LabelClaim {
  const says = new Set(labels.map(readHalalLabel));
  const certifier =
    labels.map((label) => certifiers.byLabel(label)).find((one) => one !== null) ?? null;
  if (says.has("not_halal")) {
    return {
      halalStatus: "haram",
      confidence: CLAIMED_CONFIDENCE,
      certifierId: null,
      certifier: null,
      reasons: [reason("label_not_halal", {}, sourceName)],
    };
  }
  if (certifier !== null) {
    return {
      halalStatus: "halal",
      confidence: CERTIFIED_CONFIDENCE,
      certifierId: certifier.id,
      certifier,
      reasons: [reason("label_certifier", { certifier: certifier.name }, sourceName)],
    };
  }
  if (says.has("halal")) {
    return {
      halalStatus: "halal",
      confidence: CLAIMED_CONFIDENCE,
      certifierId: null,
      certifier: null,
      reasons: [reason("label_halal", {}, sourceName)],
    };
  }
  return { halalStatus: "unknown", confidence: 0, certifierId: null, certifier: null, reasons: [] };
}
