import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readJsonLines, splitLines } from "../../../../src/import/read/lines.ts";
import { collect, inChunks, valuesOf } from "../bytes.ts";

async function linesOf(text: string, size: number, maxBytes?: number) {
  const lines: (string | null)[] = [];
  for await (const group of splitLines(inChunks(text, size), maxBytes)) {
    for (const { number, bytes } of group) {
      expect(number).toBe(lines.length + 1);
      lines.push(bytes?.toString("utf8") ?? null);
    }
  }
  return lines;
}

describe("splitLines", () => {
  it("returns the lines of any text, for any split into chunks", async () => {
    const line = fc.string().filter((text) => !/[\n\r]/.test(text));
    await fc.assert(
      fc.asyncProperty(
        fc.array(line),
        fc.constantFrom("\n", "\r\n", "\r"),
        fc.integer({ min: 1, max: 30 }),
        async (wanted, end, size) => {
          const text = wanted.map((one) => one + end).join("");
          expect(await linesOf(text, size)).toEqual(wanted);
        },
      ),
    );
  });

  it("keeps a carriage return within a line when lines end with a line feed", async () => {
    for (const size of [1, 2, 50]) {
      expect(await linesOf("a\nb\rc\nd", size)).toEqual(["a", "b\rc", "d"]);
      expect(await linesOf("a\r\nb\rc\r\nd", size)).toEqual(["a", "b\rc", "d"]);
      expect(await linesOf("a\rb\r\nc\nd\r", size)).toEqual(["a", "b", "c", "d"]);
    }
  });

  it("skips a line that is too long, and counts it", async () => {
    const text = `short\n${"x".repeat(1000)}\nlast`;
    for (const size of [3, 64, 5000]) {
      expect(await linesOf(text, size, 100)).toEqual(["short", null, "last"]);
    }
  });
});

describe("readJsonLines", () => {
  it("returns the value of each line, and the reason and number of each broken line", async () => {
    const latin1 = Buffer.from('{"a":"\u00e9"}\n', "latin1");
    const text = Buffer.concat([
      Buffer.from('{"a":1}\n\n{"a":\n'),
      latin1,
      Buffer.from("\u001E[2]"),
    ]);
    const records = await collect(readJsonLines(inChunks(text)));
    expect(valuesOf(records)).toEqual([{ a: 1 }, "broken_json", "not_utf8", [2]]);
    expect(records.map(({ position }) => position)).toEqual([1, 3, 4, 5]);
  });

  it("rejects deep nesting in a long line, also after strings full of brackets", async () => {
    const deep = `{"s":"${"]".repeat(5000)}\\"","a":${"[".repeat(65)}${"]".repeat(65)}}`;
    const flat = `{"s":"${"[".repeat(5000)}\\"","a":[[1]]}`;
    const values = valuesOf(await collect(readJsonLines(inChunks(`${deep}\n${flat}`, 512))));
    expect(values[0]).toBe("too_deep");
    expect(values[1]).toMatchObject({ a: [[1]] });
  });
});
