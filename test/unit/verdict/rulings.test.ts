import { describe, expect, it } from "vitest";
import {
  type RulingEntry,
  Rulings,
  type School,
  type SubstanceEntry,
} from "../../../src/verdict/rulings.ts";

const substance = (id: string, ...parents: string[]): SubstanceEntry => ({
  id,
  parents,
  kind: null,
  additive: null,
});
const says = (
  id: string,
  halalStatus: RulingEntry["halalStatus"],
  madhab: School = null,
): RulingEntry => ({
  substance: id,
  madhab,
  halalStatus,
  confidence: 0.9,
  reasonCode: "a_test",
  source: "a council",
});

const rulings = new Rulings({
  substances: [
    substance("en:wine", "en:alcohol"),
    substance("en:wine-vinegar", "en:wine", "en:vinegar"),
    substance("en:malt-vinegar", "en:vinegar"),
    substance("en:pork-gelatin", "en:gelatin", "en:pork"),
    substance("en:lobster", "en:shellfish"),
    substance("en:circle", "en:ring"),
    substance("en:ring", "en:circle"),
    substance("en:withdrawn", "en:wine"),
    { ...substance("en:mono-and-diglycerides", "en:e471"), additive: "E471" },
    { ...substance("en:e471"), additive: "E471" },
  ],
  rulings: [
    says("en:alcohol", "haram"),
    says("en:vinegar", "halal"),
    says("en:wine-vinegar", "doubtful"),
    says("en:wine-vinegar", "halal", "hanafi"),
    says("en:gelatin", "doubtful"),
    says("en:pork", "haram"),
    says("en:shellfish", "doubtful"),
    says("en:shellfish", "halal", "maliki"),
    says("en:lobster", "haram", "hanafi"),
    says("en:withdrawn", "unknown"),
  ],
  additives: [],
});
const statusOf = (id: string, school: School = null) =>
  rulings.find(id, school)?.halalStatus ?? null;

describe("the ruling on a substance", () => {
  it("is that of the nearest ancestor that has one", () => {
    expect(statusOf("en:wine")).toBe("haram");
    expect(statusOf("en:malt-vinegar")).toBe("halal");
    expect(statusOf("en:wine-vinegar")).toBe("doubtful");
  });

  it("is the school's own rather than the general one of the same substance, and never another school's", () => {
    expect(statusOf("en:wine-vinegar", "hanafi")).toBe("halal");
    expect(statusOf("en:wine-vinegar", "shafii")).toBe("doubtful");
    expect(statusOf("en:lobster", "hanafi")).toBe("haram");
    expect(statusOf("en:lobster", "maliki")).toBe("halal");
    expect(statusOf("en:lobster")).toBe("doubtful");
  });

  it("is the strictest of several on one level", () => {
    expect(statusOf("en:pork-gelatin")).toBe("haram");
  });

  it("is missing when there is none, when an operator withdrew it, and when ancestors form a circle", () => {
    expect([statusOf("en:new"), statusOf("en:withdrawn"), statusOf("en:circle")]).toEqual([
      null,
      null,
      null,
    ]);
  });

  it("is found for an additive by the substance of its number", () => {
    expect(rulings.substanceOf("E471")).toBe("en:e471");
    expect(rulings.substanceOf("E999")).toBeNull();
  });
});
