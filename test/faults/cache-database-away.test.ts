import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { eventually, percentile, query, reportFigures } from "../support/calls.ts";
import { type FaultProxy, startFaultProxy } from "../support/fault-proxy.ts";
import { startOwnPgbouncer } from "../support/own-pgbouncer.ts";
import { insertStores } from "../support/store-rows.ts";
import { openStack, type Instance, type Stack, stackKind } from "../support/stack.ts";

/** The promised limit. A call may take longer by as much as a call before the outage took on this machine. */
const OUTAGE_TOLD_WITHIN_MS = 3_000;
const NORMAL_WITHIN_MS = 5_000;
/** A limit for waits without a promise. */
const LONG_MS = 10_000;
/** The limit of a known outage, when calls do not wait; far less than one more try would take. */
const BRIDGED_AT_ONCE_MS = 300;
const PLACE = { latitude: 41.01, longitude: 28.97 };
const EMPTY = { latitude: -41.3, longitude: 174.8 };

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe.skipIf(stackKind() !== "docker")("while the database is unavailable", () => {
  let stack: Stack;
  let proxy: FaultProxy;
  let proxiedUrl: string;
  let instance: Instance;
  let ids: string[];

  beforeAll(async () => {
    stack = await openStack();
    ids = await insertStores(
      stack.sql,
      Array.from({ length: 60 }, (_, i) => ({
        latitude: PLACE.latitude + Math.sin(i) * 0.02,
        longitude: PLACE.longitude + Math.cos(i) * 0.02,
      })),
    );
    const { hostname, port, pathname, username, password } = new URL(stack.databaseUrl);
    proxy = await startFaultProxy({ host: hostname, port: Number(port) });
    proxiedUrl = `postgres://${username}:${password}@127.0.0.1:${proxy.port}${pathname}`;
    instance = await stack.startInstance({ databaseUrl: proxiedUrl });
  });

  afterAll(async () => {
    await stack.close();
    await proxy.close();
  });

  let changes = 0;
  /** Waits until changes are shown again, and returns how long that took. */
  const isNormal = async ({ url }: Instance) => {
    const healedAt = performance.now();
    changes += 1;
    const name = `changed ${changes}`;
    await stack.sql`update stores set name = ${name} where id = ${ids[0] ?? ""}`;
    await eventually(
      LONG_MS,
      () => query<{ items: { name: string }[] }>(url, "store.nearby", PLACE),
      ({ state, data }) =>
        (state === "MISS" || state === "HIT") &&
        data?.items.some((item) => item.name === name) === true,
    );
    return performance.now() - healedAt;
  };

  let empties = 0;
  /** One cached call, and two that are not cached. */
  const askThrice = (id: string | undefined) => {
    empties += 1;
    return Promise.all([
      query(instance.url, "store.nearby", PLACE),
      query(instance.url, "store.byId", { id }),
      query(instance.url, "store.nearby", { ...EMPTY, latitude: EMPTY.latitude - empties * 0.02 }),
    ]);
  };

  it.each([
    ["refuses", () => proxy.cut()],
    ["hangs", () => Promise.resolve(proxy.hang())],
  ])(
    "cached answers are STALE, other calls are SERVICE_UNAVAILABLE, and both recover: the database %s",
    async (name, strike) => {
      await eventually(
        LONG_MS,
        () => query(instance.url, "store.nearby", PLACE),
        ({ state }) => state === "HIT",
      );
      const healthyMs: number[] = [];
      for (let i = 0; i < 10; i += 1)
        for (const { tookMs } of await askThrice(randomUUID())) healthyMs.push(tookMs);
      const slowestHealthyMs = Math.max(...healthyMs);
      const before = await query(instance.url, "store.nearby", PLACE);
      const id = ids[name === "hangs" ? 5 : 6];
      const beganAt = performance.now();
      await strike();
      const waitsMs: number[] = [];
      // From the first moment on, before the outage is known.
      while (performance.now() - beganAt < 4_000) {
        const [cached, uncached, empty] = await askThrice(id);
        expect([cached.status, cached.data]).toEqual([200, before.data]);
        expect([uncached.code, empty.code]).toEqual(["SERVICE_UNAVAILABLE", "SERVICE_UNAVAILABLE"]);
        waitsMs.push(cached.tookMs, uncached.tookMs, empty.tookMs);
      }
      const staleMs: number[] = [];
      for (let i = 0; i < 60; i += 1) {
        const stale = await query(instance.url, "store.nearby", PLACE);
        expect([stale.state, stale.data]).toEqual(["STALE", before.data]);
        staleMs.push(stale.tookMs);
        await pause(25);
      }
      expect((await fetch(`${instance.url}/health/ready`)).status).toBe(503);
      await proxy.heal();
      const healedAt = performance.now();
      await isNormal(instance);
      await eventually(
        LONG_MS,
        () => query(instance.url, "store.byId", { id }),
        ({ status }) => status === 200,
      );
      const normalAfterMs = performance.now() - healedAt;
      reportFigures(`database ${name}`, {
        calls: waitsMs.length,
        slowestMs: Math.max(...waitsMs),
        slowestHealthyMs,
        staleP50Ms: percentile(staleMs, 0.5),
        staleP99Ms: percentile(staleMs, 0.99),
        normalAfterMs,
      });
      expect(Math.max(...waitsMs)).toBeLessThan(OUTAGE_TOLD_WITHIN_MS + slowestHealthyMs);
      expect(percentile(staleMs, 0.5)).toBeLessThan(BRIDGED_AT_ONCE_MS);
      expect(normalAfterMs).toBeLessThan(NORMAL_WITHIN_MS);
    },
    60_000,
  );

  it("a write ends in the same time, with an error for its failure or its unknown outcome", async () => {
    const admin = await instance.as({ isAdmin: true });
    await proxy.cut();
    const beganAt = performance.now();
    await expect(
      admin.store.update.mutate({ id: ids[1] ?? "", name: "lost" }),
    ).rejects.toMatchObject({ data: { code: "SERVICE_UNAVAILABLE" } });
    expect(performance.now() - beganAt).toBeLessThan(OUTAGE_TOLD_WITHIN_MS);
    await proxy.heal();
    await isNormal(instance);
    const [row] = await stack.sql`select name from stores where id = ${ids[1] ?? ""}`;
    expect(row?.["name"]).not.toBe("lost");
  });

  it("serves stale answers from Redis, too, on an instance that was started while it was away", async () => {
    const place = { latitude: 36.8, longitude: 10.18 };
    await insertStores(stack.sql, [place]);
    const first = await stack.startInstance();
    await first.deps.cache.catchUp();
    const before = await query(first.url, "store.nearby", place);
    await first.deps.cache.drain();
    await proxy.cut();
    const late = await stack.startInstance({ databaseUrl: proxiedUrl });
    const bridged = await query(late.url, "store.nearby", place);
    expect([bridged.status, bridged.state, bridged.data]).toEqual([200, "STALE", before.data]);
    expect((await query(late.url, "store.nearby", place)).state).toBe("STALE");
    await proxy.heal();
    await isNormal(late);
    expect((await query(late.url, "store.nearby", place)).state).not.toBe("STALE");
    await Promise.all([first, late].map((one) => one.close()));
  });

  it("calls succeed again soon after PgBouncer restarted under load", async () => {
    const address = inject("stack");
    if (address.kind !== "docker") throw new Error("there is no docker stack");
    const pgbouncer = await startOwnPgbouncer(address);
    const { hostname, pathname, username, password } = new URL(stack.databaseUrl);
    const loaded = await stack.startInstance({
      databaseUrl: `postgres://${username}:${password}@${hostname}:${pgbouncer.port}${pathname}`,
    });
    await isNormal(loaded);
    const over = new AbortController();
    const answers: {
      code: string | undefined;
      tookMs: number;
      endedAt: number;
      isCached: boolean;
    }[] = [];
    const recoveriesMs: number[] = [];
    const load = Array.from({ length: 8 }, async (_, k) => {
      while (!over.signal.aborted) {
        const isCached = Math.random() < 0.3;
        const place = isCached ? PLACE : { latitude: 10 + Math.random() * 20, longitude: k };
        const { code, tookMs } = await query(loaded.url, "store.nearby", place);
        answers.push({ code, tookMs, endedAt: performance.now(), isCached });
        await pause(10);
      }
    });
    let slowestHealthyMs = 0;
    const rounds = async () => {
      await pause(1_000);
      slowestHealthyMs = Math.max(...answers.map(({ tookMs }) => tookMs));
      for (let round = 0; round < 2; round += 1) {
        await pgbouncer.restart();
        const backAt = performance.now();
        await isNormal(loaded);
        await pause(2_500);
        const failedAt = answers
          .filter(({ code }) => code !== undefined)
          .map(({ endedAt }) => endedAt);
        recoveriesMs.push(Math.max(0, Math.max(...failedAt) - backAt));
      }
    };
    try {
      await rounds();
    } finally {
      over.abort();
      await Promise.all(load);
      await loaded.close();
      await pgbouncer.stop();
    }
    const failed = answers.filter(({ code }) => code !== undefined);
    const slowestMs = Math.max(...answers.map(({ tookMs }) => tookMs));
    reportFigures("PgBouncer restarted under load", {
      calls: answers.length,
      unavailable: failed.length,
      recoveriesMs,
      slowestMs,
      slowestHealthyMs,
    });
    expect(failed.filter(({ code }) => code !== "SERVICE_UNAVAILABLE")).toEqual([]);
    expect(failed.filter(({ isCached }) => isCached)).toEqual([]);
    expect(slowestMs).toBeLessThan(OUTAGE_TOLD_WITHIN_MS + slowestHealthyMs);
    expect(Math.max(...recoveriesMs)).toBeLessThan(NORMAL_WITHIN_MS);
  }, 90_000);
});
