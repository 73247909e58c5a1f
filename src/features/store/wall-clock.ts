const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * Returns how far a time zone's clock is ahead of UTC at an instant.
 * Units: Unix milliseconds in, milliseconds out.
 * Errors: RangeError for an unknown time zone.
 */
export function offsetMsAt(timeZone: string, atMs: number): number {
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
  const secondMs = Math.floor(atMs / 1000) * 1000;
  let [year, month, day, hour, minute, second] = [0, 0, 0, 0, 0, 0];
  for (const { type, value } of format.formatToParts(secondMs)) {
    if (type === "year") year = Number(value);
    else if (type === "month") month = Number(value);
    else if (type === "day") day = Number(value);
    else if (type === "hour") hour = Number(value);
    else if (type === "minute") minute = Number(value);
    else if (type === "second") second = Number(value);
  }
  return Date.UTC(year, month - 1, day, hour, minute, second) - secondMs;
}

/** Returns the first second of `(fromMs, untilMs]` at which the clock is not what it was, or null when both ends agree. */
export function clockShiftMs(timeZone: string, fromMs: number, untilMs: number): number | null {
  const offsetMs = offsetMsAt(timeZone, fromMs);
  if (offsetMsAt(timeZone, untilMs) === offsetMs) return null;
  let before = Math.floor(fromMs / 1000);
  let after = Math.ceil(untilMs / 1000);
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (offsetMsAt(timeZone, middle * 1000) === offsetMs) before = middle;
    else after = middle;
  }
  return after * 1000;
}

/** A wall-clock time as a date whose local fields show it, because the library of opening hours reads those. */
export function dateShowing(wallMs: number): Date {
  const wall = new Date(wallMs);
  return new Date(
    wall.getUTCFullYear(),
    wall.getUTCMonth(),
    wall.getUTCDate(),
    wall.getUTCHours(),
    wall.getUTCMinutes(),
    wall.getUTCSeconds(),
  );
}

/** The wall-clock time that a date's local fields show. Units: milliseconds, as if the clock were UTC's. */
export function shownMs(date: Date): number {
  return Date.UTC(
    date.getFullYear(),
    date.getMonth(),
    date.getDate(),
    date.getHours(),
    date.getMinutes(),
    date.getSeconds(),
  );
}
