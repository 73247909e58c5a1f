import type { CandidateSet } from "./candidates.ts";
import { type Bounds, centerOf, halfSidesMeters, padMetersOf } from "./cell.ts";
import { chordToGeodesicMeters, ERROR_BOUND_METERS, FAST_LIMIT_METERS } from "./distance.ts";
import { writeEcef } from "./position.ts";
import { selectNth } from "./select.ts";

/** Three halvings make 8 parts. 64 parts would keep 10 % fewer stores in a dense city and take eight times as long. */
const MAX_HALVINGS = 3;
/** A part whose pad is this many times smaller than its reach is not halved, because that drops hardly any store. */
const FINE_ENOUGH = 10;
/** Covers the errors of two distances from one centre, twice. */
const SLACK_METERS = 4 * ERROR_BOUND_METERS;

function halve(bounds: Bounds): [Bounds, Bounds] {
  const { eastMeters, northMeters } = halfSidesMeters(bounds);
  const { latitude, longitude } = centerOf(bounds);
  return eastMeters > northMeters
    ? [
        { ...bounds, maxLongitude: longitude },
        { ...bounds, minLongitude: longitude },
      ]
    : [
        { ...bounds, maxLatitude: latitude },
        { ...bounds, minLatitude: latitude },
      ];
}

/** Lists the candidates without those that have `limit` others with lower ids at exactly the same point. */
function withoutCrowds(
  { count, centerDistances, latitudes, longitudes }: CandidateSet,
  limit: number,
): Uint32Array {
  const kept = new Uint32Array(count);
  let keptCount = 0;
  let start = 0;
  while (start < count) {
    let end = start + 1;
    while (end < count && centerDistances[end] === centerDistances[start]) end += 1;
    // Candidates at the same point have the same centre distance and are in id order.
    const seen = end - start > limit ? new Map<string, number>() : undefined;
    for (let index = start; index < end; index += 1) {
      if (seen !== undefined) {
        const point = `${latitudes[index]} ${longitudes[index]}`;
        const earlier = seen.get(point) ?? 0;
        seen.set(point, earlier + 1);
        if (earlier >= limit) continue;
      }
      kept[keptCount] = index;
      keptCount += 1;
    }
    start = end;
  }
  return kept.subarray(0, keptCount);
}

/**
 * Returns the indices of candidates that can be among a caller's `limit` nearest within the radius, for any caller in
 * the cell; ascending.
 * Units: metres.
 * Errors: RangeError when the radius or the limit is outside the range of the fast distance.
 * Source: around the centre of a part of the cell with pad q and N-th distance d_N, every caller's answers lie within
 * min(d_N + q, radius) of the caller, so within min(d_N + 2q, radius + q) of that centre (triangle inequality).
 */
export function coverCell(
  candidates: CandidateSet,
  cell: Bounds,
  limit: number,
  radiusMeters: number,
): Uint32Array {
  if (!(radiusMeters >= 0 && radiusMeters + 2 * padMetersOf(cell) < FAST_LIMIT_METERS)) {
    throw new RangeError(`not a radius for a cell: ${radiusMeters}`);
  }
  if (!Number.isSafeInteger(limit) || limit < 1) throw new RangeError(`not a limit: ${limit}`);
  const { count, ecef } = candidates;
  const isKept = new Uint8Array(count);
  const metersOf = new Float64Array(count);
  const scratch = new Float64Array(count);
  const centerEcef = new Float64Array(3);

  const cover = (bounds: Bounds, members: Uint32Array, halvings: number): void => {
    const center = centerOf(bounds);
    const padMeters = padMetersOf(bounds);
    writeEcef(center.latitude, center.longitude, centerEcef, 0);
    const [x0 = 0, y0 = 0, z0 = 0] = centerEcef;
    for (let i = 0; i < members.length; i += 1) {
      const at = (members[i] ?? 0) * 3;
      const z = ecef[at + 2] ?? 0;
      const meters = chordToGeodesicMeters(
        (ecef[at] ?? 0) - x0,
        (ecef[at + 1] ?? 0) - y0,
        z - z0,
        z + z0,
      );
      metersOf[i] = meters;
      scratch[i] = meters;
    }
    const nthMeters =
      members.length > limit
        ? selectNth(scratch, members.length, limit - 1)
        : Number.POSITIVE_INFINITY;
    const reachMeters =
      Math.min(nthMeters + 2 * padMeters, radiusMeters + padMeters) + SLACK_METERS;
    const reachable = new Uint32Array(members.length);
    let size = 0;
    for (let i = 0; i < members.length; i += 1) {
      if ((metersOf[i] ?? 0) <= reachMeters) {
        reachable[size] = members[i] ?? 0;
        size += 1;
      }
    }
    const left = reachable.subarray(0, size);
    if (halvings === 0 || size <= limit || padMeters * FINE_ENOUGH < reachMeters) {
      for (const index of left) isKept[index] = 1;
      return;
    }
    for (const half of halve(bounds)) cover(half, left, halvings - 1);
  };
  cover(cell, withoutCrowds(candidates, limit), MAX_HALVINGS);

  const kept = new Uint32Array(count);
  let keptCount = 0;
  for (let index = 0; index < count; index += 1) {
    if (isKept[index] === 1) {
      kept[keptCount] = index;
      keptCount += 1;
    }
  }
  return kept.slice(0, keptCount);
}
