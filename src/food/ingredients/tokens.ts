import { RecentMap } from "../../recent-map.ts";
import { foldWord, lowerWord } from "./fold.ts";

/** The kinds of tokens. */
export type TokenType = "word" | "number" | "mark";

/** A word, a number or a punctuation mark of a label. */
export interface Token {
  readonly type: TokenType;
  /** Folded word, digits, or the mark itself. */
  readonly fold: string;
  /** Lower-case word with its accents. */
  readonly lower: string;
  /** Place in the clean text. */
  readonly start: number;
  readonly end: number;
  /** True when a hyphen ties the token to the one before it. */
  readonly tied: boolean;
  /** The words that `joinTied` made one. */
  readonly parts: readonly Token[] | null;
}

/**
 * Numbers take at most two decimals, because `330,331` is two codes. Words keep digits (`e471`, `b12`) and an apostrophe
 * with s (`pig's`). A hyphen that stands alone is a mark; one between words is not.
 */
const TOKEN =
  /(?:0[.,]\d{1,4}|\d+(?:[.,]\d{1,2}(?!\d))?)|[\p{L}\p{M}][\p{L}\p{M}\p{N}]*(?:['’`´][sS](?![\p{L}\p{M}\p{N}]))?|&|[,;:.!?()[\]{}<>|/+%\n،؛、。·•●▪■◆►…¿¡।۔]|(?<=\s)[-–—−‒](?=\s)|[–—](?=\s)/gu;

const ZERO = 0x30;
const NINE = 0x39;
const LETTER = /^[\p{L}\p{M}&]/u;
const POSSESSIVE = /['’`´]/g;

/** Longer chains of hyphens are no compound. Units: words. */
const MAX_TIED = 6;

/**
 * Cuts clean text into tokens, `most` at most. Spaces, stray signs and quotation marks between them are dropped.
 */
export function tokenize(text: string, most = Number.POSITIVE_INFINITY): Token[] {
  const tokens: Token[] = [];
  let end = 0;
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    if (tokens.length >= most) break;
    const raw = match[0];
    const start = match.index;
    const type = typeOf(raw);
    if (type === "number") {
      tokens.push(token("number", raw, raw, start, raw.length, isTied(text, end, start)));
    } else if (type === "word") {
      const { fold, lower } = formsOf(raw);
      if (fold !== "") {
        tokens.push(token("word", fold, lower, start, raw.length, isTied(text, end, start)));
      }
    } else {
      tokens.push(token("mark", raw, raw, start, raw.length, false));
    }
    end = start + raw.length;
  }
  return tokens;
}

/** Gives what `tokenize` gives for small letters without accents and single spaces between words. */
export function plainTokens(text: string): Token[] {
  let start = 0;
  return text.split(" ").map((word) => {
    const found = token("word", word, word, start, word.length, false);
    start += word.length + 1;
    return found;
  });
}

function typeOf(raw: string): TokenType {
  const code = raw.charCodeAt(0);
  if (code >= ZERO && code <= NINE) return "number";
  if (raw.length > 1) return "word";
  return LETTER.test(raw) ? "word" : "mark";
}

/** The forms of a word in which it is compared. */
interface Forms {
  readonly fold: string;
  readonly lower: string;
}

/** Longer texts hardly ever come again, so nothing is remembered of them. Units: UTF-16 units. */
export const KEY_LENGTH_MAX = 96;

/** The same words make most labels. Units: words. */
const forms = new RecentMap<string, Forms>(16_384, KEY_LENGTH_MAX);

function formsOf(raw: string): Forms {
  const known = forms.get(raw);
  if (known !== undefined) return known;
  if (raw.length > KEY_LENGTH_MAX) return foldForms(raw);
  // A copy, because a part of a text keeps the whole text in memory.
  const printed = raw.split("").join("");
  const found = foldForms(printed);
  forms.set(printed, found);
  return found;
}

function foldForms(raw: string): Forms {
  const word = raw.replace(POSSESSIVE, "");
  return { fold: foldWord(word), lower: lowerWord(word) };
}

function token(
  type: TokenType,
  fold: string,
  lower: string,
  start: number,
  length: number,
  tied: boolean,
): Token {
  return { type, fold, lower, start, end: start + length, tied, parts: null };
}

/** Gives the text of a token that is the same for no other: of a joined word with its hyphens. */
export function printedForm({ lower, parts }: Token): string {
  return parts === null ? lower : parts.map((part) => part.lower).join("-");
}

/**
 * Makes one word of words that hyphens tie, as German and Dutch write compounds: `Rum-Aroma` is `Rumaroma`.
 * `isLoose` names words that never join, such as "und" in `Mono-und`.
 */
export function joinTied(tokens: readonly Token[], isLoose: (fold: string) => boolean): Token[] {
  const joined: Token[] = [];
  for (const token of tokens) {
    const last = joined.at(-1);
    const joins =
      token.tied &&
      token.type === "word" &&
      last?.type === "word" &&
      last.fold.length > 1 &&
      (last.parts?.length ?? 1) < MAX_TIED &&
      !isLoose(token.fold) &&
      !isLoose(last.fold);
    if (!joins) {
      joined.push(token);
      continue;
    }
    joined[joined.length - 1] = {
      ...last,
      fold: last.fold + token.fold,
      lower: last.lower + token.lower,
      end: token.end,
      parts: [...(last.parts ?? [last]), token],
    };
  }
  return joined;
}

function isTied(text: string, end: number, start: number): boolean {
  return end > 0 && start === end + 1 && /[-‐‑–]/.test(text.charAt(end));
}
