import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { errorFactsOf, type HalalClientOptions } from "../../../packages/client/src/index.ts";
import { signToken } from "../../../src/http/token.ts";
import { insertAdditives } from "../../support/catalog-rows.ts";
import { JWT_SECRET, openStack, type Instance, type Stack } from "../../support/stack.ts";
import { insertStores, insertTestSource } from "../../support/store-rows.ts";
import { bearer } from "../../support/tokens.ts";
import { closeWatchedClients, openWatchedClient } from "../../support/watched-client.ts";

let stack: Stack;
let instance: Instance;
let storeId: string;

beforeAll(async () => {
  stack = await openStack();
  await insertTestSource(stack.sql);
  instance = await stack.startInstance();
  [storeId = ""] = await insertStores(stack.sql, [{ latitude: 1, longitude: 1, name: "Seen" }]);
  await insertAdditives(stack.sql, [{ code: "E471", en: "Mono- and diglycerides" }]);
});

afterEach(closeWatchedClients);
afterAll(() => stack.close());

const phone = (options?: Partial<HalalClientOptions>) => openWatchedClient(instance.url, options);
const tokenOf = async (id = randomUUID()) => (await bearer({ id })).slice("Bearer ".length);

describe("calls", () => {
  it("of the same tick travel together, thirty in a request at most", async () => {
    const { client, sent } = phone();
    const codes = Array.from({ length: 65 }, () => "E471");
    const answers = await Promise.all(
      codes.map((code) => client.trpc.additive.byCode.query({ code })),
    );
    expect(new Set(answers.map((one) => one.code))).toEqual(new Set(["E471"]));
    expect(sent).toHaveLength(3);
    expect(sent.every(({ method, url }) => method === "GET" && url.length <= 2_000)).toBe(true);
  });

  it("with an input that is too long for an address are sent by POST", async () => {
    const { client, sent } = phone();
    const codes = Array.from({ length: 100 }, (_, n) => `E471 ${"x".repeat(n)}`);
    const { notUnderstood } = await client.trpc.additive.forCodes.query({ codes });
    expect(notUnderstood.length).toBeGreaterThan(90);
    expect(sent.map(({ method }) => method)).toEqual(["POST"]);
  });

  it("that meet an expired token share one refresh, and are sent once more each", async () => {
    const id = randomUUID();
    const expired = await signToken(
      JWT_SECRET,
      { id, isAdmin: false },
      { lifetimeSeconds: -60, issuer: null, audience: null },
    );
    let token = expired;
    let refreshes = 0;
    const { client, sent } = phone({
      getToken: async ({ refresh }) => {
        if (refresh) {
          refreshes += 1;
          token = await tokenOf(id);
        }
        return token;
      },
    });
    await client.queue.flush();
    const answers = await Promise.all([
      client.trpc.account.profile.query(),
      client.trpc.scans.stats.query(),
      client.trpc.favorites.refs.query(),
    ]);
    expect(answers).toHaveLength(3);
    expect([refreshes, sent.length]).toEqual([1, 2]);
  });

  it("fail when the new token is refused as well", async () => {
    const expired = await signToken(
      JWT_SECRET,
      { id: randomUUID(), isAdmin: false },
      { lifetimeSeconds: -60, issuer: null, audience: null },
    );
    const { client, sent } = phone({ getToken: () => expired });
    const failure = await client.trpc.account.profile.query().catch(errorFactsOf);
    expect(failure).toMatchObject({ code: "UNAUTHORIZED", reason: "token_expired" });
    expect(sent).toHaveLength(2);
  });

  it("over the limit fail at once with the wait when that is long, and others are not even sent", async () => {
    // A user has a limit of their own; the address is that of every test of the stack.
    const environment = { RATE_LIMIT_PER_MINUTE: "3", RATE_LIMIT_PER_ADDRESS: "1000000" };
    const limited = await stack.startInstance({ environment });
    const token = (await bearer({ id: randomUUID() })).replace("Bearer ", "");
    const getToken = () => Promise.resolve(token);
    const { client, sent } = phone({ url: limited.url, retryAfterMaxSeconds: 0, getToken });
    const ask = () => client.trpc.certifier.list.query();
    for (let n = 0; n < 3; n += 1) await ask();
    for (let n = 0; n < 2; n += 1) {
      const facts = await ask().catch(errorFactsOf);
      expect(facts).toMatchObject({ code: "TOO_MANY_REQUESTS", reason: "rate_limited" });
    }
    expect(sent).toHaveLength(4);
    await limited.close();
  });

  it("are sent again after Retry-After, a mutation only when it was not made", async () => {
    const seen: string[] = [];
    const server = createServer((request, response) => {
      seen.push(request.method ?? "");
      const isFirst = seen.length === 1;
      const [status, body, headers]: [number, string, object] = !isFirst
        ? [200, '[{"result":{"data":[]}}]', {}]
        : [request.method === "GET" ? 503 : 429, "<html>busy</html>", { "retry-after": "0" }];
      response.writeHead(status, headers as Record<string, string>).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { client } = phone({ url });
    await client.trpc.certifier.list.query();
    expect(seen.splice(0)).toEqual(["GET", "GET"]);
    await client.trpc.favorites.add.mutate({ kind: "store", id: storeId });
    expect(seen.splice(0)).toEqual(["POST", "POST"]);
    server.close();
  });
});
