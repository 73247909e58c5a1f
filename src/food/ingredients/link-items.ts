import { isAdditiveNumber } from "./e-code.ts";
import type { Origin } from "./findings.ts";
import type { Draft } from "./draft.ts";
import type { ItemMeaning } from "./item-meaning.ts";
import type { Lexicon } from "./lexicon.ts";
import { mayTakeOrigin, originOf } from "./origins.ts";
import { joinOnlyChild } from "./joined-drafts.ts";

/** Words for a plant as such: in a bracket they state the origin of what stands before. */
const GENERIC_PLANTS: ReadonlySet<string> = new Set(["en:vegetable", "en:plant", "en:vegetables"]);

/** Carries over what brackets and colons say of the entry before them: origins, percentages, bare numbers of additives. */
export function linkItems(meanings: readonly ItemMeaning[], lexicon: Lexicon): void {
  const children = new Map<number, number[]>();
  for (const [index, meaning] of meanings.entries()) {
    if (meaning.item.parent < 0) continue;
    const list = children.get(meaning.item.parent);
    if (list === undefined) children.set(meaning.item.parent, [index]);
    else list.push(index);
  }
  for (const [parentIndex, indexes] of children) {
    const parent = meanings[parentIndex];
    if (parent === undefined) continue;
    const list = indexes.flatMap((index) => meanings[index] ?? []);
    linkNumbers(parent, list, lexicon);
    inheritOrigin(parent, list, lexicon);
    linkOrigins(parent, list, lexicon);
    for (const child of list) {
      if (list.length === 1) joinOnlyChild(parent.drafts, child.drafts, lexicon);
      if (parent.isPlace && child.item.afterColon) dropPlace(child);
      const target = parent.drafts.at(-1);
      if (child.loosePercent !== null && target !== undefined)
        target.percent ??= child.loosePercent;
    }
  }
}

/** `origin: Turkey` names no bird; another country is no unknown ingredient. */
function dropPlace(child: ItemMeaning): void {
  child.unknown = 0;
  const at = child.drafts.findIndex((draft) => draft.row?.substance === "en:turkey");
  if (at >= 0) child.drafts.splice(at, 1);
}

/** `emulsifier (471, 322)`: a bare number after a class word is a code. */
function linkNumbers(
  parent: ItemMeaning,
  children: readonly ItemMeaning[],
  lexicon: Lexicon,
): void {
  const isClass = parent.drafts.some(
    (draft) => draft.row?.kind === "function" || draft.additive !== null,
  );
  if (!isClass) return;
  for (const child of children) {
    if (child.drafts.length > 0 || child.unknown > 0) continue;
    for (const digits of child.numbers) {
      if (!isAdditiveNumber(digits)) continue;
      const code = `E${digits}`;
      child.drafts.push(newDraft(code, lexicon));
    }
  }
}

/** Makes a draft of an E-number that stands as a bare number. */
export function newDraft(code: string, lexicon: Lexicon): Draft {
  return {
    row: lexicon.findAdditive(code),
    additive: code,
    origin: null,
    percent: null,
    negated: false,
    trace: false,
    partial: false,
  };
}

function linkOrigins(
  parent: ItemMeaning,
  children: readonly ItemMeaning[],
  lexicon: Lexicon,
): void {
  let before: Draft | undefined;
  for (const child of children) {
    const stated = statedOrigin(child);
    if (stated !== null) {
      const target = before ?? parent.drafts.at(-1);
      if (target !== undefined) give(target, stated, true, lexicon);
      child.looseOrigin = null;
    }
    before = child.drafts.at(-1) ?? before;
  }
  const target = parent.drafts.at(-1);
  if (target?.row === undefined || target.row === null || target.origin !== null) return;
  // A class word has no origin of its own, and "contains wheat" tells an allergen.
  if (target.row.kind === "function" && target.additive === null) return;
  const contents = children.filter((child) => child.drafts.length > 0 && !child.opensContains);
  const sources = contents
    .flatMap((child) => child.drafts)
    .filter((draft) => draft.row !== null && !draft.negated && !draft.trace);
  if (sources.some((draft) => draft.row !== null && lexicon.isA(draft.row.substance, "en:pork")))
    return;
  for (const source of sources) {
    const origin = source.row === null ? null : originOf(source.row, lexicon);
    if (origin === null) continue;
    const isAnimal = origin === "poultry" || origin === "bovine" || origin === "sheep";
    if (isAnimal || contents.length === 1) {
      give(target, source.origin === "halal" ? "halal" : origin, false, lexicon);
      return;
    }
  }
}

/** `(E471, vegetable)`: an entry that only states an origin. */
function statedOrigin(child: ItemMeaning): Origin | null {
  if (child.looseOrigin !== null && child.unknown === 0) return child.looseOrigin;
  const [draft] = child.drafts;
  const isGeneric =
    child.drafts.length === 1 &&
    child.unknown === 0 &&
    child.item.depth > 0 &&
    GENERIC_PLANTS.has(draft?.row?.substance ?? "");
  return isGeneric ? "plant" : null;
}

/** `vegetable emulsifier (E471)`: what is said of the class word holds for what it stands for. */
function inheritOrigin(
  parent: ItemMeaning,
  children: readonly ItemMeaning[],
  lexicon: Lexicon,
): void {
  const head = parent.drafts.at(-1);
  if (head?.row?.kind !== "function" || head.additive !== null || head.origin === null) return;
  const origin = head.origin;
  for (const child of children) {
    for (const draft of child.drafts) {
      if (draft.additive !== null) give(draft, origin, true, lexicon);
    }
  }
}

/** Notes an origin for a substance that has none yet and may take it. */
export function give(draft: Draft, origin: Origin, isStated: boolean, lexicon: Lexicon): void {
  if (draft.origin !== null && origin !== "halal") return;
  if (mayTakeOrigin(draft, origin, isStated, lexicon)) draft.origin = origin;
}
