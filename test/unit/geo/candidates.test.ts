import { describe, expect, it } from "vitest";
import { makeCandidateSet, pickCandidates } from "../../../src/geo/candidates.ts";
import { geodesicMeters } from "../../../src/geo/distance.ts";

const center = { latitude: 55.68, longitude: 12.57 };
const rows = [
  { id: "c", latitude: 55.7, longitude: 12.6 },
  { id: "b", latitude: 55.69, longitude: 12.57 },
  { id: "d", latitude: -33, longitude: 151 },
  { id: "a", latitude: 55.69, longitude: 12.57 },
];

describe("makeCandidateSet", () => {
  it("orders by distance from the centre, then by id", () => {
    const { candidates, order } = makeCandidateSet(center, rows);
    expect(Array.from(order, (row) => rows[row]?.id)).toEqual(["a", "b", "c", "d"]);
    expect([...candidates.idRanks]).toEqual([0, 1, 2, 3]);
    candidates.centerDistances.forEach((meters, index) => {
      const position = rows[order[index] ?? -1] ?? center;
      expect(meters).toBeCloseTo(geodesicMeters(center, position), 6);
    });
  });

  it("rejects a row without a valid position", () => {
    expect(() => makeCandidateSet(center, [{ id: "a", latitude: 91, longitude: 0 }])).toThrow(
      RangeError,
    );
  });
});

describe("pickCandidates", () => {
  it("copies every column of the picked candidates", () => {
    const { candidates } = makeCandidateSet(center, rows);
    const picked = pickCandidates(candidates, Uint32Array.of(1, 3));
    expect(picked.count).toBe(2);
    expect([...picked.latitudes]).toEqual([55.69, -33]);
    expect([...picked.longitudes]).toEqual([12.57, 151]);
    expect([...picked.idRanks]).toEqual([1, 3]);
    expect([...picked.ecef]).toEqual([
      ...candidates.ecef.subarray(3, 6),
      ...candidates.ecef.subarray(9, 12),
    ]);
    expect(picked.centerDistances[1]).toBe(candidates.centerDistances[3]);
  });
});
