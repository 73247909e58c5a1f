import { RecentMap } from "../../recent-map.ts";
import { BEGINNING, type LanguageView, type Lexicon } from "./lexicon.ts";
import { ROLE } from "./roles.ts";
import { hasOwnScript, SAMPLE, scriptLanguages } from "./scripts.ts";
import { KEY_LENGTH_MAX, type Token } from "./tokens.ts";

/** A part of a text in one language. */
export interface Segment {
  readonly tokens: readonly Token[];
  /** Languages that the heading before it belongs to; empty without a heading. */
  readonly headingLanguages: readonly string[];
  /** True when a heading follows, so that this part is a name or an advertisement. */
  readonly isPreamble: boolean;
}

/** How well the words of a text are known in a language. Units: share from 0 to 1. */
interface LanguageScore {
  readonly language: string;
  readonly share: number;
}

const GOOD_SHARE = 0.7;
const CLEAR_LEAD = 0.2;
const CLOSE = 0.12;
const MIN_SHARE = 0.34;
const MIN_SURE_WORDS = 3;
/** A text of fewer words leaves the product's language only for one that knows far more of them. */
const MIN_TELLING_WORDS = 5;
const FAR_LEAD = 0.5;

/** Cuts a text where a heading such as "Ingredients:" begins a list, so that each part is read in its own language. */
export function splitSegments(
  text: string,
  tokens: readonly Token[],
  { headings }: Lexicon,
): Segment[] {
  const segments: Segment[] = [];
  let from = 0;
  let languages: readonly string[] = [];
  for (let at = 0; at < tokens.length; at += 1) {
    const hit = tokens[at]?.type === "word" ? headings.map.find(tokens, at, tokens.length) : null;
    if (hit === null || !isHeading(text, tokens, at, hit.length)) continue;
    if (at > from) {
      segments.push({
        tokens: tokens.slice(from, at),
        headingLanguages: languages,
        isPreamble: from === 0,
      });
    }
    languages = headings.languagesOf(hit.value);
    from = at + hit.length;
    if (tokens[from]?.fold === ":") from += 1;
    at = from - 1;
  }
  if (from < tokens.length) {
    segments.push({ tokens: tokens.slice(from), headingLanguages: languages, isPreamble: false });
  }
  return segments;
}

/** A heading has a colon after it, or begins the text or a sentence and is written large. */
function isHeading(text: string, tokens: readonly Token[], at: number, length: number): boolean {
  const after = tokens[at + length];
  if (after?.fold === ":") return true;
  const before = tokens[at - 1];
  const begins = before === undefined || /^[.\n;!)\]]$/.test(before.fold);
  const first = tokens[at];
  const last = tokens[at + length - 1];
  if (first === undefined || last === undefined || after === undefined || !begins) return false;
  if (after.type === "mark") return after.fold === "\n";
  const printed = text.slice(first.start, last.end);
  return printed.length > 5 && (printed === printed.toUpperCase() || before === undefined);
}

/**
 * Chooses the languages to read a part in. One language when it is sure; several when only words that mean the same in all
 * of them may count.
 */
export function chooseLanguages(
  segment: Segment,
  given: string | null,
  lexicon: Lexicon,
): readonly string[] {
  const scripts = scriptLanguages(segment.tokens);
  const hinted = segment.headingLanguages.filter(
    (language) => scripts === null || scripts.includes(language),
  );
  const isGivenPossible =
    given !== null &&
    (scripts === null || scripts.includes(given)) &&
    (scripts !== null || !hasOwnScript(given));
  const [onlyHint] = hinted.length === 1 ? hinted : [];
  const preferred =
    onlyHint ?? (isGivenPossible && (hinted.length === 0 || hinted.includes(given)) ? given : null);
  if (preferred !== null) {
    const share = knownShare(segment.tokens, lexicon.view(preferred));
    if (share >= GOOD_SHARE) return [preferred];
  }
  const candidates =
    hinted.length > 0
      ? [...new Set([...hinted, ...(preferred === null ? [] : [preferred])])]
      : (scripts ?? knowledgeIn(lexicon).latin);
  const { own, closest } = scoreLanguages(segment.tokens, candidates, preferred, lexicon);
  const [best] = closest;
  const words = segment.tokens.filter((token) => token.type === "word").length;
  const lead = words < MIN_TELLING_WORDS ? FAR_LEAD : CLEAR_LEAD;
  if (
    preferred !== null &&
    (best === undefined || best.share < own + lead || best.share < MIN_SHARE)
  ) {
    return [preferred];
  }
  if (best === undefined || best.share < MIN_SHARE) return preferred === null ? [] : [preferred];
  const close = closest.map(({ language }) => language);
  if (close.length === 1 && (words >= MIN_SURE_WORDS || preferred === null)) return close;
  return preferred !== null && words < MIN_SURE_WORDS ? [preferred] : close;
}

/** A second language needs this many words of its own in the text. Units: words of `MIN_OWN_LENGTH` letters and more. */
const MIN_OWN_WORDS = 3;
const MIN_OWN_LENGTH = 4;
const MAX_OTHERS = 2;

/**
 * Gives other languages that a text holds, best first, for entries that its main language does not explain. Only long words
 * that the main language does not know count, because short ones mean something in every language.
 */
export function otherLanguages(
  tokens: readonly Token[],
  main: string,
  lexicon: Lexicon,
): readonly string[] {
  const mainView = lexicon.view(main);
  const foreign = new Set<string>();
  for (const token of tokens) {
    if (token.type !== "word" || token.fold.length < MIN_OWN_LENGTH) continue;
    if (!isKnown(token.fold, mainView)) foreign.add(token.fold);
    if (foreign.size >= SAMPLE) break;
  }
  if (foreign.size < MIN_OWN_WORDS) return [];
  const scripts = scriptLanguages(tokens);
  const { latin, wordsOf } = knowledgeIn(lexicon);
  const counts = new Map<string, number>();
  for (const word of foreign)
    for (const language of wordsOf(word).wholeIn)
      counts.set(language, (counts.get(language) ?? 0) + 1);
  const countOf = (language: string) => counts.get(language) ?? 0;
  return (scripts ?? latin)
    .filter((language) => language !== main && countOf(language) >= MIN_OWN_WORDS)
    .sort((left, right) => countOf(right) - countOf(left))
    .slice(0, MAX_OTHERS);
}

function isKnown(word: string, view: LanguageView): boolean {
  if (!view.beginnings.has(word.slice(0, BEGINNING))) return false;
  return view.words.get(word) !== 0 || view.roles.get(word) !== 0 || view.phrases.get(word) !== 0;
}

/** How well candidate languages know a text: the one that was preferred, and those close to the best, best first. */
interface Scores {
  readonly own: number;
  readonly closest: readonly LanguageScore[];
}

function scoreLanguages(
  tokens: readonly Token[],
  candidates: readonly string[],
  preferred: string | null,
  lexicon: Lexicon,
): Scores {
  const { places, wordsOf } = knowledgeIn(lexicon);
  const sums = new Float64Array(lexicon.languages.length);
  const words = sampleOf(tokens);
  for (const { fold } of words) {
    const { knowing, scores } = wordsOf(fold);
    for (let at = 0; at < knowing.length; at += 1) {
      const place = knowing[at] ?? 0;
      sums[place] = (sums[place] ?? 0) + (scores[at] ?? 0);
    }
  }
  const all = Math.max(words.length, 1);
  const shareOf = (language: string) => (sums[places.get(language) ?? -1] ?? 0) / all;
  const closest: LanguageScore[] = [];
  let own = 0;
  let highest = 0;
  for (const language of candidates) {
    const share = shareOf(language);
    if (language === preferred) own = share;
    if (share > highest) highest = share;
    // No candidate that is behind the best one so far can be close at the end.
    if (share > 0 && share >= highest - CLOSE) closest.push({ language, share });
  }
  return {
    own,
    closest: closest
      .filter(({ share }) => share >= highest - CLOSE)
      .sort((left, right) => right.share - left.share),
  };
}

/** The same few words make most labels. Units: words. */
const REMEMBERED_WORDS = 8_192;

/** The meaning of a word in the languages that know it or a part of it. */
interface WordKnowledge {
  /** Numbers of languages in the lexicon. */
  readonly knowing: Uint16Array;
  readonly scores: Float32Array;
  /** Codes of the languages where the word stands as a whole. */
  readonly wholeIn: ReadonlySet<string>;
}

/** What scoring needs of a lexicon. */
interface LexiconKnowledge {
  /** The numbers of its languages. */
  readonly places: ReadonlyMap<string, number>;
  /** Those that are written in Latin letters. */
  readonly latin: readonly string[];
  readonly wordsOf: (fold: string) => WordKnowledge;
}

const knowledgeByLexicon = new WeakMap<Lexicon, LexiconKnowledge>();

function knowledgeIn(lexicon: Lexicon): LexiconKnowledge {
  const known = knowledgeByLexicon.get(lexicon);
  if (known !== undefined) return known;
  const views = lexicon.languages.map((language) => lexicon.view(language));
  const words = new RecentMap<string, WordKnowledge>(REMEMBERED_WORDS, KEY_LENGTH_MAX);
  const knowledge: LexiconKnowledge = {
    places: new Map(lexicon.languages.map((language, place) => [language, place])),
    latin: lexicon.languages.filter((language) => !hasOwnScript(language)),
    wordsOf: (fold) => {
      const remembered = words.get(fold);
      if (remembered !== undefined) return remembered;
      const found = knowledgeOf(fold, views, lexicon);
      words.set(fold, found);
      return found;
    },
  };
  knowledgeByLexicon.set(lexicon, knowledge);
  return knowledge;
}

function knowledgeOf(
  fold: string,
  views: readonly LanguageView[],
  { languages }: Lexicon,
): WordKnowledge {
  const all = views.map((view) => wordScore(fold, view));
  const knowing = Uint16Array.from(all.flatMap((score, place) => (score === 0 ? [] : place)));
  return {
    knowing,
    scores: Float32Array.from(knowing, (place) => all[place] ?? 0),
    wholeIn: new Set(
      views.flatMap((view, place) => (isKnown(fold, view) ? (languages[place] ?? []) : [])),
    ),
  };
}

function sampleOf(tokens: readonly Token[]): Token[] {
  const words: Token[] = [];
  for (const token of tokens) {
    if (token.type === "word" && token.fold.length >= 2) words.push(token);
    if (words.length >= SAMPLE) break;
  }
  return words;
}

/** Gives the share of a text's first words that a language knows. Units: from 0 to 1. */
function knownShare(tokens: readonly Token[], view: LanguageView): number {
  const words = sampleOf(tokens);
  const known = words.reduce((sum, { fold }) => sum + wordScore(fold, view), 0);
  return words.length === 0 ? 0 : known / words.length;
}

/** Words that stand as a whole count more than the first word of some phrase. */
function wordScore(fold: string, view: LanguageView): number {
  if (!view.beginnings.has(fold.slice(0, BEGINNING))) return 0;
  const role = view.roles.get(fold);
  if (view.words.get(fold) !== 0 || (role !== 0 && role !== ROLE.halal)) return 1;
  if (view.words.knowsFirst(fold) || view.phrases.knowsFirst(fold)) return 0.7;
  return view.stems.size > 0 && view.stems.has(view.grammar.stem?.(fold) ?? "") ? 0.8 : 0;
}
