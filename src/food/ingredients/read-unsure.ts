import { ORIGINS } from "./findings.ts";
import type { LanguageView, Lexicon } from "./lexicon.ts";
import { type Budget, matchWords } from "./match-words.ts";
import { readItem } from "./item-meaning.ts";
import type { Entry } from "./read-segment.ts";
import { splitItems } from "./split-items.ts";
import type { Token } from "./tokens.ts";

/** Shorter words mean too many things. Units: letters. */
const MIN_WORD = 4;

/** Without a language, this many of a text's entries are looked at in all of them. */
const MAX_LANGUAGES = 5;

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
  return items.map((item) => {
    const readings = views.map((view) => readWhole(item.tokens, view, lexicon, budget));
    const known = readings.filter((reading) => reading !== null);
    const [first] = known;
    const agree =
      first !== undefined &&
      known.every((reading) => reading.key === first.key) &&
      item.tokens.every(
        (token) => token.type !== "word" || token.fold.length >= MIN_WORD || first.isCode,
      );
    const start = item.tokens[0]?.start ?? 0;
    const end = item.tokens.at(-1)?.end ?? 0;
    const hasWords = item.tokens.some((token) => token.type === "word");
    if (!agree || first === undefined) {
      return { drafts: [], start, end, counts: hasWords, recognised: false, contents: false };
    }
    return { drafts: first.drafts, start, end, counts: true, recognised: true, contents: false };
  });
}

function readWhole(tokens: readonly Token[], view: LanguageView, lexicon: Lexicon, budget: Budget) {
  const item = { tokens: [...tokens], parent: -1, afterColon: false, sentence: 0, depth: 0 };
  const parts = matchWords(tokens, view, lexicon, budget);
  const meaning = readItem(item, parts, view, lexicon);
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
  return { drafts: meaning.drafts, key, isCode: parts.every((part) => part.type !== "substance") };
}
