import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeEntry, encodeEntry } from "../../../src/cache/entry.ts";

const header = {
  shape: "stores-1",
  databaseId: "731/16384/00000001",
  snapshot: { xmin: 10, xmax: 20, running: [10, 14] },
  freshUntilMs: 1_700_000_000_123.5,
};
const payloads = fc.uint8Array({ maxLength: 2_000 }).map((bytes) => Buffer.from(bytes));

describe("an encoded entry", () => {
  it("decodes to the entry", () => {
    fc.assert(
      fc.property(payloads, (payload) => {
        expect(decodeEntry(encodeEntry(header, payload))).toEqual({ ...header, payload });
      }),
    );
  });

  it("is far smaller than a long, repetitive payload", () => {
    const payload = Buffer.from(JSON.stringify(Array.from({ length: 200 }, (_, id) => ({ id }))));
    const entry = encodeEntry(header, payload);
    expect(entry.length).toBeLessThan(payload.length / 2);
    expect(decodeEntry(entry)).toEqual({ ...header, payload });
  });

  it("is a miss when any bit is flipped", () => {
    const entry = encodeEntry(header, Buffer.from("a payload of some length"));
    for (let bit = 0; bit < entry.length * 8; bit += 1) {
      const damaged = Buffer.from(entry);
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(decodeEntry(damaged)).toBeNull();
    }
  });

  it("is a miss when it is cut short, lengthened or in another format", () => {
    const entry = encodeEntry(header, Buffer.from("payload"));
    for (let length = 0; length < entry.length; length += 1)
      expect(decodeEntry(entry.subarray(0, length))).toBeNull();
    expect(decodeEntry(Buffer.concat([entry, Buffer.from([0])]))).toBeNull();
    fc.assert(fc.property(payloads, (garbage) => decodeEntry(garbage) === null));
  });
});
