import { type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client/database.ts";
import { walkingIndex } from "../../db/client/errors.ts";
import { askedWords } from "../../db/search-fragments.ts";
import type { Position } from "../../geo/position.ts";
import { SPHEROID_TO_SPHERE_MAX, SPHEROID_TO_SPHERE_MIN } from "../../geo/sphere-margin.ts";
import type { StoreFilter } from "./filters.ts";
import {
  certifierNames,
  filteredColumns,
  indexedStores,
  otherConditions,
  point,
  summaryColumns,
} from "./fragments.ts";
import type { ListedStore } from "./open-nearby.ts";
import { keepsOneOf, type KeptHours, listKeptHours } from "./open-queries.ts";

/** Where a page of search results ended: the sort key's number and the store's id. */
export type SearchPlace = readonly [sortKey: number, id: string];

/** A search result, with the number it was sorted by. */
export interface FoundStore extends ListedStore {
  readonly distance: number | null;
  readonly sortKey: number;
}

/** The question of a search. */
export interface StoreSearch extends StoreFilter {
  readonly query: string;
  readonly near: Position | undefined;
  readonly after: SearchPlace | null;
  readonly limit: number;
  /** The hours to keep; null for any. */
  readonly open: readonly KeptHours[] | null;
}

/** Among so many nearest stores most searches find a page; they are compared in some milliseconds. */
const LOOKED_AT_FIRST = 1_000;
/** Where more stores match than are measured, these nearest ones are looked at for the rest of the pages. */
const LOOKED_AT_NEXT = 10_000;
/** Of more stores that match, the distances of so many are measured. */
export const MEASURED_MAX = 5_000;
/** Of more stores that match, so many are compared with the query as a whole. */
const COMPARED_MAX = 2_000;
/** Words in `store_words` that one word is taken to be a misspelling of. */
const MEANT_MAX = 200;

/**
 * Steps that make of the query's words what `search_terms` can be asked: `wanted.exact`, all of them as they are, and
 * `wanted.meant`, each of them as it is, as the beginning of another, or one typo from it.
 */
export function wantedTerms(query: string): SQL {
  return sql`${askedWords(query)}, terms as (
      select position, format('%L:*', word) as term from spelled
      union all
      select position, format('%L', known.word)
      from spelled cross join lateral (
        select word from store_words where search_forms(word) && search_slips(spelled.word) limit ${MEANT_MAX}
      ) as known
    ), wanted as materialized (
      select (select string_agg(format('%L', word), ' & ') from asked_words)::tsquery as exact,
        string_agg(any_term, ' & ')::tsquery as meant
      from (
        select format('(%s)', string_agg(term, ' | ')) as any_term from terms group by position
      ) as by_word
    )`;
}

const isExact = sql`search_terms(search_text) @@ (select exact from wanted)`;
/** That a store has all words of a query as `wantedTerms` takes them. */
export const hasMeantWords = sql`search_terms(search_text) @@ (select meant from wanted)`;
const isAlike = sql`(select text from asked) <% search_text`;

/** The conditions that no index has, the hours to keep among them. */
function othersOf(search: StoreSearch): SQL {
  const { open } = search;
  return sql`${otherConditions(search)}${open === null ? sql`` : keepsOneOf(open)}`;
}

/** The steps up to `found`: the stores that the query means, the most alike where there are too many to compare. */
function foundAnywhere(search: StoreSearch): SQL {
  const visible = sql`${indexedStores(search)}${othersOf(search)}`;
  return sql`
    exact as materialized (
      select id, search_text from stores where ${visible} and ${isExact} limit ${COMPARED_MAX}
    ), meant as materialized (
      select id, search_text from stores
      where ${visible} and ${hasMeantWords} and not ${isExact} and (select count(*) from exact) < ${COMPARED_MAX}
      limit ${COMPARED_MAX}
    ), alike as (
      select id, search_text from stores
      where ${visible} and ${isAlike} and not exists (select from exact) and not exists (select from meant)
      limit ${COMPARED_MAX}
    ), found as (
      select * from exact union all select * from meant union all select * from alike
    )`;
}

/**
 * The steps up to `found` where the nearest are wanted. The nearest of all are looked at first, and if they make a page
 * nobody else is: of a word that is in every third name, all the world's stores would have to be measured.
 */
function foundNearby(search: StoreSearch, here: SQL, isAfter: (meters: SQL) => SQL): SQL {
  const visible = sql`${indexedStores(search)}${othersOf(search)}`;
  // No index leads past the stores that the other filters leave out: a walk for a rare one would have no end.
  const indexed = indexedStores(search);
  const others = othersOf(search);
  const meters = sql`ST_Distance(location, ${here})`;
  const noPage = sql`(select count(*) from close) < ${search.limit}`;
  return sql`
    closest as materialized (
      select id, location, search_text, ${filteredColumns}, location <-> ${here} as sphere_meters from stores
      where ${indexed} order by location <-> ${here} limit ${LOOKED_AT_FIRST}
    ), reach as materialized (
      select case when count(*) < ${LOOKED_AT_FIRST} then 'infinity'
        else max(sphere_meters) * ${SPHEROID_TO_SPHERE_MIN}::float8 end as meters from closest
    ), close as materialized (
      select id, location from closest
      where ${hasMeantWords} and ${meters} < (select meters from reach) and ${isAfter(meters)}${others}
    ), meant as materialized (
      select id, location from stores where ${visible} and ${hasMeantWords} and ${noPage}
      limit ${MEASURED_MAX + 1}
    ), nearest as (
      select id, location from (
        select id, location, search_text, ${filteredColumns} from stores
        where ${indexed} order by location <-> ${here} limit ${LOOKED_AT_NEXT}
      ) as around
      where ${hasMeantWords}${others} and (select count(*) from meant) > ${MEASURED_MAX}
        and not exists (select from meant where meant.id = around.id)
    ), alike as (
      select id, location from stores
      where ${visible} and ${isAlike} and ${noPage} and not exists (select from meant)
      limit ${MEASURED_MAX}
    ), found as (
      select * from close where not ${noPage}
      union all select * from meant union all select * from nearest union all select * from alike
    )`;
}

/** The steps up to `found` where the nearest are wanted and no index can be walked to them: all that match. */
function foundEverywhere(search: StoreSearch): SQL {
  const visible = sql`${indexedStores(search)}${othersOf(search)}`;
  return sql`
    meant as materialized (
      select id, location from stores where ${visible} and ${hasMeantWords}
    ), found as (
      select * from meant
      union all
      select id, location from stores where ${visible} and ${isAlike} and not exists (select from meant)
    )`;
}

/**
 * Stores that have all words of the query, each with at most one typo, or, when there are none, are somewhat like it;
 * `limit` of them after a place: nearest first with a position, else most alike first. Of thousands that match, those
 * farther away than the 10,000 nearest stores, or without a position those beyond the first thousands, may be left out.
 * Units: `distance` in metres, rounded to 0.1.
 */
export function searchStores(db: Db, search: StoreSearch): Promise<FoundStore[]> {
  return walkingIndex((mayWalk) => findStores(db, search, mayWalk));
}

/** Lists the hours that are kept by the stores that `searchStores` finds, before and after its place. */
export function listHoursFound(db: Db, search: StoreSearch): Promise<KeptHours[]> {
  return walkingIndex((mayWalk) => {
    const { steps } = ranking({ ...search, after: null, limit: ALL }, mayWalk);
    return listKeptHours(db, sql`ranked join stores using (id)`, steps);
  });
}

/** More than any search finds, so that no step stops at a page. */
const ALL = 1_000_000;

/** The steps of a search up to `ranked`, and the condition that a row is after its place. */
export function ranking(
  search: StoreSearch,
  mayWalk: boolean,
): { steps: SQL; isAfter: (key: SQL) => SQL } {
  const { near, after } = search;
  const isAfter = (key: SQL) =>
    after === null ? sql`true` : sql`(${key}, id) > (${placeKey(after, near)}, ${after[1]}::uuid)`;
  let found: SQL;
  let sortKey: SQL;
  let measured = sql``;
  if (near === undefined) {
    found = foundAnywhere(search);
    sortKey = sql`-round(word_similarity((select text from asked), search_text)::numeric, 4)::float8`;
  } else {
    const here = point(near);
    found = mayWalk ? foundNearby(search, here, isAfter) : foundEverywhere(search);
    sortKey = sql`ST_Distance(location, ${here})`;
    // Measuring on the spheroid takes several times as long as on the sphere.
    if (after === null)
      measured = sql`where location <-> ${here} <= (
        select max(meters) * ${SPHEROID_TO_SPHERE_MAX / SPHEROID_TO_SPHERE_MIN}::float8
        from (select location <-> ${here} as meters from found order by meters limit ${search.limit}) as first
      )`;
  }
  const steps = sql`${wantedTerms(search.query)}, ${found}, ranked as materialized (
      select id, ${sortKey} as sort_key from found ${measured}
    )`;
  return { steps, isAfter };
}

/** Of a cached page's distance the last digit may differ from PostGIS's. Units: metres. */
const SAME_PLACE_METERS = 1e-6;

/** The sort key of a place: the distance that PostGIS measures to its store, unless that is gone or has moved. */
function placeKey([key, id]: SearchPlace, near: Position | undefined): SQL {
  if (near === undefined) return sql`${key}::float8`;
  const meters = sql`ST_Distance(last.location, ${point(near)})`;
  return sql`coalesce((
    select ${meters} from stores as last
    where last.id = ${id}::uuid and abs(${meters} - ${key}::float8) < ${SAME_PLACE_METERS}::float8
  ), ${key}::float8)`;
}

async function findStores(db: Db, search: StoreSearch, mayWalk: boolean): Promise<FoundStore[]> {
  const { near, limit } = search;
  const { steps, isAfter } = ranking(search, mayWalk);
  const distance =
    near === undefined ? sql`null::float8` : sql`round(sort_key::numeric, 1)::float8`;
  return db.execute<FoundStore & Record<string, unknown>>(sql`
    with ${steps}, page as materialized (
      select id, sort_key from ranked where ${isAfter(sql`sort_key`)} order by sort_key, id limit ${limit}
    )
    select ${summaryColumns}, ${distance} as "distance", sort_key as "sortKey"
    from page join stores using (id) ${certifierNames}
    order by sort_key, id`);
}
