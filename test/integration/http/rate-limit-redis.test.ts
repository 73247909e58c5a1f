import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WINDOW_MS } from "../../../src/http/rate-limit/limiter.ts";
import { type FaultProxy, startFaultProxy } from "../../support/fault-proxy.ts";
import { startOwnRedis } from "../../support/own-redis.ts";
import { bearerOf, startLimited, statuses, times } from "../../support/limited-calls.ts";
import { openStack, type Instance, type Stack, stackKind } from "../../support/stack.ts";

let stack: Stack;

beforeAll(async () => {
  stack = await openStack();
});
afterAll(() => stack.close());

const start = (limit: number, environment?: Record<string, string>, redisUrl?: string) =>
  startLimited(stack, limit, environment, redisUrl);

describe.skipIf(stackKind() !== "docker")("the rate limit with Redis", () => {
  /** Makes each instance's calls one after another, on all instances at once; returns how many were answered. */
  async function flood(instances: readonly Instance[], each: number, authorization: string) {
    const lists = await Promise.all(
      instances.map((instance) => statuses(instance, each, { authorization })),
    );
    return lists.flat().filter((status) => status === 200).length;
  }

  async function seesRedis(instance: Instance): Promise<boolean> {
    const response = await fetch(`${instance.url}/health/ready`);
    const state = (await response.json()) as { checks: { redis?: { ok: boolean } } };
    return state.checks.redis?.ok === true;
  }

  it("is one limit for three instances", async () => {
    const instances = await Promise.all([start(60), start(60), start(60)]);
    const authorization = await bearerOf(randomUUID());
    const passed = await flood(instances, 150, authorization);
    expect(passed).toBeGreaterThanOrEqual(60);
    // Far below three limits; the excess is what three instances admit between two synchronisations.
    expect(passed).toBeLessThanOrEqual(120);
    expect(await flood(instances, 5, authorization)).toBe(0);
    const newcomer = await start(60);
    await statuses(newcomer, 1, { authorization });
    await newcomer.deps.limiter.reconcile();
    expect(await statuses(newcomer, 1, { authorization })).toEqual([429]);
  });

  it("continues in memory without waiting while Redis is unavailable, and is shared again afterwards", async () => {
    const redis = await startOwnRedis();
    const proxy: FaultProxy = await startFaultProxy(redis);
    try {
      const redisUrl = `redis://127.0.0.1:${proxy.port}`;
      const one = await start(40, {}, redisUrl);
      const two = await start(40, {}, redisUrl);
      const authorization = await bearerOf(randomUUID());
      await statuses(one, 1, { authorization });
      for (const fail of [() => Promise.resolve(proxy.hang()), () => proxy.cut()]) {
        await fail();
        const user = await bearerOf(randomUUID());
        expect(await statuses(one, 45, { authorization: user })).toEqual([
          ...times(40, 200),
          ...times(5, 429),
        ]);
      }
      const during = { authorization: await bearerOf(randomUUID()) };
      await statuses(one, 30, during);
      await proxy.heal();
      for (const instance of [one, two])
        await expect.poll(() => seesRedis(instance), { timeout: 5_000 }).toBe(true);
      for (const instance of [one, two]) {
        await statuses(instance, 1, during);
        await instance.deps.limiter.reconcile();
      }
      const passed = (await statuses(two, 20, during)).filter((status) => status === 200).length;
      // 32 of 40 calls were made; if a new minute begins here, one or two are restored.
      expect(passed).toBeGreaterThanOrEqual(8);
      expect(passed).toBeLessThanOrEqual(11);
    } finally {
      await proxy.close();
      await redis.stop();
    }
  });

  it("continues in memory if a key in Redis is not a count", async () => {
    const own = await startOwnRedis();
    const instance = await start(3, {}, own.url);
    const redis = new Redis(own.url);
    try {
      for (const poison of ["string", "hash"] as const) {
        const id = randomUUID();
        const headers = { authorization: await bearerOf(id) };
        const window = Math.floor(Date.now() / WINDOW_MS);
        for (const key of [0, 1].map((n) => `limit:{0}:${window + n}:user:${id}`)) {
          if (poison === "string") await redis.set(key, "garbage");
          else await redis.hset(key, "field", "garbage");
        }
        expect(await statuses(instance, 1, headers)).toEqual([200]);
        await instance.deps.limiter.reconcile();
        expect(await statuses(instance, 3, headers)).toEqual([200, 200, 429]);
      }
      // A damaged count does not prevent the counting of others.
      const id = randomUUID();
      await statuses(instance, 2, { authorization: await bearerOf(id) });
      await instance.deps.limiter.reconcile();
      const [key = ""] = await redis.keys(`limit:*:user:${id}`);
      expect(await redis.hvals(key)).toEqual(["2"]);
      expect(await redis.ttl(key)).toBeGreaterThan(60);
    } finally {
      redis.disconnect();
      await own.stop();
    }
  });
});
