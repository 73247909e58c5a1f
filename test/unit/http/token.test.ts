import { randomUUID } from "node:crypto";
import { createServer, type Server } from "node:http";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterEach, describe, expect, it } from "vitest";
import { createTokenVerifier, signToken, type TokenOptions } from "../../../src/http/token.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const SECRET = "a-secret-of-these-tests-32-bytes-long";
const USER = { id: randomUUID(), isAdmin: false };
const CLAIMS = { issuer: null, audience: null };
const HOUR = { lifetimeSeconds: 3600, ...CLAIMS };
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

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
  it("says whom a token is for, and who is an administrator", async () => {
    const verify = verifier();
    expect(await verify(`Bearer ${await signToken(SECRET, USER, HOUR)}`)).toEqual(USER);
    const admin = { id: USER.id.toUpperCase(), isAdmin: true };
    expect(await verify(`bearer ${await signToken(SECRET, admin, HOUR)}`)).toEqual({
      id: USER.id,
      isAdmin: true,
    });
  });

  it("refuses what is no token, another key's, unsigned or changed", async () => {
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

  it("refuses a token that has ended, whose time has not come, that never ends or names no user", async () => {
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

  it("checks issuer and audience when they are set", async () => {
    const verify = verifier({ issuer: "https://issuer", audience: "phones" });
    const mine = { lifetimeSeconds: 60, issuer: "https://issuer", audience: "phones" };
    expect(await verify(`Bearer ${await signToken(SECRET, USER, mine)}`)).toEqual(USER);
    for (const other of [{ issuer: "https://other" }, { audience: "others" }, CLAIMS]) {
      const token = await signToken(SECRET, USER, { ...mine, ...other });
      await expect(verify(`Bearer ${token}`)).rejects.toMatchObject(unauthorized);
    }
  });

  it("knows a token again until it ends", async () => {
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

  it("lets the issuer's clock be 5 s ahead or behind, and no more", async () => {
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

  it("keeps the same few bytes of a token whatever its length", async () => {
    const verify = verifier();
    const long = {
      sub: USER.id,
      exp: Math.floor(Date.now() / 1000) + 600,
      more: "x".repeat(6_000),
    };
    const key = new TextEncoder().encode(SECRET);
    // A sequential look, because tokens waiting to be checked would be counted as well.
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
    // Kept whole, 2,000 tokens of 8 KB are 16 MB.
    expect(grown).toBeLessThan(4_000_000);
  });

  it("does not know a token that was refused", async () => {
    const verify = verifier();
    const token = `Bearer ${await signToken(`${SECRET}!`, USER, HOUR)}`;
    await expect(verify(token)).rejects.toMatchObject(unauthorized);
    expect(verify.known(token)).toBeUndefined();
  });
});

describe("a key set", () => {
  async function keySet() {
    const { publicKey, privateKey } = await generateKeyPair("ES256");
    const jwk = { ...(await exportJWK(publicKey)), kid: "one", alg: "ES256", use: "sig" };
    let fetches = 0;
    let status = 200;
    const kids = ["one"];
    const server = createServer((_request, response) => {
      fetches += 1;
      response.statusCode = status;
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ keys: kids.map((kid) => ({ ...jwk, kid })) }));
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const sign = (kid: string, lifetime = "1h") =>
      new SignJWT({})
        .setProtectedHeader({ alg: "ES256", kid })
        .setSubject(USER.id)
        .setExpirationTime(lifetime)
        .sign(privateKey);
    return {
      jwk,
      sign,
      url: `http://127.0.0.1:${port}/jwks`,
      kids,
      fetches: () => fetches,
      answerWith: (code: number) => {
        status = code;
      },
    };
  }

  it("checks signatures, and fetches once a minute for key ids that it does not know", async () => {
    const { url, sign, kids, fetches } = await keySet();
    let nowMs = Date.now();
    const verify = verifier({ key: { kind: "jwks", url }, now: () => new Date(nowMs) });
    expect(await verify(`Bearer ${await sign("one")}`)).toEqual(USER);
    const refuseMany = async (count: number) => {
      for (let i = 0; i < count; i += 1) {
        const token = `Bearer ${await sign(`made up ${i}`)}`;
        await expect(verify(token)).rejects.toMatchObject(unauthorized);
      }
    };
    await refuseMany(20);
    nowMs += 59_000;
    await refuseMany(5);
    expect(fetches()).toBe(1);
    kids.push("two");
    nowMs += 1_000;
    expect(await verify(`Bearer ${await sign("two")}`)).toEqual(USER);
    await refuseMany(5);
    expect(fetches()).toBe(2);
  });

  it("tries once a minute while its server fails, and believes the keys that it has", async () => {
    const { url, sign, fetches, answerWith } = await keySet();
    let nowMs = Date.now();
    const verify = verifier({ key: { kind: "jwks", url }, now: () => new Date(nowMs) });
    // Another token each time: one that is known needs no key.
    let second = 0;
    const newToken = async (kid: string) => {
      second += 1;
      return `Bearer ${await sign(kid, `${3600 + second}s`)}`;
    };
    const unavailable = { code: "SERVICE_UNAVAILABLE" };
    answerWith(500);
    for (let i = 0; i < 20; i += 1) {
      await expect(verify(await newToken("one"))).rejects.toMatchObject(unavailable);
    }
    expect(fetches()).toBe(1);
    answerWith(200);
    nowMs += 60_000;
    expect(await verify(await newToken("one"))).toEqual(USER);
    expect(fetches()).toBe(2);
    answerWith(500);
    nowMs += 900_000;
    const many = Array.from({ length: 20 }, async () => verify(await newToken("one")));
    expect(await Promise.all(many)).toEqual(many.map(() => USER));
    for (let i = 0; i < 20; i += 1) {
      await expect(verify(await newToken(`new ${i}`))).rejects.toMatchObject(unavailable);
    }
    expect(fetches()).toBe(3);
  });

  it("believes a token that it knows for a minute, as its key may be withdrawn", async () => {
    const { url, sign } = await keySet();
    let nowMs = Date.now();
    const verify = verifier({ key: { kind: "jwks", url }, now: () => new Date(nowMs) });
    const token = `Bearer ${await sign("one")}`;
    await verify(token);
    expect(verify.known(token)).toEqual(USER);
    nowMs += 61_000;
    expect(verify.known(token)).toBeUndefined();
  });

  it.each([
    ["Ed25519", "EdDSA"],
    ["EdDSA", "Ed25519"],
    ["Ed25519", undefined],
    ["PS512", "PS512"],
    ["ES512", undefined],
  ])("takes a token signed with %s by a key that says %s", async (alg, said) => {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
    const { alg: _, ...jwk } = await exportJWK(publicKey);
    const server = createServer((_request, response) => {
      const key = { ...jwk, kid: "one", ...(said === undefined ? {} : { alg: said }) };
      response.end(JSON.stringify({ keys: [key] }));
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const verify = verifier({ key: { kind: "jwks", url: `http://127.0.0.1:${port}/jwks` } });
    const token = await new SignJWT({})
      .setProtectedHeader({ alg, kid: "one" })
      .setSubject(USER.id)
      .setExpirationTime("1h")
      .sign(privateKey);
    expect(await verify(`Bearer ${token}`)).toEqual(USER);
  });

  it("does not take its public key for a shared secret", async () => {
    const { url, jwk } = await keySet();
    const verify = verifier({ key: { kind: "jwks", url } });
    const forged = await signToken(JSON.stringify(jwk), USER, HOUR);
    await expect(verify(`Bearer ${forged}`)).rejects.toMatchObject(unauthorized);
  });

  it("says that it is our fault when keys cannot be fetched", async () => {
    const { sign } = await keySet();
    const verify = verifier({ key: { kind: "jwks", url: "http://127.0.0.1:1/jwks" } });
    await expect(verify(`Bearer ${await sign("one")}`)).rejects.toMatchObject({
      code: "SERVICE_UNAVAILABLE",
    });
  });
});
