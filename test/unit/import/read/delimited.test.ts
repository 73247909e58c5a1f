import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findDelimiter, readDelimited } from "../../../../src/import/read/delimited.ts";
import { collect, inChunks, valuesOf } from "../bytes.ts";

const read = async (text: string, size?: number) =>
  valuesOf(await collect(readDelimited(inChunks(text, size))));
const quote = (field: string) => `"${field.replaceAll('"', '""')}"`;

describe("readDelimited", () => {
  it("reads any table that was written by RFC 4180, also with line breaks in fields", async () => {
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

  it("keeps the quotes of a tab-separated file", async () => {
    expect(await read('a\tb\n5" pipe\t"x"\n')).toEqual([{ a: '5" pipe', b: '"x"' }]);
  });

  it.each([
    ["sep=;\r\na;b\r\n1,5;2\r\n", { a: "1,5", b: "2" }],
    ["SEP=,\na,b;c\n1,2\n", { a: "1", "b;c": "2" }],
    ['\n"sep=;"\na;b\n1;2', { a: "1", b: "2" }],
    ["sep=;;;\na;b\n1;2", { a: "1", b: "2" }],
    ["sep=|\ra|b\r1,2|3;4\r", { a: "1,2", b: "3;4" }],
    ['sep=\t\na\tb\n"x\ty"\t"2 ""in"""\n', { a: "x\ty", b: '2 "in"' }],
    ["a;b\r1;2\r", { a: "1", b: "2" }],
    ["a|b\n1|2", { a: "1", b: "2" }],
  ])("reads the table %j of a spreadsheet", async (text, row) => {
    for (const size of [1, 9, 100]) expect(await read(text, size)).toEqual([row]);
  });

  it("reads a line like Excel's separator line as a row unless it is the first line", async () => {
    expect(await read("a;b\nsep=;\n")).toEqual([{ a: "sep=", b: "" }]);
    expect(await read("sep=;\nsep=,;b\n1;2")).toEqual([{ "sep=,": "1", b: "2" }]);
  });

  it("omits missing fields and rejects a row with too many", async () => {
    expect(await read("a,b\n1\n1,2,3\n\n4,5\n")).toEqual([
      { a: "1" },
      "too_many_fields",
      { a: "4", b: "5" },
    ]);
  });

  it("rejects only the line with the quote that is never closed", async () => {
    expect(await read('a,b\n1,"open\n2,3\n')).toEqual(["open_quote", { a: "2", b: "3" }]);
    expect(await read('a,b\nA,"1\nB,2\nC,3\n"D",4\n"E,5\n')).toEqual([
      "open_quote",
      { a: "B", b: "2" },
      { a: "C", b: "3" },
      { a: "D", b: "4" },
      "open_quote",
    ]);
    expect(await read('a,b\n"5" pipe,1\n"A,1\nB,2\nC",3,4\n')).toEqual([
      "open_quote",
      "open_quote",
      { a: "B", b: "2" },
      "too_many_fields",
    ]);
    const rows = 40_000;
    const long = `a,b\n1,"open\n${"2,3\n".repeat(rows)}`;
    const records = valuesOf(await collect(readDelimited(inChunks(long, 4096))));
    expect(records).toHaveLength(rows + 1);
    expect(records[0]).toBe("open_quote");
    expect(records.slice(1).every((one) => typeof one === "object")).toBe(true);
  });

  it("reports every line exactly once, for any quotes", async () => {
    const line = fc.string({ unit: fc.constantFrom('"', '""', ",", "x", "é", " "), maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 12 }), async (lines) => {
        const records = await collect(readDelimited(inChunks(["a,b,c", ...lines].join("\n"))));
        const covered = records.flatMap((record) => {
          const breaks =
            "problem" in record ? 0 : JSON.stringify(record.value).split("\\n").length - 1;
          return Array.from({ length: breaks + 1 }, (_, i) => record.position + i);
        });
        const between = new Set(covered);
        const blank = lines.flatMap((text, i) =>
          text.trim() === "" && !between.has(i + 2) ? [i + 2] : [],
        );
        expect([...covered, ...blank].sort((a, b) => a - b)).toEqual(lines.map((_, i) => i + 2));
      }),
      { numRuns: 2_000 },
    );
  });

  it("reads hostile quotes in time proportional to the size of the file", async () => {
    const lines = ['x","y', 'x,"y""', '"""', 'x"",""y', '"'].map((one) => `${one}\n`);
    const text = `a,b,c,d\n${lines.map((one) => one.repeat(20_000)).join("")}`;
    const startedAt = performance.now();
    const records = await collect(readDelimited(inChunks(text, 65_536)));
    expect(records.length).toBeGreaterThan(50_000);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  }, 30_000);

  it("fails before the first row when the header cannot be read", async () => {
    const latin = Buffer.from("pr\u00e9nom,b\n1,2\n", "latin1");
    await expect(collect(readDelimited(inChunks(latin)))).rejects.toThrow(
      "the header is not UTF-8",
    );
    await expect(read('a,"b\n1,2\n')).rejects.toThrow("quotes are not closed");
  });
});

describe("findDelimiter", () => {
  it.each([
    ["code\tname, brand", "\t"],
    ["name;lat;lon", ";"],
    ["name,lat,lon", ","],
    ["name", ","],
  ])("finds the delimiter of %j", (header, delimiter) => {
    expect(findDelimiter(header)).toBe(delimiter);
  });
});
