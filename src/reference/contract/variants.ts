import type { JsonSchema } from "../describe.ts";

/** The keywords by which a schema has several alternatives. */
const UNIONS = ["anyOf", "oneOf"] as const;

/** Reads a keyword that has to be a list of schemas. */
export function schemasOf(value: unknown): readonly JsonSchema[] {
  return Array.isArray(value) ? value.filter(isSchema) : [];
}

/** Whether a value is a schema with keywords. */
export function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Splits a schema into its alternatives, each of one type: `anyOf`, `oneOf` and lists of types. What stands beside an
 * alternative applies to it, too.
 */
export function variantsOf(schema: JsonSchema): readonly JsonSchema[] {
  for (const union of UNIONS) {
    const { [union]: alternatives, ...beside } = schema;
    if (alternatives !== undefined)
      return schemasOf(alternatives).flatMap((one) => variantsOf({ ...beside, ...one }));
  }
  const { type } = schema;
  if (!Array.isArray(type)) return [schema];
  return type.map((one: unknown) => ({ ...schema, type: one, ...enumOf(schema, one) }));
}

/** The values of an enumeration that have a type. */
function enumOf({ enum: values }: JsonSchema, type: unknown): JsonSchema {
  if (!Array.isArray(values)) return {};
  return { enum: values.filter((value) => (value === null) === (type === "null")) };
}

/** The closed list of values that a schema allows; undefined where the list is open. */
export function valuesOf(schema: JsonSchema): readonly unknown[] | undefined {
  if ("const" in schema) return [schema["const"]];
  return Array.isArray(schema["enum"]) ? (schema["enum"] as unknown[]) : undefined;
}

/** A variant's type in words. */
export function typeOf(schema: JsonSchema): string {
  if (typeof schema["type"] === "string") return schema["type"];
  return "const" in schema && schema["const"] === null ? "null" : "any";
}
