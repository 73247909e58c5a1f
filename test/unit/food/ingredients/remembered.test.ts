import { describe, expect, it } from "vitest";
import { MAX_KEY_LENGTH, Remembered } from "../../../../src/food/ingredients/remembered.ts";

describe("Remembered", () => {
  it("keeps what comes again, drops what came once, and holds no more than twice its room", () => {
    const remembered = new Remembered<number>(100);
    remembered.set("salt", -1);
    const salts = new Set<number | undefined>();
    for (let key = 0; key < 10_000; key += 1) {
      remembered.set(`spice ${key}`, key);
      if (key % 50 === 0) salts.add(remembered.get("salt"));
    }
    expect([...salts]).toEqual([-1]);
    const held = Array.from({ length: 10_000 }, (_, key) => remembered.get(`spice ${key}`)).filter(
      (value) => value !== undefined,
    );
    expect(held.length).toBeGreaterThan(0);
    expect(held.length).toBeLessThanOrEqual(200);
  });

  it("does not hold long keys", () => {
    const remembered = new Remembered<number>(100);
    remembered.set("x".repeat(MAX_KEY_LENGTH + 1), 1);
    expect(remembered.get("x".repeat(MAX_KEY_LENGTH + 1))).toBeUndefined();
  });
});
