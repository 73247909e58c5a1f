import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  SUBSTANCE_KINDS,
  BOYCOTT_LEVELS,
  HALAL_STATUSES,
  type HalalStatus,
  MADHABS,
} from "../../../src/db/tables/vocabulary.ts";
import { decideVerdict } from "../../../src/verdict/verdict.ts";
import { VERDICT_DOUBTS, VERDICT_RULES } from "../../../src/verdict/verdict-rules.ts";
import { ORIGINS } from "../../../src/food/ingredients/findings.ts";
import type { RulingEntry } from "../../../src/verdict/rulings.ts";
import type {
  AdditiveEvidence,
  IngredientEvidence,
  ListEvidence,
  VerdictEvidence,
} from "../../../src/verdict/evidence.ts";

const NOTHING: VerdictEvidence = {
  product: null,
  certifier: null,
  additives: [],
  unknownAdditiveCodes: [],
  boycottTargets: [],
  inStore: false,
  ingredientsKnown: false,
};
const additive = (code: string, halalStatus: HalalStatus): AdditiveEvidence => ({
  code,
  name: null,
  halalStatus,
  source: "a list",
  rulings: [],
});
const product = (halalStatus: HalalStatus, confidenceScore = 0.8) => ({
  halalStatus,
  confidenceScore,
  source: "off",
});
const AVS = { id: "avs", name: "AVS", trustScore: 90 };
const CARMINE: AdditiveEvidence = {
  ...additive("E120", "doubtful"),
  name: "Carmine",
  rulings: [
    { madhab: "hanafi", halalStatus: "haram", source: "a fatwa" },
    { madhab: "maliki", halalStatus: "halal", source: "another" },
  ],
};
const ruling = (halalStatus: HalalStatus, reasonCode = "pork"): RulingEntry => ({
  substance: "en:root",
  madhab: null,
  halalStatus,
  confidence: 0.9,
  reasonCode,
  source: "a council",
});
const ingredient = (
  halalStatus: HalalStatus,
  more: Partial<IngredientEvidence> = {},
): IngredientEvidence => ({
  substance: "en:thing",
  kind: "mixed",
  quote: "a thing",
  trace: false,
  inside: false,
  hasContents: false,
  origin: null,
  ruling: () => ruling(halalStatus),
  ...more,
});
const list = (...ingredients: readonly IngredientEvidence[]): ListEvidence => ({
  ingredients,
  unrecognised: [],
  itemCount: ingredients.length,
  recognisedCount: ingredients.length,
  cut: false,
  halalClaim: null,
});
const WINE = {
  substance: "en:wine",
  from: "category",
  quote: "en:wines",
  ruling: () => ruling("haram", "alcohol_drink"),
  isContradicted: false,
} as const;
const known = (evidence: Partial<VerdictEvidence>): VerdictEvidence => ({
  ...NOTHING,
  product: product("unknown", 0),
  ingredientsKnown: true,
  ...evidence,
});

/** From best to worst; to call halal what is not is the error that matters, so that unknown is worse than halal. */
const BEST_TO_WORST: readonly HalalStatus[] = ["halal", "unknown", "doubtful", "haram"];

const status = fc.constantFrom(...HALAL_STATUSES);
const text = fc.string({ maxLength: 8 });
const anyAdditive: fc.Arbitrary<AdditiveEvidence> = fc.record({
  code: fc.integer({ min: 100, max: 1599 }).map((number) => `E${number}`),
  name: fc.option(text),
  halalStatus: status,
  source: fc.option(text),
  rulings: fc.uniqueArray(
    fc.record({
      madhab: fc.constantFrom(...MADHABS),
      halalStatus: status,
      source: fc.option(text),
    }),
    { selector: (ruling) => ruling.madhab, maxLength: 4 },
  ),
});
const anyIngredient: fc.Arbitrary<IngredientEvidence> = fc
  .record({
    substance: fc.constantFrom("en:pork", "en:gelatin", "x:new"),
    kind: fc.constantFrom(null, ...SUBSTANCE_KINDS),
    quote: text,
    trace: fc.boolean(),
    inside: fc.boolean(),
    hasContents: fc.boolean(),
    origin: fc.constantFrom(null, ...ORIGINS),
    status: fc.option(status),
    reasonCode: fc.constantFrom("pork", "source_unknown", "slaughter_unknown", "insect"),
  })
  .map(({ status, reasonCode, ...rest }) => ({
    ...rest,
    ruling: () => (status === null ? null : ruling(status, reasonCode)),
  }));
const anyEvidence: fc.Arbitrary<VerdictEvidence> = fc.record({
  product: fc.option(
    fc.record({
      halalStatus: status,
      confidenceScore: fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.double()),
      source: text,
      reasons: fc.array(fc.record({ code: text, message: text, source: text }), { maxLength: 3 }),
    }),
  ),
  certifier: fc.option(
    fc.record({
      id: fc.constantFrom("avs", "hmc"),
      name: text,
      trustScore: fc.integer({ min: 0, max: 100 }),
    }),
  ),
  additives: fc.uniqueArray(anyAdditive, { selector: (one) => one.code, maxLength: 5 }),
  unknownAdditiveCodes: fc.array(fc.constantFrom("E1998", "E1999"), { maxLength: 2 }),
  boycottTargets: fc.array(
    fc.record({
      id: fc.uuid(),
      companyName: text,
      level: fc.constantFrom(...BOYCOTT_LEVELS),
      matchedBy: fc.constantFrom("company", "brand", "parent", "gtin_prefix"),
    }),
    { maxLength: 3 },
  ),
  inStore: fc.boolean(),
  ingredientsKnown: fc.boolean(),
  isVegan: fc.boolean(),
  named: fc.option(fc.boolean().map((isContradicted) => ({ ...WINE, isContradicted }))),
  list: fc.option(
    fc.record({
      ingredients: fc.array(anyIngredient, { maxLength: 4 }),
      unrecognised: fc.array(text, { maxLength: 2 }),
      itemCount: fc.integer({ min: 0, max: 5 }),
      recognisedCount: fc.integer({ min: 0, max: 5 }),
      cut: fc.boolean(),
      halalClaim: fc.constantFrom(null, "halal" as const, "not_halal" as const),
    }),
  ),
});
const anyMadhab = fc.constantFrom(undefined, ...MADHABS);

describe("the rules of a verdict, one example each", () => {
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
  it("says haram of a certified product with a haram additive, shows the conflict and is less sure", () => {
    const verdict = decideVerdict(
      known({ certifier: AVS, additives: [additive("E120", "haram")] }),
    );
    expect(verdict).toMatchObject({ halalStatus: "haram", confidence: 0.45 });
    expect(verdict.reasons).toContainEqual(
      expect.objectContaining({ code: "sources_conflict", source: "AVS" }),
    );
  });

  it("lets a certificate outweigh a doubtful additive, but less surely", () => {
    const verdict = decideVerdict(
      known({ certifier: AVS, additives: [additive("E471", "doubtful")] }),
    );
    expect(verdict).toMatchObject({ halalStatus: "halal", confidence: 0.675 });
    expect(verdict.reasons.map((one) => one.code)).toContain("additive_doubtful");
  });

  it("is less sure of halal where the ingredients or an additive are not known", () => {
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

  it("puts the deciding rule's reason first, whatever codes the product's own reasons have", () => {
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

  it("says in words what every row does", () => {
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

  it("takes a school's ruling of unknown for no ruling", () => {
    const rulings = [{ madhab: "hanafi", halalStatus: "unknown", source: "a fatwa" }] as const;
    const evidence = known({ additives: [{ ...additive("E120", "haram"), rulings }] });
    expect(decideVerdict(evidence, "hanafi")).toMatchObject({ halalStatus: "haram" });
  });

  it("does not call halal what only a weak certifier or a weak claim says", () => {
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

  it("does not call halal what an in-store barcode found, but keeps a warning", () => {
    const found = known({ inStore: true, product: product("halal"), certifier: AVS });
    expect(decideVerdict(found).halalStatus).toBe("unknown");
    const warned = decideVerdict({ ...found, additives: [additive("E120", "haram")] });
    expect(warned).toMatchObject({ halalStatus: "haram", confidence: 0.225 });
    expect(warned.reasons.map((one) => one.code)).toContain("in_store_barcode");
  });

  it("judges by the school that is asked for, and names the schools that differ from the general status", () => {
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

  it("says which boycott list and that a barcode prefix is only a hint", () => {
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

  it("gives a confidence from 0 to 1, none to unknown, and a source to every reason", () => {
    fc.assert(
      fc.property(anyEvidence, anyMadhab, (evidence, madhab) => {
        const { halalStatus, confidence, reasons } = decideVerdict(evidence, madhab);
        expect(confidence).toBeGreaterThanOrEqual(0);
        expect(confidence).toBeLessThanOrEqual(1);
        expect(halalStatus === "unknown" && confidence > 0).toBe(false);
        expect(reasons.length).toBeGreaterThan(0);
        for (const reason of reasons) expect(reason.source.trim()).not.toBe("");
      }),
    );
  });

  it("never gets better by a haram or a doubtful additive, nor by an in-store barcode", () => {
    const rank = (
      evidence: VerdictEvidence,
      madhab: (typeof MADHABS)[number] | undefined,
    ): number => BEST_TO_WORST.indexOf(decideVerdict(evidence, madhab).halalStatus);
    fc.assert(
      fc.property(anyEvidence, anyMadhab, (evidence, madhab) => {
        const before = rank(evidence, madhab);
        const worse = (halalStatus: HalalStatus): VerdictEvidence => ({
          ...evidence,
          additives: [
            ...evidence.additives,
            { ...additive("E9999", halalStatus), dependsOnOrigin: false },
          ],
        });
        expect(rank(worse("haram"), madhab)).toBe(BEST_TO_WORST.indexOf("haram"));
        expect(rank(worse("doubtful"), madhab)).toBeGreaterThanOrEqual(before);
        expect(rank({ ...evidence, inStore: true }, madhab)).toBeGreaterThanOrEqual(before);
      }),
    );
  });

  it("says halal only where a certificate, the product's own status or what is printed says so", () => {
    fc.assert(
      fc.property(anyEvidence, anyMadhab, (evidence, madhab) => {
        const silent: VerdictEvidence = {
          ...evidence,
          certifier: null,
          product: product("unknown"),
          list: null,
          isVegan: false,
        };
        expect(decideVerdict(silent, madhab).halalStatus).not.toBe("halal");
        expect(decideVerdict({ ...silent, product: null }, madhab).halalStatus).not.toBe("halal");
      }),
    );
  });

  it("never calls halal what its list or its categories make haram for the school, whoever certified it", () => {
    fc.assert(
      fc.property(anyEvidence, anyMadhab, (evidence, madhab) => {
        const own = { ...evidence, product: product("halal", 1), certifier: AVS };
        for (const more of [{ list: list(ingredient("haram")) }, { named: WINE }]) {
          const verdict = decideVerdict({ ...own, ...more }, madhab);
          expect(verdict.halalStatus).toBe("haram");
          expect(verdict.confidence).toBeLessThanOrEqual(0.5);
        }
      }),
    );
  });

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

  it("takes a stated origin for an answer only where the origin is what is not known", () => {
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

  it("respects the origin of an additive that the label states", () => {
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

  it("says unknown, and quotes what it did not understand, when one item of a list is open", () => {
    const open = { ...list(ingredient("halal")), itemCount: 2, unrecognised: ["blorb"] };
    const { halalStatus, reasons } = decideVerdict(known({ list: open }));
    expect(halalStatus).toBe("unknown");
    expect(reasons[0]).toMatchObject({ code: "not_enough_evidence", params: { items: ["blorb"] } });
    const unruled = ingredient("halal", { ruling: () => null });
    expect(decideVerdict(known({ list: list(unruled) })).reasons[0]?.params).toEqual({
      items: ["a thing"],
    });
  });

  it("leaves a compound to its contents where the label lists them", () => {
    const none = { ruling: () => null, hasContents: true };
    const clear = list(ingredient("halal", none), ingredient("halal"));
    expect(decideVerdict(known({ list: clear })).reasons[0]?.code).toBe("ingredients_clear");
  });

  it("gives the four schools in one answer, each as if it had been asked for", () => {
    fc.assert(
      fc.property(anyEvidence, anyMadhab, (evidence, madhab) => {
        const { bySchool } = decideVerdict(evidence, madhab);
        for (const school of MADHABS) {
          const { halalStatus, confidence } = decideVerdict(evidence, school);
          expect(bySchool[school]).toEqual({ halalStatus, confidence });
        }
      }),
    );
  });

  it("keeps status, confidence and schools whatever is boycotted, and adds a reason", () => {
    fc.assert(
      fc.property(anyEvidence, anyMadhab, (evidence, madhab) => {
        const free = decideVerdict({ ...evidence, boycottTargets: [] }, madhab);
        const hit = decideVerdict(evidence, madhab);
        expect({ ...hit, reasons: [] }).toEqual({ ...free, reasons: [] });
        expect(hit.reasons.length > free.reasons.length).toBe(evidence.boycottTargets.length > 0);
      }),
    );
  });

  it("does not depend on the order of its inputs, nor on repeats", () => {
    fc.assert(
      fc.property(anyEvidence, anyMadhab, (evidence, madhab) => {
        const mirrored: VerdictEvidence = {
          ...evidence,
          product: evidence.product && {
            ...evidence.product,
            reasons: evidence.product.reasons?.toReversed() ?? [],
          },
          additives: [...evidence.additives, ...evidence.additives].toReversed(),
          unknownAdditiveCodes: evidence.unknownAdditiveCodes.toReversed(),
          boycottTargets: evidence.boycottTargets.toReversed(),
        };
        expect(decideVerdict(mirrored, madhab)).toEqual(decideVerdict(evidence, madhab));
      }),
    );
  });
});
