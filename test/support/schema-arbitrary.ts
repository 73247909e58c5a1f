import * as fc from "fast-check";

/** The part of a zod 4 schema that is read here. */
interface Definition {
  readonly type: string;
  readonly format?: string;
  readonly checks?: readonly { readonly _zod: { readonly def: CheckDefinition } }[];
  readonly shape?: Readonly<Record<string, Schema>>;
  readonly element?: Schema;
  readonly innerType?: Schema;
  readonly in?: Schema;
  readonly options?: readonly Schema[];
  readonly entries?: Readonly<Record<string, unknown>>;
  readonly values?: readonly unknown[];
}
interface CheckDefinition {
  readonly check: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly value?: number;
  readonly pattern?: RegExp;
}
interface Schema {
  readonly _zod: { readonly def: Definition };
}

function definitionOf<T>(of: { readonly _zod: { readonly def: T } }): T {
  // oxlint-disable-next-line no-underscore-dangle -- where zod 4 keeps what a schema is
  return of._zod.def;
}

/** Values for fields of a name that are worth trying beside random ones, such as ids that exist. */
export type FieldHints = Readonly<Record<string, readonly unknown[]>>;

const EARLIEST_MS = Date.UTC(1960, 0, 1);
const LATEST_MS = Date.UTC(2210, 0, 1);
/** Letters that normalisation changes, marks, digits of other scripts, and what a pattern takes for more than it is. */
const TRICKY_CHARACTERS = Array.from("aeé ñßﷺاأةيـَ-'’%_\\0٣");
/** Longer lists would fill a body with one value. */
const LENGTH_MAX = 12;

/**
 * Makes inputs that a zod schema mostly takes: all its types, ranges, lengths, formats and patterns are kept to,
 * its refinements are not looked at.
 * Errors: for a schema of a type that no procedure used when this was written.
 */
export function inputsFor(schema: unknown, hints: FieldHints): fc.Arbitrary<unknown> {
  return build(schema as Schema, hints);
}

function build(schema: Schema, hints: FieldHints): fc.Arbitrary<unknown> {
  const def = definitionOf(schema);
  const inner = () => {
    if (def.innerType === undefined) throw new Error(`${def.type} without an inner type`);
    return build(def.innerType, hints);
  };
  switch (def.type) {
    case "object":
      return fields(def.shape ?? {}, hints);
    case "array": {
      if (def.element === undefined) throw new Error("an array without an element");
      const { minimum, maximum } = limits(def);
      return fc.array(build(def.element, hints), {
        minLength: minimum ?? 0,
        maxLength: Math.min(maximum ?? LENGTH_MAX, LENGTH_MAX),
      });
    }
    case "optional":
    case "default":
    case "prefault":
      return fc.option(inner(), { nil: undefined });
    case "nullable":
      return fc.option(inner(), { nil: null });
    case "pipe":
      if (def.in === undefined) throw new Error("a pipe without a beginning");
      return build(def.in, hints);
    case "union":
      return fc.oneof(...(def.options ?? []).map((option) => build(option, hints)));
    case "enum":
      return fc.constantFrom(...Object.values(def.entries ?? {}));
    case "literal":
      return fc.constantFrom(...(def.values ?? []));
    case "null":
      return fc.constant(null);
    case "record":
      return fc.dictionary(fc.string({ maxLength: 20 }), fc.jsonValue({ maxDepth: 2 }), {
        maxKeys: 4,
      });
    case "boolean":
      return fc.boolean();
    case "number":
      return numbers(def);
    case "string":
      return texts(def);
    default:
      throw new Error(`no arbitrary for the zod type ${def.type}`);
  }
}

function fields(shape: Readonly<Record<string, Schema>>, hints: FieldHints): fc.Arbitrary<unknown> {
  const arbitraries = Object.entries(shape).map(([name, schema]) => {
    const own = build(schema, hints);
    const known = hints[name];
    return [
      name,
      known === undefined
        ? own
        : fc.oneof(
            { weight: 1, arbitrary: own },
            { weight: 6, arbitrary: fc.constantFrom(...known) },
          ),
    ] as const;
  });
  return fc.record(Object.fromEntries(arbitraries), { noNullPrototype: true });
}

function limits(def: Definition): {
  minimum: number | undefined;
  maximum: number | undefined;
  pattern: RegExp | undefined;
} {
  const checks = (def.checks ?? []).map(definitionOf);
  return {
    minimum: checks.find(({ check }) => check === "min_length")?.minimum,
    maximum: checks.find(({ check }) => check === "max_length")?.maximum,
    pattern: checks.find(({ check }) => check === "string_format")?.pattern,
  };
}

function numbers(def: Definition): fc.Arbitrary<number> {
  const checks = (def.checks ?? []).map(definitionOf);
  const min = checks.find(({ check }) => check === "greater_than")?.value ?? -1e9;
  const max = checks.find(({ check }) => check === "less_than")?.value ?? 1e9;
  return def.format === "safeint"
    ? fc.integer({ min, max })
    : fc.oneof(
        fc.double({ min, max, noNaN: true, noDefaultInfinity: true }),
        fc.constantFrom(min, max),
      );
}

function texts(def: Definition): fc.Arbitrary<string> {
  const { minimum, maximum, pattern } = limits(def);
  if (def.format === "uuid" || def.format === "guid") return fc.uuid();
  if (def.format === "datetime") {
    return fc
      .date({ min: new Date(EARLIEST_MS), max: new Date(LATEST_MS), noInvalidDate: true })
      .map((date) => date.toISOString());
  }
  if (pattern !== undefined) return fc.stringMatching(pattern);
  const size = { minLength: minimum ?? 0, maxLength: Math.min(maximum ?? 40, 40) };
  return fc.oneof(
    fc.string(size),
    fc.string({ ...size, unit: "binary" }),
    fc.string({ ...size, unit: fc.constantFrom(...TRICKY_CHARACTERS) }),
    fc.webUrl(),
  );
}
