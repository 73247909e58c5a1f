import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { eventually, mapLimited, reportFigures } from "../../support/calls.ts";
import { allUsable, calls, keepCalling, readiness, usable } from "../../support/replica-use.ts";
import { openStack, type Instance, type Stack, stackKind } from "../../support/stack.ts";
import { insertStores } from "../../support/store-rows.ts";
import { type Standby, startStreaming, type Streaming } from "../../support/streaming-pair.ts";

let stack: Stack;
let streaming: Streaming;
let a: Instance;
let b: Instance;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const each = <T>(work: (standby: Standby) => Promise<T>) =>
  Promise.all(streaming.standbys.map(work));

describe.skipIf(stackKind() !== "docker")("read replicas that stream (docker)", () => {
  beforeAll(async () => {
    [stack, streaming] = await Promise.all([openStack(), startStreaming()]);
    const options = {
      databaseUrl: streaming.primaryUrl,
      environment: { DATABASE_REPLICA_URLS: streaming.standbys.map(({ url }) => url).join() },
    };
    [a, b] = await Promise.all([stack.startInstance(options), stack.startInstance(options)]);
    await Promise.all([allUsable(a), allUsable(b)]);
  });

  afterAll(async () => {
    await stack?.close();
    await streaming?.close();
  });

  afterEach(async ({ task }) => {
    if (task.name.includes("promoted")) return;
    await each((standby) => standby.setApplyDelay(0));
    await streaming.caughtUp();
    await Promise.all([allUsable(a), allUsable(b)]);
  });

  test("reads are spread over the replicas, and none goes to the primary", async () => {
    const user = await a.as({});
    const text = "from alerts a";
    const [primary, ...before] = await Promise.all([
      calls(streaming, text),
      ...streaming.standbys.map((standby) => calls(standby, text)),
    ]);
    const reads = [() => a.client.alerts.categories.query(), () => user.alerts.unread.query()];
    await mapLimited(Array.from({ length: 60 }, () => reads).flat(), 4, (read): Promise<unknown> =>
      read(),
    );
    const after = await each((standby) => calls(standby, text));
    const byReplica = after.map((count, i) => count - (before[i] ?? 0));
    const byPrimary = (await calls(streaming, text)) - (primary ?? 0);
    reportFigures("120 reads", { byReplica, byPrimary });
    for (const count of byReplica) expect(count).toBeGreaterThan(20);
    // The primary answers queries for which a replica is too slow.
    expect(byPrimary).toBeLessThan(20);
  });

  test("a user sees the user's own write at once, on both instances, while replicas are behind", async () => {
    const [store = ""] = await insertStores(streaming.sql, [{ latitude: 1, longitude: 1 }]);
    await streaming.caughtUp();
    await Promise.all([allUsable(a), allUsable(b)]);
    await each((standby) => standby.setApplyDelay(3_000));
    const id = randomUUID();
    const [here, there, other] = await Promise.all([a.as({ id }), b.as({ id }), b.as({})]);
    const text = "from favorites";
    const fromReplicas = async () =>
      (await each((standby) => calls(standby, text))).reduce((x, y) => x + y);

    await here.favorites.add.mutate({ kind: "store", id: store });
    const before = await fromReplicas();
    // The replicas are used and do not have the write, so without the mark the user would not see it.
    await other.favorites.list.query({});
    expect(await fromReplicas()).toBe(before + 1);
    for (const rows of await each(
      (standby) => standby.sql`select from favorites where user_id = ${id}`,
    ))
      expect(rows).toHaveLength(0);
    const beforeOwn = await fromReplicas();
    const asked = performance.now();
    let reads = 0;
    while (performance.now() - asked < 700) {
      for (const client of [here, there]) {
        const { items } = await client.favorites.list.query({});
        expect(items.map((item) => item.id)).toEqual([store]);
        reads += 1;
      }
    }
    expect(await fromReplicas()).toBe(beforeOwn);
    reportFigures("own write", { reads });

    await each((standby) => standby.setApplyDelay(0));
    await eventually(
      10_000,
      async () => {
        await there.favorites.list.query({});
        return fromReplicas();
      },
      (count) => count > beforeOwn,
    );
    expect((await there.favorites.list.query({})).items).toHaveLength(1);
  });

  test("an administrator's write is seen at once on the same instance, and within 1 s on another", async () => {
    await each((standby) => standby.setApplyDelay(3_000));
    const admin = await a.as({ isAdmin: true });
    const alert = await admin.alerts.publish.mutate({
      title: "A recall",
      summary: "A product is called back.",
      severity: "warning",
      category: "recall",
    });
    const writtenAt = performance.now();
    while (performance.now() - writtenAt < 1_500) {
      const mayBeOld = performance.now() - writtenAt <= 1_000;
      const [seenHere, seenThere] = await Promise.all(
        [a, b].map(async ({ client }) => {
          const { items } = await client.alerts.list.query({});
          return items.some(({ id }) => id === alert.id);
        }),
      );
      expect(seenHere).toBe(true);
      expect(seenThere || mayBeOld).toBe(true);
    }
  });

  test("a cache is never filled from a replica that is behind the write that dropped the entry", async () => {
    const ids = await insertStores(
      streaming.sql,
      Array.from({ length: 9 }, (_, i) => ({ latitude: 10 + i, longitude: 10, name: "before" })),
    );
    const admin = await a.as({ isAdmin: true });
    const names = async ({ client }: Instance, place: number) => {
      const [detail, { items }] = await Promise.all([
        client.store.byId.query({ id: ids[place] ?? "" }),
        client.store.nearby.query({ latitude: 10 + place, longitude: 10 }),
      ]);
      return [detail.name, items[0]?.name];
    };
    const loads = "from stores s join data_sources";
    const fromReplicas = async () =>
      (await each((standby) => calls(standby, loads))).reduce((x, y) => x + y);

    let triedReplica = 0;
    for (const round of [0, 1, 2]) {
      await each((standby) => standby.setApplyDelay(0));
      await streaming.caughtUp();
      await Promise.all([allUsable(a), allUsable(b)]);
      const places = [round * 3, round * 3 + 1, round * 3 + 2] as const;
      // At the write the row is in both caches, in one, or in none.
      await Promise.all([names(a, places[0]), names(b, places[0]), names(b, places[1])]);
      await each((standby) => standby.setApplyDelay(3_000));
      const loadsBefore = await fromReplicas();
      await Promise.all(
        places.map((place) => admin.store.update.mutate({ id: ids[place] ?? "", name: "after" })),
      );
      const writtenAt = performance.now();
      await Promise.all(
        places.map(async (place) => {
          expect(await names(a, place)).toEqual(["after", "after"]);
          // This instance may show a row that is up to 1 s old, but not for longer.
          await names(b, place);
        }),
      );
      await pause(Math.max(0, writtenAt + 1_001 - performance.now()));
      for (const place of places) {
        expect(await names(a, place)).toEqual(["after", "after"]);
        expect(await names(b, place)).toEqual(["after", "after"]);
      }
      triedReplica += (await fromReplicas()) - loadsBefore;
    }
    reportFigures("loads tried on a replica behind", { triedReplica });
    expect(triedReplica).toBeGreaterThan(0);
  });

  test("a replica that lags gets no reads until it has caught up", async () => {
    const [lagging] = streaming.standbys;
    await lagging.setApplyDelay(3_000);
    const writtenAt = performance.now();
    await insertStores(streaming.sql, [{ latitude: 2, longitude: 2 }]);
    await eventually(
      5_000,
      () => usable(a),
      (state) => state === "false,true",
    );
    const outAfterMs = performance.now() - writtenAt;
    const { status, http, checks } = await readiness(a);
    expect({ status, http }).toEqual({ status: "degraded", http: 200 });
    expect(checks["replica-1"]?.detail).toMatch(/^\d+\.\d s behind$/);
    const before = await calls(lagging, "from alerts a");
    await Promise.all(Array.from({ length: 20 }, () => a.client.alerts.categories.query()));
    expect(await calls(lagging, "from alerts a")).toBe(before);
    await allUsable(a);
    const backAfterMs = performance.now() - writtenAt;
    await eventually(
      5_000,
      async () => {
        await a.client.alerts.categories.query();
        return calls(lagging, "from alerts a");
      },
      (count) => count > before,
    );
    reportFigures("3 s of lag", { outAfterMs, backAfterMs });
  });

  test("a replica that crashes behind its pooler gets no reads, no request fails, and it is used again later", async () => {
    const [crashing] = streaming.standbys;
    const user = await a.as({});
    const end = keepCalling(() =>
      Promise.all([a.client.alerts.categories.query(), user.favorites.list.query({})]),
    );
    const crashedAt = performance.now();
    await crashing.crash();
    await eventually(
      5_000,
      () => usable(a),
      (state) => state === "false,true",
    );
    const outAfterMs = performance.now() - crashedAt;
    await pause(500);
    await crashing.start();
    const startedAt = performance.now();
    await allUsable(a);
    const backAfterMs = performance.now() - startedAt;
    await pause(300);
    const { count, failures } = await end();
    reportFigures("crash", { count, outAfterMs, backAfterMs });
    expect(failures).toEqual([]);
    await eventually(
      5_000,
      async () => {
        await a.client.alerts.categories.query();
        return calls(crashing, "from alerts a");
      },
      (after) => after > 0,
    );
  });

  test("a replica that hangs or is unreachable gets no reads, no request fails, and it is used again later", async () => {
    const { proxy } = streaming;
    const user = await a.as({});
    const end = keepCalling(() =>
      Promise.all([a.client.alerts.categories.query(), user.favorites.list.query({})]),
    );
    for (const [begin, kind] of [
      [() => proxy.hang(), "hangs"],
      [() => proxy.cut(), "cut"],
    ] as const) {
      const brokenAt = performance.now();
      await begin();
      await eventually(
        5_000,
        () => usable(a),
        (state) => state === "true,false",
      );
      const outAfterMs = performance.now() - brokenAt;
      await pause(300);
      await proxy.heal();
      const healedAt = performance.now();
      await allUsable(a);
      reportFigures(kind, { outAfterMs, backAfterMs: performance.now() - healedAt });
    }
    const { count, failures } = await end();
    expect(failures).toEqual([]);
    expect(count).toBeGreaterThan(10);
  });

  test("a promoted replica gets no reads, and the service continues", async () => {
    const [standby] = streaming.standbys;
    await standby.promote();
    const { checks, http } = await eventually(
      5_000,
      () => readiness(a),
      (state) => state.checks["replica-1"]?.ok === false,
    );
    expect(checks["replica-1"]?.detail).toMatch(/no standby of this database/);
    expect(http).toBe(200);
    await insertStores(streaming.sql, [{ latitude: 3, longitude: 3, name: "On the primary" }]);
    await pause(1_000);
    for (let i = 0; i < 5; i += 1) {
      const { items } = await a.client.store.search.query({ query: "on the primary" });
      expect(items).toHaveLength(1);
    }
  });
});
