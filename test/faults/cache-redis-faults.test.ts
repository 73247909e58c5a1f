import { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { decodeEntry, encodeEntry } from "../../src/cache/entry.ts";
import { eventually, percentile, query, reportFigures } from "../support/calls.ts";
import { type FaultProxy, startFaultProxy } from "../support/fault-proxy.ts";
import { type OwnRedis, startOwnRedis } from "../support/own-redis.ts";
import { insertStores } from "../support/store-rows.ts";
import { openStack, type Instance, type Stack, stackKind } from "../support/stack.ts";

/** The promised limit of waiting for Redis, on top of the time of a call with a healthy Redis. */
const ADDED_MAX_MS = 100;
/** The promised limit. */
const USED_AGAIN_WITHIN_MS = 2_000;

describe.skipIf(stackKind() !== "docker")("a cache without a healthy Redis", () => {
  let stack: Stack;
  let redis: OwnRedis;
  let proxy: FaultProxy;
  let instance: Instance;
  let other: Instance;
  let ids: string[];
  let fresh = 0;

  beforeAll(async () => {
    stack = await openStack();
    redis = await startOwnRedis();
    proxy = await startFaultProxy({ host: redis.host, port: redis.port });
    ids = await insertStores(
      stack.sql,
      Array.from({ length: 500 }, (_, i) => ({
        latitude: 35.68 + Math.sin(i * 3) * 0.2,
        longitude: 139.69 + Math.cos(i * 5) * 0.2,
      })),
    );
    instance = await stack.startInstance({ redisUrl: `redis://127.0.0.1:${proxy.port}` });
    other = await stack.startInstance({ redisUrl: redis.url });
  });

  afterAll(async () => {
    await stack.close();
    await proxy.close();
    await redis.stop();
  });

  beforeEach(async () => {
    await proxy.heal();
    await usedAgain();
  });

  /** A cell that no call has requested. */
  const nextCell = () => {
    fresh += 1;
    return {
      latitude: 35.4 + (fresh % 60) * 0.01,
      longitude: 139.2 + Math.floor(fresh / 60) * 0.02,
    };
  };

  /** Waits until an entry that the other instance loaded is read from Redis. */
  const usedAgain = async () => {
    const beganAt = performance.now();
    await eventually(
      10_000,
      async () => {
        const cell = nextCell();
        await query(other.url, "store.nearby", cell);
        await other.deps.cache.drain();
        return (await query(instance.url, "store.nearby", cell)).state;
      },
      (state) => state === "HIT",
    );
    return performance.now() - beganAt;
  };

  const calls = async (count: number) => {
    const tookMs: { cold: number[]; warm: number[] } = { cold: [], warm: [] };
    const failed: unknown[] = [];
    const warm = nextCell();
    await query(instance.url, "store.nearby", warm);
    for (let i = 0; i < count; i += 1) {
      const cold = await query(instance.url, "store.nearby", nextCell());
      const again = await query(instance.url, "store.nearby", warm);
      const one = await query(instance.url, "store.byId", { id: ids[i] });
      for (const answer of [cold, again, one]) if (answer.status !== 200) failed.push(answer);
      tookMs.cold.push(cold.tookMs, one.tookMs);
      tookMs.warm.push(again.tookMs);
    }
    const figures = {
      coldP50: percentile(tookMs.cold, 0.5),
      coldP99: percentile(tookMs.cold, 0.99),
      coldMax: Math.max(...tookMs.cold),
      warmP99: percentile(tookMs.warm, 0.99),
    };
    return { failed, figures };
  };

  /** Compares calls during a fault with calls just before it, on the same machine in the same minute. */
  const check = async (name: string, strike: () => unknown, count = 60) => {
    const healthy = await calls(count);
    await strike();
    const { failed, figures } = await calls(count);
    reportFigures(`Redis ${name}`, {
      ...figures,
      addedColdP50: figures.coldP50 - healthy.figures.coldP50,
      addedColdP99: figures.coldP99 - healthy.figures.coldP99,
      addedWarmP99: figures.warmP99 - healthy.figures.warmP99,
    });
    expect([...healthy.failed, ...failed]).toEqual([]);
    expect(figures.coldP50 - healthy.figures.coldP50).toBeLessThan(ADDED_MAX_MS);
    expect(figures.coldP99).toBeLessThan(healthy.figures.coldMax + ADDED_MAX_MS);
    expect(figures.warmP99).toBeLessThan(healthy.figures.coldMax + ADDED_MAX_MS);
  };

  it("answers normally while Redis is healthy", async () => {
    await check("healthy", () => {});
    expect(await usedAgain()).toBeLessThan(USED_AGAIN_WITHIN_MS);
  });

  it("answers when Redis is stopped, and uses it again soon after its return", async () => {
    await check("stopped", () => proxy.cut());
    await proxy.heal();
    const tookMs = await usedAgain();
    reportFigures("Redis used again after a stop", { tookMs });
    expect(tookMs).toBeLessThan(USED_AGAIN_WITHIN_MS);
  });

  it("answers while Redis restarts and loses its data", async () => {
    let restarted = Promise.resolve();
    await check("restarting", () => {
      restarted = redis.restart();
    });
    await restarted;
    expect(await usedAgain()).toBeLessThan(USED_AGAIN_WITHIN_MS);
  }, 120_000);

  it("answers when Redis accepts connections and never answers", async () => {
    await check("hanging", () => proxy.hang());
    await proxy.heal();
    const tookMs = await usedAgain();
    reportFigures("Redis used again after a hang", { tookMs });
    expect(tookMs).toBeLessThan(USED_AGAIN_WITHIN_MS);
  });

  it("answers when Redis is slower than its time limit", async () => {
    await check("200 ms late", () => proxy.delay(200));
    await proxy.heal();
    expect(await usedAgain()).toBeLessThan(USED_AGAIN_WITHIN_MS);
  });

  it("answers when Redis is full, and still reads its entries", async () => {
    const cell = nextCell();
    await query(other.url, "store.nearby", cell);
    await other.deps.cache.drain();
    await check("full", async () => {
      await redis.cli("config", "set", "maxmemory", "1mb");
      await expect(redis.cli("set", "any", "1")).resolves.toContain("OOM");
    });
    expect((await query(instance.url, "store.nearby", cell)).state).toBe("HIT");
    await redis.cli("config", "set", "maxmemory", "0");
    expect(await usedAgain()).toBeLessThan(USED_AGAIN_WITHIN_MS);
  });

  it("treats garbage, a truncated entry and another shape as misses, and replaces them", async () => {
    const cell = nextCell();
    await redis.cli("flushall");
    await query(other.url, "store.nearby", cell);
    await other.deps.cache.drain();
    const keys = (await redis.cli("keys", "stores:nearby:*"))
      .split("\n")
      .filter((key) => key !== "");
    expect(keys).toHaveLength(1);
    const client = new Redis(redis.url);
    const makeOlder = async (key: string) => {
      const entry = decodeEntry((await client.getBuffer(key)) ?? Buffer.alloc(0));
      if (entry === null) throw new Error("no whole entry");
      await client.set(
        key,
        encodeEntry({ ...entry, shape: "stores-0" }, entry.payload),
        "PX",
        60_000,
      );
    };
    for (const damage of [
      (key: string) => redis.cli("set", key, "garbage"),
      (key: string) => redis.cli("set", key, ""),
      (key: string) => redis.cli("setrange", key, "30", "XXXX"),
      makeOlder,
    ]) {
      for (const key of keys) await damage(key);
      const third = await stack.startInstance({ redisUrl: redis.url });
      const answer = await query(third.url, "store.nearby", cell);
      expect([answer.status, answer.state]).toEqual([200, "MISS"]);
      await third.deps.cache.drain();
      const fourth = await stack.startInstance({ redisUrl: redis.url });
      const mended = await query(fourth.url, "store.nearby", cell);
      expect([mended.state, mended.data]).toEqual(["HIT", answer.data]);
      await Promise.all([third.close(), fourth.close()]);
    }
    for (const key of keys) {
      await redis.cli("del", key);
      await redis.cli("lpush", key, "a list where a string should be");
    }
    const fifth = await stack.startInstance({ redisUrl: redis.url });
    expect((await query(fifth.url, "store.nearby", cell)).status).toBe(200);
    await fifth.close();
    client.disconnect();
    await redis.cli("flushall");
  });
});
