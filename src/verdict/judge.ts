import type { HalalStatus } from "../db/tables/vocabulary.ts";
import type { Origin } from "../food/ingredients/findings.ts";
import type { AdditiveEvidence, IngredientEvidence, VerdictEvidence } from "./evidence.ts";
import type { RulingEntry, School } from "./rulings.ts";

/** Origins that need no slaughter. */
const HARMLESS_ORIGINS: ReadonlySet<Origin> = new Set([
  "plant",
  "microbial",
  "synthetic",
  "mineral",
  "fish",
  "egg",
  "milk",
  "halal",
]);
/** Origins whose slaughter the label leaves open. */
const SLAUGHTERED_ORIGINS: ReadonlySet<Origin> = new Set(["bovine", "sheep", "poultry", "animal"]);

/** Rulings that say nothing but that the origin or the slaughter is not known: a stated origin settles them. */
const OPEN_REASONS: ReadonlySet<string> = new Set([
  "source_unknown",
  "slaughter_unknown",
  "enzyme_source",
  "gelatin_source",
]);
/** Of these the contents of a compound food say more than its name; cheese may hide its rennet all the same. */
const COMPOUND_REASONS: ReadonlySet<string> = new Set(["source_unknown", "slaughter_unknown"]);
/** A word such as ham, which means pork unless the label names another animal or a plant. */
const PORK_UNLESS_STATED = "pork_unless_stated";

/** Kinds of which a vegan label says nothing, because the list names them all the same, or they are no animal's. */
const NOT_FOR_VEGAN_LABEL: ReadonlySet<string> = new Set([
  "animal",
  "dairy",
  "egg",
  "fish",
  "insect",
  "alcohol",
]);

/** An additive's status for a school, and the source of it. */
export interface JudgedAdditive {
  readonly halalStatus: HalalStatus;
  readonly source: string | null;
  /** True when it is the school's own ruling. */
  readonly isRuling: boolean;
}

/**
 * The status of an additive: for a user who follows a school (madhab), that school's ruling where it has one that is not
 * `unknown`; for everybody else, and where the school has none, the general status. An origin that the label states
 * settles it: plant, microbial, synthetic, mineral, fish, egg or milk is halal, an animal of unknown slaughter doubtful.
 */
export function additiveStatus(
  additive: AdditiveEvidence,
  school: School,
  isVegan = false,
): JudgedAdditive {
  const ruling = additive.rulings.find(
    (one) => one.madhab === school && one.halalStatus !== "unknown",
  );
  const base =
    ruling === undefined
      ? { halalStatus: additive.halalStatus, source: additive.source, isRuling: false }
      : { halalStatus: ruling.halalStatus, source: ruling.source, isRuling: true };
  if (additive.dependsOnOrigin === false || base.halalStatus === "unknown") return base;
  const origin = additive.origin ?? (isVegan ? "plant" : null);
  if (origin === null) return base;
  if (HARMLESS_ORIGINS.has(origin)) return { ...base, halalStatus: "halal" };
  return SLAUGHTERED_ORIGINS.has(origin) && base.halalStatus === "halal"
    ? { ...base, halalStatus: "doubtful" }
    : base;
}

/** The status of a listed substance for a school; `unknown` where no ruling is held, null where its contents decide. */
export interface JudgedIngredient {
  readonly halalStatus: HalalStatus | null;
  readonly ruling: RulingEntry | null;
}

/** The status of a listed substance for a school, by its ruling and the stated origin. */
export function ingredientStatus(
  ingredient: IngredientEvidence,
  school: School,
  isVegan: boolean,
): JudgedIngredient {
  const ruling = ingredient.ruling(school);
  if (isJudgedByContents(ingredient, ruling)) return { halalStatus: null, ruling };
  if (ruling === null) return { halalStatus: "unknown", ruling };
  return { halalStatus: withOrigin(ingredient, ruling, isVegan), ruling };
}

/** A class word or a compound food, of which the label lists the contents: each of them is judged. */
function isJudgedByContents(
  { hasContents, kind }: IngredientEvidence,
  ruling: RulingEntry | null,
): boolean {
  const isCompound = kind === null || kind === "mixed" || kind === "function";
  return hasContents && isCompound && (ruling === null || COMPOUND_REASONS.has(ruling.reasonCode));
}

function withOrigin(
  { origin, kind }: IngredientEvidence,
  { halalStatus, reasonCode }: RulingEntry,
  isVegan: boolean,
): HalalStatus {
  const isMeantByLabel = isVegan && !NOT_FOR_VEGAN_LABEL.has(kind ?? "mixed");
  const stated = origin ?? (isMeantByLabel ? "plant" : null);
  if (stated === null) return halalStatus;
  if (reasonCode === PORK_UNLESS_STATED) return "doubtful";
  return OPEN_REASONS.has(reasonCode) && HARMLESS_ORIGINS.has(stated) ? "halal" : halalStatus;
}

/** The substances of the list that are in the product: traces left out. */
export function contents(evidence: VerdictEvidence): readonly IngredientEvidence[] {
  return evidence.list?.ingredients.filter((one) => !one.trace) ?? [];
}
