import { sql } from "drizzle-orm";
import type { Loaded } from "../../cache/policy.ts";
import type { Db } from "../../db/client/database.ts";
import { walkingIndex } from "../../db/client/errors.ts";
import { rawRows } from "../../db/client/raw-rows.ts";
import type { Cell } from "../../geo/cell.ts";
import { SPHEROID_TO_SPHERE_MIN } from "../../geo/sphere-margin.ts";
import { type CellStores, readStores, storesAggregated } from "./cell-queries.ts";
import type { StoreFilter } from "./filters.ts";
import { certifierNames, point, visibleStores } from "./fragments.ts";
import { hasMeantWords, MEASURED_MAX, ranking } from "./search-queries.ts";

/** The stores that a search of anybody in a cell can show first. */
export interface FoundInCell extends StoreFilter {
  readonly query: string;
  readonly cell: Cell;
  /** How many stores a caller may be shown. */
  readonly limit: number;
}

/** More candidates than this are not worth to be ranked for each caller: a smaller cell has fewer. */
const CANDIDATES_MAX = 300;
/** Within this reach the index of positions leads to the stores, beyond it that of words. Units: metres. */
const WALKED_MAX_METERS = 50_000;
/** Covers the rounding of distances. Units: metres. */
const SLACK_METERS = 0.01;

/**
 * The stores with which the searches of everybody in a cell begin; null where they are too many, or where `searchStores`
 * may leave some out. `reachMeters` is infinite where a store anywhere may change an answer: where fewer than `limit`
 * match, and where none has the words and those somewhat like them are shown.
 * Units: metres.
 * Source: triangle inequality, as for `listCellStores`.
 */
export function listFoundInCell(db: Db, asked: FoundInCell): Promise<Loaded<CellStores | null>> {
  return walkingIndex((mayWalk) => listFound(db, asked, mayWalk));
}

async function listFound(
  db: Db,
  asked: FoundInCell,
  mayWalk: boolean,
): Promise<Loaded<CellStores | null>> {
  const { cell, limit } = asked;
  const here = point(cell.center);
  const matching = sql`${visibleStores(asked)} and ${hasMeantWords}`;
  const search = { ...asked, near: cell.center, after: null, open: null };
  const { steps } = ranking(search, mayWalk);
  const reach = sql`(select reach_meters from covered)`;
  const sphereReach = sql`${reach} * ${1 / SPHEROID_TO_SPHERE_MIN}::float8`;
  const [row] = await rawRows(
    db,
    sql`
    with ${steps}, kind as materialized (
      select coalesce(bool_and(${hasMeantWords}), false) as is_meant
      from stores where id = (select id from found limit 1)
    ), covered as materialized (
      select case when count(*) = ${limit} and (select is_meant from kind)
        then max(sort_key) + ${2 * cell.padMeters + SLACK_METERS}::float8 end as reach_meters
      from (select sort_key from ranked order by sort_key limit ${limit}) as first
    ), members as materialized (
      select id from (
        select id from stores where ${matching} and ${reach} < ${WALKED_MAX_METERS}::float8
          and ST_DWithin(location, ${here}, ${sphereReach}, false)
        union all
        select id from stores where ${matching} and ${reach} >= ${WALKED_MAX_METERS}::float8
          and location <-> ${here} <= ${sphereReach}
        union all
        select id from found where ${reach} is null
      ) as every limit ${CANDIDATES_MAX + 1}
    )
    select pg_current_snapshot(),
      case when (select count(*) from members) <= ${CANDIDATES_MAX} and (select count(*) from found) < ${MEASURED_MAX} then 1 end,
      ${reach}, ${storesAggregated}
    from members join stores using (id) ${certifierNames}`,
  );
  const [snapshot, isCovered, reachMeters, ...columns] = row ?? [];
  if (!snapshot) throw new Error("the search of a cell gave no row");
  const value = {
    ...readStores(columns),
    reachMeters: reachMeters ? Number(reachMeters) : Number.POSITIVE_INFINITY,
  };
  return { value: isCovered ? value : null, snapshot: snapshot.toString() };
}
