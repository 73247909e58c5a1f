import * as fc from "fast-check";
import { type Cell, cellBounds, cellOf } from "../../../src/geo/cell.ts";
import type { CandidateRow } from "../../../src/geo/candidates.ts";
import { geodesicMeters, roundDecimeter } from "../../../src/geo/distance.ts";
import type { Position } from "../../../src/geo/position.ts";

const unit = fc.double({ min: 0, max: 1, noNaN: true });

/** Positions everywhere, with the poles, the equator and ±180° far more often than by chance. */
export const anyPosition: fc.Arbitrary<Position> = fc.record({
  latitude: fc.oneof(
    fc.double({ min: -90, max: 90, noNaN: true }),
    fc.double({ min: 89.99, max: 90, noNaN: true }),
    fc.double({ min: -90, max: -89.99, noNaN: true }),
    fc.constantFrom(-90, 0, 45, 90),
  ),
  longitude: fc.oneof(
    fc.double({ min: -180, max: 180, noNaN: true }),
    fc.double({ min: 179.999, max: 180, noNaN: true }),
    fc.double({ min: -180, max: -179.999, noNaN: true }),
    fc.constantFrom(-180, -90, 0, 45, 180),
  ),
});

export const anyCell: fc.Arbitrary<Cell> = anyPosition.map((position) =>
  cellBounds(cellOf(position)),
);

/** A caller in a cell: inside, on an edge or on a corner. */
export function callerIn(cell: Cell): fc.Arbitrary<Position> {
  const share = fc.oneof(unit, fc.constantFrom(0, 0.5, 1));
  return fc.tuple(share, share).map(([north, east]) => ({
    latitude: cell.minLatitude + north * (cell.maxLatitude - cell.minLatitude),
    longitude: cell.minLongitude + east * (cell.maxLongitude - cell.minLongitude),
  }));
}

/** Stores around a cell out to a spread in kilometres: scattered, on a coarse grid that mirrors, or in one spot. */
export function storesAround(cell: Cell): fc.Arbitrary<CandidateRow[]> {
  const { latitude, longitude } = cell.center;
  const shift = fc.double({ min: -1, max: 1, noNaN: true });
  const gridShift = fc.integer({ min: -4, max: 4 }).map((step) => step / 4);
  const place = fc.oneof(
    { weight: 5, arbitrary: fc.tuple(shift, shift) },
    { weight: 2, arbitrary: fc.tuple(gridShift, gridShift) },
    { weight: 1, arbitrary: fc.constant<[number, number]>([0.1, 0.1]) },
  );
  return fc
    .tuple(
      fc.constantFrom(0.3, 1, 3, 20, 70),
      fc.uniqueArray(fc.tuple(fc.uuid(), place), {
        maxLength: 120,
        selector: ([id]) => id,
        size: "max",
      }),
    )
    .map(([spreadKm, stores]) => {
      const latitudeSpread = spreadKm / 111;
      const longitudeSpread = Math.min(
        180,
        latitudeSpread / Math.max(1e-6, Math.cos((latitude * Math.PI) / 180)),
      );
      return stores.map(([id, [north, east]]) => {
        const turned = longitude + east * longitudeSpread;
        return {
          id,
          latitude: Math.max(-90, Math.min(90, latitude + north * latitudeSpread)),
          longitude: turned > 180 ? turned - 360 : turned < -180 ? turned + 360 : turned,
        };
      });
    });
}

/** The definition: every distance by Karney, then radius, order, limit. */
export function rankByDefinition(
  rows: readonly CandidateRow[],
  caller: Position,
  options: { radiusMeters: number; limit: number },
): { id: string; distance: number }[] {
  return rows
    .map((row) => ({ id: row.id, meters: geodesicMeters(caller, row) }))
    .filter(({ meters }) => meters <= options.radiusMeters)
    .sort((a, b) => a.meters - b.meters || (a.id < b.id ? -1 : 1))
    .slice(0, options.limit)
    .map(({ id, meters }) => ({ id, distance: roundDecimeter(meters) }));
}
