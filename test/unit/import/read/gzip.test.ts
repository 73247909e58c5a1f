import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { decompressGzip } from "../../../../src/import/read/gzip.ts";
import { inChunks } from "../bytes.ts";

async function read(bytes: Buffer, size: number): Promise<{ plain: Buffer; error: string | null }> {
  const parts: Buffer[] = [];
  let error: string | null = null;
  try {
    for await (const chunk of decompressGzip(inChunks(bytes, size))) parts.push(chunk);
  } catch (thrown) {
    error = thrown instanceof Error && "code" in thrown ? String(thrown.code) : String(thrown);
  }
  return { plain: Buffer.concat(parts), error };
}

const content = fc
  .tuple(fc.integer({ min: 0, max: 200_000 }), fc.boolean())
  .map(([size, isRandom]) => (isRandom ? randomBytes(size) : Buffer.alloc(size, "text ")));
const pieces = fc.integer({ min: 50, max: 300_000 });

describe("decompressGzip", () => {
  it("returns the content of every member, then reports data after the last member", async () => {
    const after = fc.constantFrom(
      ["", null],
      ["\0".repeat(600), null],
      ["rubbish", "Z_DATA_ERROR"],
      ["rubbish that is longer than a header", "Z_DATA_ERROR"],
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(content, { minLength: 1, maxLength: 4 }),
        after,
        pieces,
        async (contents, [rest = "", error], size) => {
          const members = contents.map((one) => gzipSync(one));
          const found = await read(Buffer.concat([...members, Buffer.from(rest ?? "")]), size);
          expect(found.error).toBe(error);
          expect(found.plain.equals(Buffer.concat(contents))).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("reads headers with all optional fields, byte by byte", async () => {
    const plain = gzipSync("some text");
    const header = Buffer.from([0x1f, 0x8b, 8, 2 | 4 | 8 | 16, 0, 0, 0, 0, 0, 3]);
    const parts = Buffer.from("\u0003\0abcname\0comment\0\u0001\u0002", "latin1");
    const whole = Buffer.concat([header, parts, plain.subarray(10)]);
    expect(await read(whole, 1)).toEqual({ plain: Buffer.from("some text"), error: null });
  });

  it("fails on data that are cut off or damaged at any place", async () => {
    const whole = gzipSync("some text, and some more");
    for (let length = 1; length < whole.length; length += 1) {
      const { error } = await read(whole.subarray(0, length), 7);
      expect({ length, error }).toEqual({ length, error: expect.stringMatching(/^Z_/) });
    }
    const damaged = Buffer.from(whole);
    damaged[whole.length - 6] = (damaged[whole.length - 6] ?? 0) ^ 1;
    expect((await read(damaged, 7)).error).toBe("Z_DATA_ERROR");
  });

  it("fails once, where it is read, when the reader is busy while data end too early", async () => {
    const unhandled: unknown[] = [];
    const note = (error: unknown) => unhandled.push(error);
    process.on("unhandledRejection", note);
    onTestFinished(() => void process.off("unhandledRejection", note));
    const whole = gzipSync(randomBytes(200_000));
    const input = (async function* () {
      yield whole.subarray(0, 150_000);
    })();
    const reading = (async () => {
      for await (const plain of decompressGzip(input)) {
        expect(plain.length).toBeGreaterThan(0);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: "Z_BUF_ERROR" });
    expect(unhandled).toEqual([]);
  });
});
