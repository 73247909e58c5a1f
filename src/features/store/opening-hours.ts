import OpeningHours from "opening_hours";
import { asksHolidays, hoursByHoliday, withNightsKept } from "./hours-text.ts";
import { type Text, text } from "../../texts/text.ts";

/** Whether a place is open, and until when that holds. */
export interface OpeningState {
  readonly isOpen: boolean;
  /** Unix time in milliseconds. */
  readonly untilMs: number;
}

/** What is needed to tell whether a place is open. */
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

/** Hours that never change are looked at again after this; it also bounds a clock's shift by daylight saving. */
const HORIZON_MS = 3_600_000;

/** Some 25 KB each. */
const PARSED_MAX = 300;
/** Hours that mean the same all over a country; others may ask the sun: `sunrise-sunset`, `daylight`. */
const ASKS_NO_SUN =
  /^(?:[\d\s:;,/+-]|Mo|Tu|We|Th|Fr|Sa|Su|PH|SH|off|closed|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)*$/;

const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * The place's wall-clock time, as a date whose local fields show it: the library reads those.
 * Errors: RangeError for an unknown time zone.
 */
function wallClock(timeZone: string, atMs: number): Date {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formats.set(timeZone, format);
  }
  const parts = new Map(format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]));
  const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? 0;
  return new Date(
    part("year"),
    part("month") - 1,
    part("day"),
    part("hour"),
    part("minute"),
    part("second"),
  );
}

/** Null: hours that cannot be parsed, which takes a hundred times as long to find out as to parse what can be. */
const parsed = new Map<string, OpeningHours | null>();
/** Longer hours are not tried: OSM has 255 characters at most, and trying takes longer than the length grows. */
const HOURS_LENGTH_MAX = 500;

/** Parsing takes ten times as long as looking up an instant, and many shops keep the same hours. */
function parse(place: OpeningPlace): OpeningHours | null {
  const { openingHours, latitude, longitude, country } = place;
  if (openingHours.length > HOURS_LENGTH_MAX) return null;
  const where = ASKS_NO_SUN.test(openingHours) ? "" : `${latitude} ${longitude}`;
  const key = `${country ?? ""} ${where} ${openingHours}`;
  let hours = parsed.get(key);
  if (hours === undefined) {
    const address = { country_code: (country ?? "").toLowerCase(), state: "" };
    // Its types ask for numbers; its code passes them over, and lets the sun rise at six everywhere.
    const location: unknown = { lat: String(latitude), lon: String(longitude), address };
    hours = parseAnew(openingHours, location);
    if (parsed.size >= PARSED_MAX) parsed.clear();
    parsed.set(key, hours);
  }
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
 * Tells whether a place is open at an instant, on the clock of its own time zone.
 * Null when its hours cannot be understood, leave it open to ask, or hang on a holiday in a country whose holidays are
 * not known. A night that goes over into a day of another rule ends as it says: see `withNightsKept`.
 * Source: OSM `opening_hours` specification, by the npm package of that name.
 */
export function openingStateAt(place: OpeningPlace, atMs: number): OpeningState | null {
  try {
    const kept = { ...place, openingHours: withNightsKept(place.openingHours) };
    if (!asksHolidays(place.openingHours)) return stateAt(kept, atMs);
    if (place.country !== null && parse(kept) !== null) return stateAt(kept, atMs);
    const hours = hoursByHoliday(place.openingHours);
    if (hours === null) return null;
    const [ordinary, holiday] = [hours.ordinary, hours.holiday].map((openingHours) =>
      openingHours === ""
        ? { isOpen: false, untilMs: atMs + HORIZON_MS }
        : stateAt({ ...place, openingHours: withNightsKept(openingHours) }, atMs),
    );
    if (!ordinary || !holiday || ordinary.isOpen !== holiday.isOpen) return null;
    return { isOpen: holiday.isOpen, untilMs: Math.min(ordinary.untilMs, holiday.untilMs) };
  } catch {
    return null;
  }
}

/** Errors: RangeError for an unknown time zone; what the library throws. */
function stateAt(place: OpeningPlace, atMs: number): OpeningState | null {
  const wall = wallClock(place.timeZone, atMs);
  const shiftHours = Math.round((wall.getTime() - atMs) / 60_000) / 60;
  // The library has sunrise on this process's clock: so many hours farther west it is as late as on the place's own.
  const hours = parse({ ...place, longitude: place.longitude - 15 * shiftHours });
  if (hours === null) return null;
  return quietly(() => {
    if (hours.getUnknown(wall)) return null;
    const change = hours.getNextChange(wall, new Date(wall.getTime() + HORIZON_MS));
    const restMs =
      change === undefined ? HORIZON_MS : Math.min(change.getTime() - wall.getTime(), HORIZON_MS);
    return { isOpen: hours.getState(wall), untilMs: atMs + Math.max(restMs, 0) };
  });
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
