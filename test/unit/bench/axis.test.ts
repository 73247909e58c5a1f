import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { linearAxis, logarithmicAxis, tickLabel } from "../../../bench/report/axis.ts";

describe("linearAxis", () => {
  it("marks round numbers from below the least to above the greatest", () => {
    expect(linearAxis(0, 25).ticks).toEqual([0, 5, 10, 15, 20, 25]);
    expect(linearAxis(0, 0.97).ticks).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(linearAxis(1000, 8333).ticks).toEqual([0, 2000, 4000, 6000, 8000, 10_000]);
  });

  it("has a width even when all values are one", () => {
    const { ticks, place } = linearAxis(7, 7);
    expect(ticks.length).toBeGreaterThan(1);
    expect(place(7)).toBeGreaterThanOrEqual(0);
    expect(place(7)).toBeLessThanOrEqual(1);
  });

  it("keeps every value within the plot and few marks, in order", () => {
    const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(value, value, (a, b) => {
        const [least, greatest] = a < b ? [a, b] : [b, a];
        fc.pre(greatest - least > 1e-6);
        const { ticks, place } = linearAxis(least, greatest);
        expect(place(least)).toBeGreaterThanOrEqual(-1e-6);
        expect(place(greatest)).toBeLessThanOrEqual(1 + 1e-6);
        expect(ticks.length).toBeGreaterThanOrEqual(2);
        expect(ticks.length).toBeLessThanOrEqual(9);
        expect(ticks).toEqual(ticks.toSorted((x, y) => x - y));
      }),
    );
  });
});

describe("logarithmicAxis", () => {
  it("marks twos and fives in between when there are few powers of ten", () => {
    expect(logarithmicAxis(0.9, 60).ticks).toEqual([0.5, 1, 2, 5, 10, 20, 50, 100]);
    expect(logarithmicAxis(10_030, 15_301).ticks).toEqual([10_000, 20_000]);
    expect(logarithmicAxis(3, 3).ticks).toEqual([2, 5]);
    expect(logarithmicAxis(0.01, 10_000).ticks).toEqual([0.01, 0.1, 1, 10, 100, 1000, 10_000]);
  });

  it("places equal ratios equally far apart, and what has no logarithm at the beginning", () => {
    const { place } = logarithmicAxis(1, 100);
    expect(place(1)).toBeCloseTo(0);
    expect(place(10)).toBeCloseTo(0.5);
    expect(place(100)).toBeCloseTo(1);
    expect(place(0)).toBe(0);
  });
});

describe("logarithmicAxis, any values", () => {
  it("keeps every value within the plot, between two marks at least", () => {
    const value = fc.double({ min: 1e-6, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(value, value, (a, b) => {
        const [least, greatest] = a < b ? [a, b] : [b, a];
        const { ticks, place } = logarithmicAxis(least, greatest);
        expect(ticks.length).toBeGreaterThanOrEqual(2);
        expect(place(least)).toBeGreaterThanOrEqual(0);
        expect(place(greatest)).toBeLessThanOrEqual(1 + 1e-9);
      }),
    );
  });
});

describe("tickLabel", () => {
  it("is short", () => {
    expect([0.05, 20, 1000, 12_000, 2_500_000].map(tickLabel)).toEqual([
      "0.05",
      "20",
      "1,000",
      "12k",
      "2.5M",
    ]);
  });
});
