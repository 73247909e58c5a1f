import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clientAddress } from "../../../../src/http/rate-limit/client-address.ts";

describe("clientAddress", () => {
  it("is the socket's when no proxy is trusted, whatever the header says", () => {
    fc.assert(
      fc.property(fc.string(), (forged) => {
        expect(clientAddress("198.51.100.1", forged, 0)).toBe("198.51.100.1");
      }),
    );
  });

  it("is the entry of the outermost trusted proxy, whatever the client wrote before it", () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[^,]*$/)),
        fc.integer({ min: 1, max: 5 }),
        (forged, hops) => {
          const proxies = Array.from({ length: hops }, (_, i) => `203.0.113.${i}`);
          const header = [...forged, ...proxies].join(", ");
          expect(clientAddress("198.51.100.1", header, hops)).toBe("203.0.113.0");
        },
      ),
    );
  });

  it("is the socket's when there is no header", () => {
    expect(clientAddress("198.51.100.1", undefined, 2)).toBe("198.51.100.1");
  });

  it("takes the first entry when there are fewer than proxies", () => {
    expect(clientAddress("198.51.100.1", "203.0.113.9", 2)).toBe("203.0.113.9");
  });
});
