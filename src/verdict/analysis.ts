import type { StoredNameFinding } from "../db/tables/products.ts";
import { ANALYSIS_VERSION, type Findings } from "../food/ingredients/findings.ts";
import type { Lexicon } from "../food/ingredients/lexicon.ts";
import { packFindings } from "../food/ingredients/packed-findings.ts";
import { readIngredients } from "../food/ingredients/read-ingredients.ts";
import { readName } from "../food/ingredients/read-name.ts";
import { isVinegar, sourDrinks } from "../food/ingredients/vinegar.ts";

/** The parts of a product that are read. */
export interface ReadableProduct {
  readonly name: string | null;
  /** The main list. */
  readonly ingredients: string | null;
  /** Lists by ISO 639-1 language; the main one may be among them. */
  readonly ingredientTexts: Readonly<Record<string, string>>;
  /** Of the main list; null when it is not known. Units: ISO 639-1. */
  readonly language: string | null;
  readonly categories: readonly string[];
}

/** The findings, as the columns hold them. */
export interface Analysis {
  readonly findings: string | null;
  readonly nameFinding: StoredNameFinding | null;
}

/** An analysis with its findings as judging needs them, so that they are not unpacked again. */
export interface KeptAnalysis extends Analysis {
  readonly kept: Findings | null;
}

/** More lists than these say nothing new. */
const OTHER_LISTS_MAX = 3;
/** A list of which less was understood is looked up in the product's other languages. */
const UNDERSTOOD_MIN = 0.8;

/** The number of an analysis: another reader or another lexicon gives another one. */
export function analysisVersion(lexiconVersion: number): number {
  return ANALYSIS_VERSION * 1_000_000 + (lexiconVersion % 1_000_000);
}

/**
 * Reads what is printed on a product: its lists, its categories, and its name where it has no list.
 * Errors: none thrown, whatever the text.
 */
export function analyseProduct(product: ReadableProduct, lexicon: Lexicon): KeptAnalysis {
  const { name, categories, language } = product;
  const read = readLists(product, lexicon);
  const findings =
    read !== null && hasDrink(read, lexicon) && isVinegar(product, lexicon)
      ? sourDrinks(read, lexicon)
      : read;
  const hasList = findings !== null && findings.itemCount > 0;
  const packing =
    findings === null
      ? null
      : packFindings(findings, (id) => lexicon.findSubstance(id)?.kind ?? null);
  return {
    findings: packing?.packed ?? null,
    kept: packing?.kept ?? null,
    nameFinding: readName({ name: hasList ? null : name, categories, language }, lexicon),
  };
}

function hasDrink({ items }: Findings, lexicon: Lexicon): boolean {
  return items.some(
    ({ substance }) => substance !== null && lexicon.findSubstance(substance)?.kind === "alcohol",
  );
}

/** Reads the main list, and others where it was not understood: what one of them forbids counts. */
function readLists(product: ReadableProduct, lexicon: Lexicon): Findings | null {
  const { ingredients, ingredientTexts, language } = product;
  const others = Object.entries(ingredientTexts).filter(([, text]) => text !== ingredients);
  const [first] = ingredients === null ? others.splice(0, 1) : [[language, ingredients] as const];
  if (first === undefined) return null;
  let best = readIngredients(first[1], first[0], lexicon);
  const items = [...best.items];
  for (const [otherLanguage, text] of others.slice(0, OTHER_LISTS_MAX)) {
    if (shareOf(best) >= UNDERSTOOD_MIN) break;
    const findings = readIngredients(text, otherLanguage, lexicon);
    items.push(...findings.items);
    if (shareOf(findings) > shareOf(best)) best = findings;
  }
  return { ...best, items };
}

function shareOf({ itemCount, recognisedCount, cut }: Findings): number {
  return itemCount === 0 || cut ? 0 : recognisedCount / itemCount;
}
