import type { Draft } from "./draft.ts";
import type { Lexicon } from "./lexicon.ts";

/** Ids that the reader itself gives to what two words say together. All have rulings of their own. */
const FLAVOURING = "en:flavouring";
const VINEGAR = "en:vinegar";
const PORK_FLAVOURING = "en:bacon-flavouring";
const ALCOHOL_FLAVOURING = "en:rum-flavouring";
const WINE_VINEGAR = "en:wine-vinegar";
const ALCOHOL_FREE_WINE = "x:alcohol-free-wine";
const ALCOHOL_FREE_BEER = "x:alcohol-free-beer";

/**
 * Changes two neighbouring substances into what they say together: "ham flavour" is a flavouring, and "vinegar of white
 * wine" is vinegar. Plain pork stays, because a flavouring may be made of it.
 */
export function joinNeighbours(
  first: Draft,
  second: Draft,
  hasOf: boolean,
  lexicon: Lexicon,
): void {
  for (const [draft, other] of [
    [first, second],
    [second, first],
  ] as const) {
    if (isA(other, FLAVOURING, lexicon)) imitate(draft, lexicon);
  }
  if (hasOf && isA(first, VINEGAR, lexicon)) sour(second, lexicon);
}

/** "White wine vinegar (made from real wine)": the wine in a bracket of its own has become vinegar. */
export function joinOnlyChild(
  parent: readonly Draft[],
  child: readonly Draft[],
  lexicon: Lexicon,
): void {
  const [last] = parent.slice(-1);
  if (last !== undefined && isA(last, VINEGAR, lexicon)) {
    for (const draft of child) sour(draft, lexicon);
  }
}

/** "Cider without alcohol", "beer 0.0 % alcohol": the drink that an entry denies the alcohol of has rulings of its own. */
export function freeOfAlcohol(drafts: readonly Draft[], lexicon: Lexicon): void {
  if (!drafts.some((draft) => draft.negated && isPlainAlcohol(draft))) return;
  for (const draft of drafts) {
    if (draft.negated || draft.row?.kind !== "alcohol") continue;
    const id = isA(draft, "en:wine", lexicon) ? ALCOHOL_FREE_WINE : ALCOHOL_FREE_BEER;
    replace(draft, id, lexicon);
  }
}

function isPlainAlcohol({ row }: Draft): boolean {
  return row?.substance === "en:alcohol" || row?.substance === "en:ethanol";
}

function imitate(draft: Draft, lexicon: Lexicon): void {
  if (draft.row?.kind === "alcohol") replace(draft, ALCOHOL_FLAVOURING, lexicon);
  else if (isA(draft, "en:ham", lexicon) || isA(draft, "en:bacon", lexicon)) {
    replace(draft, PORK_FLAVOURING, lexicon);
  }
}

function sour(draft: Draft, lexicon: Lexicon): void {
  if (draft.row?.kind === "alcohol") replace(draft, WINE_VINEGAR, lexicon);
}

function replace(draft: Draft, id: string, lexicon: Lexicon): void {
  draft.row = lexicon.findSubstance(id) ?? draft.row;
}

function isA(draft: Draft, ancestor: string, lexicon: Lexicon): boolean {
  return draft.row !== null && lexicon.isA(draft.row.substance, ancestor);
}
