import { assert, double, oneof, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { cellBounds, cellOf, distanceToCellMeters } from "../../../src/geo/cell.ts";
import { ALL_STORES_TAG, cellTag, storeTags } from "../../../src/geo/edge-tags.ts";
import type { Position } from "../../../src/geo/position.ts";

const latitude = oneof(
  double({ min: -90, max: 90, noNaN: true }),
  double({ min: 84, max: 90, noNaN: true }),
);
const longitude = oneof(
  double({ min: -180, max: 180, noNaN: true }),
  double({ min: 179, max: 180, noNaN: true }),
);

/** A position so far away in some direction, on whichever side of ±180° that is. */
function away({ latitude, longitude }: Position, meters: number, bearing: number): Position {
  const angle = meters / 6_371_000;
  const from = (latitude * Math.PI) / 180;
  const to = Math.asin(
    Math.max(
      -1,
      Math.min(
        1,
        Math.sin(from) * Math.cos(angle) + Math.cos(from) * Math.sin(angle) * Math.cos(bearing),
      ),
    ),
  );
  const east = Math.atan2(
    Math.sin(bearing) * Math.sin(angle) * Math.cos(from),
    Math.cos(angle) - Math.sin(from) * Math.sin(to),
  );
  const degrees = longitude + (east * 180) / Math.PI;
  return {
    latitude: (to * 180) / Math.PI,
    longitude: degrees > 180 ? degrees - 360 : degrees < -180 ? degrees + 360 : degrees,
  };
}

describe("the tags of a store", () => {
  it.each([
    [5_000, false],
    [50_000, true],
  ])("name every cell that may show it up to %i m away, anywhere on Earth", (radius, isWide) => {
    assert(
      property(
        latitude,
        longitude,
        double({ min: 0, max: 1.03, noNaN: true }),
        double({ min: 0, max: 2 * Math.PI, noNaN: true }),
        (latitude, longitude, share, bearing) => {
          const store = { latitude, longitude };
          const geohash = cellOf(away(store, share * radius, bearing));
          const isFar = distanceToCellMeters(cellBounds(geohash), store) > radius;
          const tags = storeTags(store);
          const isNamed = tags.includes(ALL_STORES_TAG) || tags.includes(cellTag(geohash, isWide));
          expect([geohash, isFar || isNamed]).toEqual([geohash, true]);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it("are few where people live, and everything near the poles", () => {
    expect(storeTags({ latitude: 48.8566, longitude: 2.3522 }).length).toBeLessThan(10);
    expect(storeTags({ latitude: 69.65, longitude: 18.96 }).length).toBeLessThan(20);
    expect(storeTags({ latitude: 89.5, longitude: 0 })).toEqual([ALL_STORES_TAG]);
  });
});
