import { isAdditiveNumber } from "./e-code.ts";
import type { Draft } from "./draft.ts";
import type { ItemMeaning } from "./item-meaning.ts";
import type { Lexicon, SubstanceRow } from "./lexicon.ts";
import { give, newDraft } from "./link-items.ts";

/** Substances without an E-number of their own that stand for a class: starch thickens, paprika colours. */
const SERVING: readonly string[] = [
  "en:starch",
  "en:minerals",
  "x:synthetic",
  "x:cellulose",
  "x:konjac",
  "x:other-plant-gums",
  "en:vanillin",
  "x:polyol",
  "x:caramel",
  "en:paprika",
  "en:turmeric",
  "en:beetroot",
  "x:saffron",
  "x:safflower",
  "en:spirulina",
];

/**
 * Carries a class word over the comma after it: `colour, carotenes` is `colour: carotenes`, and `emulsifier, 471` is a code.
 * An entry that cannot be an additive, as in `emulsifier, salt`, leaves the class open.
 */
export function linkClassWords(meanings: readonly ItemMeaning[], lexicon: Lexicon): void {
  // From the end on, because a class may be answered by another one: `preservative, antioxidant, E330`.
  for (let at = meanings.length - 1; at >= 0; at -= 1) {
    const meaning = meanings[at];
    const head = meaning?.drafts.at(-1);
    if (meaning === undefined || head === undefined || !isClassOnly(meaning)) continue;
    const next = nextSibling(meanings, at);
    if (next === undefined || next.unknown > 0 || next.hasTraceOpener) continue;
    if (next.drafts.length === 0) readNumbers(next, lexicon);
    const [first] = next.drafts;
    if (first === undefined || first.negated || first.trace) continue;
    meaning.isAnswered = next.isAnswered || serves(first, lexicon);
    if (!meaning.isAnswered || head.origin === null) continue;
    for (const draft of next.drafts) {
      if (draft.additive !== null) give(draft, head.origin, true, lexicon);
    }
  }
}

function isClassOnly({ drafts, unknown }: ItemMeaning): boolean {
  return (
    unknown === 0 &&
    drafts.every(
      ({ row, additive, negated, trace }) =>
        row?.kind === "function" && additive === null && !negated && !trace,
    )
  );
}

/** The next entry of the same list and sentence; entries in brackets are passed over. */
function nextSibling(meanings: readonly ItemMeaning[], at: number): ItemMeaning | undefined {
  const item = meanings[at]?.item;
  for (let next = at + 1; next < meanings.length; next += 1) {
    const other = meanings[next];
    if (item === undefined || other === undefined || other.item.sentence !== item.sentence) break;
    if (other.item.parent === item.parent) return other;
    if (other.item.depth <= item.depth && other.item.parent !== at) break;
  }
  return undefined;
}

function readNumbers(meaning: ItemMeaning, lexicon: Lexicon): void {
  for (const digits of meaning.numbers) {
    if (isAdditiveNumber(digits)) meaning.drafts.push(newDraft(`E${digits}`, lexicon));
  }
}

function serves({ row, additive }: Draft, lexicon: Lexicon): boolean {
  if (additive !== null) return true;
  return row !== null && isServing(row, lexicon);
}

function isServing({ substance }: SubstanceRow, lexicon: Lexicon): boolean {
  return SERVING.some((ancestor) => lexicon.isA(substance, ancestor));
}
