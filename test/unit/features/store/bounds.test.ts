import * as fc from "fast-check";
import { expect, it } from "vitest";
import {
  coveringPoints,
  longitudesOf,
  type MapBounds,
  middleOf,
} from "../../../../src/features/store/bounds.ts";

const latitude = fc.double({ min: -90, max: 90, noNaN: true });
const longitude = fc.oneof(
  fc.double({ min: -180, max: 180, noNaN: true }),
  fc.constantFrom(-180, -90, 0, 90, 180),
);
const bounds = fc
  .record({ a: latitude, b: latitude, west: longitude, east: longitude })
  .map(({ a, b, west, east }): MapBounds => ({
    south: Math.min(a, b),
    north: Math.max(a, b),
    west,
    east,
  }));

function inSpace(place: { readonly latitude: number; readonly longitude: number }) {
  const [phi, lambda] = [place.latitude, place.longitude].map((d) => (d * Math.PI) / 180);
  const [f = 0, l = 0] = [phi, lambda];
  return [Math.cos(f) * Math.cos(l), Math.cos(f) * Math.sin(l), Math.sin(f)];
}

it("the box in space of the covering points holds every point of the bounds", () => {
  fc.assert(
    fc.property(bounds, fc.double({ min: 0, max: 1, noNaN: true }), latitude, (box, share, at) => {
      const width = box.east - box.west + (box.east < box.west ? 360 : 0);
      const inside = {
        latitude: Math.min(Math.max(at, box.south), box.north),
        longitude: box.west + width * share,
      };
      const corners = coveringPoints(box).map(inSpace);
      inSpace(inside).forEach((value, axis) => {
        const values = corners.map((corner) => corner[axis] ?? 0);
        expect(value).toBeGreaterThanOrEqual(Math.min(...values) - 1e-12);
        expect(value).toBeLessThanOrEqual(Math.max(...values) + 1e-12);
      });
    }),
    { numRuns: 2_000 },
  );
});

it.each([
  [{ west: -180, south: -90, east: 180, north: 90 }, { latitude: 0, longitude: 0 }, -180],
  [{ west: 170, south: 10, east: -170, north: 20 }, { latitude: 15, longitude: 180 }, null],
  [{ west: 170, south: 0, east: -150, north: 0 }, { latitude: 0, longitude: -170 }, null],
  [{ west: -180, south: 0, east: -170, north: 2 }, { latitude: 1, longitude: -175 }, 180],
])(
  "the bounds %j have the expected middle, and the expected second edge at 180°",
  (box, middle, also) => {
    expect(middleOf(box)).toEqual(middle);
    expect(longitudesOf(box).also).toBe(also);
  },
);
