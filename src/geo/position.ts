/** A point on the WGS 84 ellipsoid, in decimal degrees. */
export interface Position {
  /** Units: degrees in [-90, 90]. */
  readonly latitude: number;
  /** Units: degrees in [-180, 180]. */
  readonly longitude: number;
}

/** Semi-major axis a of WGS 84. Source: NGA.STND.0036 (WGS 84), table 3.1. */
export const EQUATORIAL_RADIUS_METERS = 6_378_137;
const FLATTENING = 1 / 298.257223563;
/** First eccentricity squared, e² = f (2 - f). */
export const ECCENTRICITY_SQUARED = FLATTENING * (2 - FLATTENING);
const RADIANS_PER_DEGREE = Math.PI / 180;

/**
 * Checks that coordinates are a position.
 * Errors: RangeError when one is out of range, NaN or infinite.
 */
export function assertPosition(position: Position): void {
  const { latitude, longitude } = position;
  if (!(Math.abs(latitude) <= 90) || !(Math.abs(longitude) <= 180)) {
    throw new RangeError(`not a WGS 84 position: ${latitude}, ${longitude}`);
  }
}

/**
 * Writes the Earth-centred, Earth-fixed x, y, z of a point on the ellipsoid's surface to `target[offset…]`.
 * Units: degrees in, metres out.
 * Source: NGA.STND.0036 (WGS 84), geodetic to geocentric coordinates at height 0.
 */
export function writeEcef(
  latitude: number,
  longitude: number,
  target: Float64Array,
  offset: number,
): void {
  const phi = latitude * RADIANS_PER_DEGREE;
  const lambda = longitude * RADIANS_PER_DEGREE;
  const sinPhi = Math.sin(phi);
  const primeVerticalMeters =
    EQUATORIAL_RADIUS_METERS / Math.sqrt(1 - ECCENTRICITY_SQUARED * sinPhi * sinPhi);
  const axisDistanceMeters = primeVerticalMeters * Math.cos(phi);
  target[offset] = axisDistanceMeters * Math.cos(lambda);
  target[offset + 1] = axisDistanceMeters * Math.sin(lambda);
  target[offset + 2] = primeVerticalMeters * (1 - ECCENTRICITY_SQUARED) * sinPhi;
}

/**
 * Returns the radius of curvature along the meridian (M) at a latitude; the radius grows with |latitude|.
 * Units: degrees in, metres out.
 */
export function meridianRadiusMeters(latitude: number): number {
  const sinPhi = Math.sin(latitude * RADIANS_PER_DEGREE);
  const w = 1 - ECCENTRICITY_SQUARED * sinPhi * sinPhi;
  return (EQUATORIAL_RADIUS_METERS * (1 - ECCENTRICITY_SQUARED)) / (w * Math.sqrt(w));
}

/**
 * Returns the radius of the parallel (N cos φ) at a latitude; the radius shrinks with |latitude|.
 * Units: degrees in, metres out.
 */
export function parallelRadiusMeters(latitude: number): number {
  const phi = latitude * RADIANS_PER_DEGREE;
  const sinPhi = Math.sin(phi);
  const primeVerticalMeters =
    EQUATORIAL_RADIUS_METERS / Math.sqrt(1 - ECCENTRICITY_SQUARED * sinPhi * sinPhi);
  return primeVerticalMeters * Math.cos(phi);
}
