import ngeohash from "ngeohash";
import {
  assertPosition,
  meridianRadiusMeters,
  parallelRadiusMeters,
  type Position,
  writeEcef,
} from "./position.ts";

/** Characters of a cell's geohash: 30 bits, 15 a coordinate. */
export const GEOHASH_PRECISION = 6;
const STEPS = 2 ** 15;
const GEOHASH = /^[0-9b-hjkmnp-z]{6}$/;
/** A margin for the rounding in `padMetersOf`, a thousand times larger than the rounding. */
const PAD_MARGIN_METERS = 1e-3;
const RADIANS_PER_DEGREE = Math.PI / 180;
/** The app's default radius and the maximum. Two suffice, because an entry has a bounded number of stores anyway. */
const RADIUS_BUCKETS_KM = [5, 50] as const;

/** A rectangle of latitude and longitude that does not cross ±180°. */
export interface Bounds {
  readonly minLatitude: number;
  readonly minLongitude: number;
  readonly maxLatitude: number;
  readonly maxLongitude: number;
}

/** A geohash cell with the values that the cache derives from its bounds. */
export interface Cell extends Bounds {
  readonly geohash: string;
  readonly center: Position;
  /** No point of the cell is farther from `center`. */
  readonly padMeters: number;
  /** Earth-centred x, y, z of `center`. */
  readonly centerEcef: Float64Array;
}

/**
 * Returns the geohash of the cell that contains a position.
 * Errors: RangeError when it is not a position.
 * Source: npm ngeohash; a position on an edge belongs to the south or west cell.
 */
export function cellOf(position: Position): string {
  assertPosition(position);
  return ngeohash.encode(position.latitude, position.longitude, GEOHASH_PRECISION);
}

/** Returns the step with `lower edge < value <= upper edge`, as ngeohash's bisection does. */
function stepOf(value: number, min: number, stepDegrees: number): number {
  let step = Math.ceil((value - min) / stepDegrees) - 1;
  if (!(step > 0)) step = 0;
  // `value - min` can round down to an edge, never past it: an edge is 45 · integer / 2^k, exact in a double.
  if (value > (step + 1) * stepDegrees + min) step += 1;
  return Math.min(step, STEPS - 1);
}

/** Spreads 15 bits to the even positions of 30 bits. */
function spreadBits(value: number): number {
  let bits = (value | (value << 8)) & 0x00ff00ff;
  bits = (bits | (bits << 4)) & 0x0f0f0f0f;
  bits = (bits | (bits << 2)) & 0x33333333;
  return (bits | (bits << 1)) & 0x55555555;
}

/**
 * Returns the 30 bits of the geohash of a position's cell as a number, which is faster than making the string.
 * The range of the position is not checked.
 * Source: the same cells as `cellOf`, bit for bit.
 */
export function cellIdOf(latitude: number, longitude: number): number {
  const x = stepOf(longitude, -180, 360 / STEPS);
  const y = stepOf(latitude, -90, 180 / STEPS);
  return (spreadBits(x) << 1) | spreadBits(y);
}

/** Returns the middle of a rectangle. Units: degrees. */
export function centerOf(bounds: Bounds): Position {
  return {
    latitude: (bounds.minLatitude + bounds.maxLatitude) / 2,
    longitude: (bounds.minLongitude + bounds.maxLongitude) / 2,
  };
}

/**
 * Returns upper bounds of half the width and half the height of a rectangle.
 * Units: metres.
 */
export function halfSidesMeters(bounds: Bounds): { eastMeters: number; northMeters: number } {
  const { minLatitude, maxLatitude, minLongitude, maxLongitude } = bounds;
  const highest = Math.max(Math.abs(minLatitude), Math.abs(maxLatitude));
  const lowest =
    minLatitude <= 0 && maxLatitude >= 0
      ? 0
      : Math.min(Math.abs(minLatitude), Math.abs(maxLatitude));
  return {
    eastMeters:
      ((maxLongitude - minLongitude) / 2) * RADIANS_PER_DEGREE * parallelRadiusMeters(lowest),
    northMeters:
      ((maxLatitude - minLatitude) / 2) * RADIANS_PER_DEGREE * meridianRadiusMeters(highest),
  };
}

/**
 * Returns an upper bound of the distance from a rectangle's middle to any of its points.
 * Units: metres.
 * Source: the path straight in latitude and longitude is √(M²Δφ² + (N cos φ)²Δλ²) at most, with M at the highest and
 * N cos φ at the lowest |φ| of the rectangle; the geodesic is no longer than a path.
 */
export function padMetersOf(bounds: Bounds): number {
  const { eastMeters, northMeters } = halfSidesMeters(bounds);
  return Math.sqrt(eastMeters * eastMeters + northMeters * northMeters) + PAD_MARGIN_METERS;
}

/**
 * Returns the cell of a geohash.
 * Errors: RangeError when it is not a geohash of six characters.
 */
export function cellBounds(geohash: string): Cell {
  if (!GEOHASH.test(geohash)) throw new RangeError("not a geohash of 6 characters");
  return boundsOf(geohash);
}

/** Returns the cell of five characters that contains a position: 32 cells of six. Errors: RangeError when it is not a position. */
export function wideCell(position: Position): Cell {
  return boundsOf(cellOf(position).slice(0, GEOHASH_PRECISION - 1));
}

function boundsOf(geohash: string): Cell {
  const [minLatitude, minLongitude, maxLatitude, maxLongitude] = ngeohash.decode_bbox(geohash);
  const bounds = { minLatitude, minLongitude, maxLatitude, maxLongitude };
  const center = centerOf(bounds);
  const centerEcef = new Float64Array(3);
  writeEcef(center.latitude, center.longitude, centerEcef, 0);
  return { ...bounds, geohash, center, padMeters: padMetersOf(bounds), centerEcef };
}

const scratch = new Float64Array(3);

/**
 * Returns a lower bound of the geodesic distance from a position to any point of a cell.
 * Units: metres.
 * Source: triangle inequality around the centre; a chord through the Earth is no longer than its geodesic.
 */
export function distanceToCellMeters(cell: Cell, position: Position): number {
  writeEcef(position.latitude, position.longitude, scratch, 0);
  const [x = 0, y = 0, z = 0] = scratch;
  const [centerX = 0, centerY = 0, centerZ = 0] = cell.centerEcef;
  const dx = x - centerX;
  const dy = y - centerY;
  const dz = z - centerZ;
  return Math.max(0, Math.sqrt(dx * dx + dy * dy + dz * dz) - cell.padMeters);
}

/**
 * Rounds a radius up to one of the few radii that cache entries are made for.
 * Units: kilometres in (0.1–50), metres out.
 * Errors: RangeError outside that range.
 */
export function radiusBucketMeters(radiusKm: number): number {
  const bucketKm = RADIUS_BUCKETS_KM.find((candidateKm) => radiusKm <= candidateKm);
  if (!(radiusKm >= 0.1) || bucketKm === undefined) {
    throw new RangeError(`not a radius of 0.1 to 50 km: ${radiusKm}`);
  }
  return bucketKm * 1000;
}
