import { randomUUID } from "node:crypto";
import { TRPCClientError } from "@trpc/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readConfig } from "../../../src/config.ts";
import {
  ask,
  bearerOf,
  newAddress,
  startLimited,
  statuses,
  times,
} from "../../support/limited-calls.ts";
import { openStack, type Stack } from "../../support/stack.ts";

let stack: Stack;

beforeAll(async () => {
  stack = await openStack();
});
afterAll(() => stack.close());

const start = (limit: number, environment?: Record<string, string>, redisUrl?: string) =>
  startLimited(stack, limit, environment, redisUrl);

describe("the limit of all users of one address", () => {
  it("rejects a crowd of new users with an error for each, and no user of another address", async () => {
    const instance = await start(5, { RATE_LIMIT_PER_ADDRESS: "20", TRUSTED_PROXY_HOPS: "1" });
    const from = newAddress();
    const asUser = async (address: string) =>
      ask(instance, "certifier.list", {
        authorization: await bearerOf(randomUUID()),
        "x-forwarded-for": address,
      });
    const list: number[] = [];
    for (let i = 0; i < 30; i += 1) list.push((await asUser(from)).status);
    expect(list).toEqual([...times(20, 200), ...times(10, 429)]);
    const refused = await asUser(from);
    expect(refused.headers.get("ratelimit-limit")).toBe("20");
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await asUser(newAddress())).status).toBe(200);
    // Anonymous callers of that address still have their own limit.
    const anonymous = { "x-forwarded-for": from };
    expect(await statuses(instance, 6, anonymous)).toEqual([...times(5, 200), 429]);
    await instance.close();
  });

  it("is not consumed by a user who is over the user's own limit", async () => {
    const instance = await start(5, { RATE_LIMIT_PER_ADDRESS: "8", TRUSTED_PROXY_HOPS: "1" });
    const from = { "x-forwarded-for": newAddress() };
    const greedy = { ...from, authorization: await bearerOf(randomUUID()) };
    expect(await statuses(instance, 50, greedy)).toEqual([...times(5, 200), ...times(45, 429)]);
    const neighbour = { ...from, authorization: await bearerOf(randomUUID()) };
    expect(await statuses(instance, 4, neighbour)).toEqual([...times(3, 200), 429]);
    await instance.close();
  });

  it("is ten times a user's limit by default", () => {
    expect(readConfig({ RATE_LIMIT_PER_MINUTE: "7" }).rateLimitPerAddress).toBe(70);
  });
});

describe("the rate limit", () => {
  it("returns the remaining calls, and rejects calls over the limit with a tRPC error", async () => {
    const instance = await start(5);
    const headers = { authorization: await bearerOf(randomUUID()) };
    const remaining: (string | null)[] = [];
    for (let i = 0; i < 5; i += 1) {
      const response = await ask(instance, "certifier.list", headers);
      expect(response.status).toBe(200);
      expect(response.headers.get("ratelimit-limit")).toBe("5");
      expect(response.headers.get("ratelimit-policy")).toBe("5;w=60");
      expect(Number(response.headers.get("ratelimit-reset"))).toBeGreaterThan(0);
      expect(response.headers.get("retry-after")).toBeNull();
      remaining.push(response.headers.get("ratelimit-remaining"));
    }
    expect(remaining).toEqual(["4", "3", "2", "1", "0"]);
    const refused = await ask(instance, "certifier.list", { ...headers, "x-request-id": "r-1" });
    expect(refused.status).toBe(429);
    const seconds = Number(refused.headers.get("retry-after"));
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(120);
    expect(refused.headers.get("ratelimit-reset")).toBe(String(seconds));
    expect(refused.headers.get("ratelimit-remaining")).toBe("0");
    expect(refused.headers.get("cache-control")).toBe("no-store");
    expect(await refused.json()).toMatchObject({
      error: {
        code: -32029,
        data: {
          code: "TOO_MANY_REQUESTS",
          httpStatus: 429,
          requestId: "r-1",
          retryAfterSeconds: seconds,
        },
      },
    });
  });

  it("counts a hit of a fast query like any other call", async () => {
    const instance = await start(6);
    const headers = { authorization: await bearerOf(randomUUID()) };
    expect(await statuses(instance, 10, headers)).toEqual([...times(6, 200), ...times(4, 429)]);
    expect(instance.directAnswers()).toBeGreaterThanOrEqual(4);
  });

  it("counts all calls of a batch or none, and rejects each of them", async () => {
    const instance = await start(10);
    const headers = { authorization: await bearerOf(randomUUID()) };
    const path = `${Array.from({ length: 4 }, () => "certifier.list").join(",")}?batch=1`;
    expect(await statuses(instance, 2, headers, path)).toEqual([200, 200]);
    const refused = await ask(instance, path, headers);
    expect(refused.status).toBe(429);
    expect(refused.headers.get("ratelimit-remaining")).toBe("2");
    const body = (await refused.json()) as { error: { data: { code: string } } }[];
    expect(body.map(({ error }) => error.data.code)).toEqual(
      Array.from({ length: 4 }, () => "TOO_MANY_REQUESTS"),
    );
    expect(await statuses(instance, 3, headers)).toEqual([200, 200, 429]);
  });

  it("is an error for each call in tRPC's batching client", async () => {
    const instance = await start(3, { TRUSTED_PROXY_HOPS: "0" }, undefined);
    // All anonymous callers of this machine have one address; the calls of other tests do not matter here.
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, () =>
        instance.batchClient.certifier.list.query().then(
          () => "OK",
          (error: unknown) =>
            error instanceof TRPCClientError
              ? (error.data as { code: string } | undefined)?.code
              : "?",
        ),
      ),
    );
    expect(outcomes).toEqual(Array.from({ length: 8 }, () => "TOO_MANY_REQUESTS"));
  });

  it("counts a costly procedure with its cost, for every form of its address", async () => {
    const instance = await start(10, { TRUSTED_PROXY_HOPS: "1" });
    const input = `?input=${encodeURIComponent(JSON.stringify({ query: "halal" }))}`;
    for (const path of ["store.search", "store%2Esearch", "%73tore.search"]) {
      const headers = { "x-forwarded-for": newAddress() };
      expect(await statuses(instance, 4, headers, path + input)).toEqual([200, 200, 200, 429]);
    }
  });

  it("is separate for each user on any address, and for each anonymous address", async () => {
    const instance = await start(3, { TRUSTED_PROXY_HOPS: "1" });
    const [here, there] = [newAddress(), newAddress()];
    const authorization = await bearerOf(randomUUID());
    const at = (address: string) => ({ "x-forwarded-for": address });
    expect(await statuses(instance, 2, { authorization, ...at(here) })).toEqual([200, 200]);
    expect(await statuses(instance, 2, { authorization, ...at(there) })).toEqual([200, 429]);
    expect(await statuses(instance, 4, at(here))).toEqual([200, 200, 200, 429]);
    expect(await statuses(instance, 1, at(there))).toEqual([200]);
    const other = { authorization: await bearerOf(randomUUID()), ...at(here) };
    expect(await statuses(instance, 1, other)).toEqual([200]);
  });

  it("counts bad tokens for the address, which limits guessing", async () => {
    const instance = await start(4, { TRUSTED_PROXY_HOPS: "1" });
    const forwarded = { "x-forwarded-for": newAddress() };
    const seen: number[] = [];
    for (let i = 0; i < 6; i += 1) {
      const authorization = await bearerOf(
        randomUUID(),
        `guess ${i} of a secret of 32 bytes or more`,
      );
      seen.push(...(await statuses(instance, 1, { authorization, ...forwarded })));
    }
    expect(seen).toEqual([401, 401, 401, 401, 429, 429]);
  });

  it("ignores a forged X-Forwarded-For", async () => {
    const bare = await start(1);
    for (let i = 0; i < 3; i += 1) await statuses(bare, 1, { "x-forwarded-for": newAddress() });
    expect(await statuses(bare, 1, { "x-forwarded-for": newAddress() })).toEqual([429]);
    const behindOne = await start(3, { TRUSTED_PROXY_HOPS: "1" });
    const address = newAddress();
    const seen: number[] = [];
    for (let i = 0; i < 5; i += 1) {
      const forged = { "x-forwarded-for": `${newAddress()}, 1.2.3.${i}, ${address}` };
      seen.push(...(await statuses(behindOne, 1, forged)));
    }
    expect(seen).toEqual([200, 200, 200, 429, 429]);
  });

  it("does not apply to health checks, metrics and the page", async () => {
    const instance = await start(1);
    for (let i = 0; i < 3; i += 1) await statuses(instance, 1, {});
    for (const path of ["/health/live", "/health/ready", "/metrics", "/"]) {
      for (let i = 0; i < 3; i += 1) {
        const response = await fetch(instance.url + path);
        expect([path, response.status]).toEqual([path, 200]);
        expect(response.headers.get("ratelimit-limit")).toBeNull();
        await response.arrayBuffer();
      }
    }
  });
});
