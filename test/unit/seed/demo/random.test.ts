import { assert, integer, nat, property, string } from "fast-check";
import { describe, expect, test } from "vitest";
import { createRandom, deterministicUuid } from "../../../../src/seed/demo/random.ts";

describe("createRandom", () => {
  test("returns the same sequence for the same seed, and another one for another seed", () => {
    const sequence = (seed: string) => {
      const random = createRandom(seed);
      return Array.from({ length: 20 }, () => random.next());
    };
    expect(sequence("a")).toEqual(sequence("a"));
    expect(sequence("a")).not.toEqual(sequence("b"));
  });

  test("stays within its bounds", () => {
    assert(
      property(string(), integer({ min: -1000, max: 1000 }), nat(1000), (seed, from, width) => {
        const random = createRandom(seed);
        const value = random.integer(from, from + width);
        expect(Number.isInteger(value)).toBe(true);
        expect(value).toBeGreaterThanOrEqual(from);
        expect(value).toBeLessThanOrEqual(from + width);
        expect(Math.abs(random.bell())).toBeLessThanOrEqual(6);
      }),
    );
  });

  test("never chooses an item whose weight is 0", () => {
    const random = createRandom("weights");
    const chosen = new Set(
      Array.from({ length: 500 }, () =>
        random.weighted([
          ["never", 0],
          ["often", 5],
          ["seldom", 1],
        ]),
      ),
    );
    expect(chosen).toEqual(new Set(["often", "seldom"]));
  });

  test("throws when it has nothing to choose from", () => {
    expect(() => createRandom("x").pick([])).toThrow(RangeError);
    expect(() => createRandom("x").weighted([])).toThrow(RangeError);
  });
});

describe("deterministicUuid", () => {
  test("returns a version 5 UUID that depends only on the name", () => {
    assert(
      property(string(), (name) => {
        const uuid = deterministicUuid(name);
        expect(uuid).toMatch(
          /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
        );
        expect(deterministicUuid(name)).toBe(uuid);
        expect(deterministicUuid(`${name}.`)).not.toBe(uuid);
      }),
    );
  });
});
