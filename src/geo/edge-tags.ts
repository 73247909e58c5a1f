import ngeohash from "ngeohash";
import type { Position } from "./position.ts";

/** The name of everything that shows stores. */
export const ALL_STORES_TAG = "stores";

/** The tag of a store's page. Units: a UUID in lower case. */
export function storeTag(id: string): string {
  return `store:${id}`;
}

/** Regions that share a tag: of cells with stores up to 5 km away 39 by 20 km, of those up to 50 km away 156 by 156 km. */
const NEAR = {
  prefix: "cell",
  length: 4,
  longitudeSteps: 2 ** 10,
  latitudeSteps: 2 ** 10,
  meters: 5_000,
};
const WIDE = {
  prefix: "wide",
  length: 3,
  longitudeSteps: 2 ** 8,
  latitudeSteps: 2 ** 7,
  meters: 50_000,
};
/** More than twice a cell's half diagonal, and than the difference between a chord and its geodesic. */
const MARGIN_METERS = 2_000;
/** The shortest degree of latitude, at the equator. */
const METERS_PER_DEGREE_MIN = 110_574;
/** Near a pole a store is in the way of very many regions. */
const TAGS_MAX = 40;

/** The tag of a cell's entry, by which a purge names it. */
export function cellTag(geohash: string, isWide: boolean): string {
  const { prefix, length } = isWide ? WIDE : NEAR;
  return `${prefix}:${geohash.slice(0, length)}`;
}

/**
 * The tags of all cells whose entries a store at a position may be in, or the tag of all stores where those are too many.
 * Source: two points δ apart differ in longitude by at most δ / cos(|φ| + δ).
 */
export function storeTags(position: Position): readonly string[] {
  const tags = [...tagsWithin(position, NEAR), ...tagsWithin(position, WIDE)];
  return tags.includes(ALL_STORES_TAG) ? [ALL_STORES_TAG] : tags;
}

function tagsWithin({ latitude, longitude }: Position, level: typeof NEAR): string[] {
  const { prefix, length, longitudeSteps, latitudeSteps, meters } = level;
  const north = (meters + MARGIN_METERS) / METERS_PER_DEGREE_MIN;
  const highest = Math.abs(latitude) + north;
  if (highest >= 89) return [ALL_STORES_TAG];
  const east = north / Math.cos((highest * Math.PI) / 180);
  const high = 180 / latitudeSteps;
  const wide = 360 / longitudeSteps;
  const step = (degrees: number, min: number, size: number) => Math.floor((degrees - min) / size);
  const tags = new Set<string>();
  for (
    let y = Math.max(0, step(latitude - north, -90, high));
    y <= Math.min(latitudeSteps - 1, step(latitude + north, -90, high));
    y += 1
  )
    for (
      let x = step(longitude - east, -180, wide);
      x <= step(longitude + east, -180, wide);
      x += 1
    ) {
      const column = ((x % longitudeSteps) + longitudeSteps) % longitudeSteps;
      const geohash = ngeohash.encode((y + 0.5) * high - 90, (column + 0.5) * wide - 180, length);
      tags.add(`${prefix}:${geohash}`);
      if (tags.size > TAGS_MAX) return [ALL_STORES_TAG];
    }
  return [...tags];
}
