import type { Lexicon } from "./lexicon.ts";

/** What categories or a name say about forbidden food. */
export interface NameFinding {
  /** The substance that is named, such as `en:pork` or `en:wine`. */
  readonly substance: string;
  readonly from: "category" | "name";
  /** The category id or the name's text. */
  readonly quote: string;
}

/**
 * Tells whether a product's categories, or its name where it has no list, say pork or alcoholic drink.
 * `categories` are Open Food Facts ids (`en:hams`). The name counts only where the caller gives one.
 */
export function readName(
  _product: {
    readonly name: string | null;
    readonly categories: readonly string[];
    readonly language: string | null;
  },
  _lexicon: Lexicon,
): NameFinding | null {
  return null;
}
