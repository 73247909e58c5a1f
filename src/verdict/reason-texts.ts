import type { ReasonParams, VerdictReason } from "../db/tables/products.ts";
import { inEnglish, text } from "../texts/text.ts";
import type { BoycottEvidence } from "./evidence.ts";
import { ENGLISH_WORDS, reasonText } from "./reason-messages.ts";

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

/** The source of a reason that follows from missing evidence. */
export const RULES_SOURCE = inEnglish(text("source_rules"));
export const ADDITIVES_SOURCE = inEnglish(text("source_additives"));
export const GS1_SOURCE = inEnglish(text("source_gs1"));
const BOYCOTT_SOURCE = inEnglish(text("source_boycott"));
const SOURCE_NOT_RECORDED = inEnglish(text("source_none"));

/** Writes one reason of ours; its message is the English of its code and params. Errors: Error where they do not do. */
export function reason(
  code: string,
  params: ReasonParams,
  ...sources: readonly (string | null | undefined)[]
): VerdictReason {
  const said = reasonText(code, params, ENGLISH_WORDS);
  if (said === null) throw new Error(`the params of the reason ${code} do not say all of it`);
  return { code, params, message: inEnglish(said), source: sourceOf(...sources) };
}

/** The first source that says something. */
export function sourceOf(...candidates: readonly (string | null | undefined)[]): string {
  return candidates.find((one) => (one ?? "").trim() !== "") ?? SOURCE_NOT_RECORDED;
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
    target.sourceUrl,
    BOYCOTT_SOURCE,
  );
}
