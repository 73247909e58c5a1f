import { describe, expect, it } from "vitest";
import { constraintViolation } from "../../../../src/db/client/errors.ts";

const postgresError = (code: string, constraint?: string) =>
  Object.assign(new Error("refused"), { code, constraint_name: constraint });

describe("constraintViolation", () => {
  it("reads the kind and the constraint, also through drizzle's wrapping", () => {
    const unique = postgresError("23505", "some_key");
    const expected = { kind: "unique", constraint: "some_key" };
    expect(constraintViolation(unique)).toEqual(expected);
    expect(constraintViolation(new Error("Failed query", { cause: unique }))).toEqual(expected);
    expect(constraintViolation(postgresError("23503", "a_fk"))?.kind).toBe("foreign_key");
    expect(constraintViolation(postgresError("23514", "a_check"))?.kind).toBe("check");
    expect(constraintViolation(postgresError("23502"))).toEqual({
      kind: "not_null",
      constraint: "",
    });
  });

  it("is null for other errors", () => {
    const circle = new Error("circle");
    circle.cause = circle;
    for (const error of [postgresError("57P01"), circle, null, "23505", { code: "23505" }]) {
      expect(constraintViolation(error)).toBeNull();
    }
  });
});
