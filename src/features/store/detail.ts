import { type OpeningState, openingStateAt } from "./opening-hours.ts";
import type { StoreRow } from "./queries.ts";
import type { StoreDetail } from "./schemas.ts";

const states = new WeakMap<
  StoreRow,
  { readonly state: OpeningState | null; readonly untilMs: number }
>();
/** Hours that nobody understands are not tried again at once. */
const UNKNOWN_MS = 60_000;

/** Whether a store is open, looked up in its hours only when that may have changed. */
function openingOf(row: StoreRow, nowMs: number): OpeningState | null {
  const { openingHours } = row;
  if (openingHours === null) return null;
  let known = states.get(row);
  if (known === undefined || nowMs >= known.untilMs) {
    const state = openingStateAt({ ...row, openingHours }, nowMs);
    known = { state, untilMs: state?.untilMs ?? nowMs + UNKNOWN_MS };
    states.set(row, known);
  }
  return known.state;
}

/** A store as it is at an instant; `variant` tells its states apart. Units: `nowMs` Unix time in milliseconds. */
export function detailAt(row: StoreRow, nowMs: number): { detail: StoreDetail; variant: string } {
  const isOpenNow = openingOf(row, nowMs)?.isOpen ?? null;
  const { attribution, ...store } = row;
  return { detail: { ...store, isOpenNow, attribution }, variant: `-${isOpenNow}` };
}
