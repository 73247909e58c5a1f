import { expect, it } from "vitest";
import { makeCandidateSet } from "../../../src/geo/candidates.ts";
import { geodesicMeters } from "../../../src/geo/distance.ts";
import { rankEverywhere } from "../../../src/geo/rank-everywhere.ts";
import { seededRandom } from "../../support/calls.ts";

it("ranks the nearest of all candidates as measuring each of them does, near and far, with ids for equal distances", () => {
  const random = seededRandom(4);
  for (let round = 0; round < 60; round += 1) {
    const spread = [0.01, 1, 60][round % 3] ?? 1;
    const center = { latitude: random() * 120 - 60, longitude: random() * 340 - 170 };
    const rows = Array.from({ length: 150 }, (_, i) => ({
      id: String((i * 7919) % 150).padStart(8, "0"),
      latitude: Math.max(-90, Math.min(90, center.latitude + (random() - 0.5) * spread)),
      longitude: Math.max(-180, Math.min(180, center.longitude + (random() - 0.5) * spread)),
    }));
    // Two at each of some places.
    const all = rows.map((row, i) => (i % 5 === 0 ? { ...row, ...placeOf(rows[i + 1]) } : row));
    const { candidates, order } = makeCandidateSet(center, all);
    const caller = {
      latitude: Math.max(-90, Math.min(90, center.latitude + (random() - 0.5) * 0.04)),
      longitude: center.longitude + (random() - 0.5) * 0.04,
    };
    const truth = all
      .map((row) => ({ id: row.id, meters: geodesicMeters(caller, row) }))
      .toSorted((a, b) => a.meters - b.meters || (a.id < b.id ? -1 : 1))
      .slice(0, 21);
    const { indices, distancesMeters } = rankEverywhere(candidates, caller, 21);
    const ranked = indices.map((index, place) => ({
      id: all[order[index] ?? -1]?.id,
      meters: distancesMeters[place],
    }));
    expect(ranked).toEqual(truth);
  }
});

function placeOf(row: { readonly latitude: number; readonly longitude: number } | undefined) {
  return { latitude: row?.latitude ?? 0, longitude: row?.longitude ?? 0 };
}
