import { type Languages, nameIn } from "../../trpc/languages.ts";
import { openingStateAt } from "./opening-hours.ts";
import type { StoreRow } from "./queries.ts";
import type { StoreDetail } from "./schemas.ts";

/** Whether a store is open at an instant. */
export interface OpeningNow {
  readonly isOpenNow: boolean | null;
  /** Tells the store's details in one such state from those in another. */
  readonly variant: string;
}

const CLOSED: OpeningNow = { isOpenNow: false, variant: "-false" };
const OPEN: OpeningNow = { isOpenNow: true, variant: "-true" };
const NOT_KNOWN: OpeningNow = { isOpenNow: null, variant: "-null" };

const known = new WeakMap<StoreRow, { readonly opening: OpeningNow; readonly untilMs: number }>();
/** Hours that nobody understands are not tried again at once. */
const UNKNOWN_MS = 60_000;

/** Whether a store is open, looked up in its hours only when that may have changed. Units: Unix milliseconds. */
export function openingNow(row: StoreRow, nowMs: number): OpeningNow {
  const { openingHours } = row;
  if (openingHours === null) return NOT_KNOWN;
  let last = known.get(row);
  if (last === undefined || nowMs >= last.untilMs) {
    const state = openingStateAt({ ...row, openingHours }, nowMs);
    last =
      state === null
        ? { opening: NOT_KNOWN, untilMs: nowMs + UNKNOWN_MS }
        : { opening: state.isOpen ? OPEN : CLOSED, untilMs: state.untilMs };
    known.set(row, last);
  }
  return last.opening;
}

/** A store as it is shown to those who want names in these languages. */
export function storeDetail(
  row: StoreRow,
  { isOpenNow }: OpeningNow,
  languages: Languages,
): StoreDetail {
  const { attribution, name: mainName, names, otherNames, ...store } = row;
  const name = nameIn(names, languages) ?? mainName;
  return { ...store, name, mainName, names, otherNames: [...otherNames], isOpenNow, attribution };
}
