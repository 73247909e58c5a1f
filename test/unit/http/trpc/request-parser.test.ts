import type { IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import { costOf } from "../../../../src/http/trpc/calls.ts";
import { RequestParser } from "../../../../src/http/trpc/request-parser.ts";
import { createProcedureTable } from "../../../../src/trpc/procedure-table.ts";
import { userProcedure, router } from "../../../../src/trpc/procedures.ts";
import { appRouter } from "../../../../src/trpc/router.ts";

const procedures = createProcedureTable(appRouter);
const parser = new RequestParser(procedures);

function parse(address: string, method = "GET") {
  const request = { method, headers: { "content-type": "application/json" } };
  return parser.parse(request as IncomingMessage, new URL(address, "http://localhost"));
}

const paths = (address: string) => parse(address).calls.map(({ path }) => path);

describe("RequestParser", () => {
  it("reads one call, or each of a batch", () => {
    expect(paths("/trpc/store.nearby?input=1")).toEqual(["store.nearby"]);
    expect(paths("/trpc/a.b,c.d,a.b?batch=1")).toEqual(["a.b", "c.d", "a.b"]);
    expect(paths("/trpc/a.b,c.d")).toEqual(["a.b,c.d"]);
  });

  it("decodes the path before it splits a batch, as tRPC does", () => {
    expect(paths("/trpc/store%2Esearch%2Caccount.export/?batch=1")).toEqual([
      "store.search",
      "account.export",
    ]);
    expect(paths("/trpc/account.export//")).toEqual(["account.export"]);
    expect(parse("/trpc/%E0%A4?batch=1")).toMatchObject({ isForTrpc: true });
    expect(parse("/trpc/a.b,a.b?batch=0&batch=1").isBatch).toBe(false);
  });

  it("leaves to tRPC's own handler what is no JSON, a stream, or a mix of queries and mutations", () => {
    expect(parse("/trpc/certifier.list").isForTrpc).toBe(false);
    expect(parse("/trpc/store.create", "POST").isForTrpc).toBe(false);
    for (const method of ["HEAD", "OPTIONS", "PUT", "DELETE"])
      expect(parse("/trpc/certifier.list", method).isForTrpc).toBe(true);
    expect(parse("/trpc/certifier.list,store.create?batch=1").isForTrpc).toBe(true);
    expect(parse("/trpc/certifier.list?connectionParams=1").isForTrpc).toBe(true);
  });

  it("gives a call to its fast query only when that accepts the input", () => {
    const isFast = (address: string) => parse(address).calls.map(({ fast }) => fast !== null);
    expect(isFast('/trpc/additive.byCode?input={"code":"E471"}')).toEqual([true]);
    expect(isFast('/trpc/additive.byCode?input={"code":"no code"}')).toEqual([false]);
    expect(isFast("/trpc/certifier.list,alerts.list?batch=1&input={}")).toEqual([true, false]);
    expect(isFast("/trpc/certifier.list?input={")).toEqual([false]);
  });
});

describe("costOf", () => {
  const cost = (address: string, limit = 100) => costOf(parse(address), limit);

  it("is the sum of the costs that the procedures declare", () => {
    expect(cost("/trpc/store.nearby")).toBe(1);
    expect(cost("/trpc/store.nearby,store.nearby,store.search?batch=1")).toBe(5);
    expect(cost("/trpc/constructor,__proto__,?batch=1")).toBe(3);
    expect(cost("/trpc/account.export//")).toBe(20);
  });

  it("leaves one call possible however low the limit, and bounds a batch that is too long", () => {
    for (const path of procedures.keys()) expect(cost(`/trpc/${path}`, 1)).toBe(1);
    const many = Array.from({ length: 5_000 }, () => "account.export").join();
    expect(cost(`/trpc/${many}?batch=1`)).toBe(30);
  });
});

it("a fast query on a procedure that checks its caller is an error at the start", () => {
  const fast = { isRepeated: true, parse: () => undefined };
  const bad = router({ list: userProcedure.meta({ fast }).query(() => 1) });
  expect(() => createProcedureTable(bad)).toThrow("list: only a public query");
});
