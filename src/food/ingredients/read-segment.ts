import { linkClassWords } from "./class-words.ts";
import { chooseScopes, type SegmentReading } from "./scopes.ts";
import type { Draft } from "./draft.ts";
import { type ItemMeaning, readItem } from "./item-meaning.ts";
import { linkItems } from "./link-items.ts";
import type { LanguageView, Lexicon } from "./lexicon.ts";
import { type Budget, matchWords } from "./match-words.ts";
import { readEntry } from "./read-entry.ts";
import { type Item, splitItems } from "./split-items.ts";
import { type Token, joinTied } from "./tokens.ts";
import { ROLE } from "./roles.ts";

/** Reads a part of a text in one language. */
export function readSegment(
  text: string,
  tokens: readonly Token[],
  view: LanguageView,
  lexicon: Lexicon,
  budget: Budget,
  reread: (tokens: readonly Token[]) => ItemMeaning | null,
): SegmentReading {
  const isLoose = (fold: string) => view.roles.get(fold) === ROLE.and || fold === "e";
  const words = view.grammar.hasCompounds === true ? joinTied(tokens, isLoose) : tokens;
  const items = splitItems(text, words, view);
  const meanings = items.map((item) => {
    const meaning = readClearly(item, view, lexicon, budget);
    return meaning.unknown > 0 ? preferOther(meaning, reread(item.tokens)) : meaning;
  });
  linkItems(meanings, lexicon);
  linkClassWords(meanings, lexicon);
  return chooseScopes(meanings);
}

/**
 * Reads an entry; where one of its substances is of no known nature, a reading without such substances that leaves no
 * unknown word stands before it: `pasta d'arancio` is pasta and orange.
 */
function readClearly(
  item: Item,
  view: LanguageView,
  lexicon: Lexicon,
  budget: Budget,
): ItemMeaning {
  const meaning = readEntry(item, view, lexicon, budget);
  const isVague = ({ row }: Draft) => row !== null && lexicon.isVague(row);
  if (!meaning.drafts.some(isVague)) return meaning;
  const isLeftOut = (value: number) => {
    const row = lexicon.substanceAt(value);
    return row !== null && lexicon.isVague(row);
  };
  const parts = matchWords(item.tokens, view, lexicon, { ...budget, isLeftOut });
  const clear = readItem(item, parts, view, lexicon);
  return clear.unknown === 0 && clear.drafts.length > 0 ? clear : meaning;
}

/** Another language's reading replaces one with unknown words only if it leaves none. */
function preferOther(meaning: ItemMeaning, other: ItemMeaning | null): ItemMeaning {
  if (other === null || other.unknown > 0 || other.drafts.length === 0) return meaning;
  return { ...other, item: meaning.item };
}
