import type { HalalClaim } from "./findings.ts";
import { type Draft, isGraveKind } from "./draft.ts";
import type { ItemMeaning } from "./item-meaning.ts";

/** The meaning of a part of a text, in the order of its entries. */
export interface SegmentReading {
  readonly entries: readonly Entry[];
  readonly halalClaim: HalalClaim | null;
}

/** One entry as the reader understood it. */
export interface Entry {
  readonly drafts: readonly Draft[];
  readonly start: number;
  readonly end: number;
  /** False for what says nothing of the contents: traces, denials, advice, allergen statements, percentages. */
  readonly counts: boolean;
  readonly recognised: boolean;
  readonly contents: boolean;
}

/** A list of what is absent has no more entries than this. Units: entries. */
const LONGEST_DENIED_LIST = 8;

/**
 * Carries denials, traces and allergen statements over the entries of their sentence, drops advice, and says which entries
 * count.
 */
export function chooseScopes(meanings: readonly ItemMeaning[]): SegmentReading {
  const walk = new ScopeWalk(meanings);
  const entries = meanings.map((meaning, index) => walk.entry(meaning, index));
  return { entries, halalClaim: claimOf(meanings) };
}

class ScopeWalk {
  readonly #meanings: readonly ItemMeaning[];
  readonly #hasChildren = new Set<number>();
  /** Last entry of each sentence. */
  readonly #sentenceEnd = new Map<number, number>();
  #sentence = -1;
  #traceDepth = -1;
  #deniedUntil = -1;
  #unsureUntil = -1;
  #containsDepth = -1;
  #isNoise = false;
  #hasContent = false;

  constructor(meanings: readonly ItemMeaning[]) {
    this.#meanings = meanings;
    for (const [index, { item, drafts, unknown }] of meanings.entries()) {
      if (drafts.length > 0 || unknown > 0) this.#markParents(item.parent);
      this.#sentenceEnd.set(item.sentence, index);
    }
    for (const [index, meaning] of meanings.entries()) this.#reachBack(meaning, index);
  }

  entry(meaning: ItemMeaning, index: number): Entry {
    const { item } = meaning;
    const begins = item.sentence !== this.#sentence;
    if (begins) this.#beginSentence(item.sentence);
    if (item.depth < this.#traceDepth) this.#traceDepth = -1;
    if (item.depth < this.#containsDepth) this.#containsDepth = -1;
    if (meaning.opensFreeFrom) this.#openDenied(meaning, index, begins);
    if (meaning.opensContains && this.#hasContent && begins) this.#containsDepth = item.depth;
    const inTrace = this.#traceDepth >= 0;
    if (meaning.hasTraceOpener && !inTrace) this.#traceDepth = item.depth;
    if (inTrace) for (const draft of meaning.drafts) draft.trace = true;
    if (index <= this.#deniedUntil) for (const draft of meaning.drafts) draft.negated = true;
    const isUnsure = index > this.#deniedUntil && index <= this.#unsureUntil;
    const wasNoise = this.#isNoise;
    if (meaning.noiseAt >= 0) this.#isNoise = true;
    const entry = this.#judge(meaning, index, {
      isSilent: inTrace || wasNoise || index <= this.#deniedUntil,
      isNoise: wasNoise,
      isUnsure,
    });
    if (entry.counts) this.#hasContent = true;
    return entry;
  }

  #judge(
    meaning: ItemMeaning,
    index: number,
    state: { readonly isSilent: boolean; readonly isNoise: boolean; readonly isUnsure: boolean },
  ): Entry {
    const { item, unknown } = meaning;
    const inContains = this.#containsDepth >= 0;
    const hasChildren = this.#hasChildren.has(index);
    const grave = meaning.drafts.filter((draft) => isGraveKind(draft.row));
    let drafts = meaning.drafts.filter((draft) => !this.#isAnsweredClass(draft, meaning, index));
    const isClass = drafts.length < meaning.drafts.length;
    if (inContains) drafts = grave;
    if (state.isNoise || state.isUnsure) drafts = [];
    const asserted = meaning.drafts.filter((draft) => !draft.negated && !draft.trace);
    const isEmpty = asserted.length === 0 && unknown === 0;
    const onlyClass =
      asserted.length > 0 &&
      asserted.every((draft) => draft.row?.kind === "function" && draft.additive === null);
    const isForgiven = (meaning.hasTraceOpener || meaning.hasTraceCloser) && asserted.length === 0;
    const isHidden =
      (state.isNoise || state.isUnsure) && grave.some((draft) => !draft.trace && !draft.negated);
    const first = item.tokens[0];
    const last = item.tokens.at(-1);
    const base = {
      drafts,
      start: first?.start ?? 0,
      end: last?.end ?? 0,
      contents: hasChildren,
    };
    if (isHidden || meaning.hidesGrave) return { ...base, counts: true, recognised: false };
    if (state.isSilent || isEmpty || isForgiven || (inContains && grave.length === 0)) {
      return { ...base, counts: false, recognised: true };
    }
    if (onlyClass && isClass && unknown === 0) return { ...base, counts: false, recognised: true };
    return { ...base, counts: true, recognised: unknown === 0 && !onlyClass && !state.isUnsure };
  }

  /** A class word says nothing more when its substance stands beside, below, before or after it. */
  #isAnsweredClass(draft: Draft, meaning: ItemMeaning, index: number): boolean {
    if (draft.row?.kind !== "function" || draft.additive !== null) return false;
    if (meaning.isAnswered || this.#hasChildren.has(index)) return true;
    const isOther = (other: Draft) => other.row?.kind !== "function" || other.additive !== null;
    if (meaning.drafts.some(isOther)) return true;
    const parent = this.#meanings[meaning.item.parent];
    return parent !== undefined && parent.drafts.some(isOther);
  }

  #beginSentence(sentence: number): void {
    this.#sentence = sentence;
    this.#traceDepth = -1;
    this.#containsDepth = -1;
    this.#isNoise = false;
  }

  /**
   * "Free from A, B and C" denies all of its sentence when it begins it and nothing in it speaks against that. Elsewhere it
   * denies its own entry, and what follows up to an "and" is unsure.
   */
  #openDenied(meaning: ItemMeaning, index: number, begins: boolean): void {
    const end = this.#sentenceEnd.get(meaning.item.sentence) ?? index;
    const rest = this.#meanings.slice(index + 1, end + 1);
    const andAt = rest.findIndex((each) => each.hasAnd);
    const isList =
      begins &&
      rest.length < LONGEST_DENIED_LIST &&
      andAt >= 0 &&
      andAt === rest.length - 1 &&
      rest.every((each) => isDeniable(each));
    this.#deniedUntil = isList ? end : index;
    if (!isList && begins && rest.length > 0 && meaning.drafts.length > 0) this.#unsureUntil = end;
    else if (!isList && andAt >= 0) this.#unsureUntil = index + 1 + andAt;
  }

  /** A verb at the end of a sentence speaks of the whole sentence, unless the sentence may be the list itself. */
  #reachBack(meaning: ItemMeaning, index: number): void {
    if (!meaning.closesDenied && !meaning.hasTraceCloser) return;
    const isFirst = meaning.item.sentence === (this.#meanings[0]?.item.sentence ?? 0);
    for (let at = index - 1; at >= 0; at -= 1) {
      const each = this.#meanings[at];
      if (each === undefined || each.item.sentence !== meaning.item.sentence) break;
      if (meaning.hasTraceCloser && !isFirst) {
        for (const draft of each.drafts) draft.trace = true;
      } else if (meaning.closesDenied && !isFirst && index - at < LONGEST_DENIED_LIST) {
        if (!isDeniable(each)) break;
        for (const draft of each.drafts) draft.negated = true;
      }
    }
  }

  #markParents(parent: number): void {
    let at = parent;
    while (at >= 0 && !this.#hasChildren.has(at)) {
      this.#hasChildren.add(at);
      at = this.#meanings[at]?.item.parent ?? -1;
    }
  }
}

/** An entry with a share or a bracket, and water or salt, is an ingredient and not denied. */
function isDeniable(meaning: ItemMeaning): boolean {
  return (
    meaning.item.depth === 0 &&
    meaning.loosePercent === null &&
    meaning.drafts.every((draft) => draft.percent === null && draft.row?.kind !== "water")
  );
}

/** A halal statement about the whole product counts only where every word of it is understood: one of them may deny it. */
function claimOf(meanings: readonly ItemMeaning[]): HalalClaim | null {
  let claim: HalalClaim | null = null;
  for (const meaning of meanings) {
    if (meaning.isNotHalal) return "not_halal";
    const isStatement = meaning.isHalal && meaning.unknown === 0 && meaning.drafts.length === 0;
    if (isStatement && meaning.item.depth === 0) claim = "halal";
  }
  return claim;
}
