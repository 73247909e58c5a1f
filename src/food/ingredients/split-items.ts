import type { LanguageView } from "./lexicon.ts";
import { phraseTokens, ROLE, splitPhrases } from "./roles.ts";
import type { Token } from "./tokens.ts";

/** One entry of a list; its brackets and what follows its colon are entries of their own. */
export interface Item {
  /** The entry's own words, without those of its children. */
  readonly tokens: Token[];
  /** Number of the entry that this one explains; -1 for none. */
  readonly parent: number;
  /** True when it follows its parent's colon and stands in no bracket of it. */
  readonly afterColon: boolean;
  /** Number of the sentence. */
  readonly sentence: number;
  /** Number of open brackets. */
  readonly depth: number;
}

/** Deeper brackets are read as commas. */
const MAX_DEPTH = 24;

const OPENING = /^[([{]$/;
const CLOSING = /^[)\]}]$/;
const SEPARATORS = /^[,;،؛、|<>·•●▪■◆►]$/;
const SENTENCE_ENDS = /^[!?¿¡।۔…。]$/;
/** A text without them is a list with one entry a line. */
const HAS_SEPARATORS = /[,;،؛、•·]/;
/** Of names of species, in every language. */
const LATIN_ABBREVIATIONS: ReadonlySet<string> = new Set(["subsp", "ssp", "spp"]);
const DASH = /^[-–—−‒]$/;

/**
 * Cuts the tokens of a text into entries: at commas of all scripts, semicolons, bullets, spaced dashes, colons, brackets of
 * all kinds, full stops that end something, and line ends.
 */
export function splitItems(text: string, tokens: readonly Token[], view: LanguageView): Item[] {
  const splitter = new Splitter();
  for (const [index, token] of tokens.entries()) {
    if (token.type !== "mark") {
      splitter.push(token);
    } else if (OPENING.test(token.fold)) {
      splitter.open(token);
    } else if (CLOSING.test(token.fold)) {
      splitter.close(token);
    } else if (SEPARATORS.test(token.fold)) {
      splitter.next();
    } else if (token.fold === ":") {
      splitter.colon();
    } else if (SENTENCE_ENDS.test(token.fold)) {
      splitter.endSentence();
    } else if (DASH.test(token.fold)) {
      if (!isConjunction(tokens[index + 1], view)) splitter.next();
    } else if (token.fold === ".") {
      endAtStop(text, tokens, index, view, splitter);
    } else if (token.fold === "\n") {
      endAtLine(text, tokens, index, splitter);
    } else {
      splitter.push(token);
    }
  }
  return splitter.finish();
}

class Splitter {
  readonly #items: Item[] = [];
  /** Entries with open brackets, outermost first. */
  readonly #open: number[] = [];
  #sentence = 0;
  #depth = 0;
  /** The entry that goes on after its bracket; -1 when the current one is new. */
  #resumed = -1;
  #current: Item = this.#start(-1, false);

  push(token: Token): void {
    this.#current.tokens.push(token);
  }

  open(mark: Token): void {
    if (this.#open.length >= MAX_DEPTH) {
      this.next();
      return;
    }
    const parent = this.#keep();
    this.#open.push(parent);
    this.#items[parent]?.tokens.push(mark);
    this.#depth += 1;
    this.#current = this.#start(parent, false);
  }

  close(mark: Token): void {
    const parent = this.#open.pop();
    if (parent === undefined) {
      this.next();
      return;
    }
    this.#keepIfFull();
    this.#depth -= 1;
    const item = this.#items[parent];
    if (item === undefined) return;
    // The entry goes on after its bracket; the mark keeps the words on both sides apart.
    item.tokens.push(mark);
    this.#current = item;
    this.#resumed = parent;
  }

  next(): void {
    const { parent, afterColon } = this.#current;
    const upper = afterColon ? (this.#items[parent]?.parent ?? -1) : parent;
    this.#keepIfFull();
    this.#current = this.#start(upper, false);
  }

  colon(): void {
    if (this.#current.tokens.length === 0) return;
    const parent = this.#keep();
    this.#current = this.#start(parent, true);
  }

  endSentence(): void {
    this.#keepIfFull();
    this.#sentence += 1;
    const parent = this.#open.at(-1) ?? -1;
    this.#current = this.#start(parent, false);
  }

  /** A sentence that cannot be inside a bracket: brackets left open are closed. */
  endParagraph(): void {
    this.#open.length = 0;
    this.#depth = 0;
    this.endSentence();
  }

  get last(): Token | undefined {
    return this.#current.tokens.at(-1);
  }

  finish(): Item[] {
    this.#keepIfFull();
    return this.#items;
  }

  #start(parent: number, afterColon: boolean): Item {
    this.#resumed = -1;
    return { tokens: [], parent, afterColon, sentence: this.#sentence, depth: this.#depth };
  }

  #keep(): number {
    if (this.#resumed >= 0) return this.#resumed;
    return this.#items.push(this.#current) - 1;
  }

  #keepIfFull(): void {
    if (this.#current.tokens.length > 0) this.#keep();
  }
}

function isConjunction(token: Token | undefined, view: LanguageView): boolean {
  return token !== undefined && view.roles.get(token.fold) === ROLE.and;
}

function endAtStop(
  text: string,
  tokens: readonly Token[],
  index: number,
  view: LanguageView,
  splitter: Splitter,
): void {
  const before = tokens[index - 1];
  const after = tokens[index + 1];
  const stop = tokens[index];
  if (before === undefined || after === undefined || stop === undefined) return;
  const isTight = after.start === stop.end && after.type !== "mark";
  if (before.type === "word" && before.end === stop.start) {
    if (isTight && (before.end - before.start < 3 || after.end - after.start < 3)) return;
    if (abbreviations(view).has(before.fold) || LATIN_ABBREVIATIONS.has(before.fold)) return;
    // The initial of a genus: `L. casei`.
    if (view.words.get(`${before.fold} ${after.fold}`) !== 0) return;
    if (before.end - before.start === 1 && after.type === "word" && view.language !== "") {
      splitter.next();
      return;
    }
  } else if (before.type === "number" && isTight) {
    return;
  }
  if (/^\p{Ll}/u.test(text.charAt(after.start)) && !isTight) splitter.endSentence();
  else if (isTight) splitter.endSentence();
  else splitter.endParagraph();
}

function endAtLine(
  text: string,
  tokens: readonly Token[],
  index: number,
  splitter: Splitter,
): void {
  const before = tokens[index - 1];
  const after = tokens[index + 1];
  if (before === undefined || after === undefined) return;
  if (before.fold === "\n" || after.fold === "\n") {
    splitter.endParagraph();
    return;
  }
  if (before.type === "mark" && !CLOSING.test(before.fold) && before.fold !== "%") return;
  if (!HAS_SEPARATORS.test(text)) {
    splitter.next();
    return;
  }
  const start = text.slice(after.start, after.start + 2);
  const isTitle = /^\p{Lu}\p{Ll}/u.test(start);
  const hasNoCase = /^[\p{Lo}]/u.test(start);
  if (isTitle || hasNoCase) splitter.endParagraph();
}

const abbreviationsByLanguage = new Map<string, ReadonlySet<string>>();

/** The last part of each abbreviation: `g` of `e.g`. */
function abbreviations(view: LanguageView): ReadonlySet<string> {
  const known = abbreviationsByLanguage.get(view.language);
  if (known !== undefined) return known;
  const set = new Set(
    splitPhrases(view.grammar.abbreviations).map(
      (phrase) => phraseTokens(phrase, false).at(-1)?.fold ?? "",
    ),
  );
  abbreviationsByLanguage.set(view.language, set);
  return set;
}
