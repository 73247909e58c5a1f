import type { VerdictReason } from "../../db/tables/products.ts";
import type { BoycottLevel, HalalStatus, Madhab } from "../../db/tables/vocabulary.ts";
import { type BoycottEvidence, clampConfidence, type VerdictEvidence } from "./verdict-evidence.ts";
import { additiveStatus, certifierTrust, type DecidingCode, MIN_TRUST } from "./verdict-rules.ts";

/** Every code this file writes, in the order in which a phone shows them; a product's own reasons follow. */
const REASON_ORDER = [
  "product_haram",
  "additive_haram",
  "sources_conflict",
  "certified",
  "certifier_weak",
  "product_doubtful",
  "product_halal",
  "product_halal_weak",
  "additive_doubtful",
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
type ReasonCode = (typeof REASON_ORDER)[number];

/** The source of a reason that follows from missing evidence. */
const RULES_SOURCE = "verdict rules";
const SOURCE_NOT_RECORDED = "source not recorded";

const SCHOOL_NAMES: Readonly<Record<Madhab, string>> = {
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

/**
 * Writes every reason behind a verdict with its source, the deciding ones first, the product's own last.
 * The order depends on the reasons alone, not on that of the evidence; no reason is given twice.
 */
export function writeReasons(
  evidence: VerdictEvidence,
  madhab: Madhab | undefined,
  decided: { readonly code: DecidingCode; readonly halalStatus: HalalStatus },
): VerdictReason[] {
  const reasons = [
    ...productReasons(evidence),
    ...certifierReasons(evidence),
    ...conflictReasons(evidence, decided.halalStatus),
    ...additiveReasons(evidence, madhab),
    ...missingReasons(evidence, decided.code),
    ...evidence.boycottTargets.map(boycottReason),
  ];
  const rank = (code: string): number =>
    code === decided.code ? -1 : REASON_ORDER.findIndex((known) => known === code);
  const written = [...byText(reasons)].sort(
    ([a, left], [b, right]) => rank(left.code) - rank(right.code) || (a < b ? -1 : 1),
  );
  // Whatever code a product's own reason has: it may be that of a rule.
  const own = [...byText(ownReasons(evidence))].sort(([a], [b]) => (a < b ? -1 : 1));
  return [...new Map([...written, ...own]).values()];
}

function byText(reasons: readonly VerdictReason[]): Map<string, VerdictReason> {
  return new Map(reasons.map((one) => [JSON.stringify([one.code, one.message, one.source]), one]));
}

/** What the product's source gives as reasons for its status. */
function ownReasons({ product }: VerdictEvidence): VerdictReason[] {
  return (product?.reasons ?? []).map(({ code, message, source }) => ({
    code,
    message,
    source: sourceOf(source, product?.source),
  }));
}

function productReasons({ product }: VerdictEvidence): VerdictReason[] {
  if (product === null || product.halalStatus === "unknown") return [];
  const confidence = clampConfidence(product.confidenceScore);
  const isWeak = product.halalStatus === "halal" && confidence < MIN_TRUST;
  return [
    reason(
      isWeak ? "product_halal_weak" : `product_${product.halalStatus}`,
      `The product's own source says ${product.halalStatus} (confidence ${confidence.toFixed(2)})${isWeak ? ", which is too little to rely on" : ""}.`,
      product.source,
    ),
  ];
}

function certifierReasons(evidence: VerdictEvidence): VerdictReason[] {
  const { certifier } = evidence;
  if (certifier === null) return [];
  const isWeak = certifierTrust(evidence) < MIN_TRUST;
  return [
    reason(
      isWeak ? "certifier_weak" : "certified",
      `Certified by ${certifier.name} (trust score ${certifier.trustScore} of 100)${isWeak ? ", which is too little to rely on" : ""}.`,
      sourceOf(certifier.name, certifier.id),
    ),
  ];
}

function conflictReasons(evidence: VerdictEvidence, halalStatus: HalalStatus): VerdictReason[] {
  if (halalStatus !== "haram") return [];
  const { certifier, product } = evidence;
  const reasons: VerdictReason[] = [];
  if (certifier !== null && certifierTrust(evidence) >= MIN_TRUST) {
    reasons.push(
      reason(
        "sources_conflict",
        `The sources disagree: ${certifier.name} certified this product as halal.`,
        sourceOf(certifier.name, certifier.id),
      ),
    );
  }
  if (product?.halalStatus === "halal" && clampConfidence(product.confidenceScore) >= MIN_TRUST) {
    reasons.push(
      reason(
        "sources_conflict",
        "The sources disagree: the product's own source says halal.",
        product.source,
      ),
    );
  }
  return reasons;
}

function additiveReasons(evidence: VerdictEvidence, madhab: Madhab | undefined): VerdictReason[] {
  const reasons: VerdictReason[] = [];
  const judged = evidence.additives.map((additive) => ({
    ...additive,
    ...additiveStatus(additive, madhab),
    general: additive.halalStatus,
    label: additive.name === null ? additive.code : `${additive.code} (${additive.name})`,
  }));
  for (const { label, halalStatus, source, isRuling } of judged) {
    if (halalStatus === "halal") continue;
    const school = isRuling && madhab !== undefined ? ` in the ${SCHOOL_NAMES[madhab]} school` : "";
    const message =
      halalStatus === "unknown"
        ? `The status of ${label} is not known.`
        : `${label} is ${halalStatus}${school}.`;
    reasons.push(reason(`additive_${halalStatus}`, message, source));
  }
  for (const { label, rulings, general } of judged) {
    for (const ruling of rulings) {
      const isAsked = madhab === undefined || madhab === ruling.madhab;
      if (!isAsked || ruling.halalStatus === general || ruling.halalStatus === "unknown") continue;
      const message = `The ${SCHOOL_NAMES[ruling.madhab]} school holds ${label} to be ${ruling.halalStatus}; in general it is ${general}.`;
      reasons.push(reason("madhab_ruling", message, ruling.source));
    }
  }
  for (const code of evidence.unknownAdditiveCodes) {
    reasons.push(
      reason("additive_unknown", `${code} is not in the additive list.`, "additive list"),
    );
  }
  const isAllHalal =
    judged.every((one) => one.halalStatus === "halal") &&
    evidence.unknownAdditiveCodes.length === 0;
  if (judged.length > 0 && isAllHalal) {
    const sources = [...new Set(judged.map((one) => sourceOf(one.source)))].sort().join("; ");
    const message = "Every additive is halal, which says nothing of the other ingredients.";
    reasons.push(reason("additives_halal", message, sources));
  }
  return reasons;
}

function missingReasons(evidence: VerdictEvidence, decided: DecidingCode): VerdictReason[] {
  const reasons: VerdictReason[] = [];
  if (evidence.inStore) {
    const message =
      "This is an in-store barcode: another shop may use the same number for something else, so that it cannot prove a product halal.";
    reasons.push(
      reason(
        "in_store_barcode",
        message,
        "GS1 General Specifications, restricted circulation numbers",
      ),
    );
  }
  if (evidence.product === null) {
    reasons.push(
      reason("product_not_found", "This product is not in the database yet.", RULES_SOURCE),
    );
  } else if (!evidence.ingredientsKnown) {
    reasons.push(
      reason(
        "ingredients_unknown",
        "The ingredients of this product are not known.",
        evidence.product.source,
      ),
    );
  }
  if (decided === "not_enough_evidence") {
    const message = "What is known of this product settles neither halal nor haram.";
    reasons.push(reason("not_enough_evidence", message, RULES_SOURCE));
  }
  return reasons;
}

function boycottReason(target: BoycottEvidence): VerdictReason {
  return reason(
    target.matchedBy === "gtin_prefix" ? "boycott_hint" : "boycott",
    `${target.companyName} is on ${BOYCOTT_LEVEL_NAMES[target.level]} boycott list (${BOYCOTT_MATCHES[target.matchedBy]}). This does not change the halal status.`,
    sourceOf(target.sourceUrl, `boycott target ${target.id}`),
  );
}

function reason(code: ReasonCode, message: string, source: string | null): VerdictReason {
  return { code, message, source: sourceOf(source) };
}

function sourceOf(...candidates: readonly (string | null | undefined)[]): string {
  return candidates.find((one) => (one ?? "").trim() !== "") ?? SOURCE_NOT_RECORDED;
}
