/**
 * The version of the analysis. Raise it when the reader changes what it finds: products with an older version are read again.
 */
export const ANALYSIS_VERSION = 3;

/**
 * The sources that a label may state for a substance. `plant` includes "not animal". `halal` is a stated halal source and
 * stands before every other one (`halal beef gelatine`).
 */
export const ORIGINS = [
  "plant",
  "microbial",
  "synthetic",
  "mineral",
  "fish",
  "bovine",
  "sheep",
  "poultry",
  "egg",
  "milk",
  "insect",
  "animal",
  "halal",
] as const;

export type Origin = (typeof ORIGINS)[number];

/** One substance that an ingredient list names. */
export interface Finding {
  /** Id of the substance, as in `en:pork-gelatin`; null when only an E-number without a known substance is printed. */
  readonly substance: string | null;
  /** Canonical E-number (`E471`) when the words or the code name an additive. */
  readonly additive: string | null;
  /** The stated origin. The reader never gives one to a substance of the kind `alcohol`. */
  readonly origin: Origin | null;
  /** True inside a "may contain" statement. */
  readonly trace: boolean;
  /** True when the label says that the substance is absent. */
  readonly negated: boolean;
  /** Units: per cent of the product or of the compound food, as printed. */
  readonly percent: number | null;
  /** True when the label lists what the substance is made of, in brackets or after a colon. */
  readonly contents: boolean;
  /** True when the word was found in a longer item that was not understood as a whole. */
  readonly inside: boolean;
  /** The item as printed. Empty when it was dropped to save room. Units: 60 characters at most. */
  readonly quote: string;
}

/** The halal statement that the text itself makes about the whole product. */
export type HalalClaim = "halal" | "not_halal";

/** Everything that a verdict needs to know about an ingredient list. JSON-serialisable; rules need no text. */
export interface Findings {
  /** The `ANALYSIS_VERSION` that made it. */
  readonly version: number;
  /** ISO 639-1 code of the language that was used for most of the text; null when it stayed unknown. */
  readonly language: string | null;
  /** Substances of the list in the order of the text. */
  readonly items: readonly Finding[];
  /** Quotes of items that were not understood, 60 characters at most each. */
  readonly unrecognised: readonly string[];
  /** Number of items that say something about the contents, traces and allergen statements left out. */
  readonly itemCount: number;
  /** Number of these items that were understood as a whole. */
  readonly recognisedCount: number;
  readonly halalClaim: HalalClaim | null;
  /** True when text or findings were left out. Such findings may prove haram but never halal. */
  readonly cut: boolean;
}

/** Findings of a text without content. */
export const NO_FINDINGS: Findings = {
  version: ANALYSIS_VERSION,
  language: null,
  items: [],
  unrecognised: [],
  itemCount: 0,
  recognisedCount: 0,
  halalClaim: null,
  cut: false,
};
