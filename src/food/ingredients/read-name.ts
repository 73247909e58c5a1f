import { chooseLanguages } from "./choose-language.ts";
import { cleanText } from "./clean-text.ts";
import type { Draft } from "./draft.ts";
import type { ItemMeaning } from "./item-meaning.ts";
import type { Lexicon, LanguageView, SubstanceRow } from "./lexicon.ts";
import { newBudget } from "./match-words.ts";
import { readEntry } from "./read-entry.ts";
import { type Token, tokenize } from "./tokens.ts";

/** The statement of categories or a name about forbidden food. */
export interface NameFinding {
  /** The substance that is named, such as `en:pork` or `en:wine`. */
  readonly substance: string;
  readonly from: "category" | "name";
  /** The category id or the name's text. */
  readonly quote: string;
  /** True when only a general category speaks and the name means something else: jam under "alcoholic beverages". */
  readonly contradicted: boolean;
}

/** A product as far as its name tells. */
export interface NamedProduct {
  /** The product's name where it has no ingredient list; null where it has one. */
  readonly name: string | null;
  /** Open Food Facts ids, such as `en:hams`. */
  readonly categories: readonly string[];
  /** ISO 639-1 code. */
  readonly language: string | null;
}

/** Units: characters. */
const MAX_NAME_LENGTH = 200;
const MAX_CATEGORIES = 60;

/** Words of a name that no phrase holds. Units: words. */
const UNKNOWN_WORDS = 20;

/**
 * Tells whether a product's categories, or its name, say pork or alcoholic drink. A drink must be what the name is about
 * (`rum raisin ice cream` is ice cream); pork may stand anywhere. Denials and other origins count (`turkey ham`).
 * Errors: none thrown.
 */
export function readName(product: NamedProduct, lexicon: Lexicon): NameFinding | null {
  const name = product.name === null ? null : readText(product.name, product.language, lexicon);
  let general: NameFinding | null = null;
  for (const category of product.categories.slice(0, MAX_CATEGORIES)) {
    const [language = "", ...rest] = category.split(":");
    const words = rest.join(":").replaceAll("-", " ");
    if (words === "") continue;
    const meaning = readWords(tokenize(cleanText(words)), lexicon.view(language), lexicon);
    const row = forbiddenIn(meaning, lexicon.view(language), lexicon);
    if (row === null) continue;
    const finding = { substance: row.substance, from: "category", quote: category } as const;
    if (row.substance !== "en:alcohol") return { ...finding, contradicted: false };
    const meansOther =
      name !== null &&
      name.meaning.unknown === 0 &&
      name.row === null &&
      name.meaning.drafts.length > 0;
    general = { ...finding, contradicted: meansOther };
  }
  if (general !== null) return general;
  const row = name?.row ?? null;
  if (row === null || product.name === null) return null;
  return {
    substance: row.substance,
    from: "name",
    quote: product.name.slice(0, 60),
    contradicted: false,
  };
}

/** Reads a name in the language that it is most likely written in. */
export function readText(
  text: string,
  language: string | null,
  lexicon: Lexicon,
): { meaning: ItemMeaning; view: LanguageView; row: SubstanceRow | null } {
  const tokens = tokenize(cleanText(text.slice(0, MAX_NAME_LENGTH)));
  const segment = { tokens, headingLanguages: [], isPreamble: false };
  const [main = ""] = chooseLanguages(segment, language === "" ? null : language, lexicon);
  const view = lexicon.view(main);
  const meaning = readWords(tokens, view, lexicon);
  return { meaning, view, row: forbiddenIn(meaning, view, lexicon) };
}

/** Reads words as one entry. */
export function readWords(
  tokens: readonly Token[],
  view: LanguageView,
  lexicon: Lexicon,
): ItemMeaning {
  const item = { tokens: [...tokens], parent: -1, afterColon: false, sentence: 0, depth: 0 };
  return readEntry(item, view, lexicon, newBudget(UNKNOWN_WORDS));
}

function forbiddenIn(
  meaning: ItemMeaning,
  view: LanguageView,
  lexicon: Lexicon,
): SubstanceRow | null {
  const drafts = meaning.drafts.filter((draft) => !draft.trace && draft.row !== null);
  const main = mainDraft(meaning, view);
  for (const draft of drafts) {
    const row = draft.row;
    if (row === null || draft.negated || draft.origin !== null) continue;
    if (lexicon.isA(row.substance, "en:pork")) return row;
    if (row.kind === "alcohol" && draft === main && meaning.unknown === 0) return row;
  }
  return null;
}

/** Gives what a name is about: its first substance where qualifiers follow, else its last. */
export function mainDraft(meaning: ItemMeaning, view: LanguageView): Draft | undefined {
  const drafts = meaning.drafts.filter((draft) => !draft.trace && draft.row !== null);
  return view.grammar.headFirst === true ? drafts[0] : drafts.at(-1);
}
