import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readJsonItems } from "../../../../src/import/read/json-items.ts";
import { SourceError } from "../../../../src/import/read/source.ts";
import { collect, inChunks, valuesOf } from "../bytes.ts";

const read = async (text: string | Buffer, size?: number) =>
  valuesOf(await collect(readJsonItems(inChunks(text, size))));

const items = fc.array(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })), {
  maxLength: 8,
});
const chunkSize = fc.integer({ min: 1, max: 40 });
const indent = fc.constantFrom(0, 1, 2);

describe("readJsonItems", () => {
  it("returns the items of a list for any formatting and any split into chunks", async () => {
    await fc.assert(
      fc.asyncProperty(items, chunkSize, indent, async (list, size, spaces) => {
        const wanted = JSON.parse(JSON.stringify(list)) as unknown;
        expect(await read(JSON.stringify(list, null, spaces), size)).toEqual(wanted);
        const collection = { crs: { a: ["]}", '"'] }, features: list, after: [{ features: [1] }] };
        expect(await read(JSON.stringify(collection, null, spaces), size)).toEqual(wanted);
        const sequence = list.map((one) => JSON.stringify(one, null, spaces)).join("\n\u001E");
        expect(await read(sequence, size)).toEqual(wanted);
      }),
    );
  });

  it("reads an object without a list as one item", async () => {
    expect(await read('{"name":"A","features":3}')).toEqual([{ name: "A", features: 3 }]);
  });

  it("skips an item that is broken, too large or too deep, and continues", async () => {
    const huge = JSON.stringify({ text: "x".repeat(9 * 1024 * 1024) });
    const deep = `{"a":${"[".repeat(100)}${"]".repeat(100)}}`;
    const text = `{"features":[{"a":1},{"a":tru},${huge},${deep},{"b":"\\"]}"}]}`;
    expect(await read(text, 65_536)).toEqual([
      { a: 1 },
      "broken_json",
      "too_long",
      "too_deep",
      { b: '"]}' },
    ]);
  });

  it("keeps one item in memory at a time, for a line of any length", async () => {
    async function* endless(): AsyncGenerator<Buffer> {
      yield Buffer.from('{"features":[');
      for (let i = 0; i < 300; i += 1) yield Buffer.from(`{"text":"${"x".repeat(100_000)}"},`);
      yield Buffer.from('{"last":true}]}');
    }
    let count = 0;
    for await (const group of readJsonItems(endless())) count += group.length;
    expect(count).toBe(301);
  });

  it("reports where a file is not a list of objects", async () => {
    await expect(read("[1,2]")).rejects.toThrow(SourceError);
    await expect(read('[{"a":1} {"a":2}]')).rejects.toThrow(/byte 10/);
    await expect(read("]")).rejects.toThrow(SourceError);
    await expect(read("[{}] nonsense")).rejects.toThrow(SourceError);
  });

  it("returns the items before a cut, and then fails", async () => {
    const seen: unknown[] = [];
    const reading = async () => {
      for await (const group of readJsonItems(inChunks('{"elements":[{"a":1},{"a":2},{"a"'))) {
        seen.push(...valuesOf(group));
      }
    };
    await expect(reading()).rejects.toThrow(/cut off/);
    expect(seen).toEqual([{ a: 1 }, { a: 2 }]);
  });

  it("returns the items of an unfinished Overpass answer, and then fails", async () => {
    const answer = (remark: string) =>
      JSON.stringify({
        version: 0.6,
        osm3s: { remark: "no" },
        elements: [{ remark: "no" }],
        remark,
      });
    const timedOut = 'runtime error: Query timed out in "query" at line 3 after 26 seconds.';
    const seen: unknown[] = [];
    const reading = async () => {
      for await (const group of readJsonItems(inChunks(answer(timedOut)))) {
        seen.push(...valuesOf(group));
      }
    };
    await expect(reading()).rejects.toThrow(/not complete: runtime error: Query timed out/);
    expect(seen).toEqual([{ remark: "no" }]);
    expect(await read(answer("all is well"))).toEqual([{ remark: "no" }]);
  });

  it("rejects an item that is not UTF-8", async () => {
    const latin1 = Buffer.from('[{"name":"Caf\u00e9"},{"name":"B"}]', "latin1");
    expect(await read(latin1)).toEqual(["not_utf8", { name: "B" }]);
  });
});
