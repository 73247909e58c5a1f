import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  BOYCOTT_LEVELS,
  HALAL_STATUSES,
  type HalalStatus,
  MADHABS,
} from "../../../../src/db/tables/vocabulary.ts";
import { decideVerdict } from "../../../../src/features/scans/verdict.ts";
import { VERDICT_DOUBTS, VERDICT_RULES } from "../../../../src/features/scans/verdict-rules.ts";
import type {
  AdditiveEvidence,
  VerdictEvidence,
} from "../../../../src/features/scans/verdict-evidence.ts";

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
});
const anyMadhab = fc.constantFrom(undefined, ...MADHABS);

describe("the rules of a verdict, one example each", () => {
  const examples: Readonly<Record<string, [VerdictEvidence, HalalStatus, number]>> = {
    product_haram: [known({ product: product("haram"), certifier: AVS }), "haram", 0.4],
    additive_haram: [known({ additives: [additive("E120", "haram")] }), "haram", 0.9],
    certified: [known({ certifier: AVS }), "halal", 0.9],
    product_doubtful: [known({ product: product("doubtful") }), "doubtful", 0.8],
    product_halal: [known({ product: product("halal") }), "halal", 0.8],
    additive_doubtful: [known({ additives: [additive("E471", "doubtful")] }), "doubtful", 0.6],
    in_store_barcode: [{ ...NOTHING, inStore: true }, "unknown", 0],
    product_not_found: [NOTHING, "unknown", 0],
    ingredients_unknown: [known({ ingredientsKnown: false }), "unknown", 0],
    not_enough_evidence: [known({ additives: [additive("E300", "halal")] }), "unknown", 0],
  };

  it.each(VERDICT_RULES.map((rule) => rule.code))("%s", (code) => {
    const [evidence, halalStatus, confidence] = examples[code] ?? [NOTHING, "halal", -1];
    const verdict = decideVerdict(evidence);
    expect(verdict).toMatchObject({ halalStatus, confidence });
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
          additives: [...evidence.additives, additive("E9999", halalStatus)],
        });
        expect(rank(worse("haram"), madhab)).toBe(BEST_TO_WORST.indexOf("haram"));
        expect(rank(worse("doubtful"), madhab)).toBeGreaterThanOrEqual(before);
        expect(rank({ ...evidence, inStore: true }, madhab)).toBeGreaterThanOrEqual(before);
      }),
    );
  });

  it("says halal only where a certificate or the product's own status says so", () => {
    fc.assert(
      fc.property(anyEvidence, anyMadhab, (evidence, madhab) => {
        const silent = { ...evidence, certifier: null, product: product("unknown") };
        expect(decideVerdict(silent, madhab).halalStatus).not.toBe("halal");
        expect(decideVerdict({ ...silent, product: null }, madhab).halalStatus).not.toBe("halal");
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
