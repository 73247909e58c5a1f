import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Cached } from "../../../src/cache/policy.ts";
import { storePolicy } from "../../../src/features/store/policies.ts";
import { findStore, type StoreRow } from "../../../src/features/store/queries.ts";
import { eventually, mapLimited, percentile, query, reportFigures } from "../../support/calls.ts";
import { type FaultProxy, startFaultProxy } from "../../support/fault-proxy.ts";
import { type OwnRedis, startOwnRedis } from "../../support/own-redis.ts";
import { openStack, type Instance, type Stack, stackKind } from "../../support/stack.ts";

/** The longest wait for Redis. */
const ADDED_MAX_MS = 100;
const KEYS = 12;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe.skipIf(stackKind() !== "docker")("a lease on a load", () => {
  let stack: Stack;
  let redis: OwnRedis;
  let proxy: FaultProxy;
  let a: Instance;
  let b: Instance;

  beforeAll(async () => {
    stack = await openStack();
    redis = await startOwnRedis();
    proxy = await startFaultProxy({ host: redis.host, port: redis.port });
    a = await stack.startInstance({ redisUrl: `redis://127.0.0.1:${proxy.port}` });
    b = await stack.startInstance({ redisUrl: redis.url });
    await Promise.all([a, b].map((instance) => ask(instance, randomUUID())));
  });

  afterAll(async () => {
    await stack.close();
    await proxy.close();
    await redis.stop();
  });

  const ask = (instance: Instance, id: string) => query(instance.url, "store.byId", { id });

  /** A real load on the real cache, paused until the test releases it. */
  function hold(instance: Instance, id: string) {
    let letGo = () => {};
    let hasBegun = () => {};
    const held = new Promise<void>((resolve) => (letGo = resolve));
    const begun = new Promise<void>((resolve) => (hasBegun = resolve));
    const answer: Promise<Cached<StoreRow | null>> = instance.deps.cache.get(
      storePolicy,
      { id },
      async () => {
        hasBegun();
        await held;
        return findStore(instance.deps.db, id);
      },
    );
    return { answer, begun, letGo };
  }

  const ids = () => Array.from({ length: KEYS }, () => randomUUID());
  const timesOf = (asked: readonly string[]) =>
    mapLimited(asked, 2, async (id) => (await ask(b, id)).tookMs);
  const leases = async () =>
    (await redis.cli("keys", "lease:*")).split("\n").filter((key) => key !== "");

  /** Pauses only loads with a lease, because on a busy machine calls may load without Redis. */
  async function holdLeased() {
    return eventually(
      20_000,
      async () => {
        const keys = ids();
        const flights = keys.map((id) => hold(a, id));
        await Promise.all(flights.map(({ begun }) => begun));
        const isLeased = (await leases()).length > 0;
        if (!isLeased) {
          for (const { letGo } of flights) letGo();
          await Promise.all(flights.map(({ answer }) => answer));
        }
        return { keys, flights, isLeased };
      },
      ({ isLeased }) => isLeased,
    );
  }

  /** The additional time of the fastest calls during the fault; a busy machine makes others slow. */
  async function checkAdded(name: string, tookMs: readonly number[]): Promise<void> {
    const healthy = await timesOf(ids());
    const added = percentile(tookMs, 0.25) - percentile(healthy, 0.25);
    reportFigures(`lease: ${name}`, {
      addedMs: added,
      slowestMs: Math.max(...tookMs),
      healthyMs: Math.max(...healthy),
    });
    expect(added).toBeLessThan(ADDED_MAX_MS);
    expect(Math.max(...tookMs)).toBeLessThan(Math.max(...healthy) + 10 * ADDED_MAX_MS);
  }

  it("lasts as long as its holder loads, and other instances wait for the loaded value", async () => {
    const id = randomUUID();
    const { answer, begun, letGo } = hold(a, id);
    await begun;
    let hasLoaded = false;
    const waiting = b.deps.cache.get(storePolicy, { id }, () => {
      hasLoaded = true;
      return findStore(b.deps.db, id);
    });
    await pause(600);
    letGo();
    expect([(await answer).state, (await waiting).state, hasLoaded]).toEqual([
      "MISS",
      "HIT",
      false,
    ]);
    await a.deps.cache.drain();
    expect(await leases()).toEqual([]);
  });

  it("keeps nobody waiting when its holder was cut off from Redis in the middle", async () => {
    const { keys, flights } = await holdLeased();
    await proxy.cut();
    const tookMs = await timesOf(keys);
    for (const { letGo } of flights) letGo();
    const answers = await Promise.all(flights.map(({ answer }) => answer));
    expect(answers.map(({ state }) => state)).toEqual(keys.map(() => "MISS"));
    await proxy.heal();
    await checkAdded("holder cut off", tookMs);
  });

  it("delays no call when Redis granted the lease to a call that no longer waited for Redis", async () => {
    // After this many failures the circuit opens.
    const keys = ids().slice(0, 3);
    await redis.cli("client", "pause", "600", "all");
    for (const id of keys) expect((await ask(a, id)).status).toBe(404);
    await pause(900);
    await checkAdded("granted late", await timesOf(keys));
    expect(await leases()).toEqual([]);
  });
});
