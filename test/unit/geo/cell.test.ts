import * as fc from "fast-check";
import ngeohash from "ngeohash";
import { describe, expect, it } from "vitest";
import {
  cellBounds,
  cellIdOf,
  cellOf,
  distanceToCellMeters,
  radiusBucketMeters,
} from "../../../src/geo/cell.ts";
import { geodesicMeters } from "../../../src/geo/distance.ts";
import { anyCell, anyPosition, callerIn } from "./arbitraries.ts";

/** Edges of cells and the neighbouring doubles. */
const edge = fc
  .tuple(fc.integer({ min: 0, max: 2 ** 15 }), fc.constantFrom(-1, 0, 1))
  .map(([step, side]) => ({ share: step / 2 ** 15, side }));

function beside(value: number, side: number, limit: number): number {
  const nudged = value + side * Math.max(Math.abs(value) * Number.EPSILON, Number.MIN_VALUE);
  return Math.max(-limit, Math.min(limit, nudged));
}

describe("cellIdOf", () => {
  it("numbers ngeohash's cells, bit for bit", () => {
    fc.assert(
      fc.property(anyPosition, ({ latitude, longitude }) => {
        expect(cellIdOf(latitude, longitude)).toBe(ngeohash.encode_int(latitude, longitude, 30));
      }),
      { numRuns: 2000 },
    );
  });

  it("agrees with ngeohash on every edge and on the neighbouring doubles", () => {
    fc.assert(
      fc.property(edge, edge, (y, x) => {
        const latitude = beside(y.share * 180 - 90, y.side, 90);
        const longitude = beside(x.share * 360 - 180, x.side, 180);
        expect(cellIdOf(latitude, longitude)).toBe(ngeohash.encode_int(latitude, longitude, 30));
      }),
      { numRuns: 2000 },
    );
  });
});

describe("cellOf and cellBounds", () => {
  it("return a cell that contains the position", () => {
    fc.assert(
      fc.property(anyPosition, (position) => {
        const cell = cellBounds(cellOf(position));
        expect(position.latitude).toBeGreaterThanOrEqual(cell.minLatitude);
        expect(position.latitude).toBeLessThanOrEqual(cell.maxLatitude);
        expect(position.longitude).toBeGreaterThanOrEqual(cell.minLongitude);
        expect(position.longitude).toBeLessThanOrEqual(cell.maxLongitude);
        expect(cellOf(cell.center)).toBe(cell.geohash);
      }),
    );
  });

  it("reject invalid positions and geohashes", () => {
    for (const latitude of [90.1, -90.1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => cellOf({ latitude, longitude: 0 })).toThrow(RangeError);
    }
    expect(() => cellOf({ latitude: 0, longitude: 180.1 })).toThrow(RangeError);
    for (const geohash of ["", "u3bus", "u3busss", "u3busa", "U3BUSX", "*"]) {
      expect(() => cellBounds(geohash)).toThrow(RangeError);
    }
  });
});

describe("padMeters", () => {
  const inCell = anyCell.chain((cell) => fc.tuple(fc.constant(cell), callerIn(cell)));

  it("reaches every point of the cell", () => {
    fc.assert(
      fc.property(inCell, ([cell, point]) => {
        expect(geodesicMeters(cell.center, point)).toBeLessThanOrEqual(cell.padMeters);
      }),
      { numRuns: 2000 },
    );
  });

  it("is hardly larger than the distance to the farthest corner", () => {
    fc.assert(
      fc.property(anyCell, (cell) => {
        const farthestMeters = Math.max(
          geodesicMeters(cell.center, { latitude: cell.minLatitude, longitude: cell.minLongitude }),
          geodesicMeters(cell.center, { latitude: cell.maxLatitude, longitude: cell.maxLongitude }),
        );
        expect(cell.padMeters).toBeLessThan(farthestMeters * 1.1);
      }),
    );
  });
});

describe("distanceToCellMeters", () => {
  const withCaller = anyCell.chain((cell) => fc.tuple(fc.constant(cell), callerIn(cell)));
  const nearby = fc.tuple(
    fc.double({ min: -0.6, max: 0.6, noNaN: true }),
    fc.double({ min: -0.6, max: 0.6, noNaN: true }),
  );

  it("is never larger than the distance to a point of the cell", () => {
    fc.assert(
      fc.property(withCaller, anyPosition, ([cell, point], far) => {
        expect(distanceToCellMeters(cell, far)).toBeLessThanOrEqual(geodesicMeters(far, point));
      }),
    );
    fc.assert(
      fc.property(withCaller, nearby, ([cell, point], [north, east]) => {
        const longitude = cell.center.longitude + east;
        const near = {
          latitude: Math.max(-90, Math.min(90, cell.center.latitude + north)),
          longitude: longitude > 180 ? longitude - 360 : Math.max(-180, longitude),
        };
        expect(distanceToCellMeters(cell, near)).toBeLessThanOrEqual(geodesicMeters(near, point));
      }),
    );
  });

  it("is smaller than the distance to the centre by at most the pad and the difference of chord and arc", () => {
    const cell = cellBounds(cellOf({ latitude: 55.68, longitude: 12.57 }));
    const store = { latitude: 55.3, longitude: 12.9 };
    const meters = geodesicMeters(cell.center, store) - cell.padMeters;
    expect(distanceToCellMeters(cell, store)).toBeLessThan(meters);
    expect(distanceToCellMeters(cell, store)).toBeGreaterThan(meters - 0.2);
    expect(distanceToCellMeters(cell, cell.center)).toBe(0);
  });
});

describe("radiusBucketMeters", () => {
  it("rounds up to its buckets", () => {
    const radii = [0.1, 1, 4.9, 5, 5.0001, 20, 50];
    expect(radii.map(radiusBucketMeters)).toEqual([5000, 5000, 5000, 5000, 50_000, 50_000, 50_000]);
  });

  it("rejects other radii", () => {
    for (const radiusKm of [0.09, 0, -1, 50.1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => radiusBucketMeters(radiusKm)).toThrow(RangeError);
    }
  });
});
