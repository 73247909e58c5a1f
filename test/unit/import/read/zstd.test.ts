import { randomBytes } from "node:crypto";
import { zstdCompressSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decompressZstd } from "../../../../src/import/read/zstd.ts";
import { inChunks } from "../bytes.ts";

async function read(bytes: Buffer, size: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const chunk of decompressZstd(inChunks(bytes, size))) parts.push(chunk);
  return Buffer.concat(parts);
}

describe("decompressZstd", () => {
  it("returns the content of every frame, for any split into chunks", async () => {
    const content = fc
      .tuple(fc.integer({ min: 0, max: 200_000 }), fc.boolean())
      .map(([size, isRandom]) => (isRandom ? randomBytes(size) : Buffer.alloc(size, "text ")));
    await fc.assert(
      fc.asyncProperty(
        fc.array(content, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 50, max: 300_000 }),
        async (contents, size) => {
          const frames = Buffer.concat(contents.map((one) => zstdCompressSync(one)));
          const whole = await read(frames, size);
          expect(whole.equals(Buffer.concat(contents))).toBe(true);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("fails on data after a frame that are not a frame, and on a frame that is cut off", async () => {
    const frame = zstdCompressSync("some text");
    await expect(read(Buffer.concat([frame, Buffer.from("rubbish")]), 5)).rejects.toThrow(
      /frame|descriptor|prefix/i,
    );
    await expect(read(Buffer.concat([frame, frame.subarray(0, 8)]), 9)).rejects.toThrow(
      /end|size/i,
    );
  });

  it("fails with the error of its source", async () => {
    async function* failing(): AsyncGenerator<Buffer> {
      yield zstdCompressSync(randomBytes(100_000)).subarray(0, 50_000);
      throw new Error("the disk is gone");
    }
    const reading = async () => {
      for await (const chunk of decompressZstd(failing())) expect(chunk.length).toBeGreaterThan(0);
    };
    await expect(reading()).rejects.toThrow("the disk is gone");
  });
});
