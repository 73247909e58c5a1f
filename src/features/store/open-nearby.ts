import { sql } from "drizzle-orm";
import type { Db } from "../../db/client/database.ts";
import type { Reads } from "../../db/replicas/reads.ts";
import type { Position } from "../../geo/position.ts";
import { nameIn, type NamesByLanguage } from "../../trpc/languages.ts";
import { resultOf, type ResultBytes } from "../../trpc/result-bytes.ts";
import type { CellQuestion, FragmentKind } from "./candidates.ts";
import { type AskedFilter, filterOf, type StoreFilter } from "./filters.ts";
import { certifierNames, point, summaryColumns, visibleStores } from "./fragments.ts";
import { keepsOneOf, type KeptHours, listKeptHours, openAmong } from "./open-queries.ts";
import { NearbyStore, StoreMarker, type StoreSummary } from "./schemas.ts";
import { openingTimes, scheduleOf } from "./schedule.ts";

/** Covers what `ST_DWithin` and `ST_Distance` may differ by. */
const SLACK_METERS = 1;

/** A store as the lists of `store.nearby` and `store.search` read it. */
export interface ListedStore extends StoreSummary {
  readonly names: NamesByLanguage;
  readonly openingHours: string | null;
  readonly timeZone: string;
}

interface MeasuredStore extends ListedStore {
  readonly distance: number;
}

/**
 * Answers a call for stores that are open now from the database, where the entry of its cell lacks some of them: first
 * the hours that are kept around, far fewer than stores, then the nearest stores that keep hours which say "open".
 * Errors: SERVICE_UNAVAILABLE.
 */
export async function answerOpen(
  reads: Reads,
  kind: FragmentKind,
  asked: Position & AskedFilter,
  { radiusMeters, limit, languages, nowMs }: CellQuestion,
): Promise<{ readonly bytes: ResultBytes }> {
  const filter = filterOf(asked);
  const kept = await reads.readPublic((db) => listHoursAround(db, asked, radiusMeters, filter));
  const open = await openAmong(kept, nowMs);
  const rows =
    open.length === 0
      ? []
      : await reads.readPublic((db) => listOpen(db, asked, { radiusMeters, limit }, filter, open));
  const row = kind === "marker" ? StoreMarker : NearbyStore;
  const items = rows.map((store) => {
    const name = nameIn(store.names, languages) ?? store.name;
    // The schema leaves out what a row does not show, and puts the rest in order.
    return row.parse({ ...store, name, ...openingTimes(scheduleOf(store).at(nowMs)) });
  });
  return { bytes: resultOf(JSON.stringify({ items })) };
}

/** Lists the hours that are kept within a circle. Units: metres. */
export function listHoursAround(
  db: Db,
  center: Position,
  radiusMeters: number,
  filter: StoreFilter,
): Promise<KeptHours[]> {
  const radius = sql`${radiusMeters + SLACK_METERS}::float8`;
  return listKeptHours(
    db,
    sql`stores where ${visibleStores(filter)} and ST_DWithin(location, ${point(center)}, ${radius})`,
  );
}

/** Lists the nearest stores that keep one of some hours. Units: metres, `distance` rounded to 0.1. */
export function listOpen(
  db: Db,
  center: Position,
  { radiusMeters, limit }: Pick<CellQuestion, "radiusMeters" | "limit">,
  filter: StoreFilter,
  open: readonly KeptHours[],
): Promise<MeasuredStore[]> {
  const here = point(center);
  return db.execute<MeasuredStore & Record<string, unknown>>(sql`
    with page as materialized (
      select id as store_id, ST_Distance(location, ${here}) as meters from stores
      where ${visibleStores(filter)} and ST_DWithin(location, ${here}, ${radiusMeters + SLACK_METERS}::float8)
        and ST_Distance(location, ${here}) <= ${radiusMeters}::float8${keepsOneOf(open)}
      order by meters, id limit ${limit}
    )
    select ${summaryColumns}, round(meters::numeric, 1)::float8 as "distance"
    from page join stores on id = store_id ${certifierNames}
    order by meters, id`);
}
