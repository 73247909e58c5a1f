import { readFileSync } from "node:fs";
import type { AnyProcedure } from "@trpc/server";
import { describe, expect, it } from "vitest";
import type { ProcedureMeta } from "../../src/trpc/procedures.ts";
import { appRouter } from "../../src/trpc/router.ts";

/** What the contract promises: every procedure, its kind and who may call it. */
const CONTRACT: Readonly<
  Record<string, readonly [kind: "query" | "mutation", auth: ProcedureMeta["auth"]]>
> = {
  "store.nearby": ["query", "public"],
  "store.markers": ["query", "public"],
  "store.byId": ["query", "public"],
  "store.search": ["query", "public"],
  "store.create": ["mutation", "admin"],
  "store.update": ["mutation", "admin"],
  "store.remove": ["mutation", "admin"],
  "certifier.list": ["query", "public"],
  "certifier.byId": ["query", "public"],
  "certifier.upsert": ["mutation", "admin"],
  "certifier.remove": ["mutation", "admin"],
  "boycott.list": ["query", "public"],
  "boycott.check": ["query", "public"],
  "boycott.upsert": ["mutation", "admin"],
  "boycott.remove": ["mutation", "admin"],
  "additive.byCode": ["query", "public"],
  "additive.forCodes": ["query", "public"],
  "additive.search": ["query", "public"],
  "additive.upsert": ["mutation", "admin"],
  "additive.remove": ["mutation", "admin"],
  "scans.record": ["mutation", "user"],
  "scans.recordMany": ["mutation", "user"],
  "scans.history": ["query", "user"],
  "scans.stats": ["query", "user"],
  "scans.remove": ["mutation", "user"],
  "favorites.list": ["query", "user"],
  "favorites.add": ["mutation", "user"],
  "favorites.remove": ["mutation", "user"],
  "favorites.sync": ["mutation", "user"],
  "alerts.list": ["query", "public"],
  "alerts.byId": ["query", "public"],
  "alerts.unread": ["query", "user"],
  "alerts.markRead": ["mutation", "user"],
  "alerts.publish": ["mutation", "admin"],
  "alerts.update": ["mutation", "admin"],
  "alerts.retract": ["mutation", "admin"],
  "account.export": ["query", "user"],
  "account.erase": ["mutation", "user"],
};

// At run time tRPC keeps the procedures flat, by path; its types keep the tree.
const procedures = Object.entries(
  appRouter._def.procedures as unknown as Readonly<Record<string, AnyProcedure>>,
);

it("has the procedures of the contract and no others", () => {
  expect(procedures.map(([path]) => path).toSorted()).toEqual(Object.keys(CONTRACT).toSorted());
});

describe.each(procedures)("%s", (path, procedure) => {
  const [kind, auth] = CONTRACT[path] ?? [];

  it("is of the kind and for the callers that the contract says", () => {
    expect(procedure._def.type).toBe(kind);
    expect(procedure._def.meta).toEqual({ auth });
  });

  it("checks what comes in and what goes out", () => {
    const definition: unknown = procedure._def;
    expect(definition).toMatchObject({
      inputs: [expect.anything()],
      output: expect.anything() as unknown,
    });
  });

  it("has a docstring of at most eight lines with its errors", () => {
    const [feature = "", name = ""] = path.split(".");
    const source = readFileSync(`src/features/${feature}/router.ts`, "utf8");
    const docstring = new RegExp(`/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\s*${name}: `).exec(
      source,
    )?.[1];
    expect(docstring, "a docstring right above it").toBeDefined();
    expect(docstring?.trim().split("\n").length).toBeLessThanOrEqual(8);
    expect(docstring).toContain("Errors:");
  });
});
