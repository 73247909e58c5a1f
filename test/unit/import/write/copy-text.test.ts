import { describe, expect, it } from "vitest";
import { toCopyText } from "../../../../src/import/write/copy-text.ts";

describe("toCopyText", () => {
  it("escapes the characters that have a meaning in COPY and in arrays", () => {
    const row = ["a\tb\nc\rd\\e", null, 1.5, true, ['x"y\\z', "a,b", ""], "\\N"];
    expect(toCopyText([row, ["next"]])).toBe(
      `${[
        String.raw`a\tb\nc\rd\\e`,
        String.raw`\N`,
        "1.5",
        "t",
        String.raw`{"x\\"y\\\\z","a,b",""}`,
        String.raw`\\N`,
      ].join("\t")}\nnext\n`,
    );
  });
});
