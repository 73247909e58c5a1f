import { Readable } from "node:stream";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { checkSources, openSource, SourceError } from "../../../../src/import/read/source.ts";
import { StartupError } from "../../../../src/startup-error.ts";
import { inChunks } from "../bytes.ts";

async function read(bytes: Buffer, size = 1000): Promise<string> {
  const { chunks } = await openSource("-", Readable.from(inChunks(bytes, size)));
  const parts: Buffer[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString("utf8");
}

const TEXT = "line of text\n".repeat(20_000);

describe("openSource", () => {
  it("recognises plain text, gzip and zstd by their first bytes, also in several parts", async () => {
    expect(await read(Buffer.from(TEXT))).toBe(TEXT);
    expect(await read(gzipSync(TEXT))).toBe(TEXT);
    expect(await read(zstdCompressSync(TEXT))).toBe(TEXT);
    expect(await read(Buffer.concat([gzipSync(TEXT), gzipSync("end")]))).toBe(`${TEXT}end`);
    expect(await read(Buffer.concat([zstdCompressSync(TEXT), zstdCompressSync("end")]))).toBe(
      `${TEXT}end`,
    );
    expect(await read(Buffer.from("x"), 1)).toBe("x");
    expect(await read(Buffer.from(""))).toBe("");
  });

  it("removes a byte order mark", async () => {
    expect(await read(Buffer.from("\uFEFFname,lat"))).toBe("name,lat");
  });

  it("reports compressed data that are cut off or damaged", async () => {
    const gzip = gzipSync(TEXT);
    await expect(read(gzip.subarray(0, gzip.length - 20))).rejects.toThrow(/cut off/);
    const zstd = zstdCompressSync(TEXT);
    await expect(read(zstd.subarray(0, zstd.length - 5))).rejects.toThrow(SourceError);
    const damaged = Buffer.from(gzip);
    damaged.fill(0xff, 40, 80);
    await expect(read(damaged)).rejects.toThrow(SourceError);
  });

  it("reads UTF-16 in both byte orders, with and without a mark", async () => {
    const text = `name;city\r\n\u0645\u0637\u0639\u0645;K\u00F8benhavn \u{1F34E}\r\n${"x".repeat(3_000)}`;
    const little = (written: string) => Buffer.from(written, "utf16le");
    const big = (written: string) => little(written).swap16();
    for (const size of [1, 7, 4_096]) {
      for (const encode of [little, big]) {
        expect(await read(encode(`\uFEFF${text}`), size)).toBe(text);
      }
    }
    for (const encode of [little, big]) {
      expect(await read(encode("name,lat\nAli,1"))).toBe("name,lat\nAli,1");
      expect(await read(gzipSync(encode(`\uFEFF${text}`)))).toBe(text);
    }
  });

  it("rejects a file that is not text, with the reason", async () => {
    const utf32 = Buffer.from("fffe0000780000006e000000", "hex");
    for (const bytes of [utf32, Buffer.from("ELF\u0000\u0000\u0000data")]) {
      await expect(read(bytes)).rejects.toThrow(/neither UTF-8 nor UTF-16/);
    }
  });

  it("rejects all paths that are not files in one error", async () => {
    const check = checkSources(["-", "/nowhere/at/all", "/", "package.json"]);
    await expect(check).rejects.toThrow(StartupError);
    await expect(check).rejects.toThrow(
      /nowhere.at.all cannot be read.*\n\/ is a directory.*\nnothing was imported/,
    );
    await expect(checkSources(["package.json", "-"])).resolves.toBeUndefined();
  });

  it("stops at once while the source is silent", async () => {
    const silent = new Readable({ read: () => undefined });
    const source = await openSource("-", silent);
    const reading = source.chunks[Symbol.asyncIterator]().next();
    source.stop();
    await expect(reading).rejects.toThrow(SourceError);
  });
});
