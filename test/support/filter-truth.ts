import type postgres from "postgres";
import type { HalalClaim, StoreType } from "../../src/db/tables/vocabulary.ts";
import type { Placed } from "./nearby-truth.ts";

/** Hours of a simple form, for which a test can tell by itself whether they are open. */
export interface PlainHours {
  /** OSM syntax. */
  readonly text: string;
  /** 0 is Sunday. */
  readonly days: readonly number[];
  /** Minutes after midnight; `until` is below `from` where a night goes over into the next day. */
  readonly from: number;
  readonly until: number;
}

const DAYS = ["Su", "Mo", "Tu", "We", "Th", "Fr", "Sa"];
const clock = (minutes: number) =>
  `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;

/** Writes hours as OSM does. */
export function plainHours(days: readonly number[], from: number, until: number): PlainHours {
  const list = days.map((day) => DAYS[day] ?? "").join(",");
  return { text: `${list} ${clock(from)}-${clock(until)}`, days, from, until };
}

/** Whether hours are open at an instant on a clock, without the library that the service uses. */
export function isOpenAt({ days, from, until }: PlainHours, timeZone: string, at: Date): boolean {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone,
    weekday: "short",
    hour: "numeric",
    minute: "numeric",
    hourCycle: "h23",
  }).formatToParts(at);
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? "";
  const day = DAYS.indexOf(part("weekday").slice(0, 2));
  const minute = Number(part("hour")) * 60 + Number(part("minute"));
  if (from < until) return days.includes(day) && minute >= from && minute < until;
  const isAfterMidnight = days.includes((day + 6) % 7) && minute < until;
  return isAfterMidnight || (days.includes(day) && minute >= from);
}

/** Filters as a call has them. */
export interface Filters {
  readonly storeType?: StoreType;
  readonly halalCertifiedOnly?: boolean;
  readonly certifierIds?: readonly string[];
  readonly minRating?: number;
  readonly openNow?: boolean;
  readonly halalClaim?: readonly HalalClaim[];
}

/** A question whose true answer PostGIS gives: within a circle, within bounds, or everywhere. */
export interface FilterQuestion {
  readonly filters: Filters;
  readonly latitude: number;
  readonly longitude: number;
  readonly limit: number;
  readonly meters: number | null;
  readonly bounds: {
    readonly west: number;
    readonly south: number;
    readonly east: number;
    readonly north: number;
  } | null;
}

/** The nearest stores that match, and how many there are. */
export interface FilterTruth {
  readonly items: readonly Placed[];
  readonly total: number;
}

/**
 * The truth for many questions: every store measured and compared, no index, no cache. `open` are the pairs of hours and
 * time zone that are open, joined by a space.
 */
export async function filterTruths(
  sql: postgres.Sql,
  questions: readonly FilterQuestion[],
  open: readonly string[],
): Promise<FilterTruth[]> {
  const asked = questions.map(({ filters, bounds, ...rest }, place) => ({
    place,
    ...rest,
    ...bounds,
    store_type: filters.storeType ?? null,
    certified: filters.halalCertifiedOnly ?? false,
    certifiers: filters.certifierIds ?? null,
    rating: filters.minRating ?? null,
    claims: filters.halalClaim ?? null,
    open_now: filters.openNow ?? false,
  }));
  const rows = await sql<{ stores: [string, number][]; total: number }[]>`
    select stores, total
    from (
      select *, ST_SetSRID(ST_MakePoint(longitude, latitude), 4326)::geography as here
      from json_to_recordset(${JSON.stringify(asked)}::text::json) as r(
        place int, latitude float8, longitude float8, meters float8, "limit" int, west float8, south float8, east float8,
        north float8, store_type text, certified boolean, certifiers json, rating numeric, claims json, open_now boolean)
    ) as q cross join lateral (
      select coalesce(json_agg(json_build_array(id, round(far::numeric, 1)::float8) order by far, id), '[]') as stores,
        coalesce(max(of_all), 0)::int as total
      from (
        select *, row_number() over (order by far, id) as number, count(*) over () as of_all from (
          select id, ST_Distance(location, here) as far from stores s
          where removed_at is null and (q.meters is null or location && _ST_Expand(here, q.meters + 1000))
            and (q.store_type is null or s.store_type = q.store_type) and (not certified or halal_certified)
            and (certifiers is null or certifier_id in (select json_array_elements_text(certifiers)))
            and (rating is null or average_rating::numeric >= rating)
            and (claims is null or halal_claim in (select json_array_elements_text(claims)))
            and (not open_now or opening_hours || ' ' || time_zone in (
              select json_array_elements_text(${JSON.stringify(open)}::text::json)))
            and (south is null or s.latitude between south and north and case
              when west <= east then s.longitude between west and east
              else s.longitude >= west or s.longitude <= east end)
        ) as measured
        where q.meters is null or far <= q.meters
      ) as numbered
      where number <= q."limit"
    ) as found
    order by place`;
  return rows.map(({ stores, total }) => ({
    items: stores.map(([id, distance]) => ({ id, distance })),
    total,
  }));
}
