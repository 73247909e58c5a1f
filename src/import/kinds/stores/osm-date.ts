/** The time that an OSM date speaks of. Units: Unix milliseconds, UTC; open ends are infinite. */
export interface OsmPeriod {
  readonly startMs: number;
  /** The first instant after it. */
  readonly endMs: number;
}

const DAY_MS = 86_400_000;

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/**
 * Reads a date as OSM writes it: a day, month, year, decade or century, a range, `before`, `after` and `~`.
 * Null when it is none.
 * Source: OSM wiki, Key:start_date (formats) and Key:end_date.
 */
export function readOsmDate(text: string): OsmPeriod | null {
  const plain = text.trim().toLowerCase();
  const [from, to] = plain.split(/\.\.|\s+to\s+/);
  if (from !== undefined && to !== undefined) {
    const start = readPeriod(from);
    const end = readPeriod(to);
    return start === null || end === null ? null : { startMs: start.startMs, endMs: end.endMs };
  }
  const [, word, rest = ""] = /^(before|by|until|after|since)\s+(.+)$/.exec(plain) ?? [];
  if (word === undefined) return readPeriod(plain);
  const period = readPeriod(rest);
  if (period === null) return null;
  return word === "after" || word === "since"
    ? { startMs: period.startMs, endMs: Infinity }
    : { startMs: -Infinity, endMs: period.endMs };
}

function readPeriod(text: string): OsmPeriod | null {
  const plain = text.replace(/^(?:~\s*|(?:circa|ca?\.?|early|mid|late)\s+)/, "").replace(/\?$/, "");
  const [, century] = /^c(\d{1,2})$/.exec(plain) ?? [];
  if (century !== undefined) return years((Number(century) - 1) * 100, 100);
  const [, decade] = /^(\d{3})0s$/.exec(plain) ?? [];
  if (decade !== undefined) return years(Number(decade) * 10, 10);
  const [, year, month, day] =
    /^(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?(?:t[\d:.]*(?:z|[+-][\d:]+)?)?$/.exec(plain) ??
    dayFirst(plain) ??
    named(plain) ??
    [];
  return year === undefined ? null : period(Number(year), numberOf(month), numberOf(day));
}

/** `31.12.2019`, `31/12/2019`, `12/2019`. */
function dayFirst(text: string): readonly (string | undefined)[] | null {
  const match = /^(?:(\d{1,2})[-/.])?(\d{1,2})[-/.](\d{4})$/.exec(text);
  return match === null ? null : [text, match[3], match[2], match[1]];
}

/** `31 dec 2019`, `december 2019`, `2019 dec 31`. */
function named(text: string): readonly (string | undefined)[] | null {
  const match =
    /^(?:(\d{1,2})\.?\s+)?([a-z]{3})[a-z]*\.?,?\s+(\d{4})$/.exec(text) ??
    /^(?<year>\d{4})\s+(?<month>[a-z]{3})[a-z]*(?:\s+(?<day>\d{1,2}))?$/.exec(text);
  if (match === null) return null;
  const { groups } = match;
  const [year, month, day] =
    groups === undefined
      ? [match[3], match[2], match[1]]
      : [groups["year"], groups["month"], groups["day"]];
  const place = MONTHS.indexOf(month ?? "");
  return place < 0 ? null : [text, year, String(place + 1), day];
}

const numberOf = (digits: string | undefined) => (digits === undefined ? null : Number(digits));

const years = (first: number, count: number): OsmPeriod => ({
  startMs: Date.UTC(first, 0, 1),
  endMs: Date.UTC(first + count, 0, 1),
});

function period(year: number, month: number | null, day: number | null): OsmPeriod | null {
  if (month === null) return years(year, 1);
  if (month < 1 || month > 12) return null;
  if (day === null) {
    return { startMs: Date.UTC(year, month - 1, 1), endMs: Date.UTC(year, month, 1) };
  }
  const startMs = Date.UTC(year, month - 1, day);
  // Date.UTC makes the second of March of the thirtieth of February.
  return new Date(startMs).getUTCDate() === day && day > 0
    ? { startMs, endMs: startMs + DAY_MS }
    : null;
}
