import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parseDocstring } from "../../../src/reference/docstrings.ts";
import { EXAMPLES } from "../../../src/reference/examples.ts";
import { renderReference } from "../../../src/reference/render.ts";
import { PROCEDURES } from "../../support/procedures.ts";

it.each(renderReference())("$file is as `npm run reference` writes it", ({ file, text }) => {
  expect(readFileSync(file, "utf8") === text, `${file} is out of date: npm run reference`).toBe(
    true,
  );
});

it("has an example of each procedure and of nothing else", () => {
  expect(Object.keys(EXAMPLES).toSorted()).toEqual(PROCEDURES.map(({ path }) => path).toSorted());
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
