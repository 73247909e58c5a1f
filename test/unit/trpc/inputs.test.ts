import { describe, expect, it } from "vitest";
import { nameText, plainText, webAddress } from "../../../src/trpc/inputs.ts";

const accepts = (schema: typeof webAddress, text: string) => schema.safeParse(text).success;

describe("plainText", () => {
  it("trims a text before it counts characters", () => {
    expect(plainText(3).parse("  abc ")).toBe("abc");
    expect(accepts(plainText(3), "abcd")).toBe(false);
    expect(accepts(plainText(3), "   ")).toBe(false);
  });

  it("rejects exactly the texts that PostgreSQL cannot store", () => {
    for (const text of ["a\u0000", "\u0000", "\ud83d", "\ude00\ud83d"]) {
      expect([text, accepts(plainText(10), text)]).toEqual([text, false]);
    }
    for (const text of ["😀", "جيلاتين", "a\nb", "\u0001", "' or 1=1"]) {
      expect([text, accepts(plainText(10), text)]).toEqual([text, true]);
    }
  });
});

describe("nameText", () => {
  it("requires a letter or a digit", () => {
    for (const text of ["Lu", "7", "لو", "乐", "①"]) {
      expect([text, accepts(nameText(10), text)]).toEqual([text, true]);
    }
    for (const text of ["-", "😀", "...", "\u064e"]) {
      expect([text, accepts(nameText(10), text)]).toEqual([text, false]);
    }
  });

  it("rejects ligatures that expand beyond the limit", () => {
    expect(accepts(nameText(100), "ﷺ".repeat(5))).toBe(true);
    expect(accepts(nameText(100), "ﷺ".repeat(6))).toBe(false);
  });
});

describe("webAddress", () => {
  it("accepts http and https addresses without blanks only", () => {
    for (const text of [
      "https://example.org",
      "http://example.org/a?b=c#d",
      "HTTPS://Example.org",
    ]) {
      expect([text, accepts(webAddress, text)]).toEqual([text, true]);
    }
    for (const text of [
      "javascript:alert(1)",
      "https://",
      "example.org",
      "https://exa mple.org",
      "https://example.org/\u0000",
      `https://example.org/${"a".repeat(500)}`,
    ]) {
      expect([text, accepts(webAddress, text)]).toEqual([text, false]);
    }
  });
});
