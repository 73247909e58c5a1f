import { DrizzleQueryError } from "drizzle-orm/errors";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { redacted, summarizeError } from "../../../src/observability/error-summary.ts";

describe("summarizeError", () => {
  it("describes a failed query with its place in the code and without its parameters", () => {
    const cause = Object.assign(
      new Error('invalid input syntax for type double precision: "48.85661"'),
      { name: "PostgresError", code: "22P02", detail: "Failing row contains (48.85661)." },
    );
    const error = new DrizzleQueryError(
      "select * from stores where name = $1",
      ["48.85661", 2.352219, "secret name"],
      cause,
    );
    const summary = summarizeError(error);
    expect(summary).toMatchObject({
      type: "DrizzleQueryError",
      message: "a query failed",
      cause: { type: "PostgresError", code: "22P02" },
    });
    expect(summary.stack).toMatch(/^\s+at /);
    expect(JSON.stringify(summary)).not.toMatch(/48\.85|2\.35|secret name|select/);
  });

  it("keeps a violated constraint's name", () => {
    const error = Object.assign(new Error('violates check constraint "stores_name_check"'), {
      code: "23514",
      constraint_name: "stores_name_check",
    });
    expect(summarizeError(error)).toMatchObject({
      code: "23514",
      constraint: "stores_name_check",
      message: 'violates check constraint "stores_name_check"',
    });
  });

  it("ends for circular causes, and accepts thrown values of any type", () => {
    const circular = new Error("round and round");
    circular.cause = circular;
    expect(JSON.stringify(summarizeError(circular)).length).toBeLessThan(20_000);
    fc.assert(
      fc.property(fc.anything(), (thrown) => {
        expect(summarizeError(thrown).message.length).toBeLessThan(400);
      }),
    );
  });

  it("removes a message of several lines from the stack", () => {
    const error = new Error("first\n    at the place 48.85661, 2.35222\nlast");
    expect(summarizeError(error).stack).not.toContain("48.85");
  });
});

describe("redacted", () => {
  it("removes positions", () => {
    const degrees = fc.double({ min: -180, max: 180, noNaN: true }).filter((n) => n % 1 !== 0);
    fc.assert(
      fc.property(degrees, degrees, (latitude, longitude) => {
        const text = redacted(`near (${latitude}, ${longitude})`);
        expect(text).toBe("near ([decimal], [decimal])");
      }),
    );
  });

  it("removes tokens, credentials and ids", () => {
    const secrets = [
      "Bearer abc",
      "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlLW9mLWl0",
      "postgres://app:hunter2@db:5432/halal",
      "user 7b1d5a2e-54f2-4a0e-9d70-2f6f3f3a1b11 is gone",
    ];
    const text = secrets.map(redacted).join(" ");
    expect(redacted("postgres://app:hun@ter/2@db:5432/halal")).toBe(
      "postgres://[credentials]@db:5432/halal",
    );
    expect(text).not.toMatch(/abc|eyJ|hunter2|7b1d5a2e/);
    expect(text).toContain("db:5432/halal");
  });
});
