import { readFileSync } from "node:fs";
import type { AnyProcedure } from "@trpc/server";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { ProcedureMeta } from "../../src/trpc/procedures.ts";
import { appRouter } from "../../src/trpc/router.ts";

type Terms = readonly [
  kind: "query" | "mutation",
  auth: NonNullable<ProcedureMeta["auth"]>,
  cost?: number,
];

/** The contract: every procedure, its kind, its callers, and what it counts as against the limit if that is not 1. */
const CONTRACT: Readonly<Record<string, Terms>> = {
  "store.nearby": ["query", "public"],
  "store.markers": ["query", "public"],
  "store.inBounds": ["query", "public", 3],
  "store.byId": ["query", "public"],
  "store.search": ["query", "public", 3],
  "store.create": ["mutation", "admin"],
  "store.update": ["mutation", "admin"],
  "store.remove": ["mutation", "admin"],
  "store.list": ["query", "admin"],
  "certifier.list": ["query", "public"],
  "certifier.byId": ["query", "public"],
  "certifier.upsert": ["mutation", "admin"],
  "certifier.remove": ["mutation", "admin"],
  "boycott.list": ["query", "public"],
  "boycott.byId": ["query", "public"],
  "boycott.check": ["query", "public"],
  "boycott.upsert": ["mutation", "admin"],
  "boycott.remove": ["mutation", "admin"],
  "additive.byCode": ["query", "public"],
  "additive.forCodes": ["query", "public", 2],
  "additive.search": ["query", "public", 2],
  "additive.upsert": ["mutation", "admin"],
  "additive.remove": ["mutation", "admin"],
  "product.byBarcode": ["query", "public"],
  "product.search": ["query", "public", 3],
  "product.alternatives": ["query", "public", 3],
  "product.upsert": ["mutation", "admin"],
  "product.remove": ["mutation", "admin"],
  "product.list": ["query", "admin"],
  "scans.record": ["mutation", "user"],
  "scans.recordMany": ["mutation", "user", 10],
  "scans.history": ["query", "user"],
  "scans.stats": ["query", "user"],
  "scans.remove": ["mutation", "user"],
  "favorites.list": ["query", "user"],
  "favorites.refs": ["query", "user"],
  "favorites.add": ["mutation", "user"],
  "favorites.remove": ["mutation", "user"],
  "favorites.sync": ["mutation", "user", 5],
  "alerts.list": ["query", "public"],
  "alerts.categories": ["query", "public"],
  "alerts.byId": ["query", "public"],
  "alerts.unread": ["query", "user"],
  "alerts.markRead": ["mutation", "user"],
  "alerts.adminList": ["query", "admin"],
  "alerts.approve": ["mutation", "admin"],
  "alerts.publish": ["mutation", "admin"],
  "alerts.update": ["mutation", "admin"],
  "alerts.retract": ["mutation", "admin"],
  "reports.guestToken": ["mutation", "public", 20],
  "reports.create": ["mutation", "public", 5],
  "reports.mine": ["query", "public"],
  "reports.eraseGuest": ["mutation", "public", 5],
  "reports.list": ["query", "admin"],
  "reports.resolve": ["mutation", "admin"],
  "audit.list": ["query", "admin"],
  "account.profile": ["query", "user"],
  "account.updateProfile": ["mutation", "user"],
  "push.register": ["mutation", "user"],
  "push.unregister": ["mutation", "user"],
  "push.preferences": ["mutation", "user"],
  "trending.products": ["query", "public"],
  "appConfig.get": ["query", "public"],
  "appConfig.update": ["mutation", "admin"],
  "account.export": ["query", "user", 20],
  "account.erase": ["mutation", "user", 20],
};

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
  expect(procedures.map(([path]) => path).toSorted()).toEqual(Object.keys(CONTRACT).toSorted());
});

describe.each(procedures)("%s", (path, procedure) => {
  const [kind, auth, cost] = CONTRACT[path] ?? [];

  it("is of the kind, for the callers and at the cost that the contract says", () => {
    expect(procedure._def.type).toBe(kind);
    const {
      fast: _,
      stream: __,
      isByLanguage: ___,
      deprecated: ____,
      ...meta
    } = procedure._def.meta as ProcedureMeta;
    expect(meta).toEqual(cost === undefined ? { auth } : { auth, cost });
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
