import { RecentMap } from "../../recent-map.ts";
import { type ItemMeaning, readItem } from "./item-meaning.ts";
import type { LanguageView, Lexicon } from "./lexicon.ts";
import { type AskedWord, type Budget, matchWords } from "./match-words.ts";
import type { Item } from "./split-items.ts";
import { KEY_LENGTH_MAX, printedForm, type Token } from "./tokens.ts";

/** Entries such as salt and sugar stand in most lists. Units: entries. */
const REMEMBERED_ENTRIES = 8_192;

/** A meaning that has its item still to come, and the words that it took from the budget. */
interface RememberedEntry {
  readonly meaning: Omit<ItemMeaning, "item">;
  readonly asked: readonly AskedWord[];
}

const entriesByLexicon = new WeakMap<Lexicon, RecentMap<string, RememberedEntry>>();

/** Reads an entry by itself in one language; what was read before is remembered. The result is the caller's to change. */
export function readEntry(
  item: Item,
  view: LanguageView,
  lexicon: Lexicon,
  budget: Budget,
): ItemMeaning {
  let entries = entriesByLexicon.get(lexicon);
  if (entries === undefined) {
    entries = new RecentMap(REMEMBERED_ENTRIES, KEY_LENGTH_MAX);
    entriesByLexicon.set(lexicon, entries);
  }
  const key = keyOf(item.tokens, view);
  const known = entries.get(key);
  if (known !== undefined && spend(known.asked, budget)) return { item, ...copyOf(known.meaning) };
  const asked = budget.asked.length;
  const meaning = readItem(item, matchWords(item.tokens, view, lexicon, budget), view, lexicon);
  // Without budget a word stays unknown that the next text may understand.
  if (budget.unknownWords >= 0 && known === undefined) {
    const { item: _, ...rest } = meaning;
    entries.set(key, { meaning: copyOf(rest), asked: budget.asked.slice(asked) });
  }
  return meaning;
}

/** Everything that the meaning depends on: the language, the printed words and marks, and how close they stand. */
function keyOf(tokens: readonly Token[], view: LanguageView): string {
  let key = view.language;
  let end = (tokens[0]?.start ?? 0) - 1;
  for (const token of tokens) {
    const gap = token.start - end;
    key += (gap === 0 ? "\t" : gap === 1 ? " " : "  ") + printedForm(token);
    end = token.end;
  }
  return key;
}

/** Takes the words of a remembered entry from the budget; false, and nothing taken, where it does not suffice. */
function spend(asked: readonly AskedWord[], budget: Budget): boolean {
  if (asked.length === 0) return true;
  const fresh = new Map(asked.filter(([key]) => !budget.meanings.has(key)));
  if (fresh.size > Math.max(budget.unknownWords, 0)) return false;
  budget.unknownWords -= fresh.size;
  for (const [key, word] of fresh) budget.meanings.set(key, word);
  return true;
}

function copyOf(meaning: Omit<ItemMeaning, "item">): Omit<ItemMeaning, "item"> {
  return { ...meaning, drafts: meaning.drafts.map((draft) => ({ ...draft })) };
}
