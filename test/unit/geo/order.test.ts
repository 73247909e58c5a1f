import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { orderOf } from "../../../src/geo/order.ts";

describe("orderOf", () => {
  test("gives the order that sorting with a comparator gives", () => {
    const value = fc.oneof(
      fc.double({ min: 0, max: 1e9, noNaN: true }),
      fc.integer({ min: 0, max: 3 }),
      // Different, and the same once they are packed beside the largest.
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
