import { randomUUID } from "node:crypto";
import { createServer, type Server } from "node:http";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterEach, describe, expect, it } from "vitest";
import { createTokenVerifier, signToken, type TokenOptions } from "../../../src/http/token.ts";

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

  it("checks signatures, and fetches keys at most once a minute for unknown key ids", async () => {
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

  it("fetches keys once a minute while the server fails, and uses the known keys", async () => {
    const { url, sign, fetches, answerWith } = await keySet();
    let nowMs = Date.now();
    const verify = verifier({ key: { kind: "jwks", url }, now: () => new Date(nowMs) });
    // Another token each time, because a known token needs no key.
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

  it("accepts a known token for one minute without its key, because the key may be withdrawn", async () => {
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

  it("does not accept its public key as a shared secret", async () => {
    const { url, jwk } = await keySet();
    const verify = verifier({ key: { kind: "jwks", url } });
    const forged = await signToken(JSON.stringify(jwk), USER, HOUR);
    await expect(verify(`Bearer ${forged}`)).rejects.toMatchObject(unauthorized);
  });

  it("reports a fault of the service when keys cannot be fetched", async () => {
    const { sign } = await keySet();
    const verify = verifier({ key: { kind: "jwks", url: "http://127.0.0.1:1/jwks" } });
    await expect(verify(`Bearer ${await sign("one")}`)).rejects.toMatchObject({
      code: "SERVICE_UNAVAILABLE",
    });
  });
});
