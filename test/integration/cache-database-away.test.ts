import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, query, reportFigures } from "../support/calls.ts";
import { type FaultProxy, startFaultProxy } from "../support/fault-proxy.ts";
import { insertStores } from "../support/store-rows.ts";
import { openStack, type Replica, type Stack, stackKind } from "../support/stack.ts";

/** Promised are 3 s and 5 s; the rest is for a machine that runs other tests, too. */
const OUTAGE_TOLD_WITHIN_MS = 4_500;
const NORMAL_WITHIN_MS = 10_000;
const PLACE = { latitude: 41.01, longitude: 28.97 };
const EMPTY = { latitude: -41.3, longitude: 174.8 };

describe.skipIf(stackKind() !== "docker")("while the database is away", () => {
  let stack: Stack;
  let proxy: FaultProxy;
  let replica: Replica;
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
    replica = await stack.startReplica({
      databaseUrl: `postgres://${username}:${password}@127.0.0.1:${proxy.port}${pathname}`,
    });
  });

  afterAll(async () => {
    await stack.close();
    await proxy.close();
  });

  const isNormal = async () => {
    await stack.sql`update stores set name = 'changed' where id = ${ids[0] ?? ""}`;
    return eventually(
      NORMAL_WITHIN_MS,
      () => query(replica.url, "store.nearby", PLACE),
      ({ state }) => state === "MISS",
    );
  };

  it.each([
    ["refuses", () => proxy.cut()],
    ["hangs", () => Promise.resolve(proxy.hang())],
  ])(
    "serves what is cached as STALE, says the rest is unavailable, and recovers: it %s",
    async (name, strike) => {
      const before = await eventually(
        NORMAL_WITHIN_MS,
        () => query(replica.url, "store.nearby", PLACE),
        ({ state }) => state === "HIT",
      );
      const id = ids[name === "hangs" ? 5 : 6];
      const beganAt = performance.now();
      await strike();
      const waitsMs: number[] = [];
      // From the very first moment on, when nobody knows of the outage yet.
      while (performance.now() - beganAt < 4_000) {
        const [cached, uncached, empty] = await Promise.all([
          query(replica.url, "store.nearby", PLACE),
          query(replica.url, "store.byId", { id }),
          query(replica.url, "store.nearby", {
            ...EMPTY,
            latitude: EMPTY.latitude - Math.random(),
          }),
        ]);
        expect([cached.status, cached.data]).toEqual([200, before.data]);
        expect([uncached.code, empty.code]).toEqual(["SERVICE_UNAVAILABLE", "SERVICE_UNAVAILABLE"]);
        waitsMs.push(cached.tookMs, uncached.tookMs, empty.tookMs);
      }
      expect((await query(replica.url, "store.nearby", PLACE)).state).toBe("STALE");
      expect((await fetch(`${replica.url}/health/ready`)).status).toBe(503);
      reportFigures(`database ${name}`, { slowestMs: Math.max(...waitsMs), calls: waitsMs.length });
      expect(Math.max(...waitsMs)).toBeLessThan(OUTAGE_TOLD_WITHIN_MS);

      await proxy.heal();
      const healedAt = performance.now();
      await isNormal();
      await eventually(
        NORMAL_WITHIN_MS,
        () => query(replica.url, "store.byId", { id }),
        ({ status }) => status === 200,
      );
      reportFigures("normal again after", { ms: performance.now() - healedAt });
    },
  );

  it("tells a write that it was not made, or that nobody knows, within the same time", async () => {
    const admin = await replica.as({ isAdmin: true });
    await proxy.cut();
    const beganAt = performance.now();
    await expect(
      admin.store.update.mutate({ id: ids[1] ?? "", name: "lost" }),
    ).rejects.toMatchObject({ data: { code: "SERVICE_UNAVAILABLE" } });
    expect(performance.now() - beganAt).toBeLessThan(OUTAGE_TOLD_WITHIN_MS);
    await proxy.heal();
    await isNormal();
    const [row] = await stack.sql`select name from stores where id = ${ids[1] ?? ""}`;
    expect(row?.["name"]).not.toBe("lost");
  });

  it("is normal again soon after PgBouncer restarted under load", async () => {
    const over = new AbortController();
    const answers: { code: string | undefined; tookMs: number; failedAt: number }[] = [];
    const recoveriesMs: number[] = [];
    const load = Array.from({ length: 12 }, async (_, k) => {
      while (!over.signal.aborted) {
        const place = { latitude: 10 + Math.random() * 20, longitude: k };
        const { code, tookMs } = await query(replica.url, "store.nearby", place);
        answers.push({ code, tookMs, failedAt: code === undefined ? 0 : performance.now() });
      }
    });
    const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
    const rounds = async () => {
      for (let round = 0; round < 3; round += 1) {
        await pause(300);
        await proxy.cut();
        await pause(700);
        await proxy.heal();
        const healedAt = performance.now();
        await isNormal();
        await pause(500);
        const lastFailedAt = Math.max(0, ...answers.map(({ failedAt }) => failedAt));
        recoveriesMs.push(Math.max(0, lastFailedAt - healedAt));
      }
    };
    try {
      await rounds();
    } finally {
      over.abort();
      await Promise.all(load);
    }
    const codes = new Set(answers.map(({ code }) => code));
    expect(
      [...codes].filter((code) => code !== undefined && code !== "SERVICE_UNAVAILABLE"),
    ).toEqual([]);
    reportFigures("PgBouncer restarted under load", {
      calls: answers.length,
      unavailable: answers.filter(({ code }) => code !== undefined).length,
      recoveriesMs,
      slowestMs: Math.max(...answers.map(({ tookMs }) => tookMs)),
    });
    expect(Math.max(...answers.map(({ tookMs }) => tookMs))).toBeLessThan(OUTAGE_TOLD_WITHIN_MS);
    expect(Math.max(...recoveriesMs)).toBeLessThan(NORMAL_WITHIN_MS);
  });
});
