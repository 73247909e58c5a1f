import type { HalalStatus } from "../db/tables/vocabulary.ts";
import { clampConfidence, type ListEvidence, type VerdictEvidence } from "./evidence.ts";
import { additiveStatus, contents, ingredientStatus } from "./judge.ts";
import type { School } from "./rulings.ts";

/** The facts that the rules look at, summed up from the evidence for one school or for everybody. */
export interface Facts {
  readonly hasProduct: boolean;
  readonly productStatus: HalalStatus;
  readonly productConfidence: number;
  /** 0–1; 0 without a certifier. */
  readonly certifierTrust: number;
  readonly hasHaramAdditive: boolean;
  readonly hasDoubtfulAdditive: boolean;
  readonly hasUnknownAdditive: boolean;
  /** Whether a haram substance is named, and as a whole item or inside a longer one. */
  readonly haramIngredient: "item" | "inside" | null;
  readonly hasDoubtfulIngredient: boolean;
  readonly hasHaramTrace: boolean;
  /** The categories or the name say pork or alcoholic drink, and the list does not speak against it. */
  readonly isNamedHaram: boolean;
  /** Every item of the list was understood and is halal, and so is every additive. */
  readonly isListClear: boolean;
  /** A vegan label, and a list without alcohol of which 80 % were understood; or no list, and no drink in categories or name. */
  readonly isVeganClear: boolean;
  readonly ingredientsKnown: boolean;
  readonly inStore: boolean;
}

/** The share of a list that must be understood before a vegan label is believed. */
const RECOGNISED_MIN = 0.8;

/** How sure a list's own "halal" or "not halal" is: as sure as a label that names no certifier. */
export const CLAIM_CONFIDENCE = 0.6;

/** Gives a certifier's trust from 0 to 1, and 0 without a certifier. */
export function certifierTrust(evidence: VerdictEvidence): number {
  return clampConfidence((evidence.certifier?.trustScore ?? 0) / 100);
}

/** The product's own word: its source's, else what its list says of the whole product. */
export function ownWord(evidence: VerdictEvidence): {
  readonly halalStatus: HalalStatus;
  readonly confidence: number;
  readonly isFromList: boolean;
} {
  const { product } = evidence;
  const claim = evidence.list?.halalClaim ?? null;
  const own = product?.halalStatus ?? "unknown";
  const fromList = claim === null ? null : claim === "halal" ? "halal" : "haram";
  // A list that denies it stands against a label that only claims it.
  if (fromList !== null && (own === "unknown" || (fromList === "haram" && own === "halal"))) {
    return { halalStatus: fromList, confidence: CLAIM_CONFIDENCE, isFromList: true };
  }
  const confidence = clampConfidence(product?.confidenceScore ?? 0);
  return { halalStatus: own, confidence, isFromList: false };
}

/** Sums up the evidence for one school, or for everybody. */
export function sumUp(evidence: VerdictEvidence, school: School): Facts {
  const isVegan = evidence.isVegan === true;
  const additives = new Set(
    evidence.additives.map((one) => additiveStatus(one, school, isVegan).halalStatus),
  );
  const hasUnknownAdditive = additives.has("unknown") || evidence.unknownAdditiveCodes.length > 0;
  let haramIngredient: Facts["haramIngredient"] = null;
  let hasHaramTrace = false;
  const statuses = new Set<HalalStatus>();
  for (const one of evidence.list?.ingredients ?? []) {
    const { halalStatus } = ingredientStatus(one, school, isVegan);
    if (one.trace) {
      if (halalStatus === "haram") hasHaramTrace = true;
      continue;
    }
    if (halalStatus !== null) statuses.add(halalStatus);
    if (halalStatus !== "haram") continue;
    if (one.inside) haramIngredient ??= "inside";
    else haramIngredient = "item";
  }
  const { named = null, list = null } = evidence;
  const isNamedHaram =
    named !== null && !named.isContradicted && named.ruling(school)?.halalStatus === "haram";
  const own = ownWord(evidence);
  const isEachHalal = (all: ReadonlySet<HalalStatus>) =>
    [...all].every((status) => status === "halal");
  return {
    hasProduct: evidence.product !== null,
    productStatus: own.halalStatus,
    productConfidence: own.confidence,
    certifierTrust: certifierTrust(evidence),
    hasHaramAdditive: additives.has("haram"),
    hasDoubtfulAdditive: additives.has("doubtful"),
    hasUnknownAdditive,
    haramIngredient,
    hasDoubtfulIngredient: statuses.has("doubtful"),
    hasHaramTrace,
    isNamedHaram,
    isListClear:
      list !== null &&
      isUnderstood(list, 1) &&
      isEachHalal(statuses) &&
      isEachHalal(additives) &&
      !hasUnknownAdditive,
    isVeganClear:
      isVegan &&
      evidence.product !== null &&
      (list === null
        ? // Without a list nothing else could name a drink.
          !evidence.ingredientsKnown && named === null
        : isUnderstood(list, RECOGNISED_MIN) &&
          contents(evidence).every(({ kind }) => kind !== "alcohol")),
    ingredientsKnown: evidence.ingredientsKnown,
    inStore: evidence.inStore,
  };
}

function isUnderstood(list: ListEvidence, share: number): boolean {
  const { itemCount, recognisedCount, cut } = list;
  return !cut && itemCount > 0 && recognisedCount >= itemCount * share;
}
