import { describe, expect, it } from "vitest";
import type { AdditiveEvidence, IngredientEvidence } from "../../../src/verdict/evidence.ts";
import { decideVerdict } from "../../../src/verdict/verdict.ts";
import { additive, ingredient, known, list, product, ruling } from "./evidence.ts";

describe("the verdict on a list of ingredients", () => {
  it("shows that the list contradicts the label", () => {
    const evidence = known({ product: product("halal", 0.6), list: list(ingredient("haram")) });
    const { reasons, basis, confidence } = decideVerdict(evidence);
    expect({ basis, confidence }).toEqual({ basis: "ingredients", confidence: 0.475 });
    expect(reasons.map(({ code }) => code).slice(0, 2)).toEqual([
      "ingredient_haram",
      "label_contradicted",
    ]);
  });

  it("is less sure of a forbidden word inside a longer item", () => {
    const inside = ingredient("haram", { inside: true });
    expect(decideVerdict(known({ list: list(inside) })).confidence).toBe(0.8);
    expect(decideVerdict(known({ list: list(inside, ingredient("haram")) })).confidence).toBe(0.95);
  });

  it("uses a stated origin only when the origin is the open question", () => {
    const open = ingredient("doubtful", { ruling: () => ruling("doubtful", "source_unknown") });
    const insect = ingredient("doubtful", { ruling: () => ruling("doubtful", "insect") });
    const statusOf = (one: IngredientEvidence) =>
      decideVerdict(known({ list: list(one) })).halalStatus;
    expect(statusOf(open)).toBe("doubtful");
    expect(statusOf({ ...open, origin: "plant" })).toBe("halal");
    expect(statusOf({ ...open, origin: "bovine" })).toBe("doubtful");
    expect(statusOf({ ...insect, origin: "plant" })).toBe("doubtful");
    expect(statusOf(ingredient("haram", { origin: "plant" }))).toBe("haram");
  });

  it("uses the origin of an additive that the label states", () => {
    const statusOf = (one: AdditiveEvidence, isVegan = false) =>
      decideVerdict(known({ additives: [one], isVegan })).reasons[0]?.code;
    expect(statusOf({ ...additive("E471", "doubtful"), origin: "plant" })).toBe(
      "not_enough_evidence",
    );
    expect(statusOf({ ...additive("E920", "haram"), origin: "plant" })).toBe("not_enough_evidence");
    expect(statusOf({ ...additive("E471", "doubtful"), origin: "animal" })).toBe(
      "additive_doubtful",
    );
    expect(statusOf(additive("E471", "doubtful"), true)).toBe("not_enough_evidence");
    const carmine = {
      ...additive("E120", "haram"),
      origin: "plant",
      dependsOnOrigin: false,
    } as const;
    expect(statusOf(carmine)).toBe("additive_haram");
  });

  it("is unknown, and quotes the words that were not understood, when one item of a list is open", () => {
    const open = { ...list(ingredient("halal")), itemCount: 2, unrecognised: ["blorb"] };
    const { halalStatus, reasons } = decideVerdict(known({ list: open }));
    expect(halalStatus).toBe("unknown");
    expect(reasons[0]).toMatchObject({ code: "not_enough_evidence", params: { items: ["blorb"] } });
    const unruled = ingredient("halal", { ruling: () => null });
    expect(decideVerdict(known({ list: list(unruled) })).reasons[0]?.params).toEqual({
      items: ["a thing"],
    });
  });

  it("judges a compound ingredient by its contents when the label lists them", () => {
    const none = { ruling: () => null, hasContents: true };
    const clear = list(ingredient("halal", none), ingredient("halal"));
    expect(decideVerdict(known({ list: clear })).reasons[0]?.code).toBe("ingredients_clear");
  });
});
