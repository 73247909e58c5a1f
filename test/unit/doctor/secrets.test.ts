import { randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addressOf,
  checkSecrets,
  passwordOf,
  type SecretFacts,
} from "../../../src/doctor/secrets.ts";
import { entropyBits } from "../../../src/secret-strength.ts";

const levelsOf = (value: string, kind: SecretFacts["kind"] = "key") =>
  checkSecrets([{ name: "JWT_SECRET", value, kind }]).map(({ level }) => level);

describe("entropy", () => {
  test("random bytes pass in every encoding", () => {
    for (let i = 0; i < 500; i += 1) {
      expect(levelsOf(randomBytes(32).toString("hex"))).toEqual(["ok"]);
      expect(levelsOf(randomBytes(32).toString("base64url"))).toEqual(["ok"]);
    }
  });

  test("a repeated short text has no more entropy than the short text", () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, maxLength: 8 }),
        fc.integer({ min: 8, max: 40 }),
        (piece, times) => {
          expect(entropyBits(piece.repeat(times))).toBeLessThanOrEqual(entropyBits(piece));
        },
      ),
    );
  });
});

test.each([
  ["one letter", "a".repeat(64), "fail"],
  ["counting", "abcdefghijklmnopqrstuvwxyz0123456789", "fail"],
  ["a word again and again", "halal".repeat(10), "fail"],
  ["a word again and again, cut off", "secret-".repeat(5) + "sec", "fail"],
  [
    "from another project's files",
    "super-secret-jwt-token-with-at-least-32-characters-long",
    "fail",
  ],
  ["short", "kW9!xQ2#", "fail"],
  ["from the project's own files", "development-only-secret-of-32-bytes-or-more", "fail"],
  ["a sentence about itself", "this-is-the-secret-key-of-my-server-2026", "warn"],
] as const)("%s: %s is %s", (_name, value, level) => {
  expect(levelsOf(value)).toEqual([level]);
});

test("a password may be shorter than a key", () => {
  expect(levelsOf("kW9vxQ2LmR7tZp", "password")).toEqual(["ok"]);
  expect(levelsOf("kW9vxQ2LmR7tZp", "key")).toEqual(["fail"]);
});

test("no finding shows the secret", () => {
  const value = "letmein-letmein";
  expect(JSON.stringify(checkSecrets([{ name: "x", value, kind: "password" }]))).not.toContain(
    value,
  );
});

test("addresses are shown without user and password", () => {
  const url = "postgres://app:p%40ss@db.example:5432/halal";
  expect(passwordOf(url)).toBe("p@ss");
  expect(addressOf(url)).toBe("db.example:5432/halal");
  expect(passwordOf("redis://localhost:6379")).toBeNull();
});
