import { describe, expect, it } from "vitest";
import { hasRole, userIdOf } from "../../../src/http/token-claims.ts";

const UUID_V5 = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe("a token's sub that is not a UUID", () => {
  const subs = [
    "user_2NNEqL2nrIRdJ194ndJqAHwEfxC",
    "auth0|507f1f77bcf86cd799439011",
    "a@b.example",
  ];

  it.each(subs)("becomes the same UUID v5 each time: %s", (sub) => {
    const id = userIdOf({ sub, iss: "https://one.example" }, "any");
    expect(id).toMatch(UUID_V5);
    expect(userIdOf({ sub, iss: "https://one.example" }, "any")).toBe(id);
    expect(userIdOf({ sub, iss: "https://two.example" }, "any")).not.toBe(id);
    expect(userIdOf({ sub: `${sub}x`, iss: "https://one.example" }, "any")).not.toBe(id);
    expect(userIdOf({ sub }, "any")).toMatch(UUID_V5);
  });

  it("becomes the same UUID as in other programs", () => {
    // Python: uuid5(uuid5(NAMESPACE_URL, "https://one.example"), "user_1")
    expect(userIdOf({ sub: "user_1", iss: "https://one.example" }, "any")).toBe(
      "49ae9652-8f87-56c2-aa6e-805424894538",
    );
  });

  it("is rejected where only UUIDs are allowed, and when it is empty, too long or not a text", () => {
    for (const sub of subs) expect(userIdOf({ sub }, "uuid")).toBeNull();
    for (const sub of ["", "  ", "x".repeat(256), ["user_1"], 7, null, undefined, {}])
      expect(userIdOf({ sub }, "any")).toBeNull();
  });

  it("is unchanged if it is a UUID", () => {
    const sub = "6BA7B811-9DAD-11D1-80B4-00C04FD430C8";
    for (const kind of ["any", "uuid"] as const)
      expect(userIdOf({ sub, iss: "https://one.example" }, kind)).toBe(sub.toLowerCase());
  });
});

it.each([
  ["role", { role: "admin" }],
  ["app_metadata.role", { app_metadata: { role: "admin" } }],
  ["a.b.c", { a: { b: { c: ["editor", "admin"] } } }],
  ["https://halal.example/roles", { "https://halal.example/roles": ["admin"] }],
])("the claim %s says that its user is an administrator in %j", (claim, claims) => {
  expect(hasRole(claims, claim, "admin")).toBe(true);
});

it.each([
  ["role", {}],
  ["role", { role: "Admin" }],
  ["role", { role: { admin: true } }],
  ["role", { app_metadata: { role: "admin" } }],
  ["app_metadata.role", { role: "admin", app_metadata: "role" }],
  ["app_metadata.role", { "app_metadata.role": "user", app_metadata: { role: "admin" } }],
  ["constructor.name", { constructor: undefined }],
  ["role", { role: "admins" }],
  ["role", { role: ["admins", "not admin"] }],
])("the claim %s says nothing of the kind in %j", (claim, claims) => {
  expect(hasRole(claims, claim, "admin")).toBe(false);
});
