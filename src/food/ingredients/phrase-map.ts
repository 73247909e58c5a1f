import type { Token } from "./tokens.ts";

/** A phrase found in a text. */
export interface PhraseHit {
  readonly value: number;
  /** Units: tokens. */
  readonly length: number;
}

const LENGTH_BITS = 5;
const MAX_LENGTH = (1 << LENGTH_BITS) - 1;
const ACCENTED = 1 << LENGTH_BITS;
const VALUE_SHIFT = LENGTH_BITS + 1;

/** Units: letters. */
const SHORT_WORD = 4;

const ACCENTED_LATIN = /[\u00DF-\u024F]/;

/**
 * Finds the longest known phrase at a place in a text. One map holds all phrases; the entry of a phrase's first word also
 * holds the length of the longest phrase that begins with it, so most words cost one look-up.
 * Units: values are whole numbers from 1 to 2^24.
 */
export class PhraseMap {
  readonly #entries = new Map<string, number>();
  /** Accented words as printed, because `pâte` and `pâté` fold to the same text. */
  readonly #accented = new Map<string, number>();
  #size = 0;

  /** Number of phrases held. */
  get size(): number {
    return this.#size;
  }

  /**
   * Adds a phrase that is already folded. `lower` is the same phrase with its accents. The first value of a phrase stays;
   * an unaccented word takes the plain entry from an accented one, which keeps its own. With `exact`, a short accented word
   * has no plain entry at all.
   */
  add(fold: string, lower: string, value: number, exact = false): void {
    const words = fold.split(" ");
    const [first = ""] = words;
    if (first === "" || words.length > MAX_LENGTH) return;
    if (words.length > 1) {
      const entry = this.#entries.get(first) ?? 0;
      if ((entry & MAX_LENGTH) < words.length) {
        this.#entries.set(first, (entry & ~MAX_LENGTH) | words.length);
      }
    }
    const isAccented = ACCENTED_LATIN.test(lower);
    if (isAccented && words.length === 1 && !this.#accented.has(lower)) {
      this.#accented.set(lower, value);
    }
    if (exact && isAccented && fold.length <= SHORT_WORD) {
      if ((this.#entries.get(fold) ?? 0) === 0) this.#entries.set(fold, ACCENTED);
      return;
    }
    const entry = this.#entries.get(fold) ?? 0;
    if (entry >> VALUE_SHIFT === 0) {
      this.#size += 1;
      this.#set(fold, entry, value, isAccented);
    } else if (!isAccented && (entry & ACCENTED) !== 0) {
      this.#set(fold, entry, value, false);
    }
  }

  /** Gives the value of a folded phrase, or 0. */
  get(fold: string): number {
    return (this.#entries.get(fold) ?? 0) >> VALUE_SHIFT;
  }

  /** Adds the first letters of every phrase to a set. */
  addBeginnings(beginnings: Set<string>, length: number): void {
    for (const fold of this.#entries.keys()) beginnings.add(fold.slice(0, length));
  }

  /** Tells whether a phrase is or begins with this folded word. */
  knowsFirst(fold: string): boolean {
    return this.#entries.has(fold);
  }

  /**
   * Finds the longest phrase that begins at `from` and ends before `to`, over words and numbers only. `isLeftOut` names
   * values that count as not found.
   */
  find(
    tokens: readonly Token[],
    from: number,
    to: number,
    isLeftOut?: (value: number) => boolean,
  ): PhraseHit | null {
    const head = tokens[from];
    if (head === undefined) return null;
    const entry = this.#entries.get(head.fold);
    if (entry === undefined) return null;
    let value = this.#valueOf(entry, head.lower, head.fold);
    if (value !== 0 && isLeftOut?.(value) === true) value = 0;
    let length = value === 0 ? 0 : 1;
    const longest = Math.min(entry & MAX_LENGTH, to - from);
    let fold = head.fold;
    let lower = head.lower;
    for (let count = 2; count <= longest; count += 1) {
      const token = tokens[from + count - 1];
      if (token === undefined || token.type === "mark") break;
      fold += ` ${token.fold}`;
      lower += ` ${token.lower}`;
      const found = this.#valueOf(this.#entries.get(fold) ?? 0, lower, fold);
      if (found !== 0 && isLeftOut?.(found) !== true) {
        value = found;
        length = count;
      }
    }
    return length === 0 ? null : { value, length };
  }

  #valueOf(entry: number, lower: string, fold: string): number {
    if (this.#accented.size > 0 && lower !== fold) {
      const accented = this.#accented.get(lower);
      if (accented !== undefined) return accented;
    }
    return entry >> VALUE_SHIFT;
  }

  #set(fold: string, entry: number, value: number, isAccented: boolean): void {
    this.#entries.set(
      fold,
      (entry & MAX_LENGTH) | (isAccented ? ACCENTED : 0) | (value << VALUE_SHIFT),
    );
  }
}
