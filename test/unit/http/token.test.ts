import { randomUUID } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { createTokenVerifier, signToken, type TokenOptions } from "../../../src/http/token.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const SECRET = "a-secret-of-these-tests-32-bytes-long";
const USER = { id: randomUUID(), isAdmin: false };
const CLAIMS = { issuer: null, audience: null };
const HOUR = { lifetimeSeconds: 3600, ...CLAIMS };

function verifier(options: Partial<TokenOptions> = {}) {
  return createTokenVerifier({
    key: { kind: "secret", secret: SECRET },
    ...CLAIMS,
    subject: "uuid",
    roleClaim: "role",
    now: () => new Date(),
    ...options,
  });
}

const unauthorized = { code: "UNAUTHORIZED", reason: "token_invalid" };
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

describe("a shared secret", () => {
  it("returns the user of a token, and whether the user is an administrator", async () => {
    const verify = verifier();
    expect(await verify(`Bearer ${await signToken(SECRET, USER, HOUR)}`)).toEqual(USER);
    const admin = { id: USER.id.toUpperCase(), isAdmin: true };
    expect(await verify(`bearer ${await signToken(SECRET, admin, HOUR)}`)).toEqual({
      id: USER.id,
      isAdmin: true,
    });
  });

  it("rejects malformed, unsigned and changed tokens, and those of another key", async () => {
    const verify = verifier();
    const good = await signToken(SECRET, USER, HOUR);
    const [header, , signature] = good.split(".");
    const soon = Math.floor(Date.now() / 1000) + 60;
    const bad = [
      "",
      "Bearer",
      "Bearer x",
      `Basic ${good}`,
      `Bearer ${good} `,
      `Bearer ${await signToken("another-secret-of-at-least-32-bytes!", USER, HOUR)}`,
      `Bearer ${base64({ alg: "none" })}.${base64({ sub: USER.id, exp: soon })}.`,
      `Bearer ${header}.${base64({ sub: USER.id, exp: soon, role: "admin" })}.${signature}`,
    ];
    for (const authorization of bad)
      await expect(verify(authorization)).rejects.toMatchObject(unauthorized);
  });

  it("rejects a token that is expired, not valid yet, without an end or without a user", async () => {
    const verify = verifier();
    const key = new TextEncoder().encode(SECRET);
    const signed = (payload: Record<string, unknown>) =>
      new SignJWT(payload).setProtectedHeader({ alg: "HS256" }).sign(key);
    const nowSeconds = Math.floor(Date.now() / 1000);
    const ended = `Bearer ${await signed({ sub: USER.id, exp: nowSeconds - 60 })}`;
    await expect(verify(ended)).rejects.toMatchObject({ ...unauthorized, reason: "token_expired" });
    for (const payload of [
      { sub: [USER.id], exp: nowSeconds + 60 },
      { sub: { id: USER.id }, exp: nowSeconds + 60 },
      { sub: 42, exp: nowSeconds + 60 },
      { sub: "user_2NNEqL2nrIRdJ194ndJqAHwEfxC", exp: nowSeconds + 60 },
      { sub: USER.id, exp: nowSeconds + 60, nbf: nowSeconds + 30 },
      { sub: USER.id },
      { exp: nowSeconds + 60 },
      { sub: "1; drop table users", exp: nowSeconds + 60 },
    ]) {
      const authorization = `Bearer ${await signed(payload)}`;
      await expect(verify(authorization)).rejects.toMatchObject(unauthorized);
    }
  });

  it("checks issuer and audience if they are configured", async () => {
    const verify = verifier({ issuer: "https://issuer", audience: "phones" });
    const mine = { lifetimeSeconds: 60, issuer: "https://issuer", audience: "phones" };
    expect(await verify(`Bearer ${await signToken(SECRET, USER, mine)}`)).toEqual(USER);
    for (const other of [{ issuer: "https://other" }, { audience: "others" }, CLAIMS]) {
      const token = await signToken(SECRET, USER, { ...mine, ...other });
      await expect(verify(`Bearer ${token}`)).rejects.toMatchObject(unauthorized);
    }
  });

  it("remembers a token until the token expires", async () => {
    let nowMs = Date.now();
    const verify = verifier({ now: () => new Date(nowMs) });
    const short = `Bearer ${await signToken(SECRET, USER, { ...HOUR, lifetimeSeconds: 30 })}`;
    const long = `Bearer ${await signToken(SECRET, USER, HOUR)}`;
    expect(verify.known(short)).toBeUndefined();
    await verify(short);
    await verify(long);
    expect(verify.known(short)).toEqual(USER);
    nowMs += 31_000;
    expect([verify.known(short), verify.known(long)]).toEqual([undefined, USER]);
    nowMs += 3_600_000;
    expect(verify.known(long)).toBeUndefined();
    await expect(verify(long)).rejects.toMatchObject({ reason: "token_expired" });
  });

  it("tolerates a difference of 5 s to the issuer's clock, and no more", async () => {
    const nowMs = 1_800_000_000_000;
    const verify = verifier({ now: () => new Date(nowMs) });
    const key = new TextEncoder().encode(SECRET);
    const at = (exp: number, nbf: number) =>
      new SignJWT({ sub: USER.id, exp: nowMs / 1000 + exp, nbf: nowMs / 1000 + nbf })
        .setProtectedHeader({ alg: "HS256" })
        .sign(key);
    expect(await verify(`Bearer ${await at(-4, -60)}`)).toEqual(USER);
    expect(await verify(`Bearer ${await at(60, 5)}`)).toEqual(USER);
    await expect(verify(`Bearer ${await at(-5, -60)}`)).rejects.toMatchObject({
      reason: "token_expired",
    });
    await expect(verify(`Bearer ${await at(60, 6)}`)).rejects.toMatchObject(unauthorized);
  });

  it("stores the same few bytes for a token of any length", async () => {
    const verify = verifier();
    const long = {
      sub: USER.id,
      exp: Math.floor(Date.now() / 1000) + 600,
      more: "x".repeat(6_000),
    };
    const key = new TextEncoder().encode(SECRET);
    // One after another, because tokens that wait for their check would be counted as well.
    const remember = async (count: number) => {
      for (let i = 0; i < count; i += 1) {
        const token = new SignJWT({ ...long, jti: String(Math.random()) });
        await verify(`Bearer ${await token.setProtectedHeader({ alg: "HS256" }).sign(key)}`);
      }
    };
    await remember(100);
    collect();
    const before = process.memoryUsage();
    await remember(2_000);
    collect();
    const after = process.memoryUsage();
    const grown = after.heapUsed + after.external - before.heapUsed - before.external;
    // 2,000 complete tokens of 8 KB would be 16 MB.
    expect(grown).toBeLessThan(4_000_000);
  });

  it("does not remember a rejected token", async () => {
    const verify = verifier();
    const token = `Bearer ${await signToken(`${SECRET}!`, USER, HOUR)}`;
    await expect(verify(token)).rejects.toMatchObject(unauthorized);
    expect(verify.known(token)).toBeUndefined();
  });
});
