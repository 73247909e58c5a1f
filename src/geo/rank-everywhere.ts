import type { CandidateSet } from "./candidates.ts";
import { approximateMeters, ERROR_BOUND_METERS, geodesicMeters } from "./distance.ts";
import type { Position } from "./position.ts";
import type { Ranking } from "./rank.ts";

/** Covers the errors of two approximate distances. */
const SLACK_METERS = 2 * ERROR_BOUND_METERS;

/**
 * Returns the `limit` candidates nearest to a caller, nearest first, then by id, however far they are, in the order of
 * PostGIS's distances. `rankNearest` is faster within 60 km.
 * Units: `distancesMeters` not rounded.
 */
export function rankEverywhere(
  { count, latitudes, longitudes, idRanks, centerDistances, ...set }: CandidateSet,
  caller: Position,
  limit: number,
): Ranking {
  const center = { latitude: set.centerLatitude, longitude: set.centerLongitude };
  const offsetMeters = approximateMeters(center, caller) + SLACK_METERS;
  const placeOf = (index: number) => ({
    latitude: latitudes[index] ?? 0,
    longitude: longitudes[index] ?? 0,
  });
  const near: { readonly index: number; readonly meters: number }[] = [];
  let reachMeters = Number.POSITIVE_INFINITY;
  for (let index = 0; index < count; index += 1) {
    // Candidates come nearest to the centre first.
    if ((centerDistances[index] ?? 0) - offsetMeters > reachMeters) break;
    const meters = approximateMeters(caller, placeOf(index));
    if (meters > reachMeters) continue;
    let slot = near.length;
    while (slot > 0 && (near[slot - 1]?.meters ?? 0) > meters) slot -= 1;
    near.splice(slot, 0, { index, meters });
    const nth = near[limit - 1];
    if (nth !== undefined) reachMeters = nth.meters + SLACK_METERS;
    while (near.length > limit && (near.at(-1)?.meters ?? 0) > reachMeters) near.pop();
  }
  const exact = near
    .map(({ index }) => ({ index, meters: geodesicMeters(caller, placeOf(index)) }))
    .toSorted((a, b) => a.meters - b.meters || (idRanks[a.index] ?? 0) - (idRanks[b.index] ?? 0))
    .slice(0, limit);
  return {
    indices: exact.map(({ index }) => index),
    distancesMeters: exact.map(({ meters }) => meters),
  };
}
