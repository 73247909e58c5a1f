import { cleanText } from "./clean-text.ts";
import type { Finding, Findings } from "./findings.ts";
import type { ItemMeaning } from "./item-meaning.ts";
import type { LanguageView, Lexicon } from "./lexicon.ts";
import { mainDraft, type NamedProduct, readText, readWords } from "./read-name.ts";
import { tokenize } from "./tokens.ts";

/** The vinegars that each drink becomes, nearest meaning first. */
const SOURED: readonly (readonly [drink: string, vinegar: string])[] = [
  ["en:red-wine", "en:red-wine-vinegar"],
  ["en:white-wine", "en:white-wine-vinegar"],
  ["en:sherry", "en:sherry-vinegar"],
  ["en:apple-wine", "en:cider-vinegar"],
  ["en:wine", "en:wine-vinegar"],
  ["en:cider", "en:cider-vinegar"],
  ["en:rice-wine", "en:rice-vinegar"],
  ["en:beer", "en:malt-vinegar"],
  ["en:alcohol", "en:spirit-vinegar"],
  ["en:ethanol", "en:spirit-vinegar"],
];

/** Units: categories. */
const MAX_CATEGORIES = 60;

/**
 * Tells whether a product is vinegar by its categories or its name. Gherkins in vinegar are not: a category must speak of
 * vinegar alone, and a name must be about it.
 */
export function isVinegar(product: NamedProduct, lexicon: Lexicon): boolean {
  for (const category of product.categories.slice(0, MAX_CATEGORIES)) {
    const [language = "", ...rest] = category.split(":");
    const words = rest.join(" ").replaceAll("-", " ");
    const meaning = readWords(tokenize(cleanText(words)), lexicon.view(language), lexicon);
    if (isOnlyVinegar(meaning, lexicon)) return true;
  }
  if (product.name === null) return false;
  const { meaning, view } = readText(product.name, product.language, lexicon);
  return isAboutVinegar(meaning, view, lexicon);
}

/** Changes the drink in the list of a vinegar into the vinegar that was made of it. */
export function sourDrinks(findings: Findings, lexicon: Lexicon): Findings {
  return { ...findings, items: findings.items.map((item) => soured(item, lexicon)) };
}

function soured(item: Finding, lexicon: Lexicon): Finding {
  const { substance, trace, negated } = item;
  if (substance === null || trace || negated) return item;
  const vinegar = SOURED.find(([drink]) => lexicon.isA(substance, drink))?.[1];
  return vinegar === undefined ? item : { ...item, substance: vinegar };
}

function isOnlyVinegar({ drafts, unknown }: ItemMeaning, lexicon: Lexicon): boolean {
  return (
    unknown === 0 &&
    drafts.length > 0 &&
    drafts.every(
      ({ row, negated, trace }) =>
        row !== null && !negated && !trace && lexicon.isA(row.substance, "en:vinegar"),
    )
  );
}

/** Where the qualifier comes first, the last word may be what something lies in: `onions in vinegar`. */
function isAboutVinegar(meaning: ItemMeaning, view: LanguageView, lexicon: Lexicon): boolean {
  if (meaning.unknown > 0) return false;
  if (view.grammar.headFirst !== true) return isOnlyVinegar(meaning, lexicon);
  const row = mainDraft(meaning, view)?.row ?? null;
  return row !== null && lexicon.isA(row.substance, "en:vinegar");
}
