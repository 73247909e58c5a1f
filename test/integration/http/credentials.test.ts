import { randomUUID } from "node:crypto";
import { SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exchangeRaw, parseAnswers } from "../../support/raw-http.ts";
import { JWT_SECRET, openStack, type Instance, type Stack } from "../../support/stack.ts";
import { bearer } from "../../support/tokens.ts";

let stack: Stack;
let instance: Instance;
let clerk: Instance;

beforeAll(async () => {
  stack = await openStack();
  instance = await stack.startInstance();
  clerk = await stack.startInstance({
    environment: { JWT_SUBJECT: "any", JWT_ROLE_CLAIM: "app_metadata.role" },
  });
});

afterAll(() => stack.close());

function sign(claims: Record<string, unknown>): Promise<string> {
  return new SignJWT({ exp: Math.floor(Date.now() / 1000) + 600, ...claims })
    .setProtectedHeader({ alg: "HS256" })
    .sign(new TextEncoder().encode(JWT_SECRET));
}

/** Sends a GET with these header lines, unchanged. */
async function ask({ url }: Instance, path: string, lines: readonly string[]) {
  const request = `GET /trpc/${path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n${lines
    .map((line) => `${line}\r\n`)
    .join("")}\r\n`;
  const [answer] = parseAnswers(await exchangeRaw(url, request, 5_000));
  if (answer === undefined) throw new Error("no answer");
  const body = JSON.parse(answer.body) as { error?: { data: Record<string, unknown> } };
  return { status: answer.status, data: body.error?.data };
}

describe("a request without credentials is anonymous", () => {
  it.each([
    "Authorization:",
    "Authorization: ",
    "Authorization: \t ",
    "Authorization: Bearer",
    "Authorization: Bearer ",
    "authorization: bearer   ",
    "Authorization: Bearer null",
    "Authorization: Bearer undefined",
  ])("%j", async (line) => {
    // A fast query, a procedure, and a procedure that requires a user.
    for (const query of ["boycott.list", "boycott.list?input=%7B%7D&x=1"])
      expect(await ask(instance, query, [line])).toMatchObject({ status: 200 });
    expect(await ask(instance, "scans.stats", [line])).toMatchObject({
      status: 401,
      data: { code: "UNAUTHORIZED", reason: "token_missing" },
    });
  });

  it("an empty Authorization field of a proxy beside a real one is ignored", async () => {
    const token = await bearer();
    expect(
      await ask(instance, "scans.stats", ["Authorization:", `Authorization: ${token}`]),
    ).toMatchObject({ status: 200 });
    expect(
      await ask(instance, "scans.stats", [`Authorization: ${token}`, `Authorization: ${token}`]),
    ).toMatchObject({ status: 401 });
  });
});

describe("a bad token is rejected on public queries, with the reason", () => {
  it.each([
    ["token_expired", () => sign({ sub: randomUUID(), exp: 1_000 })],
    ["token_invalid", async () => `${await sign({ sub: randomUUID() })}x`],
    ["token_invalid", () => Promise.resolve("x")],
    ["token_invalid", () => sign({ sub: [randomUUID()] })],
    ["token_invalid", () => sign({ sub: "user_2NNEqL2nrIRdJ194ndJqAHwEfxC" })],
  ])("%s", async (reason, token) => {
    const line = `Authorization: Bearer ${await token()}`;
    for (const query of ["boycott.list", "boycott.list?input=%7B%7D&x=1", "scans.stats"]) {
      expect(await ask(instance, query, [line])).toMatchObject({
        status: 401,
        data: { code: "UNAUTHORIZED", reason },
      });
    }
  });
});

it("users of a provider with other ids have separate data, and its administrators have their rights", async () => {
  const [one, two] = await Promise.all(
    ["user_2NNEqL2nrIRdJ194ndJqAHwEfxC", "auth0|507f1f77bcf86cd799439011"].map(
      async (sub) => `Authorization: Bearer ${await sign({ sub, iss: "https://clerk.example" })}`,
    ),
  );
  const scan = { id: randomUUID(), barcode: "3017620422003" };
  const recorded = await fetch(`${clerk.url}/trpc/scans.record`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: one?.slice("Authorization: ".length) ?? "",
    },
    body: JSON.stringify(scan),
  });
  expect(recorded.status).toBe(200);
  const history = async (line = "") => {
    const { url } = clerk;
    const authorization = line.slice("Authorization: ".length);
    const response = await fetch(`${url}/trpc/scans.history`, { headers: { authorization } });
    const { result } = (await response.json()) as { result: { data: { items: { id: string }[] } } };
    return result.data.items.map(({ id }) => id);
  };
  expect(await history(one)).toEqual([scan.id]);
  expect(await history(two)).toEqual([]);

  const remove = async (claims: object) => {
    const token = await sign({ sub: "user_3", ...claims });
    const response = await fetch(`${clerk.url}/trpc/store.remove`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({ id: randomUUID() }),
    });
    return response.status;
  };
  expect(await remove({ app_metadata: { role: "admin" } })).toBe(404);
  expect(await remove({ role: "admin" })).toBe(403);
});
