import { type Languages, nameIn } from "../../trpc/languages.ts";
import type { StoreRow } from "./queries.ts";
import { type OpeningNow, openingTimes, type Schedule, scheduleOf } from "./schedule.ts";
import type { StoreDetail } from "./schemas.ts";

const schedules = new WeakMap<StoreRow, Schedule>();

/** Whether a store is open, looked up in its hours only when that may have changed. Units: Unix milliseconds. */
export function openingOf(row: StoreRow, nowMs: number): OpeningNow {
  let schedule = schedules.get(row);
  if (schedule === undefined) {
    schedule = scheduleOf(row);
    schedules.set(row, schedule);
  }
  return schedule.at(nowMs);
}

/** Tells the store's details in one opening state from those in another. */
export function openingVariant({ isOpen, changesAtMs }: OpeningNow): string {
  return `-${isOpen}${changesAtMs === null ? "" : changesAtMs.toString(36)}`;
}

/** A store as it is shown to those who want names in these languages. */
export function storeDetail(row: StoreRow, opening: OpeningNow, languages: Languages): StoreDetail {
  const { attribution, name: mainName, names, otherNames, ...store } = row;
  const name = nameIn(names, languages) ?? mainName;
  const known = { mainName, names, otherNames: [...otherNames] };
  return { ...store, name, ...known, ...openingTimes(opening), attribution };
}
