import { chooseLanguages, otherLanguages, type Segment, splitSegments } from "./choose-language.ts";
import { cleanText } from "./clean-text.ts";
import {
  ANALYSIS_VERSION,
  type Finding,
  type Findings,
  type HalalClaim,
  NO_FINDINGS,
} from "./findings.ts";
import type { ItemMeaning } from "./item-meaning.ts";
import type { Lexicon } from "./lexicon.ts";
import { type Budget, newBudget } from "./match-words.ts";
import { readEntry } from "./read-entry.ts";
import { readSegment } from "./read-segment.ts";
import type { Entry } from "./scopes.ts";
import { readUnsure } from "./read-unsure.ts";
import { type Token, tokenize } from "./tokens.ts";

/** Units: characters. */
const MAX_TEXT_LENGTH = 10_000;
const MAX_QUOTE_LENGTH = 60;

/** Words that no phrase holds cost more than others. Units: words of a text. */
const MAX_UNKNOWN_WORDS = 250;

/** The longest of 1,900 real labels has 400. */
const MAX_TOKENS = 700;

/** The most that may be read again in other languages. Units: tokens of a text. */
const MAX_REREAD = 300;

/** An entry of shorter words is not looked up in another language. Units: letters. */
const MIN_WORD = 4;

/** A name before the heading has no more words than this. Units: tokens. */
const LONGEST_NAME = 25;

/**
 * Reads a printed ingredient list. `language` is the product's ISO 639-1 code, or null when it is unknown.
 * Units: reads the first 10,000 characters and 700 words and marks; the rest marks the findings as cut.
 * Errors: none thrown, whatever the text.
 */
export function readIngredients(text: string, language: string | null, lexicon: Lexicon): Findings {
  const clean = cleanText(text.slice(0, MAX_TEXT_LENGTH));
  const tokens = tokenize(clean, MAX_TOKENS + 1);
  if (tokens.length === 0) return { ...NO_FINDINGS, language };
  const given = language === null || language === "" ? null : language.toLowerCase().slice(0, 2);
  const isCut = text.length > MAX_TEXT_LENGTH || tokens.length > MAX_TOKENS;
  return new TextReader(clean, tokens.slice(0, MAX_TOKENS), given, lexicon).read(isCut);
}

class TextReader {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  readonly #given: string | null;
  readonly #lexicon: Lexicon;
  readonly #budget: Budget = newBudget(MAX_UNKNOWN_WORDS);
  readonly #items: Finding[] = [];
  readonly #unrecognised: string[] = [];
  readonly #languageSizes = new Map<string, number>();
  #others: readonly string[] | null = null;
  #reread = 0;
  #itemCount = 0;
  #recognisedCount = 0;
  #halalClaim: HalalClaim | null = null;

  constructor(text: string, tokens: readonly Token[], given: string | null, lexicon: Lexicon) {
    this.#text = text;
    this.#tokens = tokens;
    this.#given = given;
    this.#lexicon = lexicon;
  }

  read(isCut: boolean): Findings {
    for (const segment of splitSegments(this.#text, this.#tokens, this.#lexicon)) {
      if (!isName(segment)) this.#readSegment(segment);
    }
    const [language] = [...this.#languageSizes].sort((left, right) => right[1] - left[1])[0] ?? [
      this.#given,
    ];
    return {
      version: ANALYSIS_VERSION,
      language,
      items: this.#items,
      unrecognised: this.#unrecognised,
      itemCount: this.#itemCount,
      recognisedCount: this.#recognisedCount,
      halalClaim: this.#halalClaim,
      cut: isCut || this.#budget.unknownWords < 0,
    };
  }

  #readSegment(segment: Segment): void {
    const languages = chooseLanguages(segment, this.#given, this.#lexicon);
    const [main] = languages;
    if (main === undefined || languages.length > 1) {
      const entries = readUnsure(
        this.#text,
        segment.tokens,
        languages,
        this.#lexicon,
        this.#budget,
      );
      for (const entry of entries) this.#take(entry);
      return;
    }
    this.#languageSizes.set(main, (this.#languageSizes.get(main) ?? 0) + segment.tokens.length);
    const view = this.#lexicon.view(main);
    const { entries, halalClaim } = readSegment(
      this.#text,
      segment.tokens,
      view,
      this.#lexicon,
      this.#budget,
      (tokens) => this.#readAgain(tokens, main),
    );
    for (const entry of entries) this.#take(entry);
    this.#halalClaim = halalClaim === "not_halal" ? halalClaim : (this.#halalClaim ?? halalClaim);
  }

  /** Reads an entry in the other languages of the text. */
  #readAgain(tokens: readonly Token[], main: string): ItemMeaning | null {
    const isLong = tokens.some((token) => token.type === "word" && token.fold.length >= MIN_WORD);
    this.#reread += tokens.length;
    if (this.#budget.unknownWords < 0 || !isLong || this.#reread > MAX_REREAD) return null;
    this.#others ??= otherLanguages(this.#tokens, main, this.#lexicon);
    const item = { tokens: [...tokens], parent: -1, afterColon: false, sentence: 0, depth: 0 };
    for (const language of this.#others) {
      if (language === main) continue;
      const view = this.#lexicon.view(language);
      const meaning = readEntry(item, view, this.#lexicon, this.#budget);
      if (meaning.unknown === 0 && meaning.drafts.length > 0) return meaning;
    }
    return null;
  }

  #take(entry: Entry): void {
    const quote = this.#quote(entry);
    if (entry.counts) {
      this.#itemCount += 1;
      if (entry.recognised) this.#recognisedCount += 1;
      else if (!this.#unrecognised.includes(quote)) this.#unrecognised.push(quote);
    }
    for (const draft of entry.drafts) {
      this.#items.push({
        substance: draft.row?.substance ?? null,
        additive: draft.additive,
        origin: draft.origin,
        trace: draft.trace,
        negated: draft.negated,
        percent: draft.percent,
        contents: entry.contents,
        inside: !entry.recognised || draft.partial,
        quote,
      });
    }
  }

  #quote(entry: Entry): string {
    const text = this.#text.slice(entry.start, entry.end);
    return text.length <= MAX_QUOTE_LENGTH ? text : text.slice(0, MAX_QUOTE_LENGTH).trimEnd();
  }
}

/** A name or an advertisement before the heading is no list; a list before it has separators. */
function isName(segment: Segment): boolean {
  return (
    segment.isPreamble &&
    segment.tokens.length <= LONGEST_NAME &&
    !segment.tokens.some((token) => /^[,;،、(:]$/.test(token.fold))
  );
}
