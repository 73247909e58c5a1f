import { describe, expect, it } from "vitest";
import { CALL_COSTS, costOf, requestedCalls } from "../../../src/http/requested-calls.ts";
import { hotProcedures } from "../../../src/trpc/hot-procedures.ts";
import { appRouter } from "../../../src/trpc/router.ts";

const read = (address: string) => {
  const url = new URL(address, "http://localhost");
  return requestedCalls(url.pathname, url.searchParams);
};

describe("requestedCalls", () => {
  it("reads one call, or each of a batch", () => {
    expect(read("/trpc/store.nearby?input=1")).toEqual({
      procedures: ["store.nearby"],
      isBatch: false,
    });
    expect(read("/trpc/a.b,c.d,a.b?batch=1")).toEqual({
      procedures: ["a.b", "c.d", "a.b"],
      isBatch: true,
    });
    expect(read("/trpc/a.b,c.d").procedures).toHaveLength(1);
  });

  it("cannot be misled by the way that the address is written", () => {
    expect(read("/trpc/store%2Esearch%2Caccount.export/?batch=1").procedures).toEqual([
      "store.search",
      "account.export",
    ]);
    expect(read("/trpc/%E0%A4?batch=1").procedures).toHaveLength(1);
    expect(read("/trpc/a.b,a.b?batch=0&batch=1").isBatch).toBe(false);
  });
});

describe("costOf", () => {
  it("is the sum of the calls' costs", () => {
    expect(costOf(["store.nearby"], 100)).toBe(1);
    expect(costOf(["store.nearby", "store.nearby", "store.search"], 100)).toBe(5);
    expect(costOf(["constructor", "__proto__", ""], 100)).toBe(3);
  });

  it("leaves one call possible however low the limit, and bounds a batch that is too long", () => {
    for (const procedure of CALL_COSTS.keys()) expect(costOf([procedure], 1)).toBe(1);
    expect(
      costOf(
        Array.from({ length: 5_000 }, () => "account.export"),
        100,
      ),
    ).toBe(10);
  });

  it("names procedures that exist, and none that is answered before tRPC", () => {
    const names = Object.keys(appRouter._def.procedures);
    expect(names).toEqual(expect.arrayContaining([...CALL_COSTS.keys()]));
    for (const { path } of hotProcedures) expect(CALL_COSTS.has(path)).toBe(false);
  });
});
