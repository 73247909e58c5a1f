import type { Draft } from "./draft.ts";
import { ORIGINS } from "./findings.ts";
import type { LanguageView, Lexicon } from "./lexicon.ts";
import type { Budget } from "./match-words.ts";
import { readEntry } from "./read-entry.ts";
import type { Entry } from "./scopes.ts";
import { splitItems } from "./split-items.ts";
import type { Token } from "./tokens.ts";

/** Shorter words mean too many things. Units: letters. */
const MIN_WORD = 4;

/** Without a language, this many of a text's entries are looked at in all of them. */
const MAX_LANGUAGES = 5;

/** Entries beyond it are not understood. Units: tokens, once for each language. */
const MAX_READ = 1_500;

/**
 * Reads a text whose language is not sure. An entry counts as understood only if every candidate language that knows it
 * names the same substances, with words of four letters and more; denials of any language hold.
 */
export function readUnsure(
  text: string,
  tokens: readonly Token[],
  languages: readonly string[],
  lexicon: Lexicon,
  budget: Budget,
): Entry[] {
  const views = languages.slice(0, MAX_LANGUAGES).map((language) => lexicon.view(language));
  const items = splitItems(text, tokens, lexicon.view(""));
  const agreements = new Map<string, Reading | null>();
  let left = MAX_READ;
  return items.map((item) => {
    const printed = item.tokens.map((token) => token.lower).join(" ");
    let first = agreements.get(printed);
    if (first === undefined) {
      left -= item.tokens.length * views.length;
      first = left < 0 ? null : agreement(item.tokens, views, lexicon, budget);
      agreements.set(printed, first);
    }
    const start = item.tokens[0]?.start ?? 0;
    const end = item.tokens.at(-1)?.end ?? 0;
    const hasWords = item.tokens.some((token) => token.type === "word");
    if (first === null) {
      return { drafts: [], start, end, counts: hasWords, recognised: false, contents: false };
    }
    return { drafts: first.drafts, start, end, counts: true, recognised: true, contents: false };
  });
}

/** The meaning that all languages which understand an entry agree on; null where they differ, or none understands it. */
function agreement(
  tokens: readonly Token[],
  views: readonly LanguageView[],
  lexicon: Lexicon,
  budget: Budget,
): Reading | null {
  let first: Reading | null = null;
  for (const view of views) {
    const reading = readWhole(tokens, view, lexicon, budget);
    if (reading === null) continue;
    if (first !== null && reading.key !== first.key) return null;
    first ??= reading;
  }
  const isCode = first?.isCode === true;
  const isLong = ({ type, fold }: Token) => type !== "word" || fold.length >= MIN_WORD;
  return isCode || tokens.every(isLong) ? first : null;
}

interface Reading {
  readonly drafts: readonly Draft[];
  /** The same for readings that say the same. */
  readonly key: string;
  readonly isCode: boolean;
}

function readWhole(
  tokens: readonly Token[],
  view: LanguageView,
  lexicon: Lexicon,
  budget: Budget,
): Reading | null {
  const item = { tokens: [...tokens], parent: -1, afterColon: false, sentence: 0, depth: 0 };
  const meaning = readEntry(item, view, lexicon, budget);
  if (meaning.unknown > 0 || meaning.drafts.length === 0) return null;
  const key = meaning.drafts
    .map((draft) =>
      [
        draft.row?.substance ?? draft.additive,
        draft.origin === null ? -1 : ORIGINS.indexOf(draft.origin),
        draft.negated,
        draft.trace,
      ].join(" "),
    )
    .join("|");
  return { drafts: meaning.drafts, key, isCode: meaning.isCode };
}
