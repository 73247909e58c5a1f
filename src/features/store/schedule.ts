import { asksSun, type OpeningPlace, type OpeningState, openingStateAt } from "./opening-hours.ts";
import { RecentMap } from "../../recent-map.ts";

/** The state of a place's hours at an instant, as long as it holds. */
export interface OpeningNow extends OpeningState {
  /** The state as the keys of a row of `store.nearby`, up to the distance's value. */
  readonly json: string;
  /** The same keys without the distance's. */
  readonly keys: string;
}

const DISTANCE = ',"distance":';
const NEVER = Number.POSITIVE_INFINITY;
/** Some 600 bytes each. */
const SCHEDULES_MAX = 8_000;

/** When a place opens and closes next, as a row shows it; the one that is not next is null. */
export function openingTimes({ isOpen, changesAtMs }: OpeningState): {
  isOpenNow: boolean | null;
  opensAt: string | null;
  closesAt: string | null;
} {
  const change = changesAtMs === null ? null : new Date(changesAtMs).toISOString();
  return {
    isOpenNow: isOpen,
    opensAt: isOpen === false ? change : null,
    closesAt: isOpen === true ? change : null,
  };
}

function openingNow(state: OpeningState): OpeningNow {
  const keys = `,${JSON.stringify(openingTimes(state)).slice(1, -1)}`;
  return { ...state, json: keys + DISTANCE, keys };
}

/** The opening hours of one place, or of all that keep the same, looked up only when their state may have changed. */
export class Schedule {
  readonly #place: OpeningPlace | null;
  #sinceMs = NEVER;
  #now: OpeningNow = UNKNOWN;

  /** Null: a place whose hours are not known. */
  constructor(place: OpeningPlace | null) {
    this.#place = place;
    if (place === null) this.#sinceMs = -NEVER;
  }

  /** Units: Unix milliseconds. */
  at(nowMs: number): OpeningNow {
    // A clock may also go back.
    if (nowMs < this.#now.untilMs && nowMs >= this.#sinceMs) return this.#now;
    if (this.#place === null) return UNKNOWN;
    this.#now = openingNow(openingStateAt(this.#place, nowMs));
    this.#sinceMs = nowMs;
    return this.#now;
  }
}

const UNKNOWN = openingNow({ isOpen: null, changesAtMs: null, untilMs: NEVER });
const NO_HOURS = new Schedule(null);
const schedules = new RecentMap<string, Schedule>(SCHEDULES_MAX);

/** The schedule of a place: one for all that keep the same hours on the same clock. */
export function scheduleOf(
  place: Omit<OpeningPlace, "openingHours"> & { readonly openingHours: string | null },
): Schedule {
  const { openingHours, timeZone, country, latitude, longitude } = place;
  if (openingHours === null) return NO_HOURS;
  const where = asksSun(openingHours) ? `${latitude} ${longitude}` : "";
  const key = `${timeZone} ${country ?? ""} ${where} ${openingHours}`;
  let schedule = schedules.get(key);
  if (schedule === undefined) {
    schedule = new Schedule({ openingHours, timeZone, country, latitude, longitude });
    schedules.set(key, schedule);
  }
  return schedule;
}
