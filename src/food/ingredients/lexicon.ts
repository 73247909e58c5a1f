import type { Grammar } from "./languages/grammar.ts";
import { GRAMMARS } from "./grammars.ts";
import { PhraseMap } from "./phrase-map.ts";
import { addPhrase, foldPhrase, grammarRoles, phraseTokens, ROLE, splitPhrases } from "./roles.ts";

/** The nature of a substance. `function` is a class word such as emulsifier; `mixed` is a compound food or an unstated origin. */
export type SubstanceKind =
  | "animal"
  | "dairy"
  | "egg"
  | "fish"
  | "insect"
  | "plant"
  | "fungus"
  | "mineral"
  | "water"
  | "synthetic"
  | "microbial"
  | "alcohol"
  | "mixed"
  | "function";

/** A property that a source may state, deny or leave open. */
export type Certainty = "yes" | "no" | "maybe";

/** A substance as the lexicon's files and tables hold it. */
export interface SubstanceRow {
  /** Such as `en:pork-gelatin`. */
  readonly substance: string;
  /** Ids, nearest first. */
  readonly parents: readonly string[];
  readonly kind: SubstanceKind | null;
  /** Canonical E-number, such as `E471`. */
  readonly additive: string | null;
  readonly vegan: Certainty | null;
  readonly vegetarian: Certainty | null;
}

/** The words of one substance in one language, as labels print them. */
export interface WordsRow {
  readonly substance: string;
  /** ISO 639-1 code. */
  readonly language: string;
  readonly words: readonly string[];
}

/**
 * Words that name no substance: headings of lists (`ingredients`), words that say nothing about the contents (`organic`,
 * `dried`), and openers of what is no list any more (`store in a cool place`).
 */
export interface PhrasesRow {
  readonly role: "heading" | "modifier" | "noise";
  readonly language: string;
  readonly words: readonly string[];
}

/** All rows that make a lexicon. Where two rows give one word of one language, the first one wins: give our own before the taxonomy's. */
export interface LexiconRows {
  readonly substances: Iterable<SubstanceRow>;
  readonly words: Iterable<WordsRow>;
  readonly phrases?: Iterable<PhrasesRow>;
}

/** Everything that reading one language needs. */
export interface LanguageView {
  /** ISO 639-1 code. */
  readonly language: string;
  readonly grammar: Grammar;
  /** The grammar's phrases with their `ROLE`. */
  readonly roles: PhraseMap;
  /** Modifiers and noise of the lexicon with their `ROLE`. */
  readonly phrases: PhraseMap;
  /** Words with the number of their substance. */
  readonly words: PhraseMap;
  /** Phrases of stems with the number of their substance. */
  readonly stems: ReadonlyMap<string, number>;
  /** The first letters, `BEGINNING` of them, of every word and phrase: what begins otherwise is in none of the maps. */
  readonly beginnings: ReadonlySet<string>;
}

/** Units: letters. */
export const BEGINNING = 3;

/** The words of all languages in memory. Made by `createLexicon`. */
export interface Lexicon {
  /** Number of words held. */
  readonly size: number;
  /** Codes of the languages that have words or a grammar. */
  readonly languages: readonly string[];
  /** Headings of lists. */
  readonly headings: Headings;
  /** Finds a substance by its id. */
  findSubstance(id: string): SubstanceRow | null;
  /** Finds the substance that an E-number names. */
  findAdditive(code: string): SubstanceRow | null;
  /** Tells whether a substance is `ancestor` or descends from it. */
  isA(id: string, ancestor: string): boolean;
  /** Tells whether a substance of no kind descends from none that tells its nature: from a compound food at most. */
  isVague(row: SubstanceRow): boolean;
  /** Gives the substance of a number in a language's map. */
  substanceAt(value: number): SubstanceRow | null;
  /** Gives what reading a language needs; a language without words or grammar has an empty view. */
  view(language: string): LanguageView;
}

/** The headings of all languages. */
export interface Headings {
  readonly map: PhraseMap;
  /** Gives the languages that a value of the map belongs to. */
  languagesOf(value: number): readonly string[];
}

interface MutableView extends LanguageView {
  readonly stems: Map<string, number>;
  readonly beginnings: Set<string>;
}

const SAME_LANGUAGE: Readonly<Record<string, string>> = {
  nb: "no",
  nn: "no",
  bs: "hr",
  sh: "hr",
  in: "id",
  fil: "tl",
};

/** Words of no language, such as Latin names, are looked up in every language. */
const ALL_LANGUAGES = "xx";

/** A stem shorter than this is no stem. Units: letters. */
const MIN_STEM = 3;

/**
 * Builds the lexicon that texts are read with. A substance that comes twice keeps its first kind and gains the parents of
 * the second row.
 * Units: about 300 bytes a word.
 */
export function createLexicon(rows: LexiconRows): Lexicon {
  const substances: SubstanceRow[] = [];
  const numbers = new Map<string, number>();
  const additives = new Map<string, SubstanceRow>();
  for (const row of rows.substances) {
    const number = numbers.get(row.substance);
    if (number === undefined) {
      substances.push(row);
      numbers.set(row.substance, substances.length);
    } else {
      const known = substances[number - 1];
      if (known !== undefined) substances[number - 1] = mergeRows(known, row);
    }
    if (row.additive !== null && namesAdditive(row, additives.get(row.additive))) {
      additives.set(row.additive, row);
    }
  }
  const views = new Map<string, MutableView>();
  for (const grammar of GRAMMARS) views.set(grammar.language, emptyView(grammar));
  const viewOf = (code: string): MutableView => {
    const language = SAME_LANGUAGE[code] ?? code;
    const known = views.get(language);
    if (known !== undefined) return known;
    const view = emptyView({ language, stopWords: "" });
    views.set(language, view);
    return view;
  };
  const headings = new Map<string, string[]>();
  for (const grammar of GRAMMARS)
    addHeadings(headings, grammar.language, splitPhrases(grammar.headings));
  for (const row of rows.phrases ?? []) {
    const view = viewOf(row.language);
    if (row.role === "heading") addHeadings(headings, view.language, row.words);
    for (const phrase of row.words) {
      addPhrase(view.phrases, phrase, ROLE[row.role], view.grammar.hasCompounds === true);
    }
  }
  const common: WordsRow[] = [];
  for (const row of rows.words) {
    const number = numbers.get(row.substance);
    if (number === undefined) continue;
    if (row.language === ALL_LANGUAGES) common.push(row);
    const view = viewOf(row.language);
    // Rosé is wine and a rose is not; öl is beer.
    const exact = substances[number - 1]?.kind === "alcohol";
    for (const word of row.words) addWord(view, word, number, exact);
  }
  const none = emptyView({ language: "", stopWords: "" });
  const unknownLanguage = views.get(ALL_LANGUAGES) ?? none;
  views.delete(ALL_LANGUAGES);
  // Behind each language's own words, which may mean something else.
  for (const row of common) {
    for (const view of views.values()) {
      for (const word of row.words) addWord(view, word, numbers.get(row.substance) ?? 0, false);
    }
  }
  for (const view of views.values()) {
    for (const map of [view.words, view.phrases, view.roles])
      map.addBeginnings(view.beginnings, BEGINNING);
    for (const key of view.stems.keys()) view.beginnings.add(key.slice(0, BEGINNING));
  }
  const ancestors = new Map<string, ReadonlySet<string>>();
  const findSubstance = (id: string) => substances[(numbers.get(id) ?? 0) - 1] ?? null;
  return {
    size: [...views.values(), unknownLanguage].reduce((sum, view) => sum + view.words.size, 0),
    languages: [...views.keys()],
    headings: headingsOf(headings),
    findSubstance,
    findAdditive: (code) => additives.get(code) ?? null,
    isA: (id, ancestor) => ancestorsOf(id, findSubstance, ancestors).has(ancestor),
    isVague: (row) =>
      row.kind === null &&
      [...ancestorsOf(row.substance, findSubstance, ancestors)].every((id) => {
        const { kind = null, additive = null } = findSubstance(id) ?? {};
        return additive === null && (kind === null || kind === "mixed" || kind === "function");
      }),
    substanceAt: (value) => substances[value - 1] ?? null,
    view: (language) => views.get(SAME_LANGUAGE[language] ?? language) ?? unknownLanguage,
  };
}

/**
 * Tells whether a substance, rather than another one, is what an E-number names: E322 is lecithin, and not the soya lecithin
 * that shares the number. One whose kind nobody knows stands back.
 */
export function namesAdditive(
  row: Pick<SubstanceRow, "kind" | "additive"> & { readonly substance: string },
  other: { readonly kind: SubstanceKind | null } | undefined,
): boolean {
  if (other === undefined) return true;
  const isItself = row.substance === `en:${row.additive?.toLowerCase()}`;
  return isItself && (row.kind !== null || other.kind === null);
}

function emptyView(grammar: Grammar): MutableView {
  return {
    language: grammar.language,
    grammar,
    roles: grammarRoles(grammar),
    phrases: new PhraseMap(),
    words: new PhraseMap(),
    stems: new Map(),
    beginnings: new Set(),
  };
}

function addWord(view: MutableView, word: string, number: number, exact: boolean): void {
  const isCompound = view.grammar.hasCompounds === true;
  addPhrase(view.words, word, number, isCompound, exact);
  const stem = view.grammar.stem;
  if (stem === undefined) return;
  const stems = phraseTokens(word, isCompound).map((token) => stem(token.fold));
  const key = stems.join(" ");
  if (key.length >= MIN_STEM && !view.stems.has(key)) view.stems.set(key, number);
}

function addHeadings(
  headings: Map<string, string[]>,
  language: string,
  phrases: readonly string[],
): void {
  for (const phrase of phrases) {
    const fold = foldPhrase(phrase);
    const languages = headings.get(fold) ?? [];
    if (!languages.includes(language)) languages.push(language);
    headings.set(fold, languages);
  }
}

function headingsOf(headings: ReadonlyMap<string, readonly string[]>): Headings {
  const map = new PhraseMap();
  const lists: (readonly string[])[] = [];
  for (const [fold, languages] of headings) map.add(fold, fold, lists.push(languages));
  return { map, languagesOf: (value) => lists[value - 1] ?? [] };
}

function mergeRows(first: SubstanceRow, second: SubstanceRow): SubstanceRow {
  return {
    substance: first.substance,
    parents: [...new Set([...first.parents, ...second.parents])],
    kind: first.kind ?? second.kind,
    additive: first.additive ?? second.additive,
    vegan: first.vegan ?? second.vegan,
    vegetarian: first.vegetarian ?? second.vegetarian,
  };
}

function ancestorsOf(
  id: string,
  findSubstance: (id: string) => SubstanceRow | null,
  known: Map<string, ReadonlySet<string>>,
): ReadonlySet<string> {
  const found = known.get(id);
  if (found !== undefined) return found;
  const ancestors = new Set([id]);
  for (const each of ancestors) {
    for (const parent of findSubstance(each)?.parents ?? []) ancestors.add(parent);
  }
  known.set(id, ancestors);
  return ancestors;
}
