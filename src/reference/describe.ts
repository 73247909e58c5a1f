import type { AnyProcedure, AnyRouter } from "@trpc/server";
import { z } from "zod";
import type { Deprecation } from "../trpc/deprecation.ts";
import type { ProcedureMeta } from "../trpc/procedures.ts";
import { type Docstring, readDocstrings } from "./docstrings.ts";
import { type Example, exampleOf } from "./examples.ts";
import { type FieldDocstrings, fieldDocstringsOf } from "./field-docstrings.ts";

/** A JSON schema, as `z.toJSONSchema` writes it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Everything that the reference says of a procedure. */
export interface DescribedProcedure extends Docstring {
  /** Such as `store.nearby`. */
  readonly path: string;
  readonly isMutation: boolean;
  readonly auth: NonNullable<ProcedureMeta["auth"]>;
  /** Units: calls of the rate limit. */
  readonly cost: number;
  readonly isCached: boolean;
  /** Null for a procedure that stays. */
  readonly deprecated: Deprecation | null;
  /** Null when the procedure takes no input. */
  readonly input: JsonSchema | null;
  /** Whether a call without an input is an error. */
  readonly isInputNeeded: boolean;
  readonly output: JsonSchema;
  readonly example: Example;
}

interface Definition {
  readonly type: string;
  readonly meta: ProcedureMeta;
  readonly inputs: readonly z.ZodType[];
  readonly output: z.ZodType;
}

/** Describes every procedure of a router. Errors: Error for one without a docstring or an example. */
export function describeProcedures(router: AnyRouter): readonly DescribedProcedure[] {
  // At run time tRPC keeps the procedures flat, by path.
  const procedures = router._def.procedures as Readonly<Record<string, AnyProcedure>>;
  const features = new Set(Object.keys(procedures).map((path) => path.split(".", 1)[0] ?? ""));
  const docstrings = new Map([...features].map((feature) => [feature, readDocstrings(feature)]));
  return Object.entries(procedures).map(([path, procedure]) => {
    const { type, meta, inputs, output } = procedure._def as unknown as Definition;
    const [feature = "", name = ""] = path.split(".");
    const docstring = docstrings.get(feature)?.get(name);
    const [input] = inputs;
    const example = exampleOf(path, input);
    if (docstring === undefined) throw new Error(`${path} has no docstring`);
    if (example === null)
      throw new Error(
        `${path} has no example: give its input's schema .meta({ examples: [{ … }] })`,
      );
    const fields = fieldDocstringsOf(feature, name);
    return {
      ...docstring,
      path,
      isMutation: type === "mutation",
      auth: meta.auth ?? "public",
      cost: meta.cost ?? 1,
      isCached: meta.fast !== undefined,
      deprecated: meta.deprecated ?? null,
      isInputNeeded: input !== undefined && !input.safeParse(undefined).success,
      input:
        input === undefined || takesNothing(input)
          ? null
          : described(jsonSchema(input, "input"), fields.input),
      output: described(jsonSchema(output, "output"), fields.output),
      example,
    };
  });
}

/** Whether a schema accepts the empty object alone, or its absence. */
function takesNothing(input: z.ZodType): boolean {
  return (
    input.safeParse(undefined).success &&
    Object.keys(propertiesOf(jsonSchema(input, "input"))).length === 0
  );
}

function propertiesOf(schema: JsonSchema): object {
  const { anyOf, properties } = schema as { anyOf?: readonly JsonSchema[]; properties?: object };
  return properties ?? Object.assign({}, ...(anyOf ?? []).map(propertiesOf));
}

function jsonSchema(schema: z.ZodType, io: "input" | "output"): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io,
    unrepresentable: "any",
    // Zod leaves the default of an input out where the input is transformed, as all with a default are.
    override: ({ zodSchema, jsonSchema: made }) => {
      const value = z.globalRegistry.get(zodSchema)?.["default"];
      if (io === "input" && value !== undefined) made.default = value;
    },
  });
  return rest;
}

/** A schema whose fields say what their docstrings say. */
function described(schema: JsonSchema, fields: FieldDocstrings): JsonSchema {
  const { properties, anyOf, oneOf, items } = schema as {
    properties?: Readonly<Record<string, JsonSchema>>;
    anyOf?: readonly JsonSchema[];
    oneOf?: readonly JsonSchema[];
    items?: JsonSchema;
  };
  const all = (schemas: readonly JsonSchema[]) => schemas.map((one) => described(one, fields));
  return {
    ...schema,
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, field]) => {
          const description = field["description"] ?? fields.get(name);
          const inside = described(field, fields);
          return [name, description === undefined ? inside : { ...inside, description }];
        }),
      ),
    }),
    ...(anyOf && { anyOf: all(anyOf) }),
    ...(oneOf && { oneOf: all(oneOf) }),
    ...(items && { items: described(items, fields) }),
  };
}
