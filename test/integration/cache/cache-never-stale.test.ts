import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { storePolicy } from "../../../src/features/store/policies.ts";
import { findStore } from "../../../src/features/store/queries.ts";
import { percentile, query, reportFigures, seededRandom } from "../../support/calls.ts";
import { type FaultProxy, startFaultProxy } from "../../support/fault-proxy.ts";
import { type OwnRedis, startOwnRedis } from "../../support/own-redis.ts";
import { insertStores } from "../../support/store-rows.ts";
import { openStack, type Instance, type Stack, stackKind } from "../../support/stack.ts";

const SECONDS = Number(process.env["NEVER_STALE_SECONDS"] ?? 60);
/** Within this time every instance shows a write. */
const SEEN_WITHIN_MS = 1_000;
/** The promised limit of waiting for Redis. */
const ADDED_MAX_MS = 100;
/** The longest delay of a call on a busy machine; a call that waits for a lost lease would wait longer. */
const HELD_UP_MS = 1_200;
const STORES = 24;
/** A store is at the first place in even versions, and at the second in odd versions. */
const PLACES = [
  { latitude: 48.8566, longitude: 2.3522 },
  { latitude: 45.764, longitude: 4.8357 },
] as const;

interface Write {
  readonly version: number;
  readonly instance: Instance | null;
  readonly beganAt: number;
  returnedAt: number;
}

/** Records the writes with their times, and returns which versions of a store a read may show. */
class Checker {
  readonly #writes = new Map<string, Write[]>();
  readonly violations: object[] = [];
  readonly tookMs: number[] = [];
  reads = 0;
  writes = 0;

  begin(id: string, version: number, instance: Instance | null): Write {
    const write = {
      version,
      instance,
      beganAt: performance.now(),
      returnedAt: Number.POSITIVE_INFINITY,
    };
    const known = this.#writes.get(id) ?? [];
    known.push(write);
    this.#writes.set(id, known);
    return write;
  }

  end(write: Write): void {
    write.returnedAt = performance.now();
    this.writes += 1;
  }

  /** Returns the oldest version that a read from that time may show, and the newest one written by now. */
  allowed(id: string, instance: Instance, readBeganAt: number): { oldest: number; newest: number } {
    let oldest = 0;
    let newest = 0;
    for (const write of this.#writes.get(id) ?? []) {
      const dueAt = write.returnedAt + (write.instance === instance ? 0 : SEEN_WITHIN_MS);
      if (dueAt < readBeganAt) oldest = Math.max(oldest, write.version);
      newest = Math.max(newest, write.version);
    }
    return { oldest, newest };
  }

  checkVersion(id: string, version: number, instance: Instance, readBeganAt: number, how: object) {
    const { oldest, newest } = this.allowed(id, instance, readBeganAt);
    if (version < oldest || version > newest)
      this.violations.push({ id, version, oldest, newest, ...how });
  }

  /** Whether the presence or absence of a store at a place fits a version that the read may show. */
  checkPresence(
    id: string,
    place: number,
    isShown: boolean,
    instance: Instance,
    readBeganAt: number,
    how: object,
  ) {
    const { oldest, newest } = this.allowed(id, instance, readBeganAt);
    for (let version = oldest; version <= newest; version += 1)
      if ((version % 2 === place) === isShown) return;
    this.violations.push({ id, place, isShown, oldest, newest, ...how });
  }
}

const nameOf = (version: number) => `version ${version}`;
const versionOf = (name: string) => Number(name.split(" ")[1]);

let stack: Stack;

beforeAll(async () => {
  stack = await openStack();
});

afterAll(() => stack.close());

async function storm(
  instances: readonly Instance[],
  seconds: number,
  faults: readonly { atShare: number; strike: () => Promise<void> }[],
): Promise<Checker> {
  const random = seededRandom(7);
  const one = <T>(items: readonly T[]): T => {
    const item = items[Math.floor(random() * items.length)];
    if (item === undefined) throw new Error("nothing to choose from");
    return item;
  };
  const ids = await insertStores(
    stack.sql,
    Array.from({ length: STORES }, (_, i) => ({
      latitude: PLACES[0].latitude + (i % 5) * 0.002,
      longitude: PLACES[0].longitude + (i % 7) * 0.002,
      name: nameOf(0),
    })),
  );
  await Promise.all(instances.map(({ deps }) => deps.cache.catchUp()));
  const admins = new Map(
    await Promise.all(
      instances.map(async (instance) => [instance, await instance.as({ isAdmin: true })] as const),
    ),
  );
  const checker = new Checker();
  const states: Record<string, number> = {};
  const endsAt = performance.now() + seconds * 1000;
  const isOn = () => performance.now() < endsAt;

  const writer = async (mine: readonly string[]) => {
    const versions = new Map(mine.map((id) => [id, 0]));
    while (isOn()) {
      const id = one(mine);
      const version = (versions.get(id) ?? 0) + 1;
      versions.set(id, version);
      const place = PLACES[version % 2 === 0 ? 0 : 1];
      const moved = {
        name: nameOf(version),
        latitude: place.latitude + random() * 0.01,
        longitude: place.longitude + random() * 0.01,
      };
      // Most writes use the procedure; some use SQL, like an import.
      const instance = random() < 0.8 ? one(instances) : null;
      const write = checker.begin(id, version, instance);
      if (instance === null)
        await stack.sql`update stores set ${stack.sql(moved, "name", "latitude", "longitude")} where id = ${id}`;
      else await admins.get(instance)?.store.update.mutate({ id, ...moved });
      checker.end(write);
      await new Promise((resolve) => setTimeout(resolve, random() * 60));
    }
  };

  const reader = async () => {
    while (isOn()) {
      const instance = one(instances);
      const beganAt = performance.now();
      if (random() < 0.5) {
        const id = one(ids);
        const answer = await query<{ name: string }>(instance.url, "store.byId", { id });
        states[answer.state] = (states[answer.state] ?? 0) + 1;
        checker.tookMs.push(answer.tookMs);
        if (answer.data === undefined) checker.violations.push({ failed: answer });
        else {
          const version = versionOf(answer.data.name);
          checker.checkVersion(id, version, instance, beganAt, { state: answer.state });
        }
      } else {
        const place = random() < 0.5 ? 0 : 1;
        const answer = await query<{ items: { id: string; name: string }[] }>(
          instance.url,
          one(["store.nearby", "store.markers"]),
          { ...PLACES[place], radiusKm: 10, limit: 100 },
        );
        states[answer.state] = (states[answer.state] ?? 0) + 1;
        if (answer.data === undefined) checker.violations.push({ failed: answer });
        const shown = new Map(answer.data?.items.map(({ id, name }) => [id, versionOf(name)]));
        for (const id of ids) {
          const version = shown.get(id);
          const how = { state: answer.state, from: "list" };
          checker.checkPresence(id, place, version !== undefined, instance, beganAt, how);
          if (version !== undefined) checker.checkVersion(id, version, instance, beganAt, how);
        }
        checker.tookMs.push(answer.tookMs);
      }
      checker.reads += 1;
    }
  };

  const striker = async () => {
    for (const { atShare, strike } of faults) {
      const waitMs = endsAt - seconds * 1000 * (1 - atShare) - performance.now();
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, waitMs)));
      await strike();
    }
  };

  const shares = Array.from({ length: 4 }, (_, k) => ids.filter((_id, i) => i % 4 === k));
  await Promise.all([...shares.map(writer), ...Array.from({ length: 8 }, reader), striker()]);
  reportFigures(`never stale, ${seconds} s, ${faults.length} faults`, {
    reads: checker.reads,
    writes: checker.writes,
    violations: checker.violations.length,
    states,
    p99Ms: Math.round(percentile(checker.tookMs, 0.99)),
    slowestMs: Math.round(Math.max(...checker.tookMs)),
  });
  return checker;
}

describe.skipIf(stackKind() !== "docker")("no answer is stale after a write", () => {
  let redis: OwnRedis;
  let proxy: FaultProxy;

  beforeAll(async () => {
    redis = await startOwnRedis();
    proxy = await startFaultProxy({ host: redis.host, port: redis.port });
  });

  afterAll(async () => {
    await proxy.close();
    await redis.stop();
  });

  it(
    `on three instances that read and write side by side for ${SECONDS} s`,
    async () => {
      const instances = await Promise.all(Array.from({ length: 3 }, () => stack.startInstance()));
      const checker = await storm(instances, SECONDS, []);
      expect(checker.violations.slice(0, 3)).toEqual([]);
      expect(checker.writes).toBeGreaterThan(SECONDS * 5);
      expect(checker.reads).toBeGreaterThan(SECONDS * 20);
      await Promise.all(instances.map((instance) => instance.close()));
    },
    SECONDS * 1000 + 60_000,
  );

  it(
    "with one instance cut off from Redis, and Redis restarted in the middle",
    async () => {
      const instances = await Promise.all([
        stack.startInstance({ redisUrl: redis.url }),
        stack.startInstance({ redisUrl: redis.url }),
        stack.startInstance({ redisUrl: `redis://127.0.0.1:${proxy.port}` }),
      ]);
      const healthy = await storm(instances, 10, []);
      const checker = await storm(instances, SECONDS, [
        { atShare: 0.15, strike: () => proxy.cut() },
        { atShare: 0.4, strike: () => proxy.heal() },
        { atShare: 0.5, strike: () => redis.restart() },
        { atShare: 0.7, strike: () => Promise.resolve(proxy.hang()) },
        { atShare: 0.85, strike: () => proxy.heal() },
      ]);
      expect(checker.violations.slice(0, 3)).toEqual([]);
      expect(checker.writes).toBeGreaterThan(SECONDS * 5);
      const [p99, p99Healthy] = [checker, healthy].map(({ tookMs }) => percentile(tookMs, 0.99));
      expect(p99).toBeLessThan((p99Healthy ?? 0) + ADDED_MAX_MS);
      const [slowest, slowestHealthy] = [checker, healthy].map(({ tookMs }) => Math.max(...tookMs));
      expect(slowest).toBeLessThan((slowestHealthy ?? 0) + HELD_UP_MS);
      await Promise.all(instances.map((instance) => instance.close()));
    },
    SECONDS * 1000 + 70_000,
  );
});

describe("a load from before a write that ends after it", () => {
  it("restores the old value in no tier", async () => {
    const [a, b] = await Promise.all([stack.startInstance(), stack.startInstance()]);
    const [id = ""] = await insertStores(stack.sql, [{ ...PLACES[0], name: "old" }]);
    await Promise.all([a, b].map(({ deps }) => deps.cache.catchUp()));
    const name = async (instance: Instance) =>
      (await instance.client.store.byId.query({ id })).name;

    let hasLoaded = () => {};
    let release = () => {};
    const loading = new Promise<void>((resolve) => (hasLoaded = resolve));
    const held = new Promise<void>((resolve) => (release = resolve));
    // A real load on the real cache, paused between its query and its store.
    const late = a.deps.cache.get(storePolicy, { id }, async () => {
      const loaded = await findStore(a.deps.db, id);
      hasLoaded();
      await held;
      return loaded;
    });
    await loading;
    const admin = await b.as({ isAdmin: true });
    await admin.store.update.mutate({ id, name: "new" });
    expect(await name(b)).toBe("new");
    await a.deps.cache.catchUp();
    // A call that starts now does not join the load from before the write.
    expect(await name(a)).toBe("new");
    release();
    expect((await late).value?.name).toBe("old");
    await a.deps.cache.drain();
    expect(await name(a)).toBe("new");
    expect(await name(b)).toBe("new");
    const c = await stack.startInstance();
    expect(await name(c)).toBe("new");
    await Promise.all([a, b, c].map((instance) => instance.close()));
  });

  it("has no effect when it is stored before the instance has read the write's event", async () => {
    const [a, b] = await Promise.all([stack.startInstance(), stack.startInstance()]);
    const [id = ""] = await insertStores(stack.sql, [{ ...PLACES[0], name: "old" }]);
    await Promise.all([a, b].map(({ deps }) => deps.cache.catchUp()));
    // The write commits between the load's query and its store, while instance A reads no journal.
    await a.deps.cache.get(storePolicy, { id }, async () => {
      const loaded = await findStore(a.deps.db, id);
      await stack.sql`update stores set name = 'new' where id = ${id}`;
      return loaded;
    });
    await a.deps.cache.drain();
    await Promise.all([a, b].map(({ deps }) => deps.cache.catchUp()));
    for (const instance of [a, b])
      expect((await instance.client.store.byId.query({ id })).name).toBe("new");
    await Promise.all([a, b].map((instance) => instance.close()));
  });

  // The embedded database has one session.
  it.skipIf(stackKind() !== "docker")(
    "is also recognised when the write's transaction commits long after newer ones",
    async () => {
      const [a, b] = await Promise.all([stack.startInstance(), stack.startInstance()]);
      const [slow = "", quick = ""] = await insertStores(stack.sql, [
        { ...PLACES[0], name: "old" },
        { ...PLACES[0], name: "old" },
      ]);
      const admin = await b.as({ isAdmin: true });
      const name = async (instance: Instance, id: string) =>
        (await instance.client.store.byId.query({ id })).name;
      const slowWrite = await stack.sql.reserve();
      await slowWrite`begin`;
      await slowWrite`update stores set name = 'new' where id = ${slow}`;
      for (const version of ["1", "2", "3"]) {
        await admin.store.update.mutate({ id: quick, name: version });
        expect(await name(b, quick)).toBe(version);
        for (const instance of [a, b]) expect(await name(instance, slow)).toBe("old");
      }
      await slowWrite`commit`;
      slowWrite.release();
      await Promise.all([a, b].map(({ deps }) => deps.cache.catchUp()));
      for (const instance of [a, b]) expect(await name(instance, slow)).toBe("new");
      await Promise.all([a, b].map((instance) => instance.close()));
    },
  );
});
