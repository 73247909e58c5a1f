import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { chooseCoding, encodeBody } from "../../../src/http/compression.ts";

describe("chooseCoding", () => {
  it.each([
    [undefined, null],
    ["", null],
    ["identity", null],
    ["gzip, deflate, br", "br"],
    ["GZIP", "gzip"],
    ["gzip;q=0.5, br;q=0", "gzip"],
    ["br; q=0.000, gzip; q=0", null],
    ["gzip;q=0.001", "gzip"],
    ["bread, gzipped", null],
  ])("of %j is %j", (header, coding) => {
    expect(chooseCoding(header)).toBe(coding);
  });
});

describe("encodeBody", () => {
  const body = Buffer.from("halal ".repeat(400));

  it("returns bytes that decode to the body", () => {
    expect(gunzipSync(encodeBody(body, "gzip") ?? "")).toEqual(body);
    expect(brotliDecompressSync(encodeBody(body, "br") ?? "")).toEqual(body);
  });

  it("does not compress bodies below 1 KiB", () => {
    expect(encodeBody(body.subarray(0, 1023), "br")).toBeNull();
    expect(encodeBody(body.subarray(0, 1024), "br")).not.toBeNull();
  });

  it("compresses the same bytes once", () => {
    expect(encodeBody(body, "gzip")).toBe(encodeBody(body, "gzip"));
    expect(encodeBody(Buffer.from(body), "gzip")).not.toBe(encodeBody(body, "gzip"));
  });
});
