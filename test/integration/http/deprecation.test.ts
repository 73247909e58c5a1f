import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createApp } from "../../../src/app.ts";
import { openServer, type OpenServer } from "../../../src/http/server.ts";
import type { Deprecation } from "../../../src/trpc/deprecation.ts";
import { createProcedureTable } from "../../../src/trpc/procedure-table.ts";
import { publicProcedure, router } from "../../../src/trpc/procedures.ts";
import { appRouter } from "../../../src/trpc/router.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { bearer } from "../../support/tokens.ts";

/** The declared facts of the procedures of this file's server. */
const DEPRECATED: Readonly<Record<string, Deprecation>> = {
  "certifier.list": { since: "2027-03-01", sunset: "2028-06-30", use: "certifier.byId" },
  "alerts.categories": { since: "2027-05-01", sunset: "2028-05-01", use: null },
  "account.export": { since: "2027-05-01", sunset: "2028-05-01", use: null },
};

let stack: Stack;
let instance: Instance;
let server: OpenServer;

beforeAll(async () => {
  stack = await openStack();
  instance = await stack.startInstance();
  server = await openServer("127.0.0.1", 0);
  const procedures = [...createProcedureTable(appRouter)].map(
    ([path, facts]) => [path, { ...facts, deprecated: DEPRECATED[path] ?? null }] as const,
  );
  await server.serve(createApp(instance.deps, new Map(procedures)));
});

afterAll(async () => {
  await server.close(0, 1_000);
  await stack.close();
});

async function headersOf(path: string, init: RequestInit = {}) {
  const { status, headers } = await fetch(`http://127.0.0.1:${server.port}/trpc/${path}`, init);
  const [deprecation, sunset, link] = ["deprecation", "sunset", "link"].map((name) =>
    headers.get(name),
  );
  return { status, deprecation, sunset, link };
}

const LIST = {
  deprecation: "@1803859200",
  sunset: "Fri, 30 Jun 2028 00:00:00 GMT",
  link: '</docs#certifier.list>; rel="deprecation"; type="text/html"',
};

describe("an answer with a deprecated call", () => {
  it("says since when, until when and where to read on, from the database and from memory", async () => {
    for (let i = 0; i < 3; i += 1)
      expect(await headersOf("certifier.list")).toEqual({ status: 200, ...LIST });
  });

  it("says so in 304 and in an error, too", async () => {
    const { headers } = await fetch(`http://127.0.0.1:${server.port}/trpc/certifier.list`);
    const known = { headers: { "if-none-match": headers.get("etag") ?? "" } };
    expect(await headersOf("certifier.list", known)).toEqual({ status: 304, ...LIST });
    const bad = { headers: { authorization: "Bearer a.b.c" } };
    expect(await headersOf("certifier.list", bad)).toEqual({ status: 401, ...LIST });
  });

  it("says so in a stream and in an export", async () => {
    const stream = { headers: { "trpc-accept": "application/jsonl" } };
    expect(await headersOf("certifier.list?batch=1", stream)).toEqual({ status: 200, ...LIST });
    const user = { headers: { authorization: await bearer({}) } };
    expect(await headersOf("account.export", user)).toMatchObject({
      status: 200,
      sunset: "Mon, 01 May 2028 00:00:00 GMT",
    });
  });

  it("has the earliest days of a batch, and a link for each deprecated procedure", async () => {
    const paths = "boycott.list,certifier.list,alerts.categories,certifier.list";
    expect(await headersOf(`${paths}?batch=1`)).toEqual({
      status: 200,
      deprecation: LIST.deprecation,
      sunset: "Mon, 01 May 2028 00:00:00 GMT",
      link: `${LIST.link}, </docs#alerts.categories>; rel="deprecation"; type="text/html"`,
    });
  });

  it("differs from the answer of a procedure that stays", async () => {
    const none = { deprecation: null, sunset: null, link: null };
    expect(await headersOf("boycott.list")).toEqual({ status: 200, ...none });
    expect(await headersOf("boycott.list,additive.search?batch=1")).toMatchObject(none);
  });
});

describe("a procedure's own deprecation", () => {
  const tableOf = (deprecated: Deprecation) =>
    createProcedureTable(
      router({
        old: publicProcedure.meta({ deprecated }).query(() => null),
        new: publicProcedure.query(() => null),
      }),
    );

  it("is one of its facts", () => {
    const deprecated = { since: "2027-01-01", sunset: "2028-01-01", use: "new" };
    expect(tableOf(deprecated).get("old")?.deprecated).toEqual(deprecated);
  });

  it.each<[string, Deprecation]>([
    ["less than a year", { since: "2027-01-01", sunset: "2027-12-31", use: null }],
    ["no days", { since: "2027-01", sunset: "2029", use: null }],
    [
      "an unknown procedure in its place",
      { since: "2027-01-01", sunset: "2028-01-01", use: "a.b" },
    ],
    ["itself in its place", { since: "2027-01-01", sunset: "2028-01-01", use: "old" }],
  ])("stops the start when it has %s", (_name, deprecated) => {
    expect(() => tableOf(deprecated)).toThrow(/^old: /);
  });
});
