import { expect, it } from "vitest";
import {
  POSTGIS_SPHERE_RADIUS_METERS,
  SPHEROID_TO_SPHERE_MAX,
  SPHEROID_TO_SPHERE_MIN,
} from "../../../src/geo/sphere-margin.ts";

it("the sphere and the bounds of the ratio equal those of PostGIS 3.5", () => {
  // Source: postgis/postgis:17-3.5, `<->` over a quarter of the equator; ST_Distance / `<->` at the equator and a pole.
  expect(POSTGIS_SPHERE_RADIUS_METERS).toBeCloseTo(6_371_008.771415059, 6);
  expect(SPHEROID_TO_SPHERE_MIN).toBeLessThanOrEqual(0.9944169941051966);
  expect(SPHEROID_TO_SPHERE_MIN).toBeCloseTo(0.9944169941051966, 7);
  expect(SPHEROID_TO_SPHERE_MAX).toBeGreaterThanOrEqual(1.0044867074006019);
  expect(SPHEROID_TO_SPHERE_MAX).toBeCloseTo(1.0044867074006019, 7);
});
