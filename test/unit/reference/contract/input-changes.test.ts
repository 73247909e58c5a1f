import { describe, expect, it } from "vitest";
import { z } from "zod";
import { changedLines, few, more } from "./changed-lines.ts";

const strict = z.strictObject;

describe("an input", () => {
  it.each<[string, z.ZodType, z.ZodType, string[]]>([
    [
      "a field removed",
      strict({ a: z.string(), b: z.string() }),
      strict({ a: z.string() }),
      ["input.b: removed"],
    ],
    [
      "a field that becomes required",
      strict({ a: z.string().optional() }),
      strict({ a: z.string() }),
      ["input.a: is needed"],
    ],
    ["a new required field", strict({}), strict({ a: z.string() }), ["input.a: is needed"]],
    [
      "a value of an enumeration removed",
      strict({ a: more }),
      strict({ a: few }),
      ['input.a: "c" is accepted no longer'],
    ],
    [
      "any text that becomes an enumeration",
      strict({ a: z.string() }),
      strict({ a: few }),
      ['input.a: accepts only "a", "b"'],
    ],
    [
      "null that is accepted no longer",
      strict({ a: z.string().nullable() }),
      strict({ a: z.string() }),
      ["input.a: null is accepted no longer"],
    ],
    [
      "another type",
      strict({ a: z.string() }),
      strict({ a: z.number() }),
      ["input.a: string is accepted no longer"],
    ],
    [
      "whole numbers only",
      strict({ a: z.number().min(0).max(9) }),
      strict({ a: z.int().min(0).max(9) }),
      ["input.a: number is accepted no longer"],
    ],
    [
      "a lower maximum",
      strict({ a: z.number().max(50) }),
      strict({ a: z.number().max(20) }),
      ["input.a: maximum 50 → 20"],
    ],
    [
      "a maximum where none was",
      strict({ a: z.number() }),
      strict({ a: z.number().max(20) }),
      ["input.a: maximum none → 20"],
    ],
    [
      "a higher minimum",
      strict({ a: z.number().min(1) }),
      strict({ a: z.number().min(2) }),
      ["input.a: minimum 1 → 2"],
    ],
    [
      "an exclusive limit",
      strict({ a: z.number() }),
      strict({ a: z.number().gt(2) }),
      ["input.a: exclusiveMinimum none → 2"],
    ],
    [
      "a shorter text",
      strict({ a: z.string().max(9) }),
      strict({ a: z.string().max(8) }),
      ["input.a: maxLength 9 → 8"],
    ],
    [
      "a longer text at least",
      strict({ a: z.string().min(1) }),
      strict({ a: z.string().min(2) }),
      ["input.a: minLength 1 → 2"],
    ],
    [
      "a shorter list",
      strict({ a: z.array(few).max(9) }),
      strict({ a: z.array(few).max(8) }),
      ["input.a: maxItems 9 → 8"],
    ],
    [
      "a narrower item of a list",
      strict({ a: z.array(more) }),
      strict({ a: z.array(few) }),
      ['input.a[]: "c" is accepted no longer'],
    ],
    [
      "a narrower place of a tuple",
      z.tuple([z.string(), more]),
      z.tuple([z.string(), few]),
      ['input[1]: "c" is accepted no longer'],
    ],
    [
      "another pattern",
      strict({ a: z.string().regex(/^a/) }),
      strict({ a: z.string().regex(/^b/) }),
      ['input.a: pattern "^a" → "^b"'],
    ],
    [
      "a format where none was",
      strict({ a: z.string() }),
      strict({ a: z.string().meta({ format: "date" }) }),
      ['input.a: format none → "date"'],
    ],
    [
      "steps where none were",
      strict({ a: z.number() }),
      strict({ a: z.number().multipleOf(5) }),
      ["input.a: multipleOf none → 5"],
    ],
    [
      "another default",
      strict({ a: z.number().default(5) }),
      strict({ a: z.number().default(10) }),
      ["input.a: default 5 → 10"],
    ],
    [
      "a default removed",
      strict({ a: z.number().default(5) }),
      strict({ a: z.number().optional() }),
      ["input.a: default 5 → none"],
    ],
    [
      "an alternative removed",
      z.union([strict({ ids: z.array(z.string()) }), strict({ all: z.literal(true) })]),
      strict({ ids: z.array(z.string()) }),
      ["input.all: removed", "input.ids: is needed"],
    ],
    [
      "another constant",
      strict({ a: z.literal(true) }),
      strict({ a: z.literal(false) }),
      ["input.a: true is accepted no longer"],
    ],
    [
      "narrower values of a record",
      z.record(z.string(), more),
      z.record(z.string(), few),
      ['input.*: "c" is accepted no longer'],
    ],
    [
      "narrower keys of a record",
      z.record(z.string(), z.string()),
      z.record(z.string().max(2), z.string()),
      ["input keys: maxLength none → 2"],
    ],
    [
      "other keys that are rejected",
      z.looseObject({ a: z.string() }),
      strict({ a: z.string() }),
      ["input.*: removed"],
    ],
    [
      "a field of a field",
      strict({ a: strict({ b: z.string().optional() }) }),
      strict({ a: strict({}) }),
      ["input.a.b: removed"],
    ],
  ])("is narrower by %s", (_name, before, after, lines) => {
    expect(changedLines("input", before, after)).toEqual(lines);
  });

  it.each<[string, z.ZodType, z.ZodType]>([
    ["a new optional field", strict({}), strict({ a: z.string().optional() })],
    [
      "a field that becomes optional",
      strict({ a: z.string() }),
      strict({ a: z.string().optional() }),
    ],
    ["a new value of an enumeration", strict({ a: few }), strict({ a: more })],
    ["null", strict({ a: z.string() }), strict({ a: z.string().nullable() })],
    ["any text instead of an enumeration", strict({ a: few }), strict({ a: z.string() })],
    [
      "all numbers instead of whole ones",
      strict({ a: z.int().min(0).max(9) }),
      strict({ a: z.number().min(0).max(9) }),
    ],
    ["wider limits", strict({ a: z.number().min(1).max(5) }), strict({ a: z.number().min(0) })],
    ["no pattern", strict({ a: z.string().regex(/^a/) }), strict({ a: z.string() })],
    [
      "another alternative",
      strict({ a: z.string() }),
      z.union([strict({ b: z.string() }), strict({ a: z.string() })]),
    ],
    ["a new default", strict({ a: z.number() }), strict({ a: z.number().default(1) })],
    [
      "other words",
      strict({ a: z.string() }),
      strict({ a: z.string().meta({ description: "Words." }) }),
    ],
    ["any keys", strict({ a: z.string() }), z.looseObject({ a: z.string() })],
  ])("may be widened by %s", (_name, before, after) => {
    expect(changedLines("input", before, after)).toEqual([]);
  });
});

it("fields may have the names of keywords", () => {
  const before = strict({ type: z.string(), default: z.string(), enum: z.string().optional() });
  expect(changedLines("input", before, before)).toEqual([]);
  expect(changedLines("input", before, strict({ type: z.string(), enum: z.string() }))).toEqual([
    "input.default: removed",
    "input.enum: is needed",
  ]);
});
