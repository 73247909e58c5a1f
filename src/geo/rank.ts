import type { CandidateSet } from "./candidates.ts";
import {
  approximateMeters,
  chordToGeodesicMeters,
  ERROR_BOUND_METERS,
  FAST_LIMIT_METERS,
  geodesicBetweenMeters,
  roundDecimeter,
} from "./distance.ts";
import { assertPosition, type Position, writeEcef } from "./position.ts";

/**
 * A key packs a distance in steps of 2^-20 m (16 + 20 bits) and a candidate's index (17 bits) in one exact double,
 * because selecting and sorting then need neither a comparator nor a second array.
 */
const STEPS_PER_METER = 2 ** 20;
const PLACES = 2 ** 17;
/** The largest difference of a key's distance and the exact one. */
const KEY_ERROR_METERS = ERROR_BOUND_METERS + 1 / STEPS_PER_METER;
/** Two keys that differ by more than this are in the exact order; the last step covers their indices. */
const AMBIGUOUS_KEYS = (2 * KEY_ERROR_METERS * STEPS_PER_METER + 1) * PLACES;
/** Covers the errors of the centre's distances, of the caller's offset and of keys. */
const WALK_SLACK_METERS = 4 * KEY_ERROR_METERS;

/** The radius and the limit of a ranking. */
export interface RankOptions {
  /** Candidates at exactly this distance are included; below 60 km. */
  readonly radiusMeters: number;
  readonly limit: number;
}

/** The nearest stores of a caller, nearest first; both arrays have one entry for each store. */
export interface Ranking {
  /** Indices in the candidate set. */
  readonly indices: readonly number[];
  /** Units: metres in steps of 0.1, as `roundDecimeter` returns them. */
  readonly distancesMeters: readonly number[];
}

function placeOf(key: number): number {
  return key - Math.floor(key / PLACES) * PLACES;
}

function metersOf(key: number): number {
  return Math.floor(key / PLACES) / STEPS_PER_METER;
}

/**
 * The sorted keys of the candidates that may be among the `limit` nearest. Candidates are added roughly nearest first,
 * so most are inserted near the end.
 */
class Finalists {
  /** Farther candidates cannot be in the answer. */
  reachMeters = 0;
  #keys = new Float64Array(256);
  #size = 0;
  #limit = 0;

  /** Starts a new ranking, in the memory of the one before. */
  begin(limit: number, reachMeters: number): void {
    this.#limit = limit;
    this.#size = 0;
    this.reachMeters = reachMeters;
  }

  add(place: number, meters: number): void {
    const limit = this.#limit;
    const keys = this.#size < this.#keys.length ? this.#keys : this.#grown();
    const key = Math.floor(meters * STEPS_PER_METER) * PLACES + place;
    let slot = this.#size;
    while (slot > 0 && (keys[slot - 1] ?? 0) > key) {
      keys[slot] = keys[slot - 1] ?? 0;
      slot -= 1;
    }
    keys[slot] = key;
    this.#size += 1;
    if (this.#size < limit) return;
    const lastKey = (keys[limit - 1] ?? 0) + AMBIGUOUS_KEYS;
    while (this.#size > limit && (keys[this.#size - 1] ?? 0) > lastKey) this.#size -= 1;
    this.reachMeters = Math.min(this.reachMeters, metersOf(lastKey) + KEY_ERROR_METERS);
  }

  /** Returns the keys, nearest first; the array is valid until the next `begin`. */
  sorted(): Float64Array {
    return this.#keys.subarray(0, this.#size);
  }

  #grown(): Float64Array {
    const grown = new Float64Array(this.#keys.length * 2);
    grown.set(this.#keys);
    this.#keys = grown;
    return grown;
  }
}

/** Compares candidates by their exact distance from one caller, and calculates each distance once. */
class ExactOrder {
  readonly #candidates: CandidateSet;
  readonly #caller: Position;
  #known: Map<number, number> | undefined;

  constructor(candidates: CandidateSet, caller: Position) {
    this.#candidates = candidates;
    this.#caller = caller;
  }

  metersTo(place: number): number {
    this.#known ??= new Map();
    let meters = this.#known.get(place);
    if (meters === undefined) {
      meters = geodesicBetweenMeters(
        this.#caller.latitude,
        this.#caller.longitude,
        this.#candidates.latitudes[place] ?? 0,
        this.#candidates.longitudes[place] ?? 0,
      );
      this.#known.set(place, meters);
    }
    return meters;
  }

  isBefore(key: number, other: number): boolean {
    const gap = key - other;
    if (gap > AMBIGUOUS_KEYS) return false;
    if (gap < -AMBIGUOUS_KEYS) return true;
    const { latitudes, longitudes, idRanks } = this.#candidates;
    const a = placeOf(key);
    const b = placeOf(other);
    if (latitudes[a] !== latitudes[b] || longitudes[a] !== longitudes[b]) {
      const exactGapMeters = this.metersTo(a) - this.metersTo(b);
      if (exactGapMeters !== 0) return exactGapMeters < 0;
    }
    return (idRanks[a] ?? 0) < (idRanks[b] ?? 0);
  }

  /** Sorts by insertion, because sorted keys differ from the exact order in a few neighbours only. */
  refine(keys: Float64Array): void {
    for (let next = 1; next < keys.length; next += 1) {
      const key = keys[next] ?? 0;
      let slot = next;
      while (slot > 0 && this.isBefore(key, keys[slot - 1] ?? 0)) {
        keys[slot] = keys[slot - 1] ?? 0;
        slot -= 1;
      }
      keys[slot] = key;
    }
  }

  isWithin(key: number, radiusMeters: number): boolean {
    const gapMeters = metersOf(key) - radiusMeters;
    if (Math.abs(gapMeters) > KEY_ERROR_METERS) return gapMeters < 0;
    return this.metersTo(placeOf(key)) <= radiusMeters;
  }

  roundedMeters(key: number): number {
    const decimeters = metersOf(key) * 10;
    const rounded = Math.round(decimeters);
    if (Math.abs(decimeters - rounded) < 0.5 - 10 * KEY_ERROR_METERS) return rounded / 10;
    return roundDecimeter(this.metersTo(placeOf(key)));
  }
}

const finalists = new Finalists();
const callerEcef = new Float64Array(3);

/** Walks the candidates outwards from the centre and returns the sorted keys of those that may be in the answer. */
function findFinalists(
  candidates: CandidateSet,
  caller: Position,
  options: RankOptions,
): Float64Array {
  const { count, ecef, centerDistances } = candidates;
  writeEcef(caller.latitude, caller.longitude, callerEcef, 0);
  const callerX = callerEcef[0] ?? 0;
  const callerY = callerEcef[1] ?? 0;
  const callerZ = callerEcef[2] ?? 0;
  const center = { latitude: candidates.centerLatitude, longitude: candidates.centerLongitude };
  const offsetMeters = approximateMeters(center, caller) + WALK_SLACK_METERS;
  const limit = Math.min(options.limit, count);
  // The first `limit` candidates are at most this far from the caller.
  const firstReachMeters = (centerDistances[limit - 1] ?? 0) + offsetMeters;
  const reachMeters = Math.min(firstReachMeters, options.radiusMeters + KEY_ERROR_METERS);
  finalists.begin(limit, reachMeters);

  for (let place = 0; place < count; place += 1) {
    const reach = finalists.reachMeters;
    if ((centerDistances[place] ?? 0) > reach + offsetMeters) break;
    const dx = (ecef[place * 3] ?? 0) - callerX;
    const dy = (ecef[place * 3 + 1] ?? 0) - callerY;
    const z = ecef[place * 3 + 2] ?? 0;
    const dz = z - callerZ;
    // A chord is never longer than its geodesic, so most candidates are rejected here without a square root.
    if (dx * dx + dy * dy + dz * dz > reach * reach) continue;
    finalists.add(place, chordToGeodesicMeters(dx, dy, dz, z + callerZ));
  }
  return finalists.sorted();
}

/**
 * Ranks candidates for one caller exactly as PostGIS `ST_Distance <= radius ORDER BY ST_Distance, id LIMIT limit` does.
 * Units: metres on the WGS 84 geodesic.
 * Errors: RangeError when the caller is not a position, or the radius, the limit or the count is out of range.
 */
export function rankNearest(
  candidates: CandidateSet,
  caller: Position,
  options: RankOptions,
): Ranking {
  assertPosition(caller);
  const { radiusMeters, limit } = options;
  if (!(radiusMeters >= 0 && radiusMeters < FAST_LIMIT_METERS)) {
    throw new RangeError(`not a radius below ${FAST_LIMIT_METERS} m: ${radiusMeters}`);
  }
  if (!Number.isSafeInteger(limit) || limit < 1) throw new RangeError(`not a limit: ${limit}`);
  if (candidates.count > PLACES) throw new RangeError(`more than ${PLACES} candidates`);

  const keys = findFinalists(candidates, caller, options);
  const order = new ExactOrder(candidates, caller);
  order.refine(keys);
  let size = Math.min(limit, keys.length);
  while (size > 0 && !order.isWithin(keys[size - 1] ?? 0, radiusMeters)) size -= 1;
  const indices: number[] = [];
  const distancesMeters: number[] = [];
  for (let slot = 0; slot < size; slot += 1) {
    const key = keys[slot] ?? 0;
    indices.push(placeOf(key));
    distancesMeters.push(order.roundedMeters(key));
  }
  return { indices, distancesMeters };
}
