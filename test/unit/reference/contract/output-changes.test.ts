import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  type Direction,
  schemaChanges,
} from "../../../../src/reference/contract/schema-changes.ts";
import { openEnum } from "../../../../src/trpc/open-enum.ts";
import { changedLines, few, more } from "./changed-lines.ts";

const object = z.object;

describe("an output", () => {
  it.each<[string, z.ZodType, z.ZodType, string[]]>([
    [
      "a field removed",
      object({ a: z.string(), b: z.string() }),
      object({ a: z.string() }),
      ["output.b: removed"],
    ],
    [
      "a field that may be missing",
      object({ a: z.string() }),
      object({ a: z.string().optional() }),
      ["output.a: may be missing"],
    ],
    [
      "null",
      object({ a: z.string() }),
      object({ a: z.string().nullable() }),
      ["output.a: may be null"],
    ],
    [
      "null as a whole",
      object({ a: z.string() }),
      object({ a: z.string() }).nullable(),
      ["output: may be null"],
    ],
    [
      "a new value of an enumeration",
      object({ a: few }),
      object({ a: more }),
      ['output.a: may be "c"'],
    ],
    [
      "any text instead of an enumeration",
      object({ a: few }),
      object({ a: z.string() }),
      ["output.a: may be any value"],
    ],
    [
      "another type",
      object({ a: z.string() }),
      object({ a: z.number() }),
      ["output.a: may be number"],
    ],
    [
      "numbers that are not whole",
      object({ a: z.int() }),
      object({ a: z.number() }),
      ["output.a: may be number"],
    ],
    [
      "a higher maximum",
      object({ a: z.number().max(1) }),
      object({ a: z.number().max(100) }),
      ["output.a: maximum 1 → 100"],
    ],
    [
      "a lower minimum",
      object({ a: z.number().min(0) }),
      object({ a: z.number() }),
      ["output.a: minimum 0 → none"],
    ],
    [
      "another format",
      object({ a: z.iso.date() }),
      object({ a: z.string() }),
      [expect.stringMatching(/^output\.a: pattern /) as string, 'output.a: format "date" → none'],
    ],
    [
      "a new alternative",
      object({ a: z.string() }),
      object({ a: z.union([z.string(), z.array(z.string())]) }),
      ["output.a: may be array"],
    ],
    [
      "an item of a list that may be null",
      z.array(object({ a: z.string() })),
      z.array(object({ a: z.string().nullable() })),
      ["output[].a: may be null"],
    ],
    [
      "values of a record",
      z.record(z.string(), few),
      z.record(z.string(), more),
      ['output.*: may be "c"'],
    ],
    [
      "a record that has no keys of its own any more",
      z.record(z.string(), few),
      object({}),
      ["output keys: may be any", "output.*: removed"],
    ],
    [
      "a shorter tuple",
      z.tuple([z.string(), z.number()]),
      z.tuple([z.string()]),
      ["output: minItems 2 → 1", "output[1]: may be any"],
    ],
  ])("surprises by %s", (_name, before, after, lines) => {
    expect(changedLines("output", before, after)).toEqual(lines);
  });

  it.each<[string, z.ZodType, z.ZodType]>([
    ["a new field", object({}), object({ a: z.string() })],
    [
      "a field that is always there",
      object({ a: z.string().optional() }),
      object({ a: z.string() }),
    ],
    ["no null any more", object({ a: z.string().nullable() }), object({ a: z.string() })],
    ["a value of an enumeration removed", object({ a: more }), object({ a: few })],
    [
      "a new value of an open enumeration",
      object({ a: openEnum(["a"]) }),
      object({ a: openEnum(["a", "b"]) }),
    ],
    ["whole numbers only", object({ a: z.number() }), object({ a: z.int() })],
    ["narrower limits", object({ a: z.number() }), object({ a: z.number().min(0).max(1) })],
    ["a record of more", object({ a: z.string() }), object({ a: z.string() }).catchall(z.string())],
  ])("may change by %s", (_name, before, after) => {
    expect(changedLines("output", before, after)).toEqual([]);
  });

  it("an enumeration that was closed in the last release is not opened by the same change that adds to it", () => {
    const [before, after] = [object({ a: few }), object({ a: openEnum(["a", "b", "c"]) })];
    expect(changedLines("output", before, after)).toEqual(['output.a: may be "c"']);
  });
});

it.each<Direction>(["input", "output"])(
  "a keyword that the comparison does not know counts as a change of an %s, whatever it means",
  (direction) => {
    const pair = { direction, at: "it" };
    expect(schemaChanges({ ...pair, before: {}, after: { not: { type: "string" } } })).toEqual([
      { at: "it", what: 'not none → {"type":"string"}' },
    ]);
  },
);
