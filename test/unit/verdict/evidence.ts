import * as fc from "fast-check";
import {
  BOYCOTT_LEVELS,
  HALAL_STATUSES,
  type HalalStatus,
  MADHABS,
  SUBSTANCE_KINDS,
} from "../../../src/db/tables/vocabulary.ts";
import { ORIGINS } from "../../../src/food/ingredients/findings.ts";
import type {
  AdditiveEvidence,
  IngredientEvidence,
  ListEvidence,
  VerdictEvidence,
} from "../../../src/verdict/evidence.ts";
import type { RulingEntry } from "../../../src/verdict/rulings.ts";

export const NOTHING: VerdictEvidence = {
  product: null,
  certifier: null,
  additives: [],
  unknownAdditiveCodes: [],
  boycottTargets: [],
  inStore: false,
  ingredientsKnown: false,
};
export const additive = (code: string, halalStatus: HalalStatus): AdditiveEvidence => ({
  code,
  name: null,
  halalStatus,
  source: "a list",
  rulings: [],
});
export const product = (halalStatus: HalalStatus, confidenceScore = 0.8) => ({
  halalStatus,
  confidenceScore,
  source: "off",
});
export const AVS = { id: "avs", name: "AVS", trustScore: 90 };
export const CARMINE: AdditiveEvidence = {
  ...additive("E120", "doubtful"),
  name: "Carmine",
  rulings: [
    { madhab: "hanafi", halalStatus: "haram", source: "a fatwa" },
    { madhab: "maliki", halalStatus: "halal", source: "another" },
  ],
};
export const ruling = (halalStatus: HalalStatus, reasonCode = "pork"): RulingEntry => ({
  substance: "en:root",
  madhab: null,
  halalStatus,
  confidence: 0.9,
  reasonCode,
  source: "a council",
});
export const ingredient = (
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
export const list = (...ingredients: readonly IngredientEvidence[]): ListEvidence => ({
  ingredients,
  unrecognised: [],
  itemCount: ingredients.length,
  recognisedCount: ingredients.length,
  cut: false,
  halalClaim: null,
});
export const WINE = {
  substance: "en:wine",
  from: "category",
  quote: "en:wines",
  ruling: () => ruling("haram", "alcohol_drink"),
  isContradicted: false,
} as const;
export const known = (evidence: Partial<VerdictEvidence>): VerdictEvidence => ({
  ...NOTHING,
  product: product("unknown", 0),
  ingredientsKnown: true,
  ...evidence,
});

export const status = fc.constantFrom(...HALAL_STATUSES);
export const text = fc.string({ maxLength: 8 });
export const anyAdditive: fc.Arbitrary<AdditiveEvidence> = fc.record({
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
export const anyIngredient: fc.Arbitrary<IngredientEvidence> = fc
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
export const anyEvidence: fc.Arbitrary<VerdictEvidence> = fc.record({
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
export const anyMadhab = fc.constantFrom(undefined, ...MADHABS);
