import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { orderOf } from "../../../src/geo/order.ts";

describe("orderOf", () => {
  test("returns the same order as a sort with a comparator", () => {
    const value = fc.oneof(
      fc.double({ min: 0, max: 1e9, noNaN: true }),
      fc.integer({ min: 0, max: 3 }),
      // Two values that differ, but are equal once packed with the largest value.
      fc.integer({ min: 0, max: 9 }).map((steps) => 1 + steps * Number.EPSILON),
    );
    fc.assert(
      fc.property(fc.array(value, { maxLength: 300 }), (list) => {
        const values = Float64Array.from(list);
        const tie = (a: number, b: number) => b - a;
        const expected = [...values.keys()].toSorted(
          (a, b) => (values[a] ?? 0) - (values[b] ?? 0) || tie(a, b),
        );
        expect([...orderOf(values, tie)]).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });
});
