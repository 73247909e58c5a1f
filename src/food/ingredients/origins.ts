import { ORIGINS, type Origin } from "./findings.ts";
import type { Draft } from "./draft.ts";
import type { LanguageView, Lexicon, SubstanceRow } from "./lexicon.ts";
import { FIRST_ORIGIN } from "./roles.ts";
import type { Token } from "./tokens.ts";

/** Animals that name the origin of gelatine, ham and the like, nearest meaning first. */
const ANIMAL_ORIGINS: readonly (readonly [ancestor: string, origin: Origin])[] = [
  ["en:fish", "fish"],
  ["en:poultry", "poultry"],
  ["en:poultry-meat", "poultry"],
  ["en:chicken", "poultry"],
  ["en:turkey", "poultry"],
  ["en:duck", "poultry"],
  ["en:goose", "poultry"],
  ["en:beef", "bovine"],
  ["en:beef-meat", "bovine"],
  ["en:veal", "bovine"],
  ["en:cow", "bovine"],
  ["en:buffalo", "bovine"],
  ["en:sheep", "sheep"],
  ["en:lamb", "sheep"],
  ["en:lamb-meat", "sheep"],
  ["en:mutton", "sheep"],
  ["en:goat", "sheep"],
  ["en:egg", "egg"],
  ["en:milk", "milk"],
];

const KIND_ORIGINS: Readonly<Partial<Record<string, Origin>>> = {
  fish: "fish",
  dairy: "milk",
  egg: "egg",
  plant: "plant",
  fungus: "plant",
  insect: "insect",
  microbial: "microbial",
  mineral: "mineral",
};

/** Compound foods and derivatives: words for what an animal gives, which are no animal themselves. */
const DERIVATIVES: readonly string[] = [
  "en:gelatin",
  "en:e428",
  "en:rennet",
  "en:enzyme",
  "en:animal-fat",
  "en:offal",
];

/** Gives the origin that a substance lends to the thing beside it; null for pork, alcohol and compound foods. */
export function originOf(row: SubstanceRow, lexicon: Lexicon): Origin | null {
  // An additive beside another one says nothing of it: turmeric does not make carmine a plant.
  if (row.additive !== null && row.kind !== "animal" && row.kind !== "fish") return null;
  if (row.kind === "animal" || row.kind === "fish") {
    if (lexicon.isA(row.substance, "en:pork")) return null;
    for (const [ancestor, origin] of ANIMAL_ORIGINS) {
      if (lexicon.isA(row.substance, ancestor)) return origin;
    }
  }
  return KIND_ORIGINS[row.kind ?? ""] ?? null;
}

/**
 * Gives the origin that the words of an additive's own name state: `vegetable glycerine`. One word states none, because
 * it is the name.
 */
export function wordsOrigin(words: readonly Token[], view: LanguageView): Origin | null {
  if (words.length < 2) return null;
  for (const word of words) {
    const role = view.roles.get(word.fold);
    if (role >= FIRST_ORIGIN) return ORIGINS[role - FIRST_ORIGIN] ?? null;
  }
  return null;
}

const SOURCED_KINDS: ReadonlySet<SubstanceRow["kind"]> = new Set<SubstanceRow["kind"]>([
  "function",
  "mixed",
  "synthetic",
  "microbial",
  null,
]);

/** Tells whether a stated origin says something about a substance: about ham, gelatine or E471, not about wine or water. */
function takesOrigin(row: SubstanceRow, lexicon: Lexicon): boolean {
  if (row.kind === "alcohol") return false;
  if (row.kind !== "animal") return row.additive !== null || SOURCED_KINDS.has(row.kind);
  return (
    originOf(row, lexicon) === null ||
    DERIVATIVES.some((id) => lexicon.isA(row.substance, id)) ||
    lexicon.isA(row.substance, "en:pork")
  );
}

/**
 * Tells whether an origin may be noted for a substance. A word such as "vegan" or "plant-based" (`isStated`) may turn ham
 * into a substitute; a vegetable beside it may not, because pea and ham make a soup.
 */
export function mayTakeOrigin(
  draft: Draft,
  origin: Origin,
  isStated: boolean,
  lexicon: Lexicon,
): boolean {
  const row = draft.row;
  if (row === null) return draft.additive !== null;
  if (row.kind === "alcohol") return false;
  if (origin === "halal") return row.kind !== "plant" && row.kind !== "water";
  if (!takesOrigin(row, lexicon)) return false;
  if (isStated) return true;
  // The ingredient of a compound food is not an origin: grapes do not change wine without alcohol.
  if (row.kind === "mixed") return row.additive !== null;
  if (row.kind !== "animal") return true;
  if (origin === "poultry" || origin === "bovine" || origin === "sheep") return true;
  return origin === "fish" && !lexicon.isA(row.substance, "en:pork");
}
