import OpeningHours from "opening_hours";
import { asksHolidays, hoursByHoliday, withNightsKept } from "./hours-text.ts";
import { type Text, text } from "../../texts/text.ts";
import { RecentMap } from "../../recent-map.ts";
import { clockShiftMs, dateShowing, offsetMsAt, shownMs } from "./wall-clock.ts";

/** Whether a place is open, when that changes, and until when both hold. Units: Unix milliseconds. */
export interface OpeningState {
  /** Null when not known. */
  readonly isOpen: boolean | null;
  /** When the place opens or closes next; null when that is not known, or more than two weeks away. */
  readonly changesAtMs: number | null;
  /** The state is another one from then on, or has to be looked up again. */
  readonly untilMs: number;
}

/** The facts that tell whether a place is open. */
export interface OpeningPlace {
  /** OSM `opening_hours` syntax. */
  readonly openingHours: string;
  /** IANA name. */
  readonly timeZone: string;
  readonly latitude: number;
  readonly longitude: number;
  /** ISO 3166-1 alpha-2, for public holidays. */
  readonly country: string | null;
}

const DAY_MS = 86_400_000;
/** How many days ahead a change is looked for, from midnight UTC: all who ask on one day get the same state. */
const DAYS_AHEAD = 14;
/** Changes of a comment alone that are passed over; each costs some 10 µs. */
const CHANGES_MAX = 500;
const NEVER = Number.POSITIVE_INFINITY;

/** Some 25 KB each. */
const PARSED_MAX = 300;
/** Whether hours have a word, such as `sunrise` or `daylight`, by which they may mean something else at each place. */
export function asksSun(openingHours: string): boolean {
  return /[a-z]{4}/i.test(openingHours.replaceAll("closed", ""));
}

const parsed = new RecentMap<string, OpeningHours>(PARSED_MAX);
/** Hours that cannot be parsed, which takes a hundred times as long to find out as to parse others. */
const unparsable = new RecentMap<string, true>(10_000);
/** Longer hours are not tried: OSM has 255 characters at most, and trying takes longer than the length grows. */
const HOURS_LENGTH_MAX = 500;

/** Parsing takes ten times as long as looking up an instant, and many shops keep the same hours. */
function parse(place: OpeningPlace): OpeningHours | null {
  const { openingHours, latitude, longitude, country } = place;
  if (openingHours.length > HOURS_LENGTH_MAX) return null;
  const everywhere = `${country ?? ""} ${openingHours}`;
  if (unparsable.get(everywhere)) return null;
  const key = asksSun(openingHours) ? `${latitude} ${longitude} ${everywhere}` : everywhere;
  const known = parsed.get(key);
  if (known !== undefined) return known;
  const address = { country_code: (country ?? "").toLowerCase(), state: "" };
  // Its types ask for numbers; its code passes them over, and lets the sun rise at six everywhere.
  const location: unknown = { lat: String(latitude), lon: String(longitude), address };
  const hours = parseAnew(openingHours, location);
  if (hours === null) unparsable.set(everywhere, true);
  else parsed.set(key, hours);
  return hours;
}

function parseAnew(openingHours: string, location: unknown): OpeningHours | null {
  try {
    return quietly(
      () =>
        new OpeningHours(openingHours, location as ConstructorParameters<typeof OpeningHours>[1]),
    );
  } catch {
    return null;
  }
}

/** Runs the library without what it prints: a log of JSON has no place for it. */
function quietly<T>(work: () => T): T {
  const { error, warn } = console;
  const silence = () => undefined;
  Object.assign(console, { error: silence, warn: silence });
  try {
    return work();
  } finally {
    Object.assign(console, { error, warn });
  }
}

/**
 * Returns whether a place is open at an instant and when that changes, on the clock of its own time zone: where clocks
 * are set forward or back, a place is open exactly while its clock shows an hour at which it is.
 * `isOpen` is null when the hours cannot be understood, leave it open to ask, or depend on a holiday in a country whose
 * holidays are not known. A night that goes over into a day of another rule ends as it says: see `withNightsKept`.
 * Source: OSM `opening_hours` specification, by the npm package of that name.
 */
export function openingStateAt(place: OpeningPlace, atMs: number): OpeningState {
  try {
    return quietly(() => stateOf(place, atMs));
  } catch {
    return NOT_UNDERSTOOD;
  }
}

const NOT_UNDERSTOOD: OpeningState = { isOpen: null, changesAtMs: null, untilMs: NEVER };

/** Errors: RangeError for an unknown time zone; what the library throws. */
function stateOf(place: OpeningPlace, atMs: number): OpeningState {
  const kept = { ...place, openingHours: withNightsKept(place.openingHours) };
  if (!asksHolidays(place.openingHours)) return stateAt(kept, atMs);
  if (place.country !== null && parse(kept) !== null) return stateAt(kept, atMs);
  const hours = hoursByHoliday(place.openingHours);
  if (hours === null) return NOT_UNDERSTOOD;
  const [ordinary, holiday] = [hours.ordinary, hours.holiday].map((openingHours) =>
    openingHours === ""
      ? { isOpen: false, changesAtMs: null, untilMs: endOfDay(atMs) }
      : stateAt({ ...place, openingHours: withNightsKept(openingHours) }, atMs),
  );
  if (ordinary === undefined || holiday === undefined) return NOT_UNDERSTOOD;
  const { isOpen, changesAtMs } = ordinary;
  const untilMs = Math.min(ordinary.untilMs, holiday.untilMs);
  if (isOpen !== holiday.isOpen) return { isOpen: null, changesAtMs: null, untilMs };
  return { isOpen, changesAtMs: changesAtMs === holiday.changesAtMs ? changesAtMs : null, untilMs };
}

const endOfDay = (atMs: number) => (Math.floor(atMs / DAY_MS) + 1) * DAY_MS;

/** Walks from one shift of the clock to the next until the state is another one. Errors: as `stateOf`. */
function stateAt(place: OpeningPlace, atMs: number): OpeningState {
  const endMs = endOfDay(atMs) + DAYS_AHEAD * DAY_MS;
  let known: { readonly isOpen: boolean | null } | undefined;
  for (let fromMs = atMs; ;) {
    const offsetMs = offsetMsAt(place.timeZone, fromMs);
    const shiftHours = (offsetMs + new Date(fromMs).getTimezoneOffset() * 60_000) / 3_600_000;
    // The library has sunrise on this process's clock: so many hours farther west it is as late as on the place's own.
    const hours = parse({ ...place, longitude: place.longitude - 15 * shiftHours });
    if (hours === null) return NOT_UNDERSTOOD;
    const now = dateShowing(fromMs + offsetMs);
    const state = stateShown(hours, now);
    known ??= { isOpen: state };
    const { isOpen } = known;
    // The clock's shift passed over the change.
    if (state !== isOpen) return changing(isOpen, state, fromMs);
    const change = nextChange(hours, now, dateShowing(endMs + offsetMs));
    const changeMs = change === null ? endMs : shownMs(change) - offsetMs;
    const shiftMs = clockShiftMs(place.timeZone, fromMs, changeMs);
    if (shiftMs === null) {
      if (change !== null) return changing(isOpen, stateShown(hours, change), changeMs);
      return { isOpen, changesAtMs: null, untilMs: endOfDay(atMs) };
    }
    fromMs = shiftMs;
  }
}

function changing(isOpen: boolean | null, next: boolean | null, atMs: number): OpeningState {
  const isKnown = isOpen !== null && next !== null;
  return { isOpen, changesAtMs: isKnown ? atMs : null, untilMs: atMs };
}

/** Whether the hours say open; null where they leave it open to ask. */
function stateShown(hours: OpeningHours, now: Date): boolean | null {
  return hours.getUnknown(now) ? null : hours.getState(now);
}

/** When the state is another one; the library also stops where only a comment is. */
function nextChange(hours: OpeningHours, now: Date, end: Date): Date | null {
  const state = stateShown(hours, now);
  let from = now;
  for (let count = 0; count < CHANGES_MAX; count += 1) {
    const change = hours.getNextChange(from, end);
    if (change === undefined || change <= from || change >= end) return null;
    if (stateShown(hours, change) !== state) return change;
    from = change;
  }
  return null;
}

/** Says what is wrong with opening hours, or gives null when they can be understood. Holidays may be any country's. */
export function findOpeningHoursProblem(openingHours: string): Text | null {
  if (openingHours.length > HOURS_LENGTH_MAX) {
    return text("hours_too_long", { length: openingHours.length, maximum: HOURS_LENGTH_MAX });
  }
  try {
    quietly(() => new OpeningHours(openingHours, null));
    return null;
  } catch (error) {
    return text("hours_unreadable", { details: String(error).slice(0, 300) });
  }
}
