import { expect, it } from "vitest";
import { describeProcedures } from "../../../src/reference/describe.ts";
import { fieldDocstringsOf } from "../../../src/reference/field-docstrings.ts";
import { appRouter } from "../../../src/trpc/router.ts";

it("reads the docstrings of a schema's fields, also of those that it takes from other modules", () => {
  const { input, output } = fieldDocstringsOf("alerts", "list");
  expect(input.get("cursor")).toContain("`nextCursor` of the page before");
  expect(input.get("locale")).toContain("Accept-Language");
  expect(output.get("readAt")).toContain("marked it as read");
});

it("leaves a name out that has several meanings, and the docstrings of functions", () => {
  const { input } = fieldDocstringsOf("favorites", "add");
  expect(input.has("barcode")).toBe(false);
  expect(fieldDocstringsOf("reports", "create").input.has("address")).toBe(false);
});

it("reads what a feature in a folder of several words says", () => {
  expect(fieldDocstringsOf("appConfig", "get").output.get("storeUrl")).toContain("store");
});

it("says the defaults and the meanings of inputs", () => {
  const nearby = describeProcedures(appRouter).find(({ path }) => path === "store.nearby");
  expect(nearby?.input).toMatchObject({
    properties: {
      radiusKm: { default: 5 },
      openNow: { default: false, description: expect.stringMatching(/^True: /) as unknown },
    },
  });
});
