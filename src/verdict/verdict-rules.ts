import type { HalalStatus, VerdictBasis } from "../db/tables/vocabulary.ts";
import type { Facts } from "./facts.ts";

/**
 * The rules by which a scan is judged, to be read and checked without being a programmer: two tables, and what their
 * words mean. A rule is its `when`, `halalStatus` and `confidence`; the code beside these does what they say.
 */

/** The rules' names, which phones get as the code of the deciding reason. */
export type DecidingCode =
  | "product_haram"
  | "ingredient_haram"
  | "additive_haram"
  | "category_haram"
  | "certified"
  | "product_doubtful"
  | "product_halal"
  | "ingredient_doubtful"
  | "additive_doubtful"
  | "trace_haram"
  | "ingredients_clear"
  | "vegan_clear"
  | "in_store_barcode"
  | "product_not_found"
  | "ingredients_unknown"
  | "not_enough_evidence";

/**
 * Evidence *for* halal (a certifier's trust score of 100, a source's confidence of 1) that is weaker than this part is
 * shown but decides nothing; evidence against always counts.
 */
export const MIN_TRUST = 0.3;

/** One row of the table: when it holds, the status is this one. */
export interface VerdictRule {
  readonly code: DecidingCode;
  readonly when: string;
  readonly holds: (facts: Facts) => boolean;
  readonly halalStatus: HalalStatus;
  /** On what such a verdict rests. */
  readonly basis: VerdictBasis;
  /** How sure that is, from 0 to 1: the same for all products, or as `says` says. */
  readonly confidence: number | Confidence;
}

/** A confidence that depends on the product. */
export interface Confidence {
  readonly says: string;
  readonly of: (facts: Facts) => number;
}

/** One row of what lowers the confidence. */
export interface VerdictDoubt {
  readonly when: string;
  readonly holds: (facts: Facts, halalStatus: HalalStatus) => boolean;
  readonly factor: number;
}

const PRODUCT_CONFIDENCE: Confidence = {
  says: "The confidence of the product's own source",
  of: (facts) => facts.productConfidence,
};

const isCertified = (facts: Facts): boolean => facts.certifierTrust >= MIN_TRUST;
const isHalalClaim = (facts: Facts): boolean =>
  facts.productStatus === "halal" && facts.productConfidence >= MIN_TRUST;

/** For whom rulings are looked up, in the words of every row that looks at rulings. */
const FOR_THE_SCHOOL =
  "for the school that the user follows (in general, if the user names no school or it has no ruling)";

/**
 * The rules of a verdict, in order: the first that holds decides the status.
 * Halal needs a positive statement about the whole product: a certificate, its own status, or a list of which every
 * item is understood and halal by its nature. A boycott is a reason to know of and never a status.
 */
export const VERDICT_RULES: readonly VerdictRule[] = [
  {
    code: "product_haram",
    when: "The product's own source, or its list, says that it is haram or not halal, whoever certified it",
    holds: (facts) => facts.productStatus === "haram",
    halalStatus: "haram",
    basis: "claimed",
    confidence: {
      says: "The confidence of the product's own source; at least 0.9 if an additive is haram (for the school that the user follows, else in general), too",
      of: (facts) => Math.max(facts.productConfidence, facts.hasHaramAdditive ? 0.9 : 0),
    },
  },
  {
    code: "ingredient_haram",
    when: `An ingredient that the label neither denies nor names as a mere trace is haram ${FOR_THE_SCHOOL}, whoever labelled or certified the product`,
    holds: (facts) => facts.haramIngredient !== null,
    halalStatus: "haram",
    basis: "ingredients",
    confidence: {
      says: "0.95; 0.8 if its name stands inside a longer item that was not understood",
      of: (facts) => (facts.haramIngredient === "item" ? 0.95 : 0.8),
    },
  },
  {
    code: "additive_haram",
    when: `One additive or more is haram ${FOR_THE_SCHOOL} and the label states no halal origin of it, whoever certified the product`,
    holds: (facts) => facts.hasHaramAdditive,
    halalStatus: "haram",
    basis: "ingredients",
    confidence: 0.9,
  },
  {
    code: "category_haram",
    when: `The categories (or, without a list, the name) say pork or alcoholic drink, which is haram ${FOR_THE_SCHOOL}, and the list does not speak against it`,
    holds: (facts) => facts.isNamedHaram,
    halalStatus: "haram",
    basis: "ingredients",
    confidence: 0.8,
  },
  {
    code: "certified",
    when: "A known certifier with a trust score of 30 or more certified it, and the barcode is not an in-store one",
    holds: (facts) => isCertified(facts) && !facts.inStore,
    halalStatus: "halal",
    basis: "certified",
    confidence: {
      says: "The certifier's trust score, divided by 100",
      of: (facts) => facts.certifierTrust,
    },
  },
  {
    code: "product_doubtful",
    when: "The product's own source says doubtful",
    holds: (facts) => facts.productStatus === "doubtful",
    halalStatus: "doubtful",
    basis: "claimed",
    confidence: PRODUCT_CONFIDENCE,
  },
  {
    code: "product_halal",
    when: "The product's own source, or its list, says halal with a confidence of 0.3 or more, and the barcode is not an in-store one",
    holds: (facts) => isHalalClaim(facts) && !facts.inStore,
    halalStatus: "halal",
    basis: "claimed",
    confidence: PRODUCT_CONFIDENCE,
  },
  {
    code: "ingredient_doubtful",
    when: `An ingredient is doubtful ${FOR_THE_SCHOOL}, such as gelatine, rennet, animal fat, enzymes, carrier alcohol or meat without a halal statement, and the label states no origin that settles it`,
    holds: (facts) => facts.hasDoubtfulIngredient,
    halalStatus: "doubtful",
    basis: "ingredients",
    confidence: 0.6,
  },
  {
    code: "additive_doubtful",
    when: `One additive or more is doubtful ${FOR_THE_SCHOOL} and the label states no origin that settles it`,
    holds: (facts) => facts.hasDoubtfulAdditive,
    halalStatus: "doubtful",
    basis: "ingredients",
    confidence: 0.6,
  },
  {
    code: "trace_haram",
    when: `Something that is haram ${FOR_THE_SCHOOL}, such as pork or alcohol, may be in it as a trace`,
    holds: (facts) => facts.hasHaramTrace,
    halalStatus: "doubtful",
    basis: "ingredients",
    confidence: 0.4,
  },
  {
    code: "ingredients_clear",
    when: `Every item of the list was understood and is halal by nature ${FOR_THE_SCHOOL}, every additive too, and the barcode is not an in-store one`,
    holds: (facts) => facts.isListClear && !facts.inStore,
    halalStatus: "halal",
    basis: "ingredients",
    confidence: 0.7,
  },
  {
    code: "vegan_clear",
    when: "A label says vegan, at least 80 % of the list were understood and no alcohol is among them (or there is no list, and neither the categories nor the name speak of pork or drink), and the barcode is not an in-store one",
    holds: (facts) => facts.isVeganClear && !facts.inStore,
    halalStatus: "halal",
    basis: "ingredients",
    confidence: 0.5,
  },
  {
    code: "in_store_barcode",
    when: "The barcode is an in-store one: another shop may use it for something else",
    holds: (facts) => facts.inStore,
    halalStatus: "unknown",
    basis: "none",
    confidence: 0,
  },
  {
    code: "product_not_found",
    when: "The product is not in the database",
    holds: (facts) => !facts.hasProduct,
    halalStatus: "unknown",
    basis: "none",
    confidence: 0,
  },
  {
    code: "ingredients_unknown",
    when: "The product is there, but neither its ingredients nor its additives",
    holds: (facts) => !facts.ingredientsKnown,
    halalStatus: "unknown",
    basis: "none",
    confidence: 0,
  },
  {
    code: "not_enough_evidence",
    when: "Nothing above holds; the reason quotes up to five items that were not recognised",
    holds: () => true,
    halalStatus: "unknown",
    basis: "none",
    confidence: 0,
  },
];

/** The rows that lower the confidence of a verdict, never its status: every row that holds multiplies it. */
export const VERDICT_DOUBTS: readonly VerdictDoubt[] = [
  {
    when: "The verdict is haram, although a certifier with a trust score of 30 or more, or the product's own source with a confidence of 0.3 or more, says halal (the label is contradicted)",
    holds: (facts, status) => status === "haram" && (isCertified(facts) || isHalalClaim(facts)),
    factor: 0.5,
  },
  {
    when: "The verdict is halal, although the product's own source says doubtful or an additive is doubtful for the school that the user follows, else in general",
    holds: (facts, status) =>
      status === "halal" && (facts.productStatus === "doubtful" || facts.hasDoubtfulAdditive),
    factor: 0.75,
  },
  {
    when: "The verdict is halal, although the ingredients are not known, or some additives or what the school that the user follows, else the general list, says of them",
    holds: (facts, status) =>
      status === "halal" && (facts.hasUnknownAdditive || !facts.ingredientsKnown),
    factor: 0.9,
  },
  {
    when: "The barcode is an in-store one, so that the product may be another",
    holds: (facts) => facts.inStore,
    factor: 0.5,
  },
];
