import type { ReasonParams, VerdictReason } from "../db/tables/products.ts";
import type { BoycottLevel, Madhab } from "../db/tables/vocabulary.ts";
import type { BoycottEvidence } from "./evidence.ts";

/** Every code of a written reason, in the order in which a phone shows them; a product's own reasons follow. */
export const REASON_ORDER = [
  "product_haram",
  "ingredient_haram",
  "additive_haram",
  "category_haram",
  "label_contradicted",
  "sources_conflict",
  "certified",
  "certifier_weak",
  "product_doubtful",
  "product_halal",
  "product_halal_weak",
  "ingredient_doubtful",
  "additive_doubtful",
  "trace_haram",
  "ingredients_clear",
  "vegan_clear",
  "in_store_barcode",
  "product_not_found",
  "ingredients_unknown",
  "not_enough_evidence",
  "additive_unknown",
  "madhab_ruling",
  "additives_halal",
  "boycott",
  "boycott_hint",
] as const;
export type ReasonCode = (typeof REASON_ORDER)[number];

/** The source of a reason that follows from missing evidence. */
export const RULES_SOURCE = "verdict rules";
const SOURCE_NOT_RECORDED = "source not recorded";

export const SCHOOL_NAMES: Readonly<Record<Madhab, string>> = {
  hanafi: "Hanafi",
  shafii: "Shafi'i",
  maliki: "Maliki",
  hanbali: "Hanbali",
};

const BOYCOTT_LEVEL_NAMES: Readonly<Record<BoycottLevel, string>> = {
  official: "an official",
  grassroots: "a grassroots",
  pressure: "a pressure",
  community: "a community",
};

const BOYCOTT_MATCHES: Readonly<Record<BoycottEvidence["matchedBy"], string>> = {
  company: "matched by its own name",
  brand: "matched by the brand",
  parent: "matched by the brand's parent company",
  gtin_prefix: "the barcode begins with a prefix of this company, which is a hint and no proof",
};

/** Writes one reason. */
export function reason(
  code: ReasonCode,
  params: ReasonParams,
  message: string,
  ...sources: readonly (string | null | undefined)[]
): VerdictReason {
  return { code, params, message, source: sourceOf(...sources) };
}

/** The first source that says something. */
export function sourceOf(...candidates: readonly (string | null | undefined)[]): string {
  return candidates.find((one) => (one ?? "").trim() !== "") ?? SOURCE_NOT_RECORDED;
}

/** A substance's id in words: `en:pork-gelatin` is `pork gelatin`. */
export function substanceName(id: string): string {
  return id.replace(/^[a-z]{1,3}:/, "").replaceAll("-", " ");
}

export function boycottReason(target: BoycottEvidence): VerdictReason {
  return reason(
    target.matchedBy === "gtin_prefix" ? "boycott_hint" : "boycott",
    {
      target: target.id,
      companyName: target.companyName,
      level: target.level,
      matchedBy: target.matchedBy,
    },
    `${target.companyName} is on ${BOYCOTT_LEVEL_NAMES[target.level]} boycott list (${BOYCOTT_MATCHES[target.matchedBy]}). This does not change the halal status.`,
    target.sourceUrl,
    `boycott target ${target.id}`,
  );
}
