import { describe, expect, it } from "vitest";
import type { JournalLine } from "../../../src/db/held-journal.ts";
import { PURGED_TOPICS, tagsOfLines } from "../../../src/edge/tags-of-events.ts";

const line = (topic: string, ref: string | null = null): JournalLine => ({
  topic,
  ref,
  latitude: null,
  longitude: null,
});
const tagsOf = (...lines: readonly JournalLine[]) => [...tagsOfLines(lines)].toSorted();

describe("the tags of a line of the journal", () => {
  it("name a written store's page and the cells around it, and no other page", () => {
    const written = { ...line("store", "an-id"), latitude: 48.8566, longitude: 2.3522 };
    const tags = tagsOf(written);
    expect(tags).toEqual(expect.arrayContaining(["store:an-id", "cell:u09t", "wide:u09"]));
    expect(tags).not.toContain("stores");
    expect(tagsOf(line("store"))).toEqual(["stores"]);
  });

  it("name each product of a line, or all of them", () => {
    expect(tagsOf(line("product", "00000000000017,00000000000024"))).toEqual([
      "product:00000000000017",
      "product:00000000000024",
    ]);
    expect(tagsOf(line("recall", "00000000000017"))).toEqual(["product:00000000000017"]);
    expect(tagsOf(line("product"))).toEqual(["products"]);
  });

  it("name all products at once for an import", () => {
    const many = Array.from({ length: 6 }, (_, n) =>
      line(
        "product",
        Array.from({ length: 200 }, (_each, place) => String(n * 200 + place)).join(),
      ),
    );
    expect(tagsOf(...many, line("boycott", "a"))).toEqual(["boycotts", "products"]);
  });

  it.each([
    ["certifier", ["certifiers", "products", "stores"]],
    ["boycott", ["boycotts", "products"]],
    ["boycott_keys", ["products"]],
    ["ruling", ["products"]],
    ["additive", ["additives", "products"]],
    ["source", ["additives", "products", "stores"]],
    ["app_config", ["app-config"]],
  ])("name everything that shows a %s", (topic, tags) => {
    expect(PURGED_TOPICS).toContain(topic);
    expect(tagsOf(line(topic, "x"))).toEqual(tags);
  });
});
