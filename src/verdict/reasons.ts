import type { VerdictReason } from "../db/tables/products.ts";
import type { Madhab } from "../db/tables/vocabulary.ts";
import type { VerdictEvidence } from "./evidence.ts";
import { certifierTrust, ownWord } from "./facts.ts";
import { listReasons } from "./ingredient-reasons.ts";
import { additiveStatus } from "./judge.ts";
import {
  boycottReason,
  reason,
  REASON_ORDER,
  RULES_SOURCE,
  SCHOOL_NAMES,
  sourceOf,
} from "./reason-texts.ts";
import { type DecidingCode, MIN_TRUST, type VerdictRule } from "./verdict-rules.ts";

/**
 * Writes every reason behind a verdict with its source, the deciding ones first, the product's own last.
 * The order depends on the reasons alone, not on that of the evidence; no reason is given twice.
 */
export function writeReasons(
  evidence: VerdictEvidence,
  madhab: Madhab | undefined,
  decided: Pick<VerdictRule, "code" | "halalStatus">,
): VerdictReason[] {
  const reasons = [
    ...productReasons(evidence),
    ...certifierReasons(evidence),
    ...(decided.halalStatus === "haram" ? conflictReasons(evidence, decided.code) : []),
    ...additiveReasons(evidence, madhab),
    ...listReasons(evidence, madhab, decided.code),
    ...missingReasons(evidence),
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
  return (product?.reasons ?? []).map(({ code, params = {}, message, source }) => ({
    code,
    params,
    message,
    source: sourceOf(source, product?.source),
  }));
}

function productReasons(evidence: VerdictEvidence): VerdictReason[] {
  const { halalStatus, confidence, isFromList } = ownWord(evidence);
  if (evidence.product === null || halalStatus === "unknown") return [];
  const isWeak = halalStatus === "halal" && confidence < MIN_TRUST;
  const says = isFromList
    ? `The ingredient list says of the whole product that it is ${halalStatus === "halal" ? "halal" : "not halal"}`
    : `The product's own source says ${halalStatus}`;
  return [
    reason(
      isWeak ? "product_halal_weak" : `product_${halalStatus}`,
      { halalStatus, confidence },
      `${says} (confidence ${confidence.toFixed(2)})${isWeak ? ", which is too little to rely on" : ""}.`,
      evidence.product.source,
    ),
  ];
}

function certifierReasons(evidence: VerdictEvidence): VerdictReason[] {
  const { certifier } = evidence;
  if (certifier === null) return [];
  const isWeak = certifierTrust(evidence) < MIN_TRUST;
  const { id, name, trustScore } = certifier;
  return [
    reason(
      isWeak ? "certifier_weak" : "certified",
      { certifier: id, certifierName: name, trustScore },
      `Certified by ${name} (trust score ${trustScore} of 100)${isWeak ? ", which is too little to rely on" : ""}.`,
      name,
      id,
    ),
  ];
}

/** Who says halal of what is haram; where the list or the categories show it, the label is contradicted. */
function conflictReasons(evidence: VerdictEvidence, decided: DecidingCode): VerdictReason[] {
  const { certifier, product } = evidence;
  const isByLabel = decided === "ingredient_haram" || decided === "category_haram";
  const code = isByLabel ? "label_contradicted" : "sources_conflict";
  const beginning = isByLabel ? "What is printed contradicts the label" : "The sources disagree";
  const reasons: VerdictReason[] = [];
  if (certifier !== null && certifierTrust(evidence) >= MIN_TRUST) {
    reasons.push(
      reason(
        code,
        { certifier: certifier.id, certifierName: certifier.name },
        `${beginning}: ${certifier.name} certified this product as halal.`,
        certifier.name,
        certifier.id,
      ),
    );
  }
  const own = ownWord(evidence);
  if (product !== null && own.halalStatus === "halal" && own.confidence >= MIN_TRUST) {
    reasons.push(
      reason(
        code,
        { certifier: null },
        `${beginning}: the product's own source says halal.`,
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
    ...additiveStatus(additive, madhab ?? null, evidence.isVegan),
    general: additive.halalStatus,
    label: additive.name === null ? additive.code : `${additive.code} (${additive.name})`,
  }));
  for (const { code, name, label, halalStatus, source, isRuling } of judged) {
    if (halalStatus === "halal") continue;
    const school = isRuling && madhab !== undefined ? ` in the ${SCHOOL_NAMES[madhab]} school` : "";
    const message =
      halalStatus === "unknown"
        ? `The status of ${label} is not known.`
        : `${label} is ${halalStatus}${school}.`;
    const params = { additive: code, name, madhab: isRuling ? (madhab ?? null) : null };
    reasons.push(
      reason(
        halalStatus === "unknown" ? "additive_unknown" : `additive_${halalStatus}`,
        params,
        message,
        source,
      ),
    );
  }
  for (const { code, label, rulings, general } of judged) {
    for (const ruling of rulings) {
      const isAsked = madhab === undefined || madhab === ruling.madhab;
      if (!isAsked || ruling.halalStatus === general || ruling.halalStatus === "unknown") continue;
      const message = `The ${SCHOOL_NAMES[ruling.madhab]} school holds ${label} to be ${ruling.halalStatus}; in general it is ${general}.`;
      const params = {
        additive: code,
        madhab: ruling.madhab,
        halalStatus: ruling.halalStatus,
        general,
      };
      reasons.push(reason("madhab_ruling", params, message, ruling.source));
    }
  }
  for (const code of evidence.unknownAdditiveCodes) {
    const message = `${code} is not in the additive list.`;
    reasons.push(reason("additive_unknown", { additive: code }, message, "additive list"));
  }
  const isAllHalal =
    judged.every((one) => one.halalStatus === "halal") &&
    evidence.unknownAdditiveCodes.length === 0;
  if (judged.length > 0 && isAllHalal) {
    const sources = [...new Set(judged.map((one) => sourceOf(one.source)))].sort().join("; ");
    const message = "Every additive is halal, which says nothing of the other ingredients.";
    const additives = [...new Set(judged.map(({ code }) => code))].sort();
    reasons.push(reason("additives_halal", { additives }, message, sources));
  }
  return reasons;
}

function missingReasons(evidence: VerdictEvidence): VerdictReason[] {
  const reasons: VerdictReason[] = [];
  if (evidence.inStore) {
    const message =
      "This is an in-store barcode: another shop may use the same number for something else, so that it cannot prove a product halal.";
    const source = "GS1 General Specifications, restricted circulation numbers";
    reasons.push(reason("in_store_barcode", {}, message, source));
  }
  if (evidence.product === null) {
    const message = "This product is not in the database yet.";
    reasons.push(reason("product_not_found", {}, message, RULES_SOURCE));
  } else if (!evidence.ingredientsKnown) {
    const message = "The ingredients of this product are not known.";
    reasons.push(reason("ingredients_unknown", {}, message, evidence.product.source));
  }
  return reasons;
}
