import { randomUUID } from "node:crypto";
import { get } from "node:http";
import { sql as statement } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, mapLimited, percentile, query, reportFigures } from "../support/calls.ts";
import { killInstanceProcesses, startInstanceProcess } from "../support/instance-process.ts";
import { insertStores } from "../support/store-rows.ts";
import { openStack, type Instance, type Stack, stackKind } from "../support/stack.ts";

/** The most connections of PgBouncer to PostgreSQL; pgbouncer/pgbouncer.ini. */
const SERVER_CONNECTIONS_MAX = 25;

describe.skipIf(stackKind() !== "docker")("pooling through PgBouncer (docker stack)", () => {
  let stack: Stack;
  let storeIds: string[];
  let tries = 0;
  beforeAll(async () => {
    stack = await openStack();
    storeIds = await insertStores(
      stack.sql,
      Array.from({ length: 5_000 }, (_, i) => ({
        latitude: 40 + (i % 100) * 0.02,
        longitude: Math.floor(i / 100) * 0.02,
      })),
    );
  });
  afterAll(async () => {
    killInstanceProcesses();
    await stack.close();
  });

  async function serverConnections(): Promise<number> {
    const [row] = await stack.sql<{ count: number }[]>`
      select count(*)::int as count from pg_stat_activity
      where usename = 'app' and datname = current_database()`;
    return row?.count ?? Number.NaN;
  }

  /** Runs work, and returns the most connections of PostgreSQL meanwhile. */
  async function sampled<T>(work: () => Promise<T>): Promise<{ result: T; samples: number[] }> {
    const samples: number[] = [];
    const over = new AbortController();
    const sampling = (async () => {
      while (!over.signal.aborted) {
        samples.push(await serverConnections());
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    const result = await work().finally(() => over.abort());
    await sampling;
    return { result, samples };
  }

  async function figure(url: string, name: string): Promise<number> {
    const text = await (await fetch(`${url}/metrics`)).text();
    const values = text
      .split("\n")
      .filter((line) => line.startsWith(`${name}{`))
      .map((line) => Number(line.slice(line.lastIndexOf(" "))));
    expect(values).not.toEqual([]);
    return values.reduce((a, b) => a + b, 0);
  }

  /** Sends one request over a new connection, and reads only the needed part of the answer. */
  function ask(url: string, [procedure, question]: readonly [string, object]) {
    return new Promise<{ status: number; state: string; tookMs: number; bytes: number }>(
      (resolve, reject) => {
        const beganAt = performance.now();
        const input = encodeURIComponent(JSON.stringify(question));
        get(`${url}/trpc/${procedure}?input=${input}`, { agent: false }, (response) => {
          let bytes = 0;
          response.on("data", (chunk: Buffer) => {
            bytes += chunk.length;
          });
          response.once("error", reject);
          response.once("end", () => {
            resolve({
              status: response.statusCode ?? 0,
              state: String(response.headers["x-cache"]),
              tookMs: performance.now() - beganAt,
              bytes,
            });
          });
        }).once("error", reject);
      },
    );
  }

  test(
    "1,000 concurrent requests, half of them misses, on 3 instances: at most 25 connections, no error, no time-out",
    // Clients, instances, pooler and database share this machine's cores, and a starved run proves nothing about the pool.
    { timeout: 60_000, retry: 2 },
    async () => {
      const instances = await Promise.all(
        Array.from({ length: 3 }, () => startInstanceProcess(stack)),
      );
      const urlOf = (i: number) => instances[i % 3]?.url ?? "";
      const cell = (column: number, row: number) =>
        [
          "store.nearby",
          { latitude: 40.01 + column * 0.02, longitude: 0.01 + row * 0.02 },
        ] as const;
      const store = (i: number) => ["store.byId", { id: storeIds[i] }] as const;
      const warm = Array.from({ length: 20 }, (_, i) => cell(i, 0));
      // Single rows, because two cores that also run the database cannot load 500 cells within a deadline; others at each try.
      const firstCold = 2_000 + tries * 500;
      tries += 1;
      const cold = Array.from({ length: 500 }, (_, i) => store(firstCold + i));
      // Opened before the burst, because the first statement of a connection costs many times more than later ones.
      const earlier = Array.from({ length: 300 }, (_, i) =>
        i % 4 === 0 ? cell(i % 50, 25 + Math.floor(i / 50)) : store(1_000 + i),
      );
      await mapLimited([...earlier.entries()], 60, ([i, question]) => ask(urlOf(i), question));
      for (const { url } of instances) for (const question of warm) await ask(url, question);
      const requests = cold.flatMap((question, i) => [question, warm[i % warm.length] ?? question]);

      const { result: answers, samples } = await sampled(() =>
        Promise.all(requests.map((question, i) => ask(urlOf(i), question))),
      );
      const highest = Math.max(...samples);

      const outcomes = Map.groupBy(answers, ({ status, state }) => `${status} ${state}`);
      const times = answers.map(({ tookMs }) => tookMs);
      reportFigures("1,000 at once", {
        outcomes: [...outcomes].map(([outcome, { length }]) => `${length} × ${outcome}`),
        connections: highest,
        samples: samples.length,
        p50Ms: Math.round(percentile(times, 0.5)),
        p99Ms: Math.round(percentile(times, 0.99)),
      });
      const failures = instances.flatMap(({ log }) =>
        log.filter(({ level }) => Number(level) >= 50),
      );
      expect(failures).toEqual([]);
      expect([...outcomes.keys()].sort()).toEqual(["200 HIT", "200 MISS"]);
      expect(outcomes.get("200 MISS")).toHaveLength(500);
      expect(answers.every(({ bytes }) => bytes > 500)).toBe(true);
      expect(samples.length).toBeGreaterThan(1);
      expect(highest).toBeGreaterThan(0);
      expect(highest).toBeLessThanOrEqual(SERVER_CONNECTIONS_MAX);
      for (const { url } of instances) {
        expect(await figure(url, "halal_database_timeouts_total")).toBe(0);
        expect(await figure(url, "halal_database_shed_total")).toBe(0);
      }
      for (const { process } of instances) process.kill("SIGTERM");
      expect(await Promise.all(instances.map(({ ended }) => ended))).toEqual([0, 0, 0]);
    },
  );

  test("instances with more statements than connections wait in PgBouncer: never a 26th connection", async () => {
    const instances = await Promise.all(
      Array.from({ length: 3 }, () =>
        stack.startInstance({ environment: { DATABASE_POOL_MAX: "20" } }),
      ),
    );
    // 60 concurrent statements that keep their connection, beside three journals.
    const burst = (seconds: number) =>
      instances.flatMap(({ deps }) =>
        Array.from({ length: 20 }, () => deps.db.execute(statement`select pg_sleep(${seconds})`)),
      );
    // Opens the connections, because that takes longer than the statements on a busy machine.
    await Promise.allSettled(burst(0.01));
    const { result, samples } = await sampled(() => Promise.all(burst(0.15)));
    expect(result).toHaveLength(60);
    expect(Math.max(...samples)).toBe(SERVER_CONNECTIONS_MAX);
    await Promise.all(instances.map((instance) => instance.close()));
  });

  test("DATABASE_PREPARE=true: the same answers, from statements that are kept on the server connections", async () => {
    const plain = await stack.startInstance();
    const prepared = await stack.startInstance({ environment: { DATABASE_PREPARE: "true" } });
    const admin = await prepared.as({ isAdmin: true });
    const id = randomUUID();
    const user = await prepared.as({ id });
    const { id: storeId } = await admin.store.create.mutate({
      name: "Boucherie de la Paix",
      storeType: "butcher",
      latitude: 41.001,
      longitude: 0.5005,
    });
    await user.favorites.add.mutate({ kind: "store", id: storeId });
    const scan = { id: randomUUID(), barcode: "3017620422003" };
    await mapLimited(
      Array.from({ length: 12 }, () => scan),
      12,
      (input) => user.scans.record.mutate(input),
    );

    const questions = Array.from({ length: 60 }, (_, i) => ({
      latitude: 41.001 + (i % 12) * 0.03,
      longitude: 0.5005,
    }));
    const ask = async (instance: Instance) => {
      const client = await instance.as({ id });
      return {
        nearby: await mapLimited(questions, 30, (place) => client.store.nearby.query(place)),
        search: await mapLimited([...questions.keys()], 20, () =>
          client.store.search.query({ query: "boucheri de la paix" }),
        ),
        store: await client.store.byId.query({ id: storeId }),
        favorites: await client.favorites.list.query({}),
        history: await client.scans.history.query({}),
        boycotts: await client.boycott.list.query(),
      };
    };
    const answers = await ask(prepared);
    expect(answers.nearby[0]?.items[0]?.id).toBe(storeId);
    expect(answers.search[0]?.items[0]?.id).toBe(storeId);
    expect(answers.history.items).toHaveLength(1);
    expect(answers).toEqual(await ask(plain));

    const client = postgres(stack.databaseUrl, { max: 5, prepare: false, fetch_types: false });
    const kept = await Promise.all(
      Array.from(
        { length: 20 },
        () => client<{ name: string }[]>`
          select name, pg_sleep(0.05)::text from pg_prepared_statements where name like 'PGBOUNCER_%'`,
      ),
    );
    await client.end();
    expect(kept.flat().length).toBeGreaterThan(0);
    await Promise.all([plain.close(), prepared.close()]);
  });

  test("a slow statement fails at its deadline, without affecting others, and is ended on the server", async () => {
    const instance = await stack.startInstance();
    const slow = instance.deps.db.execute(statement`select pg_sleep(4.9) as "the slow one"`);
    const outcome = slow.then(
      () => null,
      (error: unknown) => error,
    );
    expect(
      (await query(instance.url, "store.nearby", { latitude: 40.3, longitude: 0.9 })).status,
    ).toBe(200);
    expect(await outcome).toMatchObject({
      cause: { code: "SERVICE_UNAVAILABLE", retryAfterSeconds: 2 },
    });
    await eventually(
      1_500,
      () =>
        stack.sql`select pid from pg_stat_activity where query like '%the slow one%' and state = 'active' and pid <> pg_backend_pid()`,
      (rows) => rows.length === 0,
    );
    await instance.close();
  });

  test("the role's statement_timeout applies to every connection, also through PgBouncer", async () => {
    const client = postgres(stack.databaseUrl, { max: 1, prepare: false, fetch_types: false });
    const [row] = await client`select current_setting('statement_timeout') as "statementTimeout"`;
    expect(row).toEqual({ statementTimeout: "5s" });
    await expect(client`select pg_sleep(20)`).rejects.toMatchObject({ code: "57014" });
    expect(await client`select 1 as one`).toEqual([{ one: 1 }]);
    await client.end();
  });
});
