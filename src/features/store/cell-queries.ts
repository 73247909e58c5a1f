import { sql } from "drizzle-orm";
import type { Loaded } from "../../cache/policy.ts";
import type { Db } from "../../db/client/database.ts";
import { rawRows } from "../../db/client/raw-rows.ts";
import type { RawRow } from "../../db/client/transaction.ts";
import { walkingIndex } from "../../db/client/errors.ts";
import type { Position } from "../../geo/position.ts";
import { SPHEROID_TO_SPHERE_MAX, SPHEROID_TO_SPHERE_MIN } from "../../geo/sphere-margin.ts";
import { isIndexed, type StoreFilter } from "./filters.ts";
import { certifierNames, point, visibleStores } from "./fragments.ts";
import { idIn } from "./store-json.ts";

/** A store as an entry wants it: where it is, and where in `CellStores.json` it stands. */
export interface CellStore {
  readonly id: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly start: number;
  readonly end: number;
}

/** The rows of a cell, and how far they reach. */
export interface CellStores {
  readonly stores: readonly CellStore[];
  /** Each one's `StoreSummary`, with its names in other languages and its hours as the last keys. */
  readonly json: Buffer;
  /** Every store up to this far from the centre is among the rows. Units: metres. */
  readonly reachMeters: number;
}

/** In front of this key of `stores.summary` stands the certifier's name; quoted like this, it cannot stand in a text. */
const BEFORE_REVIEWS = sql.raw(`',"reviewCount":'`);
const LINE_FEED = 10;
/** Numbers closer to zero PostgreSQL writes with an exponent where JavaScript does not; it also writes a negative zero. */
const TINY = 0.0001;

/** Four columns with all rows of `stores` and `certifierNames`, as `readStores` reads them. */
export const storesAggregated = sql`
      coalesce(json_agg(latitude), '[]'), coalesce(json_agg(longitude), '[]'),
      case when bool_or(average_rating < ${TINY}::float8 and average_rating::text <> '0') then 1 end,
      coalesce(string_agg(
        replace(summary, ${BEFORE_REVIEWS}, ',"certifierName":' || coalesce(to_json(certifier_name)::text, 'null') || ${BEFORE_REVIEWS}),
        e'\n'), '')`;

/**
 * Every store that can be among the `limit` nearest for some caller at most `padMeters` from the centre.
 * The index is walked twice: by `<->`, on a sphere, to learn how far the `limit`-th store is, then within that reach,
 * again on a sphere, which costs less and gives a few more.
 * Units: metres.
 * Source: triangle inequality; a caller's answers lie within `min(radius + pad, d_limit + 2 pad)` of the centre.
 */
export function listCellStores(
  db: Db,
  center: Position,
  area: CellArea,
  filter: StoreFilter,
): Promise<Loaded<CellStores>> {
  return walkingIndex((mayWalk) =>
    listStores(db, center, mayWalk ? area : { ...area, limit: null }, filter),
  );
}

/** The area that a cell's entry has to cover. Units: metres; stores, null for all within the radius. */
interface CellArea {
  readonly padMeters: number;
  readonly radiusMeters: number;
  readonly limit: number | null;
}

async function listStores(
  db: Db,
  center: Position,
  { padMeters, radiusMeters, limit }: CellArea,
  filter: StoreFilter,
): Promise<Loaded<CellStores>> {
  const here = point(center);
  const where = visibleStores(filter);
  // No index leads past the stores that a filter leaves out: the walk ends where no caller's circle reaches.
  const bound = isIndexed(filter)
    ? sql``
    : sql` and location && _ST_Expand(${here}, ${radiusMeters + padMeters}::float8)`;
  const widestMeters = sql`${radiusMeters + padMeters}::float8`;
  const reach =
    limit === null
      ? sql`reach as materialized (select ${widestMeters} as meters)`
      : sql`nearest as materialized (
      select location <-> ${here} as sphere_meters from stores where ${where}${bound} order by location <-> ${here} limit ${limit}
    ), reach as materialized (
      select least(
        ${widestMeters},
        case when count(*) >= ${limit} then max(sphere_meters) * ${SPHEROID_TO_SPHERE_MAX}::float8 + ${2 * padMeters + 0.01}::float8 end
      ) as meters from nearest
    )`;
  const [row] = await rawRows(
    db,
    sql`
    with ${reach}
    select pg_current_snapshot(), (select meters from reach), ${storesAggregated}
    from stores ${certifierNames}
    where ${where}
      and ST_DWithin(location, ${here}, (select meters from reach) * ${1 / SPHEROID_TO_SPHERE_MIN}::float8, false)`,
  );
  const [snapshot, meters, ...columns] = row ?? [];
  if (!snapshot || !meters) throw new Error("the cell's query gave no row");
  const value = { ...readStores(columns), reachMeters: Number(meters) };
  return { value, snapshot: snapshot.toString() };
}

/** Reads the columns of `storesAggregated`. */
export function readStores(columns: RawRow): Pick<CellStores, "stores" | "json"> {
  const [latitudeList, longitudeList, tinyRating, lines] = columns;
  if (!latitudeList || !longitudeList || !lines) throw new Error("no columns of a cell's stores");
  const latitudes = JSON.parse(latitudeList.toString()) as readonly number[];
  const longitudes = JSON.parse(longitudeList.toString()) as readonly number[];
  const isTiny = (degrees: number) => Math.abs(degrees) < TINY;
  const json =
    tinyRating || latitudes.some(isTiny) || longitudes.some(isTiny)
      ? spelledAsJavaScript(lines.toString())
      : lines;
  const stores: CellStore[] = [];
  // JSON has no line break of its own.
  for (let start = 0; start < json.length;) {
    const lineFeedAt = json.indexOf(LINE_FEED, start);
    const end = lineFeedAt === -1 ? json.length : lineFeedAt;
    const latitude = latitudes[stores.length] ?? Number.NaN;
    const longitude = longitudes[stores.length] ?? Number.NaN;
    stores.push({ id: idIn(json, start), latitude, longitude, start, end });
    start = end + 1;
  }
  return { stores, json };
}

function spelledAsJavaScript(lines: string): Buffer {
  const texts = lines.split("\n").map((line) => JSON.stringify(JSON.parse(line)));
  return Buffer.from(texts.join("\n"));
}
