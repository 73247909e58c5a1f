import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressKey, userKey } from "../../../../src/http/rate-limit/key.ts";

describe("addressKey", () => {
  it("is the IPv4 address, however it is written", () => {
    const written = ["203.0.113.7", "::ffff:203.0.113.7", "::ffff:cb00:7107", "203.0.113.7:4711"];
    expect(new Set(written.map(addressKey))).toEqual(new Set(["address:203.0.113.7"]));
  });

  it("is the same within a /64 of IPv6, and differs for the next /64", () => {
    const same = [
      "2001:db8:0:1::1",
      "2001:0DB8:0000:0001:ffff:ffff:ffff:ffff",
      "[2001:db8:0:1::2]:443",
    ];
    expect(new Set(same.map(addressKey))).toEqual(new Set(["address:2001:db8:0:1::/64"]));
    expect(addressKey("2001:db8:0:2::1")).toBe("address:2001:db8:0:2::/64");
    expect(addressKey("::1")).toBe("address:0:0:0:0::/64");
    expect(addressKey("fe80::1%eth0")).toBe("address:fe80:0:0:0::/64");
  });

  it("depends on the first 64 bits only", () => {
    const group = fc.nat(0xffff).map((n) => n.toString(16));
    const half = fc.tuple(group, group, group, group).map((groups) => groups.join(":"));
    fc.assert(
      fc.property(half, half, half, half, (network, another, one, other) => {
        fc.pre(network !== another);
        expect(addressKey(`${network}:${one}`)).toBe(addressKey(`${network}:${other}`));
        expect(addressKey(`${network}:${one}`)).not.toBe(addressKey(`${another}:${one}`));
      }),
    );
  });

  it("is one short key for every text that is not an address", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ minLength: 200 })), (text) => {
        expect(addressKey(text).length).toBeLessThan(60);
      }),
    );
    expect(addressKey("unknown")).toBe(addressKey("x".repeat(10_000)));
  });

  it("never equals a user's key", () => {
    expect(userKey("203.0.113.7")).not.toBe(addressKey("203.0.113.7"));
  });
});
