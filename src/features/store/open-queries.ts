import { setImmediate as nextTurn } from "node:timers/promises";
import { type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client/database.ts";
import type { OpeningPlace } from "./opening-hours.ts";
import { scheduleOf } from "./schedule.ts";

/** Opening hours that one or more stores keep; a place only where the hours may depend on it. */
export interface KeptHours {
  readonly openingHours: string;
  readonly timeZone: string;
  readonly country: string | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
}

/** How long hours are looked up before other calls get their turn; hours that are new take up to some milliseconds. */
const TURN_MS = 5;

/** The same condition as `asksSun`. */
const asksSun = sql.raw(`replace(opening_hours, 'closed', '') ~* '[a-z]{4}'`);

/**
 * Lists the different hours among rows that have the columns of `stores`; there are far fewer than stores.
 * `steps` are common table expressions, with a comma between them.
 */
export async function listKeptHours(
  db: Db,
  rows: SQL,
  steps: SQL | null = null,
): Promise<KeptHours[]> {
  const found = await db.execute<KeptHours & Record<string, unknown>>(sql`
    ${steps === null ? sql`` : sql`with ${steps}`}
    select distinct opening_hours as "openingHours", time_zone as "timeZone", country,
      case when ${asksSun} then latitude end as "latitude", case when ${asksSun} then longitude end as "longitude"
    from ${rows}`);
  return found.filter(({ openingHours }) => openingHours !== null);
}

/** The hours that say "open" at an instant. Units: Unix milliseconds. */
export async function openAmong(kept: readonly KeptHours[], nowMs: number): Promise<KeptHours[]> {
  const open: KeptHours[] = [];
  let turnBeganAt = performance.now();
  for (const hours of kept) {
    // A place that the hours do not depend on is no part of their schedule.
    const place: OpeningPlace = {
      ...hours,
      latitude: hours.latitude ?? 0,
      longitude: hours.longitude ?? 0,
    };
    if (scheduleOf(place).at(nowMs).isOpen === true) open.push(hours);
    if (performance.now() - turnBeganAt < TURN_MS) continue;
    await nextTurn();
    turnBeganAt = performance.now();
  }
  return open;
}

/** The condition that a row with the columns of `stores` keeps one of these hours, with an `and` before it. */
export function keepsOneOf(open: readonly KeptHours[]): SQL {
  const kept = open.map(({ openingHours, timeZone, country, latitude, longitude }) => ({
    kept_hours: openingHours,
    kept_zone: timeZone,
    kept_country: country,
    kept_latitude: latitude,
    kept_longitude: longitude,
  }));
  return sql` and exists (
    select from json_to_recordset(${JSON.stringify(kept)}::json) as kept(
      kept_hours text, kept_zone text, kept_country text, kept_latitude float8, kept_longitude float8)
    where kept_hours = opening_hours and kept_zone = time_zone and kept_country is not distinct from country
      and (kept_latitude is null or (kept_latitude = latitude and kept_longitude = longitude)))`;
}
