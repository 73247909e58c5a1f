import { type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client/database.ts";
import { walkingIndex } from "../../db/client/errors.ts";
import { SPHEROID_TO_SPHERE_MIN } from "../../geo/sphere-margin.ts";
import type { NamesByLanguage } from "../../trpc/languages.ts";
import { coveringPoints, longitudesOf, type MapBounds, middleOf } from "./bounds.ts";
import { filteredColumns, indexedStores, otherConditions, point } from "./fragments.ts";
import type { StoreFilter } from "./filters.ts";
import { keepsOneOf, type KeptHours, listKeptHours } from "./open-queries.ts";
import type { StoreMarker } from "./schemas.ts";

/** Stores that are looked at and counted; these are some 50 ms. */
const LOOKED_AT_MAX = 10_000;

/** Covers the rounding of points in space, by which 180° and −180° are two. */
const ROUNDING_METERS = 1;

/** A marker with its names in other languages. */
export interface FoundMarker extends StoreMarker {
  readonly names: NamesByLanguage;
}

/** Stores in bounds, as `store.inBounds` shows them. */
export interface StoresInBounds {
  readonly items: readonly FoundMarker[];
  readonly total: number | null;
  readonly truncated: boolean;
}

/** The question of a list in bounds; `open` are the hours to keep, null for any. */
export interface BoundsQuestion {
  readonly bounds: MapBounds;
  readonly filter: StoreFilter;
  readonly limit: number;
  readonly open: readonly KeptHours[] | null;
}

/** That a store is in bounds: by its box in space, which the index has, and then exactly. */
function isWithin(bounds: MapBounds): SQL {
  const { west, south, east, north } = bounds;
  const points = coveringPoints(bounds).map(
    ({ latitude, longitude }) => `(${longitude} ${latitude})`,
  );
  const { crosses, also } = longitudesOf(bounds);
  const text = `MULTIPOINT(${points.join(",")})`;
  const longitudes = crosses
    ? sql`(longitude >= ${west}::float8 or longitude <= ${east}::float8)`
    : also === null
      ? sql`longitude between ${west}::float8 and ${east}::float8`
      : sql`(longitude between ${west}::float8 and ${east}::float8 or longitude = ${also}::float8)`;
  return sql`location && _ST_Expand(ST_GeogFromText(${text}), ${ROUNDING_METERS}) and latitude between ${south}::float8 and ${north}::float8 and ${longitudes}`;
}

/** Orders by the index, or where that cannot be walked by every distance. */
function byDistance(middle: SQL, mayWalk: boolean): SQL {
  return mayWalk ? sql`location <-> ${middle}` : sql`ST_Distance(location, ${middle})`;
}

/**
 * Returns the stores in bounds that are nearest to their middle, and how many there are. Of more than 10,000 stores that
 * pass the filters of indexes the nearest ones are looked at; `total` is null then and `truncated` true.
 * Units: `distance` in metres from the middle, rounded to 0.1.
 */
export function findInBounds(db: Db, question: BoundsQuestion): Promise<StoresInBounds> {
  return walkingIndex((mayWalk) => findLookedAt(db, question, mayWalk));
}

/** Lists the hours that are kept by the stores that `findInBounds` looks at. */
export function listHoursInBounds(
  db: Db,
  { bounds, filter }: Pick<BoundsQuestion, "bounds" | "filter">,
): Promise<KeptHours[]> {
  return walkingIndex((mayWalk) =>
    listKeptHours(
      db,
      sql`looked_at where true${otherConditions(filter)}`,
      lookedAt(bounds, filter, mayWalk),
    ),
  );
}

/** The step with the nearest stores that pass the filters that indexes have. */
function lookedAt(bounds: MapBounds, filter: StoreFilter, mayWalk: boolean): SQL {
  const order = byDistance(point(middleOf(bounds)), mayWalk);
  return sql`looked_at as materialized (
      select id, location, ${filteredColumns}, ${order} as rough_meters
      from stores where ${indexedStores(filter)} and ${isWithin(bounds)}
      order by ${order} limit ${LOOKED_AT_MAX + 1}
    )`;
}

function findLookedAt(
  db: Db,
  { bounds, filter, limit, open }: BoundsQuestion,
  mayWalk: boolean,
): Promise<StoresInBounds> {
  const middle = point(middleOf(bounds));
  const ratio = mayWalk ? SPHEROID_TO_SPHERE_MIN : 1;
  return answer(
    db,
    sql`${lookedAt(bounds, filter, mayWalk)}, edge as materialized (
      select case when count(*) > ${LOOKED_AT_MAX} then max(rough_meters) * ${ratio}::float8 else 'infinity' end as meters
      from looked_at
    ), matching as materialized (
      select id as store_id, ST_Distance(location, ${middle}) as meters from looked_at
      where true${otherConditions(filter)}${open === null ? sql`` : keepsOneOf(open)}
    ), page as materialized (
      select * from matching where meters < (select meters from edge) order by meters, store_id limit ${limit}
    ), counted as (
      select case when (select meters from edge) = 'infinity' then count(*) end as total from matching
    )`,
  );
}

/** Runs the steps up to `page` and `counted`. */
async function answer(db: Db, steps: SQL): Promise<StoresInBounds> {
  const [row] = await db.execute<{ items: FoundMarker[]; total: number | null }>(sql`
    with ${steps}
    select (select total::int from counted) as "total", coalesce((
      select json_agg(json_build_object('id', id, 'name', name, 'latitude', latitude, 'longitude', longitude,
        'storeType', store_type, 'halalCertified', halal_certified, 'names', names,
        'distance', round(meters::numeric, 1)::float8) order by meters, id)
      from page join stores on id = store_id
    ), '[]') as "items"`);
  if (row === undefined) throw new Error("the bounds' query gave no row");
  const { items, total } = row;
  return { items, total, truncated: total === null || total > items.length };
}
