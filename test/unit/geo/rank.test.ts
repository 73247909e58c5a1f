import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CandidateRow, makeCandidateSet } from "../../../src/geo/candidates.ts";
import { cellBounds, cellOf } from "../../../src/geo/cell.ts";
import { geodesicMeters } from "../../../src/geo/distance.ts";
import type { Position } from "../../../src/geo/position.ts";
import { rankNearest } from "../../../src/geo/rank.ts";
import { anyCell, callerIn, rankByDefinition, storesAround } from "./arbitraries.ts";

function rank(
  center: Position,
  rows: readonly CandidateRow[],
  caller: Position,
  options: { radiusMeters: number; limit: number },
): { id: string | undefined; distance: number | undefined }[] {
  const { candidates, order } = makeCandidateSet(center, rows);
  const { indices, distancesMeters } = rankNearest(candidates, caller, options);
  return Array.from(indices, (index, slot) => ({
    id: rows[order[index] ?? -1]?.id,
    distance: distancesMeters[slot],
  }));
}

const cell = cellBounds(cellOf({ latitude: 55.68, longitude: 12.57 }));
const { center } = cell;

describe("rankNearest", () => {
  it("returns the set, order and distances of the definition, for any cell", () => {
    const draw = anyCell.chain((cell) =>
      fc.record({
        cell: fc.constant(cell),
        rows: storesAround(cell),
        caller: callerIn(cell),
        radiusMeters: fc.constantFrom(100, 1000, 5000, 50_000),
        limit: fc.constantFrom(1, 3, 20, 100, 500),
      }),
    );
    fc.assert(
      fc.property(draw, ({ cell, rows, caller, radiusMeters, limit }) => {
        const options = { radiusMeters, limit };
        expect(rank(cell.center, rows, caller, options)).toEqual(
          rankByDefinition(rows, caller, options),
        );
      }),
      { numRuns: 400 },
    );
  });

  it("breaks ties at one point by id, also for more ties than the limit", () => {
    const rows = Array.from({ length: 3000 }, (_, index) => ({
      id: String((index * 7919) % 3000).padStart(5, "0"),
      latitude: 55.681,
      longitude: 12.571,
    }));
    const ids = rank(center, rows, center, { radiusMeters: 5000, limit: 4 }).map(({ id }) => id);
    expect(ids).toEqual(["00000", "00001", "00002", "00003"]);
  });

  it("uses Karney's distance where the fast distance is ambiguous", () => {
    const rows = Array.from({ length: 40 }, (_, index) => ({
      id: String((index * 17) % 40).padStart(2, "0"),
      latitude: center.latitude + 0.03,
      longitude: center.longitude + 0.03 + index * 2e-13,
    }));
    const options = { radiusMeters: 5000, limit: 25 };
    expect(rank(center, rows, center, options)).toEqual(rankByDefinition(rows, center, options));
  });

  it("includes a store at exactly the radius, and excludes one 10 nm beyond it", () => {
    const row = { id: "a", latitude: 55.7, longitude: 12.6 };
    const meters = geodesicMeters(center, row);
    expect(rank(center, [row], center, { radiusMeters: meters, limit: 5 })).toHaveLength(1);
    expect(rank(center, [row], center, { radiusMeters: meters - 1e-8, limit: 5 })).toEqual([]);
  });

  it("answers nothing from nothing", () => {
    expect(rank(center, [], center, { radiusMeters: 5000, limit: 20 })).toEqual([]);
  });

  it("is exact for a caller outside the cell", () => {
    const caller = { latitude: 55.9, longitude: 12.9 };
    const rows = Array.from({ length: 200 }, (_, index) => ({
      id: String(index).padStart(3, "0"),
      latitude: 55.5 + ((index * 37) % 200) / 400,
      longitude: 12.4 + ((index * 71) % 200) / 400,
    }));
    const options = { radiusMeters: 50_000, limit: 20 };
    expect(rank(center, rows, caller, options)).toEqual(rankByDefinition(rows, caller, options));
  });

  it("rejects invalid callers, radii, limits and counts", () => {
    const { candidates } = makeCandidateSet(center, []);
    const options = { radiusMeters: 5000, limit: 20 };
    const bad = [
      { ...options, radiusMeters: 60_000 },
      { ...options, radiusMeters: -1 },
      { ...options, radiusMeters: Number.NaN },
      { ...options, limit: 0 },
      { ...options, limit: 1.5 },
    ];
    for (const each of bad) {
      expect(() => rankNearest(candidates, center, each)).toThrow(RangeError);
    }
    const nowhere = { latitude: Number.NaN, longitude: 0 };
    expect(() => rankNearest(candidates, nowhere, options)).toThrow(RangeError);
  });
});
