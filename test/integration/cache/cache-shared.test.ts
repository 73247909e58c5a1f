import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { flushCache } from "../../../src/db/cache-events.ts";
import { eventually, query, reportFigures } from "../../support/calls.ts";
import { insertStores, insertTestSource } from "../../support/store-rows.ts";
import {
  JWT_SECRET,
  openStack,
  type Instance,
  type Stack,
  stackKind,
} from "../../support/stack.ts";

const PARIS = { latitude: 48.8566, longitude: 2.3522 };
const LYON = { latitude: 45.764, longitude: 4.8357 };

let stack: Stack;
let instances: Instance[];

beforeAll(async () => {
  stack = await openStack();
  await insertTestSource(stack.sql);
  instances = await Promise.all([
    stack.startInstance(),
    stack.startInstance(),
    stack.startInstance(),
  ]);
});

afterAll(() => stack.close());

const first = () => instances[0] ?? fail();
const second = () => instances[1] ?? fail();
function fail(): never {
  throw new Error("no such instance");
}

const ids = (answer: { data: { items: readonly { id: string }[] } | undefined }) =>
  answer.data?.items.map(({ id }) => id);

const LATE = ["timeout", "error", "skipped"];

describe("a write affects only the answers that show its row", () => {
  it("leaves a hit in Lyon a hit when a store in Paris changes, comes or goes", async () => {
    const [inParis = ""] = await insertStores(stack.sql, [PARIS, LYON]);
    const admin = await first().as({ isAdmin: true });
    await first().deps.cache.catchUp();
    for (const place of [PARIS, LYON]) await query(first().url, "store.nearby", place);
    const writes = [
      () => admin.store.update.mutate({ id: inParis, name: "Renamed" }),
      () => admin.store.update.mutate({ id: inParis, latitude: 48.86, longitude: 2.35 }),
      () => admin.store.create.mutate({ name: "New", storeType: "butcher", ...PARIS }),
      () => admin.store.remove.mutate({ id: inParis }),
    ];
    for (const write of writes) {
      await write();
      expect((await query(first().url, "store.nearby", LYON)).state).toBe("HIT");
      expect((await query(first().url, "store.nearby", PARIS)).state).toBe("MISS");
      expect((await query(first().url, "store.nearby", PARIS)).state).toBe("HIT");
    }
  });

  it("keeps entries of another type or certification", async () => {
    const place = { latitude: 43.6, longitude: 1.44 };
    const [id = ""] = await insertStores(stack.sql, [{ ...place, storeType: "butcher" }]);
    await first().deps.cache.catchUp();
    const questions = [
      { ...place, storeType: "bakery" },
      { ...place, halalCertifiedOnly: true },
    ];
    for (const question of questions) await query(first().url, "store.nearby", question);
    const admin = await first().as({ isAdmin: true });
    await admin.store.update.mutate({ id, name: "Renamed" });
    for (const question of questions)
      expect((await query(first().url, "store.nearby", question)).state).toBe("HIT");
    await admin.store.update.mutate({ id, halalCertified: true });
    expect((await query(first().url, "store.nearby", questions[0])).state).toBe("HIT");
    expect((await query(first().url, "store.nearby", questions[1])).state).toBe("MISS");
  });

  it("drops nothing when the writing transaction rolls back", async () => {
    const place = { latitude: 47.2, longitude: -1.55 };
    const [id = ""] = await insertStores(stack.sql, [place]);
    await first().deps.cache.catchUp();
    const before = await query(first().url, "store.nearby", place);
    await expect(
      stack.sql.begin(async (sql) => {
        await sql`update stores set name = 'Never', latitude = 10 where id = ${id}`;
        throw new Error("rolled back");
      }),
    ).rejects.toThrow("rolled back");
    await first().deps.cache.catchUp();
    const after = await query(first().url, "store.nearby", place);
    expect(after.state).toBe("HIT");
    expect(after.data).toEqual(before.data);
    expect(ids(after)).toEqual([id]);
  });

  it("shows a moved store at its new place and not at its old one, on every instance", async () => {
    const [oldPlace, newPlace] = [
      { latitude: 50.63, longitude: 3.06 },
      { latitude: 43.3, longitude: 5.37 },
    ];
    const [id = ""] = await insertStores(stack.sql, [oldPlace]);
    await Promise.all(instances.map(({ deps }) => deps.cache.catchUp()));
    for (const { url } of instances) {
      expect(ids(await query(url, "store.nearby", oldPlace))).toEqual([id]);
      expect(ids(await query(url, "store.nearby", newPlace))).toEqual([]);
    }
    const admin = await first().as({ isAdmin: true });
    await admin.store.update.mutate({ id, ...newPlace });
    expect(ids(await query(first().url, "store.nearby", oldPlace))).toEqual([]);
    expect(ids(await query(first().url, "store.nearby", newPlace))).toEqual([id]);
    for (const { url } of instances) {
      const at = (place: typeof oldPlace) => () => query(url, "store.nearby", place);
      await eventually(1_000, at(oldPlace), (answer) => ids(answer)?.length === 0);
      await eventually(1_000, at(newPlace), (answer) => ids(answer)?.[0] === id);
    }
  });
});

const run = promisify(execFile);

/** Runs `npm run cache:flush`; with the embedded database, which only the server can open, its statement. */
async function flush(name: string): Promise<void> {
  if (stack.kind === "embedded") {
    await flushCache(first().deps.db, name);
    return;
  }
  const { stdout } = await run(process.execPath, ["src/cli/cache-flush.ts", name], {
    env: { PATH: process.env["PATH"], DATABASE_URL: stack.directUrl, JWT_SECRET },
  });
  expect(stdout).toContain(`${name}: every instance`);
}

describe("cache:flush", () => {
  it.skipIf(stackKind() !== "docker")("requires a cache's name", async () => {
    await expect(flush("everything")).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining("name the cache to flush: stores"),
    });
  });

  it("drops one cache on every instance, and no other cache", async () => {
    const place = { latitude: 51.5, longitude: -0.12 };
    const [id = ""] = await insertStores(stack.sql, [place]);
    await Promise.all(instances.map(({ deps }) => deps.cache.catchUp()));
    for (const { url } of instances) {
      await query(url, "store.nearby", place);
      await query(url, "store.byId", { id });
      expect((await query(url, "store.nearby", place)).state).toBe("HIT");
    }
    await flush("stores");
    await Promise.all(instances.map(({ deps }) => deps.cache.catchUp()));
    for (const { url } of instances)
      expect((await query(url, "store.byId", { id })).state).toBe("HIT");
    expect((await query(second().url, "store.nearby", place)).state).toBe("MISS");
  });
});

describe("/metrics", () => {
  it("shows answers by cache, tier and state", async () => {
    const place = { latitude: -33.86, longitude: 151.2 };
    await query(first().url, "store.nearby", place);
    await query(first().url, "store.nearby", place);
    const text = await (await fetch(`${first().url}/metrics`)).text();
    const figure = (labels: string) =>
      Number(
        text
          .split("\n")
          .find((line) => line.startsWith("halal_cache_answers_total{") && line.includes(labels))
          ?.split(" ")[1],
      );
    expect(figure('cache="stores",tier="memory",state="HIT"')).toBeGreaterThan(0);
    expect(figure('cache="stores",tier="memory",state="MISS"')).toBeGreaterThan(0);
  });
});

describe.skipIf(stackKind() !== "docker")("one query for each cell", () => {
  const cellQueries = async () => {
    const [row] = await stack.sql<{ calls: number }[]>`
      select coalesce(sum(calls), 0)::int as calls from pg_stat_statements
      where query like '%sphere_meters%' and query not like '%pg_stat_statements%'
        and dbid = (select oid from pg_database where datname = current_database())`;
    return row?.calls ?? Number.NaN;
  };

  async function rush(fleet: readonly Instance[], place: object): Promise<number> {
    const before = await cellQueries();
    const calls = Array.from({ length: 300 }, (_, i) =>
      query((fleet[i % fleet.length] ?? fail()).url, "store.nearby", place),
    );
    const answers = await Promise.all(calls);
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    return (await cellQueries()) - before;
  }

  it("is sent for 300 concurrent uncached calls on three instances", async () => {
    await insertStores(
      stack.sql,
      Array.from({ length: 300 }, (_, i) => ({
        latitude: 40.41 + Math.sin(i) * 0.02,
        longitude: -3.7 + Math.cos(i * 7) * 0.02,
      })),
    );
    await Promise.all(instances.map(({ deps }) => deps.cache.catchUp()));
    // If Redis does not answer in time on a busy machine, each instance sends its own query.
    const lateCalls = () =>
      instances.reduce(
        (sum, { deps }) =>
          sum +
          LATE.reduce((n, outcome) => n + (deps.metrics.cacheStats.redisCalls[outcome] ?? 0), 0),
        0,
      );
    const queries: { made: number; redisWasLate: boolean }[] = [];
    for (let round = 0; round < 6; round += 1) {
      const late = lateCalls();
      const made = await rush(instances, { latitude: 40.41 + round * 0.02, longitude: -3.7 });
      queries.push({ made, redisWasLate: lateCalls() > late });
    }
    reportFigures("queries of 300 cold calls on 3 instances", { queries });
    const inTime = queries.filter(({ redisWasLate }) => !redisWasLate);
    expect(inTime.length).toBeGreaterThan(0);
    // If a process pauses for longer than a lease, another instance loads as well; at most one query for each.
    expect(inTime.every(({ made }) => made <= instances.length)).toBe(true);
    expect(inTime.filter(({ made }) => made > 1).length).toBeLessThan(2);
    expect(queries.every(({ made }) => made >= 1 && made <= 3)).toBe(true);
  });

  it("is also sent for a place without stores", async () => {
    expect(await rush(instances, { latitude: -54.8 + Math.random(), longitude: -140 })).toBe(1);
    const id = randomUUID();
    const [one, other] = await Promise.all(
      [first(), first()].map(({ url }) => query(url, "store.byId", { id })),
    );
    expect([one?.code, other?.code]).toEqual(["NOT_FOUND", "NOT_FOUND"]);
    expect((await query(first().url, "store.byId", { id })).state).toBe("HIT");
  });

  it("is sent by each instance without Redis", async () => {
    const fleet = await Promise.all(
      Array.from({ length: 3 }, () => stack.startInstance({ redisUrl: null })),
    );
    const queries = await rush(fleet, { latitude: 40.39, longitude: -3.72 });
    reportFigures("the same without Redis", { queries });
    expect(queries).toBeGreaterThanOrEqual(1);
    expect(queries).toBeLessThanOrEqual(3);
    await Promise.all(fleet.map((instance) => instance.close()));
  });
});
