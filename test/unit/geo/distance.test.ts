import * as fc from "fast-check";
import geographiclib from "geographiclib-geodesic";
import { describe, expect, it } from "vitest";
import {
  approximateMeters,
  ERROR_BOUND_METERS,
  geodesicMeters,
  roundDecimeter,
} from "../../../src/geo/distance.ts";
import { anyPosition } from "./arbitraries.ts";

const { WGS84 } = geographiclib.Geodesic;

describe("geodesicMeters", () => {
  it("equals ST_Distance of PostGIS 3.5", () => {
    // Source: select st_distance(…) in postgis/postgis:17-3.5, coordinates and result at full precision.
    const rows = [
      [
        -26.71439783838602, -89.87951648520773, -26.71440575986169, -89.89226250644873,
        1268.28553921,
      ],
      [-22.787852501957985, 130.98601408459047, -22.787844327858412, 130.9859817789876, 3.43849621],
      [-70.87833337358437, 125.45046346008814, -70.87840060613316, 125.42631082434555, 883.4119425],
      [50, 10, 50, 10.0000001, 0.00716958],
      [0, 0, 0, 0.00000000001, 0.00000111],
    ] as const;
    for (const [latitudeA, longitudeA, latitudeB, longitudeB, meters] of rows) {
      const a = { latitude: latitudeA, longitude: longitudeA };
      const b = { latitude: latitudeB, longitude: longitudeB };
      expect(geodesicMeters(a, b)).toBe(meters);
    }
  });

  it("is zero between longitudes 180 and -180, and between longitudes at a pole", () => {
    expect(
      geodesicMeters({ latitude: 12, longitude: 180 }, { latitude: 12, longitude: -180 }),
    ).toBe(0);
    expect(geodesicMeters({ latitude: 90, longitude: 10 }, { latitude: 90, longitude: -130 })).toBe(
      0,
    );
  });
});

describe("approximateMeters", () => {
  it("differs by at most a tenth of the stated bound up to 60 km, everywhere", () => {
    const meters = fc.oneof(
      fc.double({ min: 0, max: 60_000, noNaN: true }),
      fc.double({ min: 0, max: 100, noNaN: true }),
    );
    const azimuth = fc.double({ min: 0, max: 360, noNaN: true });
    fc.assert(
      fc.property(anyPosition, azimuth, meters, (from, azimuthDegrees, along) => {
        const end = WGS84.Direct(from.latitude, from.longitude, azimuthDegrees, along);
        const to = { latitude: end.lat2 ?? Number.NaN, longitude: end.lon2 ?? Number.NaN };
        const errorMeters = Math.abs(approximateMeters(from, to) - geodesicMeters(from, to));
        expect(errorMeters).toBeLessThan(ERROR_BOUND_METERS / 10);
      }),
      { numRuns: 3000 },
    );
  });

  it("is as exact beyond 60 km, also between antipodes", () => {
    fc.assert(
      fc.property(anyPosition, anyPosition, (a, b) => {
        const errorMeters = Math.abs(approximateMeters(a, b) - geodesicMeters(a, b));
        expect(errorMeters).toBeLessThanOrEqual(ERROR_BOUND_METERS);
      }),
    );
  });
});

describe("roundDecimeter", () => {
  it("rounds halves up", () => {
    expect([0.04, 0.05, 0.25, 12.349, 12_345.65].map(roundDecimeter)).toEqual([
      0, 0.1, 0.3, 12.3, 12_345.7,
    ]);
  });
});
