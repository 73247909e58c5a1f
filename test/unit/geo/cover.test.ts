import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeCandidateSet, pickCandidates } from "../../../src/geo/candidates.ts";
import { cellBounds, cellOf } from "../../../src/geo/cell.ts";
import { coverCell } from "../../../src/geo/cover.ts";
import { rankNearest } from "../../../src/geo/rank.ts";
import { anyCell, callerIn, rankByDefinition, storesAround } from "./arbitraries.ts";

const copenhagen = cellBounds(cellOf({ latitude: 55.68, longitude: 12.57 }));

describe("coverCell", () => {
  it("keeps every caller's answer, for every smaller or equal limit and radius", () => {
    const draw = anyCell.chain((cell) =>
      fc.record({
        cell: fc.constant(cell),
        rows: storesAround(cell),
        callers: fc.array(callerIn(cell), { minLength: 1, maxLength: 8 }),
        coverLimit: fc.constantFrom(1, 2, 5, 20, 100),
        coverRadiusMeters: fc.constantFrom(1000, 5000, 50_000),
        limitShare: fc.double({ min: 0, max: 1, noNaN: true }),
        radiusShare: fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })),
      }),
    );
    fc.assert(
      fc.property(draw, (given) => {
        const { cell, rows, coverLimit, coverRadiusMeters } = given;
        const { candidates, order } = makeCandidateSet(cell.center, rows);
        const kept = coverCell(candidates, cell, coverLimit, coverRadiusMeters);
        const few = pickCandidates(candidates, kept);
        const options = {
          limit: Math.max(1, Math.round(given.limitShare * coverLimit)),
          radiusMeters: given.radiusShare * coverRadiusMeters,
        };
        for (const caller of given.callers) {
          const { indices, distancesMeters } = rankNearest(few, caller, options);
          const answer = Array.from(indices, (index, slot) => ({
            id: rows[order[kept[index] ?? -1] ?? -1]?.id,
            distance: distancesMeters[slot],
          }));
          expect(answer).toEqual(rankByDefinition(rows, caller, options));
        }
      }),
      { numRuns: 300 },
    );
  });

  it("drops most of a dense city", () => {
    const { latitude, longitude } = copenhagen.center;
    const rows = Array.from({ length: 4000 }, (_, index) => ({
      id: String(index).padStart(4, "0"),
      latitude: latitude + (((index * 0.618_034) % 1) - 0.5) * 0.03,
      longitude: longitude + (((index * 0.754_878) % 1) - 0.5) * 0.05,
    }));
    const { candidates } = makeCandidateSet(copenhagen.center, rows);
    const kept = coverCell(candidates, copenhagen, 20, 5000);
    expect(kept.length).toBeLessThan(800);
    expect([...kept]).toEqual([...kept].sort((a, b) => a - b));
  });

  it("keeps at most `limit` stores at one point", () => {
    const rows = Array.from({ length: 500 }, (_, index) => ({
      id: String((index * 77) % 500).padStart(3, "0"),
      latitude: 55.68,
      longitude: 12.57,
    }));
    const { candidates, order } = makeCandidateSet(copenhagen.center, rows);
    const kept = coverCell(candidates, copenhagen, 3, 5000);
    const ids = Array.from(kept, (index) => rows[order[index] ?? -1]?.id);
    expect(ids).toEqual(["000", "001", "002"]);
  });

  it("rejects a radius or a limit out of range", () => {
    const { candidates } = makeCandidateSet(copenhagen.center, []);
    expect(() => coverCell(candidates, copenhagen, 20, 59_900)).toThrow(RangeError);
    expect(() => coverCell(candidates, copenhagen, 20, Number.NaN)).toThrow(RangeError);
    expect(() => coverCell(candidates, copenhagen, 0, 5000)).toThrow(RangeError);
  });
});
