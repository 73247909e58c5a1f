import { expect, it } from "vitest";
import { RecentMap } from "../../src/recent-map.ts";

it("a RecentMap keeps what was used last, and forgets what was not used for as many entries as it has", () => {
  const map = new RecentMap<number, string>(10);
  map.set(-1, "used");
  for (let key = 0; key < 1_000; key += 1) {
    map.set(key, String(key));
    expect(map.get(-1)).toBe("used");
  }
  expect([999, 998, 997].map((key) => map.get(key))).toEqual(["999", "998", "997"]);
  expect(map.get(985)).toBeUndefined();
});

it("a RecentMap keeps nothing of a text that is longer than keys may be", () => {
  const map = new RecentMap<string, number>(100, 5);
  map.set("sugar", 1);
  map.set("sugars", 2);
  expect([map.get("sugar"), map.get("sugars")]).toEqual([1, undefined]);
});
