import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { eventually, query, reportFigures } from "../support/calls.ts";
import { type RedisCluster, startRedisCluster } from "../support/redis-cluster.ts";
import { openStack, type Instance, type Stack, stackKind } from "../support/stack.ts";
import { insertStores } from "../support/store-rows.ts";

const PLACES = 24;

let stack: Stack;
let cluster: RedisCluster;
let a: Instance;
let b: Instance;
let placesUsed = 0;

/** A place that no call has requested. */
function newPlace(): { latitude: number; longitude: number } {
  placesUsed += 1;
  return {
    latitude: 5 + 0.1 * Math.floor(placesUsed / 3_000),
    longitude: -160 + 0.1 * (placesUsed % 3_000),
  };
}

/** Enough places for keys in the slots of all three masters. */
function newPlaces(): { latitude: number; longitude: number }[] {
  return Array.from({ length: PLACES }, newPlace);
}

function loads(): number {
  return [a, b].reduce(
    (sum, { deps }) => sum + (deps.metrics.cacheStats.answers.get("stores")?.memory.MISS ?? 0),
    0,
  );
}

/**
 * Counts the loads when both instances get two concurrent requests for new places. Returns the smallest count of three
 * runs, because both instances load when the machine pauses for longer than a lease.
 */
async function fewestLoads(): Promise<number> {
  const rushes: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const before = loads();
    await Promise.all(
      newPlaces().flatMap((place) =>
        [a, b, a, b].map(({ url }) => query(url, "store.nearby", place)),
      ),
    );
    rushes.push(loads() - before);
  }
  return Math.min(...rushes);
}

/** Loads entries on one instance, and returns how many of them another instance found in Redis. */
async function sharedEntries(): Promise<number> {
  const places = newPlaces();
  await Promise.all(places.map((place) => query(a.url, "store.nearby", place)));
  await a.deps.cache.drain();
  const answers = await Promise.all(places.map((place) => query(b.url, "store.nearby", place)));
  return answers.filter(({ state }) => state === "HIT").length;
}

describe.skipIf(stackKind() !== "docker")("Redis Cluster (docker)", () => {
  beforeAll(async () => {
    [stack, cluster] = await Promise.all([openStack(), startRedisCluster()]);
    [a, b] = await Promise.all([
      stack.startInstance({ redisUrl: cluster.urls }),
      stack.startInstance({ redisUrl: cluster.urls }),
    ]);
  });

  afterAll(async () => {
    await stack?.close();
    await cluster?.stop();
  });

  test("concurrent instances share one load for each cell, on every master of the cluster", async () => {
    await eventually(5_000, sharedEntries, (count) => count === PLACES);
    expect(await fewestLoads()).toBe(PLACES);
  });

  test(
    "during a failover of a master no request fails, and afterwards the cluster is used again",
    { timeout: 90_000 },
    async () => {
      const [id = ""] = await insertStores(stack.sql, [{ latitude: 1, longitude: 1, name: "0" }]);
      const [admin, user] = await Promise.all([a.as({ isAdmin: true }), b.as({})]);
      const key = `store:${id}`;
      await a.client.store.byId.query({ id });
      await a.deps.cache.drain();
      const killed = await cluster.masterOf(key);

      const end = new AbortController();
      const failures: unknown[] = [];
      let calls = 0;
      let slowestMs = 0;
      const keepCalling = async (work: () => Promise<unknown>) => {
        while (!end.signal.aborted) {
          const beganAt = performance.now();
          await work().catch((error: unknown) => failures.push(error));
          slowestMs = Math.max(slowestMs, performance.now() - beganAt);
          calls += 1;
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
      };
      let version = 0;
      const isSeen = async () => {
        version += 1;
        const name = String(version);
        await admin.store.update.mutate({ id, name });
        const here = await a.client.store.byId.query({ id });
        await new Promise((resolve) => setTimeout(resolve, 1_001));
        const there = await b.client.store.byId.query({ id });
        if (here.name !== name || there.name !== name)
          throw new Error(`${name} was written; read: ${here.name}, ${there.name}`);
      };
      const workers = [
        keepCalling(isSeen),
        keepCalling(() => a.client.store.nearby.query({ latitude: 1, longitude: 1 })),
        keepCalling(() => b.client.store.nearby.query(newPlace())),
        keepCalling(() => user.favorites.add.mutate({ kind: "store", id })),
        keepCalling(() => user.favorites.list.query({})),
      ];
      await cluster.kill(killed);
      // The next run needs a complete cluster, whatever the result of this one is.
      onTestFinished(async () => {
        end.abort();
        await Promise.all(workers);
        await cluster.revive(killed);
      });
      const killedAt = performance.now();
      const newMaster = await eventually(
        15_000,
        () => cluster.masterOf(key).catch(() => killed),
        (port) => port !== killed,
      );
      const failedOverMs = performance.now() - killedAt;
      await eventually(25_000, sharedEntries, (count) => count === PLACES);
      const usedAgainMs = performance.now() - killedAt;
      end.abort();
      await Promise.all(workers);
      reportFigures("failover", { calls, slowestMs, failedOverMs, usedAgainMs, newMaster });
      expect(failures).toEqual([]);

      expect(await fewestLoads()).toBe(PLACES);
    },
  );
});
