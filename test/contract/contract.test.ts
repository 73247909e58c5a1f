import { readFileSync } from "node:fs";
import type { AnyProcedure } from "@trpc/server";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { ProcedureMeta } from "../../src/trpc/procedures.ts";
import { appRouter } from "../../src/trpc/router.ts";
import { type Terms, TERMS_FILE } from "../../src/reference/terms.ts";

/**
 * The terms of every procedure: its kind, its callers, and what it counts as against the limit.
 * `npm run reference` adds those of a new procedure, and never changes a line, so that a change is meant.
 */
const TERMS = JSON.parse(readFileSync(TERMS_FILE, "utf8")) as Readonly<Record<string, Terms>>;

// At run time tRPC keeps the procedures flat, by path; its types keep the tree.
const procedures = Object.entries(
  appRouter._def.procedures as unknown as Readonly<Record<string, AnyProcedure>>,
);

interface Schemas {
  readonly inputs: readonly z.ZodType[];
  readonly output: z.ZodType;
}

/** Numbers that only count, and what every row has. */
const UNITLESS = ["limit", "reviewCount", "createdAt", "updatedAt"];

/** Whether a procedure has no input that could be wrong. */
function takesNothing(input: z.ZodType | undefined): boolean {
  return input === undefined || input.safeParse(undefined).success;
}

/** The fields of a schema, however deep, that have a unit: numbers and instants. */
function measuredFields(schema: z.ZodType | undefined, io: "input" | "output"): string[] {
  if (schema === undefined) return [];
  const fields: string[] = [];
  const visit = (name: string, value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    if ("type" in value && (value.type === "number" || value.type === "integer")) fields.push(name);
    if ("format" in value && value.format === "date-time") fields.push(name);
    const properties = "properties" in value ? value.properties : undefined;
    for (const [key, one] of Object.entries(value)) {
      if (key !== "properties") visit(name, one);
    }
    if (typeof properties === "object" && properties !== null) {
      for (const [key, one] of Object.entries(properties)) visit(key, one);
    }
  };
  visit("", z.toJSONSchema(schema, { io, unrepresentable: "any" }));
  return [...new Set(fields)].filter((name) => !UNITLESS.includes(name));
}

it("has the procedures of the contract and no others", () => {
  const paths = procedures.map(([path]) => path).toSorted();
  expect(
    paths,
    `${TERMS_FILE}: npm run reference adds a procedure; one that goes is removed by hand`,
  ).toEqual(Object.keys(TERMS).toSorted());
});

describe.each(procedures)("%s", (path, procedure) => {
  const { kind, auth, cost } = TERMS[path] ?? {};

  it("is of the kind, for the callers and at the cost that the contract says", () => {
    expect(procedure._def.type).toBe(kind);
    const {
      fast: _,
      stream: __,
      isByLanguage: ___,
      deprecated: ____,
      ...meta
    } = procedure._def.meta as ProcedureMeta;
    expect({ cost: 1, ...meta }).toEqual({ auth, cost });
  });

  it("checks what comes in and what goes out", () => {
    const definition: unknown = procedure._def;
    expect(definition).toMatchObject({
      inputs: [expect.anything()],
      output: expect.anything() as unknown,
    });
  });

  it("has a docstring of at most eight lines with its errors, units and source", () => {
    const [feature = "", name = ""] = path.split(".");
    const folder = feature.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const source = readFileSync(`src/features/${folder}/router.ts`, "utf8");
    const docstring = new RegExp(`/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\s*${name}: `).exec(
      source,
    )?.[1];
    if (docstring === undefined) throw new Error("no docstring right above it");
    expect(docstring.trim().split("\n").length).toBeLessThanOrEqual(8);
    const [, errors = ""] = /Errors:([\s\S]*?)(?:Source:|$)/.exec(docstring) ?? [];
    const { inputs, output } = procedure._def as unknown as Schemas;
    const [input] = inputs;
    const codes = [
      "SERVICE_UNAVAILABLE",
      ...(takesNothing(input) ? [] : ["BAD_REQUEST"]),
      ...(auth === "public" ? [] : ["UNAUTHORIZED"]),
      ...(auth === "admin" ? ["FORBIDDEN"] : []),
    ];
    expect(codes.filter((code) => !errors.includes(code))).toEqual([]);
    const measured = [...measuredFields(input, "input"), ...measuredFields(output, "output")];
    expect(docstring.includes("Units:") ? [] : measured).toEqual([]);
    expect(docstring.includes("Source:") || kind === "mutation").toBe(true);
  });
});
