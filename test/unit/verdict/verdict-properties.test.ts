import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type HalalStatus, MADHABS } from "../../../src/db/tables/vocabulary.ts";
import type { VerdictEvidence } from "../../../src/verdict/evidence.ts";
import { decideVerdict } from "../../../src/verdict/verdict.ts";
import {
  additive,
  anyEvidence,
  anyMadhab,
  AVS,
  ingredient,
  list,
  product,
  WINE,
} from "./evidence.ts";

/** From best to worst; to call halal what is not is the error that matters, so that unknown is worse than halal. */
const BEST_TO_WORST: readonly HalalStatus[] = ["halal", "unknown", "doubtful", "haram"];

describe("decideVerdict", () => {
  it("returns a confidence from 0 to 1, 0 for unknown, and a source for every reason", () => {
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

  it("never returns a better status because of a haram or doubtful additive or an in-store barcode", () => {
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

  it("returns halal only if a certificate, the product's own status or the printed text says so", () => {
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

  it("never returns halal for a product whose list or categories are haram for the school, with any certifier", () => {
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

  it("returns all four schools, each as if it were the school in the input", () => {
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

  it("does not change status, confidence and schools because of a boycott, but adds a reason", () => {
    fc.assert(
      fc.property(anyEvidence, anyMadhab, (evidence, madhab) => {
        const free = decideVerdict({ ...evidence, boycottTargets: [] }, madhab);
        const hit = decideVerdict(evidence, madhab);
        expect({ ...hit, reasons: [] }).toEqual({ ...free, reasons: [] });
        expect(hit.reasons.length > free.reasons.length).toBe(evidence.boycottTargets.length > 0);
      }),
    );
  });

  /** The seed found two boycott targets of one name. */
  it.each([
    ["any seed", {}],
    ["two targets of one name", { seed: 182567749 }],
  ])("does not depend on the order or the repetition of its inputs (%s)", (_, parameters) => {
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
      parameters,
    );
  });
});
