import * as fc from "fast-check";
import { expect, it } from "vitest";
import { selectNth } from "../../../src/geo/select.ts";

it("selectNth returns the n-th smallest value, also of repeated values and sorted input", () => {
  const value = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.double({ noNaN: true }));
  const draw = fc.array(value, { minLength: 1, maxLength: 60 }).chain((values) =>
    fc.tuple(
      fc.constantFrom(
        values,
        values.toSorted((a, b) => a - b),
      ),
      fc.nat(values.length - 1),
    ),
  );
  fc.assert(
    fc.property(draw, ([values, n]) => {
      const nth = selectNth(Float64Array.from([...values, -1e9]), values.length, n);
      expect(nth + 0).toBe((Float64Array.from(values).sort()[n] ?? Number.NaN) + 0);
    }),
  );
  expect(() => selectNth(new Float64Array(3), 3, 3)).toThrow(RangeError);
});
