import { ECCENTRICITY_SQUARED, EQUATORIAL_RADIUS_METERS } from "./position.ts";

const POLAR_RADIUS_METERS = EQUATORIAL_RADIUS_METERS * Math.sqrt(1 - ECCENTRICITY_SQUARED);

/** Radius of the sphere on which PostGIS `<->` measures geography: (2a + b) / 3, 6,371,008.77 m. */
export const POSTGIS_SPHERE_RADIUS_METERS =
  (2 * EQUATORIAL_RADIUS_METERS + POLAR_RADIUS_METERS) / 3;

/** The smallest radius of curvature of WGS 84: M at the equator, a (1 - e²). */
const MIN_CURVATURE_RADIUS_METERS = EQUATORIAL_RADIUS_METERS * (1 - ECCENTRICITY_SQUARED);
/** The largest radius of curvature: M = N at the poles, a / √(1 - e²). */
const MAX_CURVATURE_RADIUS_METERS = EQUATORIAL_RADIUS_METERS / Math.sqrt(1 - ECCENTRICITY_SQUARED);

/** Covers the rounding of both distances: beyond 10 m their ratio is off by at most 1e-9. */
const ROUNDING = 1e-9;

/**
 * Lower bound of `ST_Distance` / `<->` between two geographies: 0.994417.
 * Proof: a path's length is ∫√(M²φ'² + N²cos²φ λ'²) on the spheroid and ∫√(R²φ'² + R²cos²φ λ'²) on the sphere, with M, N
 * in [a(1-e²), a/√(1-e²)]; so the ratio of both lengths is in [min/R, max/R]. The spheroid's geodesic proves this bound
 * (the sphere's distance is at most its length there), the great circle proves the other.
 */
export const SPHEROID_TO_SPHERE_MIN =
  (MIN_CURVATURE_RADIUS_METERS / POSTGIS_SPHERE_RADIUS_METERS) * (1 - ROUNDING);

/** Upper bound of `ST_Distance` / `<->` between two geographies: 1.004487; proof at `SPHEROID_TO_SPHERE_MIN`. */
export const SPHEROID_TO_SPHERE_MAX =
  (MAX_CURVATURE_RADIUS_METERS / POSTGIS_SPHERE_RADIUS_METERS) * (1 + ROUNDING);
