import type { VerdictReason } from "../db/tables/products.ts";
import type { Madhab } from "../db/tables/vocabulary.ts";
import type { VerdictEvidence } from "./evidence.ts";
import { certifierTrust, ownWord } from "./facts.ts";
import { listReasons } from "./ingredient-reasons.ts";
import { additiveStatus } from "./judge.ts";
import {
  ADDITIVES_SOURCE,
  boycottReason,
  GS1_SOURCE,
  reason,
  REASON_ORDER,
  RULES_SOURCE,
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
  // A product's own reasons are added whatever their code is, as it may be that of a rule.
  const own = [...byText(ownReasons(evidence))].sort(([a], [b]) => (a < b ? -1 : 1));
  return [...new Map([...written, ...own]).values()];
}

/** Of several with the same text, as of two boycott targets of one name, the one whose params come first is kept. */
function byText(reasons: readonly VerdictReason[]): Map<string, VerdictReason> {
  const kept = new Map<string, VerdictReason>();
  for (const one of reasons) {
    const key = JSON.stringify([one.code, one.message, one.source]);
    const other = kept.get(key);
    if (other === undefined || JSON.stringify(one.params) < JSON.stringify(other.params))
      kept.set(key, one);
  }
  return kept;
}

/** Returns the reasons that the product's source gives for its status. */
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
  return [
    reason(
      isWeak ? "product_halal_weak" : `product_${halalStatus}`,
      { halalStatus, confidence, from: isFromList ? "list" : "source" },
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
      name,
      id,
    ),
  ];
}

/**
 * Returns a reason for each source that calls a haram product halal: `label_contradicted` where the list or the categories
 * decided, else `sources_conflict`.
 */
function conflictReasons(evidence: VerdictEvidence, decided: DecidingCode): VerdictReason[] {
  const { certifier, product } = evidence;
  const isByLabel = decided === "ingredient_haram" || decided === "category_haram";
  const code = isByLabel ? "label_contradicted" : "sources_conflict";
  const reasons: VerdictReason[] = [];
  if (certifier !== null && certifierTrust(evidence) >= MIN_TRUST) {
    reasons.push(
      reason(
        code,
        { certifier: certifier.id, certifierName: certifier.name },
        certifier.name,
        certifier.id,
      ),
    );
  }
  const own = ownWord(evidence);
  if (product !== null && own.halalStatus === "halal" && own.confidence >= MIN_TRUST) {
    reasons.push(reason(code, { certifier: null }, product.source));
  }
  return reasons;
}

function additiveReasons(evidence: VerdictEvidence, madhab: Madhab | undefined): VerdictReason[] {
  const reasons: VerdictReason[] = [];
  const judged = evidence.additives.map((additive) => ({
    ...additive,
    ...additiveStatus(additive, madhab ?? null, evidence.isVegan),
    general: additive.halalStatus,
  }));
  for (const { code, name, halalStatus, source, isRuling } of judged) {
    if (halalStatus === "halal") continue;
    const params = { additive: code, name, madhab: isRuling ? (madhab ?? null) : null };
    reasons.push(
      reason(
        halalStatus === "unknown" ? "additive_unknown" : `additive_${halalStatus}`,
        params,
        source,
      ),
    );
  }
  for (const { code, name, rulings, general } of judged) {
    for (const ruling of rulings) {
      const isAsked = madhab === undefined || madhab === ruling.madhab;
      if (!isAsked || ruling.halalStatus === general || ruling.halalStatus === "unknown") continue;
      const params = {
        additive: code,
        name,
        madhab: ruling.madhab,
        halalStatus: ruling.halalStatus,
        general,
      };
      reasons.push(reason("madhab_ruling", params, ruling.source));
    }
  }
  for (const code of evidence.unknownAdditiveCodes) {
    reasons.push(reason("additive_unknown", { additive: code }, ADDITIVES_SOURCE));
  }
  const isAllHalal =
    judged.every((one) => one.halalStatus === "halal") &&
    evidence.unknownAdditiveCodes.length === 0;
  if (judged.length > 0 && isAllHalal) {
    const sources = [...new Set(judged.map((one) => sourceOf(one.source)))].sort().join("; ");
    const additives = [...new Set(judged.map(({ code }) => code))].sort();
    reasons.push(reason("additives_halal", { additives }, sources));
  }
  return reasons;
}

function missingReasons(evidence: VerdictEvidence): VerdictReason[] {
  const reasons: VerdictReason[] = [];
  if (evidence.inStore) reasons.push(reason("in_store_barcode", {}, GS1_SOURCE));
  if (evidence.product === null) {
    reasons.push(reason("product_not_found", {}, RULES_SOURCE));
  } else if (!evidence.ingredientsKnown) {
    reasons.push(reason("ingredients_unknown", {}, evidence.product.source));
  }
  return reasons;
}
