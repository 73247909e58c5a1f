import { chordToGeodesicMeters, FAST_LIMIT_METERS, geodesicBetweenMeters } from "./distance.ts";
import { orderOf } from "./order.ts";
import { assertPosition, type Position, writeEcef } from "./position.ts";

/**
 * The stores that may answer callers around a centre, column by column, nearest to the centre first, then by id.
 * The ranking relies on this order, so sets are made only by `makeCandidateSet` and `pickCandidates`.
 */
export interface CandidateSet {
  readonly centerLatitude: number;
  readonly centerLongitude: number;
  /** Earth-centred x, y, z of the centre. */
  readonly centerEcef: Float64Array;
  readonly count: number;
  readonly latitudes: Float64Array;
  readonly longitudes: Float64Array;
  /** Earth-centred x, y, z of each candidate. Units: metres. */
  readonly ecef: Float64Array;
  /** Geodesic distances from the centre, ascending, accurate to `ERROR_BOUND_METERS`. Units: metres. */
  readonly centerDistances: Float64Array;
  /** Rank of each candidate's id among the ids of the set, ascending; it breaks ties of distance. */
  readonly idRanks: Uint32Array;
}

/** The fields of a row that `makeCandidateSet` reads; ids compare as PostgreSQL compares uuid (lower-case hex). */
export interface CandidateRow {
  readonly id: string;
  readonly latitude: number;
  readonly longitude: number;
}

function emptySet(center: Position, count: number): CandidateSet {
  const centerEcef = new Float64Array(3);
  writeEcef(center.latitude, center.longitude, centerEcef, 0);
  return {
    centerLatitude: center.latitude,
    centerLongitude: center.longitude,
    centerEcef,
    count,
    latitudes: new Float64Array(count),
    longitudes: new Float64Array(count),
    ecef: new Float64Array(count * 3),
    centerDistances: new Float64Array(count),
    idRanks: new Uint32Array(count),
  };
}

/** How many of an id's characters are compared as one number. */
const ID_PREFIX = 4;

/** Returns the rank of each row in the order of the ids. */
function rankIds(rows: readonly CandidateRow[]): Uint32Array {
  const prefixes = new Float64Array(rows.length);
  rows.forEach(({ id }, index) => {
    let prefix = 0;
    for (let at = 0; at < ID_PREFIX; at += 1) prefix = prefix * 256 + (id.charCodeAt(at) || 0);
    prefixes[index] = prefix;
  });
  const idOf = (index: number) => rows[index]?.id ?? "";
  const byId = orderOf(prefixes, (a, b) => (idOf(a) < idOf(b) ? -1 : 1));
  const ranks = new Uint32Array(rows.length);
  byId.forEach((index, rank) => {
    ranks[index] = rank;
  });
  return ranks;
}

/**
 * Makes the candidate set of rows around a centre; `order[i]` is the index of the row of candidate i.
 * Errors: RangeError when a row or the centre is not a position.
 */
export function makeCandidateSet(
  center: Position,
  rows: readonly CandidateRow[],
): { candidates: CandidateSet; order: Uint32Array } {
  assertPosition(center);
  const count = rows.length;
  const unsorted = emptySet(center, count);
  const [centerX = 0, centerY = 0, centerZ = 0] = unsorted.centerEcef;
  unsorted.idRanks.set(rankIds(rows));
  rows.forEach((row, index) => {
    const { latitude, longitude } = row;
    assertPosition(row);
    unsorted.latitudes[index] = latitude;
    unsorted.longitudes[index] = longitude;
    writeEcef(latitude, longitude, unsorted.ecef, index * 3);
    const x = unsorted.ecef[index * 3] ?? 0;
    const y = unsorted.ecef[index * 3 + 1] ?? 0;
    const z = unsorted.ecef[index * 3 + 2] ?? 0;
    const meters = chordToGeodesicMeters(x - centerX, y - centerY, z - centerZ, z + centerZ);
    unsorted.centerDistances[index] =
      meters <= FAST_LIMIT_METERS
        ? meters
        : geodesicBetweenMeters(center.latitude, center.longitude, latitude, longitude);
  });
  const { centerDistances, idRanks } = unsorted;
  const order = orderOf(centerDistances, (a, b) => (idRanks[a] ?? 0) - (idRanks[b] ?? 0));
  return { candidates: pickCandidates(unsorted, order), order };
}

/** Copies some candidates, in the given order, to a new set around the same centre. */
export function pickCandidates(candidates: CandidateSet, indices: Uint32Array): CandidateSet {
  const { latitudes, longitudes, ecef, centerDistances, idRanks } = candidates;
  const picked = emptySet(
    { latitude: candidates.centerLatitude, longitude: candidates.centerLongitude },
    indices.length,
  );
  indices.forEach((from, to) => {
    picked.latitudes[to] = latitudes[from] ?? 0;
    picked.longitudes[to] = longitudes[from] ?? 0;
    picked.centerDistances[to] = centerDistances[from] ?? 0;
    picked.idRanks[to] = idRanks[from] ?? 0;
    picked.ecef[to * 3] = ecef[from * 3] ?? 0;
    picked.ecef[to * 3 + 1] = ecef[from * 3 + 1] ?? 0;
    picked.ecef[to * 3 + 2] = ecef[from * 3 + 2] ?? 0;
  });
  return picked;
}
