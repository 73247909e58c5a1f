import { describe, expect, it } from "vitest";
import { closureOf } from "../../../../src/import/kinds/stores/closure.ts";
import { readHalalClaim } from "../../../../src/import/kinds/stores/halal-claim.ts";
import { readOsmDate } from "../../../../src/import/kinds/stores/osm-date.ts";

const NOW = new Date("2026-11-26T12:00:00Z");
const isClosed = (tags: Record<string, unknown>) => closureOf(tags, NOW) !== null;
const RESTAURANT = { name: "A", amenity: "restaurant", "diet:halal": "yes" };

describe("closureOf", () => {
  it.each([
    "disused",
    "abandoned",
    "was",
    "demolished",
    "removed",
    "razed",
    "historic",
    "proposed",
    "planned",
    "construction",
    "destroyed",
    "closed",
    "former",
  ])("treats a place with %s:amenity or the like as one that does not exist today", (prefix) => {
    for (const key of ["amenity", "shop", "craft", "cuisine"]) {
      const tags = { name: "A", "diet:halal": "yes", cuisine: "turkish" };
      expect(isClosed({ ...tags, [`${prefix}:${key}`]: "restaurant" })).toBe(true);
      expect(isClosed({ ...tags, [`${prefix}:${key}`]: "no" })).toBe(false);
    }
  });

  it("keeps a place that exists today when only another part of it has closed", () => {
    expect(isClosed({ ...RESTAURANT, "disused:shop": "butcher" })).toBe(false);
    expect(isClosed({ ...RESTAURANT, shop: "vacant" })).toBe(false);
    expect(isClosed({ shop: "butcher", "was:amenity": "cafe" })).toBe(false);
    expect(isClosed({ shop: "kiosk", "diet:halal": "yes", "was:amenity": "cafe" })).toBe(false);
    expect(isClosed({ ...RESTAURANT, "disused:name": "B", historic: "yes" })).toBe(false);
    expect(isClosed({ shop: "clothes", "disused:amenity": "restaurant" })).toBe(false);
    expect(isClosed({ amenity: "parking", "diet:halal": "yes", "disused:shop": "butcher" })).toBe(
      true,
    );
  });

  it.each<[string, unknown]>([
    ["disused", "yes"],
    ["disused", true],
    ["disused", "True"],
    ["abandoned", "yes"],
    ["demolished", "2019"],
    ["permanently_closed", "yes"],
    ["operational_status", "closed"],
    ["operational_status", "Closed_Permanently"],
    ["operational_status", "permanently closed"],
    ["operational_status", "abandoned"],
    ["operational_status", "non-operational"],
    ["business_status", "CLOSED_PERMANENTLY"],
    ["opening_hours", "closed"],
    ["opening_hours", "off"],
    ["opening_hours", "Mo-Su off"],
    ["opening_hours", "24/7 closed"],
    ["opening_hours", 'closed "permanently closed"'],
    ["opening_hours", '"closed for good"'],
    ["opening_hours", "closed; PH off"],
    ["opening_hours", "permanently closed"],
    ["opening_hours", "Mo-Fr 10:00-20:00; 2025 Mar 01+ off"],
    ["end_date", "2020"],
    ["end_date", "2026-10"],
    ["end_date", "2026-11-25"],
    ["end_date", "~2010"],
    ["end_date", "1990s"],
    ["end_date", "C19"],
    ["end_date", "before 2015"],
    ["end_date", "2015..2016"],
    ["end_date", "31.12.2019"],
    ["start_date", "2031"],
    ["opening_date", "2027-05"],
  ])("treats a place with %s=%j as one that does not exist today", (key, value) => {
    expect(isClosed({ ...RESTAURANT, [key]: value })).toBe(true);
  });

  it.each<[string, unknown]>([
    ["disused", "no"],
    ["disused", false],
    ["abandoned", ""],
    ["operational_status", "operational"],
    ["operational_status", "open"],
    ["operational_status", "temporarily_closed"],
    ["operational_status", "closed:covid19"],
    ["opening_hours", "PH off"],
    ["opening_hours", "Mo-Fr 10:00-20:00; PH off"],
    ["opening_hours", 'off "temporarily closed"'],
    ["opening_hours", 'closed "renovation until May"'],
    ["opening_hours", 'off "by appointment"'],
    ["opening_hours", "Mo-Fr 10:00-20:00; 2027 Mar 01+ off"],
    ["end_date", "2026"],
    ["end_date", "2026-11"],
    ["end_date", "2026-11-26"],
    ["end_date", "2027-02-30"],
    ["end_date", "after 2015"],
    ["end_date", "yes"],
    ["start_date", "1990"],
    ["start_date", "2026"],
    ["closed", "Sunday"],
  ])("keeps a place with %s=%j", (key, value) => {
    expect(isClosed({ ...RESTAURANT, [key]: value })).toBe(false);
  });
});

describe("readOsmDate", () => {
  it("returns the whole period that the text means", () => {
    const spans = (text: string) => {
      const period = readOsmDate(text);
      const day = (ms: number) =>
        Number.isFinite(ms) ? new Date(ms).toISOString().slice(0, 10) : ms;
      return period === null ? null : [day(period.startMs), day(period.endMs)];
    };
    expect(spans("2020")).toEqual(["2020-01-01", "2021-01-01"]);
    expect(spans("2020-02")).toEqual(["2020-02-01", "2020-03-01"]);
    expect(spans("2020-02-29T10:00Z")).toEqual(["2020-02-29", "2020-03-01"]);
    expect(spans("1 March 2020")).toEqual(["2020-03-01", "2020-03-02"]);
    expect(spans("Dec 2019")).toEqual(["2019-12-01", "2020-01-01"]);
    expect(spans("mid 1990s")).toEqual(["1990-01-01", "2000-01-01"]);
    expect(spans("2015..2016-05")).toEqual(["2015-01-01", "2016-06-01"]);
    expect(spans("before 2015")).toEqual([-Infinity, "2016-01-01"]);
    for (const text of ["", "yes", "2021-02-30", "2021-13", "20", "yesterday"]) {
      expect([text, spans(text)]).toEqual([text, null]);
    }
  });
});

describe("readHalalClaim", () => {
  it.each<[unknown, string | null]>([
    ["yes", "yes"],
    ["YES", "yes"],
    ["True", "yes"],
    [true, "yes"],
    [1, "yes"],
    ["1", "yes"],
    ["halal=yes", "yes"],
    ["diet:halal=only", "only"],
    ["only", "only"],
    ["Only ", "only"],
    ["yes;only", "only"],
    ["only; yes", "only"],
    ["yes, unknown", "yes"],
    ["limited", "limited"],
    ["yes;limited", "limited"],
    ["no", "no"],
    ["No", "no"],
    [false, "no"],
    ["0", "no"],
    ["not_halal", "no"],
    ["yes;no", null],
    ["maybe", null],
    ["unknown", null],
    ["", null],
    [null, null],
    ["2", null],
  ])("reads %j as %j", (value, claim) => {
    expect(readHalalClaim({ "diet:halal": value })).toBe(claim);
    expect(readHalalClaim({ halal: value })).toBe(claim);
  });

  it("reads the next key when a value is not understood", () => {
    expect(readHalalClaim({ "diet:halal": "ask", halal: "only" })).toBe("only");
    expect(readHalalClaim({ "diet:halal": "limited", halal: "only" })).toBe("limited");
  });
});
