import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { z } from "zod";
import { parseDocstring } from "../../../src/reference/docstrings.ts";
import { EXAMPLES, exampleOf } from "../../../src/reference/examples.ts";
import { renderReference } from "../../../src/reference/render.ts";
import { NoInput } from "../../../src/trpc/inputs.ts";
import { PROCEDURES } from "../../support/procedures.ts";

it.each(renderReference())("$file is as `npm run reference` writes it", ({ file, text }) => {
  expect(readFileSync(file, "utf8") === text, `${file} is out of date: npm run reference`).toBe(
    true,
  );
});

it.each(PROCEDURES)("$path has an example that its input's schema accepts", ({ path, input }) => {
  const example = exampleOf(path, input);
  if (example === null) throw new Error("no example");
  // Fields that earlier answers give are not there yet.
  const missing = Object.keys(example.take ?? {}).map((field) => field.split(".", 1)[0]);
  const faults = input.safeParse(example.input).error?.issues ?? [];
  expect(faults.filter(({ path: [field] }) => !missing.includes(String(field)))).toEqual([]);
});

it("lists no example of a procedure that is not there", () => {
  const paths = PROCEDURES.map(({ path }) => path);
  expect(paths).toEqual(expect.arrayContaining(Object.keys(EXAMPLES)));
});

it("takes an example from the input's schema, and none for a procedure that needs an input", () => {
  const input = z.strictObject({ country: z.string() });
  expect(exampleOf("x.y", input)).toBeNull();
  expect(exampleOf("x.y", input.meta({ examples: [{ country: "FR" }] }))).toEqual({
    input: { country: "FR" },
  });
  expect(exampleOf("x.y", NoInput)).toEqual({});
});

it("takes a docstring apart by its headings", () => {
  expect(
    parseDocstring(
      "\n   * One thing. More of\n   * it.\n   * Units: metres.\n   * Errors: NOT_FOUND,\n   * CONFLICT.\n   ",
    ),
  ).toEqual({
    summary: "One thing.",
    description: "One thing. More of it.",
    units: "metres.",
    errors: "NOT_FOUND, CONFLICT.",
    source: null,
  });
});
