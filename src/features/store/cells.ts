import { STORE_TYPES } from "../../db/tables/vocabulary.ts";
import { cellBounds, cellIdOf, cellOf, radiusBucketMeters } from "../../geo/cell.ts";
import { RecentMap } from "../../recent-map.ts";
import { type AskedFilter, filterOf } from "./filters.ts";
import { type CellParameters, entryKey, SHARED_LIMIT } from "./policies.ts";
import type { Position } from "../../geo/position.ts";

/** A caller of a cell's entry. */
export interface CellCaller
  extends Position, Pick<AskedFilter, "storeType" | "halalCertifiedOnly"> {
  readonly radiusKm: number;
  readonly limit: number;
}

const MARKERS_LIMIT = 500;
const REMEMBERED_MAX = 20_000;
const RADII_KM_MAX = 64;
const FILTERS = (STORE_TYPES.length + 1) * 2;
const remembered = new RecentMap<number, CellParameters>(REMEMBERED_MAX);

/** Which entry answers a caller but for the filters that it does not have, worked out once for the many calls from a cell. */
export function cellParameters(input: CellCaller): CellParameters {
  const { latitude, longitude, storeType, halalCertifiedOnly } = input;
  const radiusMeters = radiusBucketMeters(input.radiusKm);
  const limit = input.limit <= SHARED_LIMIT ? SHARED_LIMIT : MARKERS_LIMIT;
  const typePlace = storeType === undefined ? 0 : STORE_TYPES.indexOf(storeType) + 1;
  const filter = typePlace * 2 + (halalCertifiedOnly ? 1 : 0);
  const cellAndFilter = cellIdOf(latitude, longitude) * FILTERS + filter;
  const number =
    (cellAndFilter * RADII_KM_MAX + radiusMeters / 1000) * 2 + (limit === SHARED_LIMIT ? 0 : 1);
  let parameters = remembered.get(number);
  if (parameters === undefined) {
    const cell = cellBounds(cellOf(input));
    const entry = { cell, storeType, halalCertifiedOnly, radiusMeters, limit };
    parameters = { ...entry, key: entryKey(entry) };
    remembered.set(number, parameters);
  }
  return parameters;
}

/**
 * The entry with all of a caller's filters, `openNow` as far as hours are known. Of stores that may be closed it has many
 * more than anybody asks for.
 */
export function filteredParameters(asked: CellCaller & AskedFilter): CellParameters {
  const { cell, radiusMeters, limit } = cellParameters(asked);
  const entry = {
    ...filterOf(asked),
    cell,
    radiusMeters,
    limit: asked.openNow ? MARKERS_LIMIT : limit,
  };
  return { ...entry, key: entryKey(entry) };
}
