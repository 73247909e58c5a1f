import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findDelimiter, readDelimited } from "../../../src/import/delimited.ts";
import { collect, inChunks, valuesOf } from "./bytes.ts";

const read = async (text: string, size?: number) =>
  valuesOf(await collect(readDelimited(inChunks(text, size))));
const quote = (field: string) => `"${field.replaceAll('"', '""')}"`;

describe("readDelimited", () => {
  it("reads back what is written by RFC 4180, line breaks in fields included", async () => {
    const field = fc.string().map((text) => text.replaceAll("\r", ""));
    const rows = fc.array(fc.tuple(field, field, field), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(
        rows,
        fc.constantFrom(",", ";"),
        fc.integer({ min: 1, max: 30 }),
        async (all, comma, size) => {
          const text = [["a", "b", "c"], ...all]
            .map((row) => row.map(quote).join(comma))
            .join("\n");
          expect(await read(text, size)).toEqual(all.map(([a, b, c]) => ({ a, b, c })));
        },
      ),
    );
  });

  it("takes quotes in a tab-separated file as they are", async () => {
    expect(await read('a\tb\n5" pipe\t"x"\n')).toEqual([{ a: '5" pipe', b: '"x"' }]);
  });

  it("leaves missing fields out and refuses too many", async () => {
    expect(await read("a,b\n1\n1,2,3\n\n4,5\n")).toEqual([
      { a: "1" },
      "too_many_fields",
      { a: "4", b: "5" },
    ]);
  });

  it("rejects a quoted field that is never closed", async () => {
    expect(await read('a,b\n1,"open\n2,3\n')).toEqual(["open_quote"]);
    const long = `a,b\n1,"open\n${"2,3\n".repeat(40_000)}`;
    const records = await collect(readDelimited(inChunks(long, 4096)));
    expect(valuesOf(records)[0]).toBe("open_quote");
    expect(valuesOf(records).at(-1)).toEqual({ a: "2", b: "3" });
  });
});

describe("findDelimiter", () => {
  it.each([
    ["code\tname, brand", "\t"],
    ["name;lat;lon", ";"],
    ["name,lat,lon", ","],
    ["name", ","],
  ])("%j", (header, delimiter) => {
    expect(findDelimiter(header)).toBe(delimiter);
  });
});
