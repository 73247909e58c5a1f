import { expect, it } from "vitest";
import { z } from "zod";
import { PROCEDURES } from "../../support/procedures.ts";

interface Schema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: unknown;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

/** Each scan of a batch is judged alone, by the strict schema of `scans.record`. */
const JUDGED_LATER = "scans.recordMany: scans[]";

/** The faults of an input's schema: objects that accept unknown keys, and optional fields that refuse null. */
function faultsOf(schema: Schema, at: string): string[] {
  const faults: string[] = [];
  for (const variant of schema.anyOf ?? schema.oneOf ?? []) faults.push(...faultsOf(variant, at));
  if (schema.items !== undefined) faults.push(...faultsOf(schema.items, `${at}[]`));
  const { properties } = schema;
  if (properties === undefined) return faults;
  if (schema.additionalProperties !== false && at !== JUDGED_LATER)
    faults.push(`${at} accepts unknown keys`);
  for (const [name, field] of Object.entries(properties)) {
    const path = at.endsWith(":") ? `${at} ${name}` : `${at}.${name}`;
    if (schema.required?.includes(name) !== true && !acceptsNull(field))
      faults.push(`${path} may be left out and refuses null`);
    faults.push(...faultsOf(field, path));
  }
  return faults;
}

function acceptsNull({ type, anyOf, oneOf }: Schema): boolean {
  if (type === "null" || (Array.isArray(type) && type.includes("null"))) return true;
  const variants = anyOf ?? oneOf;
  return variants === undefined ? type === undefined : variants.some(acceptsNull);
}

it.each(PROCEDURES)("$path refuses unknown keys and takes null as not given", ({ path, input }) => {
  const schema = z.toJSONSchema(input, { io: "input", unrepresentable: "any" });
  expect(faultsOf(schema as Schema, `${path}:`)).toEqual([]);
});

it("tells a schema that accepts unknown keys, and a field that refuses null", () => {
  const loose = z.object({ a: z.object({ b: z.string().optional() }) });
  const schema = z.toJSONSchema(loose, { io: "input" });
  expect(faultsOf(schema as Schema, "x:")).toEqual([
    "x: accepts unknown keys",
    "x: a accepts unknown keys",
    "x: a.b may be left out and refuses null",
  ]);
});
