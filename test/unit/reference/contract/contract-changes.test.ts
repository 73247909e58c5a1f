import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { z } from "zod";
import { contractChanges } from "../../../../src/reference/contract/contract-changes.ts";
import { contractFaults, lineOf, releaseText } from "../../../../src/reference/contract/release.ts";
import type { DescribedProcedure } from "../../../../src/reference/describe.ts";
import { type OpenApi, openApiOf } from "../../../../src/reference/openapi.ts";

const TODAY = "2027-06-01";

const procedure: DescribedProcedure = {
  path: "store.nearby",
  isMutation: false,
  auth: "public",
  cost: 1,
  isCached: false,
  deprecated: null,
  isInputNeeded: true,
  input: { type: "object", properties: { a: { type: "string" } }, additionalProperties: false },
  output: { type: "object", properties: { b: { type: "string" } }, required: ["b"] },
  example: { input: { a: "" } },
  summary: "Stores.",
  description: "Stores.",
  units: null,
  errors: null,
  source: null,
};
const deprecated = { since: "2026-01-01", sunset: "2027-02-01", use: null };

const documentOf = (...changes: Partial<DescribedProcedure>[]) =>
  openApiOf(
    changes.map((change) => ({ ...procedure, ...change })),
    "1.0.0",
  );
const linesOf = (before: OpenApi, after: OpenApi) =>
  contractChanges(before, after, TODAY).map(lineOf);

it("nothing changes between a contract and itself, also with the file of a release", () => {
  const current = JSON.parse(readFileSync("openapi.json", "utf8")) as OpenApi;
  expect(contractChanges(current, current, TODAY)).toEqual([]);
  const released = JSON.parse(releaseText(current)) as OpenApi;
  expect(contractChanges(released, current, TODAY)).toEqual([]);
  expect(contractChanges(current, released, TODAY)).toEqual([]);
});

it.each<[string, Partial<DescribedProcedure>, Partial<DescribedProcedure>[], string[]]>([
  ["a procedure removed", {}, [], ["store.nearby: removed"]],
  ["a query that becomes a mutation", {}, [{ isMutation: true }], ["store.nearby: removed"]],
  ["fewer callers", {}, [{ auth: "user" }], ["store.nearby: callers public → user"]],
  ["a higher cost", {}, [{ cost: 3 }], ["store.nearby: cost 1 → 3"]],
  [
    "an input that may not be left out",
    { isInputNeeded: false },
    [{}],
    ["store.nearby input: is needed"],
  ],
  ["an input that is gone", {}, [{ input: null }], ["store.nearby input.a: removed"]],
  ["a field of the output", {}, [{ output: {} }], ["store.nearby output.result.data: may be any"]],
  [
    "a sunset that comes sooner",
    { deprecated },
    [{ deprecated: { ...deprecated, sunset: "2027-01-05" } }],
    ["store.nearby: sunset 2027-02-01 → 2027-01-05"],
  ],
  [
    "a deprecated procedure that goes before its sunset",
    { deprecated: { ...deprecated, sunset: "2027-06-02" } },
    [],
    ["store.nearby: removed"],
  ],
])("breaks apps: %s", (_name, before, after, lines) => {
  expect(linesOf(documentOf(before), documentOf(...after))).toEqual(lines);
});

it.each<[string, Partial<DescribedProcedure>, Partial<DescribedProcedure>[]]>([
  ["a new procedure", {}, [{}, { path: "store.openNow" }]],
  ["more callers", { auth: "admin" }, [{ auth: "user" }]],
  ["a lower cost", { cost: 3 }, [{ cost: 1 }]],
  ["an input that may be left out", {}, [{ isInputNeeded: false }]],
  ["other words", {}, [{ description: "Shops.", units: "metres", example: {} }]],
  ["a deprecation", {}, [{ deprecated }]],
  [
    "a deprecated procedure that goes at its sunset",
    { deprecated: { ...deprecated, sunset: TODAY } },
    [],
  ],
])("breaks no app: %s", (_name, before, after) => {
  expect(linesOf(documentOf(before), documentOf(...after))).toEqual([]);
});

it("errors may have new reasons, and keep their shape", () => {
  const current = documentOf({});
  const components = (change: (text: string) => string) => ({
    ...current,
    components: JSON.parse(change(JSON.stringify(current["components"]))) as unknown,
  });
  const grown = components((text) => text.replace('"not_found"', '"not_found","gone"'));
  expect(linesOf(current, grown)).toEqual([]);
  const broken = components((text) => text.replaceAll('"httpStatus"', '"status"'));
  expect(linesOf(current, broken)).toEqual(["errors.error.data.httpStatus: removed"]);
});

it("fields that have the names of words stay in the file of a release", () => {
  const input = z.toJSONSchema(
    z.strictObject({ title: z.string(), description: z.string().meta({ description: "Words." }) }),
  );
  const released = releaseText(documentOf({ input }));
  expect(released).not.toContain("Words.");
  expect(linesOf(JSON.parse(released) as OpenApi, documentOf({}))).toEqual([
    "store.nearby input.title: removed",
    "store.nearby input.description: removed",
  ]);
});

it("a change needs its own accepted line with a reason, and a line needs its change", () => {
  const changes = [{ at: "a.b input.c", what: "removed" }];
  const change = "a.b input.c: removed";
  expect(contractFaults(changes, [{ change, reason: "No app ever sent it." }])).toEqual([]);
  expect(contractFaults(changes, [])).toEqual([`not accepted: ${change}`]);
  expect(contractFaults([], [{ change, reason: "x" }])).toEqual([
    `accepted, but not made: ${change}`,
  ]);
  expect(contractFaults(changes, [{ change, reason: " " }])).toEqual([
    `accepted without a reason: ${change}`,
  ]);
});
