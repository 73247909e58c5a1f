import { expect, it } from "vitest";
import type { z } from "zod";
import { MarkReadInput } from "../../../src/features/alerts/schemas.ts";
import { FavoriteInput, SyncInput } from "../../../src/features/favorites/schemas.ts";
import { VerdictReasonOutput } from "../../../src/trpc/product.ts";
import { issuesOf, reasonOf } from "../../../src/trpc/error-data.ts";
import { inEnglish } from "../../../src/texts/text.ts";

const ID = "8d6f0c53-2f0c-4e39-9d76-5c52c3a0f4a1";
const WRONG_DIGIT = "4006381333932";
const NO_FORM = "matches none of the forms that are accepted";

function faultsOf(schema: z.ZodType, input: unknown): { reason: string; faults: string[] } {
  const { error } = schema.safeParse(input);
  const issues = error === undefined ? [] : issuesOf(error);
  return {
    reason: reasonOf(issues),
    faults: issues.map(({ path, text }) => `${path}: ${inEnglish(text)}`),
  };
}

it("names the faults of the form that an input resembles most", () => {
  const barcode = faultsOf(FavoriteInput, { kind: "product", barcode: WRONG_DIGIT });
  expect(barcode.reason).toBe("barcode_check_digit");
  expect(barcode.faults).toEqual([expect.stringMatching(/^barcode: /)]);
  expect(faultsOf(FavoriteInput, { kind: "product", barcode: "abc" }).reason).toBe(
    "barcode_unreadable",
  );
  expect(faultsOf(FavoriteInput, { kind: "store", id: "x" }).faults).toEqual([
    expect.stringMatching(/^id: /),
  ]);
  expect(faultsOf(FavoriteInput, { kind: "cat", id: ID }).faults).toEqual([
    expect.stringMatching(/^kind: /),
  ]);
  expect(faultsOf(FavoriteInput, { kind: "store", id: ID, note: "x" })).toEqual({
    reason: "unknown_input",
    faults: [expect.stringMatching(/^note: /)],
  });
  expect(faultsOf(MarkReadInput, { ids: ["x"] }).faults).toEqual([
    expect.stringMatching(/^ids\.0: /),
  ]);
  expect(faultsOf(MarkReadInput, { all: false }).faults).toEqual([expect.stringMatching(/^all: /)]);
});

it("names them within a list, too", () => {
  const add = [
    { kind: "store", id: ID },
    { kind: "product", barcode: WRONG_DIGIT },
  ];
  const { reason, faults } = faultsOf(SyncInput, { add, remove: [] });
  expect(reason).toBe("barcode_check_digit");
  expect(faults).toEqual([expect.stringMatching(/^add\.1\.barcode: /)]);
});

it("takes a form of the value's own type for the meant one", () => {
  const reasons = VerdictReasonOutput.shape.params;
  expect(faultsOf(reasons, { words: ["a", 1] }).faults).toEqual([
    expect.stringMatching(/^words\.1: /),
  ]);
});

it("says that no form matches where two are equally like the input, or none is", () => {
  for (const [schema, input] of [
    [FavoriteInput, {}],
    [FavoriteInput, "x"],
    [FavoriteInput, { kind: "store", barcode: WRONG_DIGIT }],
    [MarkReadInput, { ids: [ID], all: true }],
  ] as const)
    expect(faultsOf(schema, input)).toEqual({ reason: "invalid_input", faults: [`: ${NO_FORM}`] });
});
