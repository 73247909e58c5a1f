import { type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/database.ts";
import { walkingIndex } from "../../db/errors.ts";
import type { Position } from "../../geo/position.ts";
import { SPHEROID_TO_SPHERE_MIN } from "../../geo/sphere-margin.ts";
import { point, type StoreFilter, summaryColumns, visibleStores } from "./queries.ts";
import type { StoreSummary } from "./schemas.ts";

/** Where a page of search results ended: the sort key's number and the store's id. */
export type SearchPlace = readonly [sortKey: number, id: string];

/** A search result, with the number it was sorted by. */
export interface FoundStore extends StoreSummary {
  readonly distance: number | null;
  readonly sortKey: number;
}

/** Among so many nearest stores most searches find a page; they are compared in some milliseconds. */
const LOOKED_AT_FIRST = 1_000;
/** As `similar_stores` has it. */
const SIMILAR_FROM = 0.4;

/**
 * The ids of stores like the query. With a position the nearest are looked at first, and if they make a page nobody
 * else is: of a word that is in every third name, all the world's stores would have to be measured.
 */
function likeStores(search: StoreSearch, isAfter: (meters: SQL) => SQL, mayWalk: boolean): SQL {
  const { near, query, limit } = search;
  if (near === undefined || !mayWalk)
    return sql`found as (select store_id, score from similar_stores(${query}))`;
  const here = point(near);
  const meters = sql`ST_Distance(location, ${here})`;
  return sql`
    closest as materialized (
      select id, location, search_text, location <-> ${here} as sphere_meters from stores
      where ${visibleStores(search)} order by location <-> ${here} limit ${LOOKED_AT_FIRST}
    ), reach as materialized (
      select case when count(*) < ${LOOKED_AT_FIRST} then 'infinity'
        else max(sphere_meters) * ${SPHEROID_TO_SPHERE_MIN}::float8 end as meters from closest
    ), close as materialized (
      select id as store_id from closest
      where word_similarity(normalize_text(${query}), search_text) >= ${SIMILAR_FROM}::real
        and ${meters} < (select meters from reach) and ${isAfter(meters)}
    ), found as (
      select store_id, null::real as score from close where (select count(*) from close) >= ${limit}
      union all
      select store_id, score from similar_stores(${query}) where (select count(*) from close) < ${limit}
    )`;
}

/** What is searched for. */
export interface StoreSearch extends StoreFilter {
  readonly query: string;
  readonly near: Position | undefined;
  readonly after: SearchPlace | null;
  readonly limit: number;
}

/**
 * Stores like the query, `limit` of them after a place: nearest first with a position, else most alike first.
 * Units: `distance` in metres, rounded to 0.1.
 */
export function searchStores(db: Db, search: StoreSearch): Promise<FoundStore[]> {
  return walkingIndex((mayWalk) => findStores(db, search, mayWalk));
}

async function findStores(db: Db, search: StoreSearch, mayWalk: boolean): Promise<FoundStore[]> {
  const { near, after } = search;
  const meters =
    near === undefined ? sql`null::float8` : sql`ST_Distance(location, ${point(near)})`;
  const sortKey = near === undefined ? sql`-round(score::numeric, 4)::float8` : meters;
  const isAfter = (key: SQL) =>
    after === null ? sql`true` : sql`(${key}, id) > (${after[0]}::float8, ${after[1]}::uuid)`;
  return db.execute<FoundStore & Record<string, unknown>>(sql`
    with ${likeStores(search, isAfter, mayWalk)}
    select ${summaryColumns}, round(meters::numeric, 1)::float8 as "distance", sort_key as "sortKey"
    from (
      select stores.*, ${meters} as meters, ${sortKey} as sort_key
      from found join stores on id = store_id
      where ${visibleStores(search)}
    ) as matching
    where ${isAfter(sql`sort_key`)}
    order by sort_key, id
    limit ${search.limit}`);
}
