import { describe, expect, it } from "vitest";
import type { HalalStatus } from "../../../src/db/tables/vocabulary.ts";
import type { VerdictEvidence } from "../../../src/verdict/evidence.ts";
import { decideVerdict } from "../../../src/verdict/verdict.ts";
import { VERDICT_DOUBTS, VERDICT_RULES } from "../../../src/verdict/verdict-rules.ts";
import {
  additive,
  AVS,
  CARMINE,
  ingredient,
  known,
  list,
  NOTHING,
  product,
  WINE,
} from "./evidence.ts";

describe("each rule of the verdict, by an example", () => {
  const examples: Readonly<Record<string, [VerdictEvidence, HalalStatus, number]>> = {
    product_haram: [known({ product: product("haram"), certifier: AVS }), "haram", 0.4],
    ingredient_haram: [known({ list: list(ingredient("haram")), certifier: AVS }), "haram", 0.475],
    additive_haram: [known({ additives: [additive("E120", "haram")] }), "haram", 0.9],
    category_haram: [known({ named: WINE, list: list(ingredient("halal")) }), "haram", 0.8],
    certified: [known({ certifier: AVS }), "halal", 0.9],
    product_doubtful: [known({ product: product("doubtful") }), "doubtful", 0.8],
    product_halal: [known({ product: product("halal") }), "halal", 0.8],
    ingredient_doubtful: [known({ list: list(ingredient("doubtful")) }), "doubtful", 0.6],
    trace_haram: [known({ list: list(ingredient("haram", { trace: true })) }), "doubtful", 0.4],
    ingredients_clear: [known({ list: list(ingredient("halal")) }), "halal", 0.7],
    vegan_clear: [
      known({
        isVegan: true,
        list: { ...list(ingredient("halal")), itemCount: 5, recognisedCount: 4 },
      }),
      "halal",
      0.5,
    ],
    additive_doubtful: [known({ additives: [additive("E471", "doubtful")] }), "doubtful", 0.6],
    in_store_barcode: [{ ...NOTHING, inStore: true }, "unknown", 0],
    product_not_found: [NOTHING, "unknown", 0],
    ingredients_unknown: [known({ ingredientsKnown: false }), "unknown", 0],
    not_enough_evidence: [known({ additives: [additive("E300", "halal")] }), "unknown", 0],
  };

  it.each(VERDICT_RULES.map((rule) => rule.code))("%s", (code) => {
    const [evidence, halalStatus, confidence] = examples[code] ?? [NOTHING, "halal", -1];
    const verdict = decideVerdict(evidence);
    expect(verdict).toMatchObject({ halalStatus, confidence, madhab: null });
    expect(verdict.reasons[0]?.code).toBe(code);
  });
});

describe("decideVerdict", () => {
  it("returns haram for a certified product with a haram additive, with the conflict and less confidence", () => {
    const verdict = decideVerdict(
      known({ certifier: AVS, additives: [additive("E120", "haram")] }),
    );
    expect(verdict).toMatchObject({ halalStatus: "haram", confidence: 0.45 });
    expect(verdict.reasons).toContainEqual(
      expect.objectContaining({ code: "sources_conflict", source: "AVS" }),
    );
  });

  it("lets a certificate outweigh a doubtful additive, with less confidence", () => {
    const verdict = decideVerdict(
      known({ certifier: AVS, additives: [additive("E471", "doubtful")] }),
    );
    expect(verdict).toMatchObject({ halalStatus: "halal", confidence: 0.675 });
    expect(verdict.reasons.map((one) => one.code)).toContain("additive_doubtful");
  });

  it("returns halal with less confidence if the ingredients or an additive are unknown", () => {
    for (const gap of [
      { ingredientsKnown: false },
      { unknownAdditiveCodes: ["E1999"] },
      { additives: [additive("E1998", "unknown")] },
    ]) {
      expect(decideVerdict(known({ certifier: AVS, ...gap }))).toMatchObject({
        halalStatus: "halal",
        confidence: 0.81,
      });
    }
  });

  it("puts the reason of the deciding rule first, for any codes of the product's own reasons", () => {
    const own = VERDICT_RULES.map(({ code }) => ({ code, message: "A mark.", source: "a shop" }));
    const { reasons } = decideVerdict(
      known({ certifier: AVS, product: { ...product("halal"), reasons: own } }),
    );
    expect(reasons.slice(0, 2)).toEqual([
      {
        code: "certified",
        params: { certifier: "avs", certifierName: "AVS", trustScore: 90 },
        message: "Certified by AVS (trust score 90 of 100).",
        source: "AVS",
      },
      expect.objectContaining({ code: "product_halal", source: "off" }),
    ]);
    const last = reasons.slice(2);
    expect(last.map(({ code }) => code)).toEqual(own.map(({ code }) => code).toSorted());
    expect(last.every(({ source }) => source === "a shop")).toBe(true);
  });

  it("writes a message for every rule", () => {
    for (const { when, confidence } of VERDICT_RULES) {
      const says = typeof confidence === "number" ? String(confidence) : confidence.says;
      expect([when.length > 10, says]).toEqual([
        true,
        expect.stringMatching(/^\d|confidence|trust/),
      ]);
    }
    const additives = [...VERDICT_RULES, ...VERDICT_DOUBTS].filter(({ when }) =>
      /additives? (is|or)/.test(when.replace("every additive is", "")),
    );
    expect(additives.length).toBeGreaterThanOrEqual(3);
    for (const { when } of additives) expect(when).toContain("school");
  });

  it("treats a school's ruling of unknown as no ruling", () => {
    const rulings = [{ madhab: "hanafi", halalStatus: "unknown", source: "a fatwa" }] as const;
    const evidence = known({ additives: [{ ...additive("E120", "haram"), rulings }] });
    expect(decideVerdict(evidence, "hanafi")).toMatchObject({ halalStatus: "haram" });
  });

  it("does not return halal because of a weak certifier or a weak claim alone", () => {
    for (const evidence of [
      known({ certifier: { ...AVS, trustScore: 29 } }),
      known({ product: product("halal", 0.29) }),
    ]) {
      expect(decideVerdict(evidence).halalStatus).toBe("unknown");
    }
    expect(decideVerdict(known({ certifier: { ...AVS, trustScore: 30 } })).halalStatus).toBe(
      "halal",
    );
  });

  it("does not return halal for a product with an in-store barcode, but keeps a warning", () => {
    const found = known({ inStore: true, product: product("halal"), certifier: AVS });
    expect(decideVerdict(found).halalStatus).toBe("unknown");
    const warned = decideVerdict({ ...found, additives: [additive("E120", "haram")] });
    expect(warned).toMatchObject({ halalStatus: "haram", confidence: 0.225 });
    expect(warned.reasons.map((one) => one.code)).toContain("in_store_barcode");
  });

  it("judges by the school in the input, and names the schools that differ from the general status", () => {
    const evidence = known({ additives: [CARMINE] });
    const general = decideVerdict(evidence);
    expect(general.halalStatus).toBe("doubtful");
    const rulings = general.reasons.filter(({ code }) => code === "madhab_ruling");
    expect(rulings.map(({ message }) => message)).toEqual([
      "The Hanafi school holds E120 (Carmine) to be haram; in general it is doubtful.",
      "The Maliki school holds E120 (Carmine) to be halal; in general it is doubtful.",
    ]);
    expect(decideVerdict(evidence, "shafii").halalStatus).toBe("doubtful");
    expect(decideVerdict(evidence, "maliki").halalStatus).toBe("unknown");
    const hanafi = decideVerdict(evidence, "hanafi");
    expect(hanafi.halalStatus).toBe("haram");
    expect(hanafi.reasons[0]).toEqual({
      code: "additive_haram",
      params: { additive: "E120", name: "Carmine", madhab: "hanafi" },
      message: "E120 (Carmine) is haram in the Hanafi school.",
      source: "a fatwa",
    });
  });

  it("names the boycott list, and states that a barcode prefix is only a hint", () => {
    const target = { id: "1", companyName: "Acme", level: "official" } as const;
    const { reasons } = decideVerdict(
      known({
        boycottTargets: [
          { ...target, matchedBy: "gtin_prefix" },
          { ...target, matchedBy: "brand", sourceUrl: "https://example.org/list" },
        ],
      }),
    );
    expect(reasons.slice(-2)).toEqual([
      expect.objectContaining({ code: "boycott", source: "https://example.org/list" }),
      expect.objectContaining({
        code: "boycott_hint",
        message: expect.stringContaining("no proof"),
      }),
    ]);
  });
});
