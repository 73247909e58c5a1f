import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { doctor } from "../../support/doctor-run.ts";
import { APP_PASSWORD, copyTemplate } from "../../support/stack-address.ts";
import { openStack, type Stack, stackKind } from "../../support/stack.ts";

/** Inserts a worker's row of pg-boss. */
async function insertWorker(sql: Stack["sql"]): Promise<void> {
  await sql`
    insert into pgboss.instance (id, name, host, pid, version, node_version, heartbeat_seconds, supervise, schedule, migrate,
      persist_queue_stats, persist_warnings)
    values (gen_random_uuid(), 'worker', 'here', 1, '12', '24', 3600, true, true, false, false, false)`;
}

describe.skipIf(stackKind() !== "docker")("doctor on a deployment (docker stack)", () => {
  let stack: Stack;
  let environment: Record<string, string>;
  beforeAll(async () => {
    stack = await openStack();
    await insertWorker(stack.sql);
    environment = {
      DATABASE_URL: stack.databaseUrl,
      DATABASE_DIRECT_URL: stack.directUrl,
      REDIS_URL: stack.redisUrl ?? "",
      JWT_SECRET: randomBytes(32).toString("base64"),
      METRICS_TOKEN: randomBytes(24).toString("base64"),
    };
  });
  afterAll(async () => {
    await stack.close();
  });

  test("a sound deployment gives exit code 0 and no secrets in the output; warnings fail only with --strict", async () => {
    const diagnosis = await doctor(environment);
    expect(diagnosis.output).not.toMatch(/^fail/m);
    expect(diagnosis.code).toBe(0);
    expect(diagnosis.levels).toMatchObject({
      database: "ok",
      "direct connection": "ok",
      migrations: "ok",
      "invalid indexes": "ok",
      "sequential scans": "ok",
      extensions: "ok",
      "instances to PgBouncer": "ok",
      "PgBouncer to PostgreSQL": "ok",
      "pool mode": "ok",
      "prepared statements": "ok",
      "time limits": "ok",
      "cache journal": "ok",
      "clock of the database": "ok",
      "cache Redis": "ok",
      secrets: "ok",
      workers: "ok",
    });
    expect(diagnosis.line("instances to PgBouncer")).toContain("2 × (10 + 1) = 22");
    expect(diagnosis.line("PgBouncer to PostgreSQL")).toContain("up to 25");
    for (const secret of [APP_PASSWORD, environment["JWT_SECRET"], environment["METRICS_TOKEN"]]) {
      expect(diagnosis.output).not.toContain(secret);
    }
    expect(diagnosis.line("workers")).toContain("1 at work");
    const { METRICS_TOKEN: _, ...open } = environment;
    expect((await doctor(open)).code).toBe(0);
    expect((await doctor(open, "--strict")).code).toBe(1);
  });

  test("a missing or silent worker is reported", async () => {
    await stack.sql`update pgboss.instance set heartbeat_seconds = 15, heartbeat_on = now() - interval '5 minutes'`;
    const silent = await doctor(environment);
    expect(silent.levels["workers"]).toBe("fail");
    expect(silent.line("workers")).toMatch(/last .* 5 min/);
    await stack.sql`delete from pgboss.instance`;
    expect((await doctor(environment)).line("workers")).toContain("none has ever run");
    await insertWorker(stack.sql);
  });

  test("push notifications that are stopped, and a feed of recalls that keeps failing, are told", async () => {
    const sound = await doctor(environment);
    expect(sound.line("push notifications")).toContain("not stopped");
    expect(sound.line("recall feeds")).toContain("none is configured");
    await stack.sql`update push_rate set halted_at = now(), halted_because = '31 of 100 were dead'`;
    await stack.sql`
      insert into recall_feeds (url, failures, last_error)
      values ('https://feed.example/a?key=hidden', 3, 'the server answered 500'), ('https://sound.example/b', 2, 'x')`;
    const diagnosis = await doctor(environment);
    expect(diagnosis.levels["push notifications"]).toBe("fail");
    expect(diagnosis.line("push notifications")).toContain("31 of 100 were dead");
    expect(diagnosis.line("recall feeds")).toMatch(
      /^warn .*feed\.example: the server answered 500/,
    );
    expect(diagnosis.output).not.toMatch(/hidden|sound\.example/);
    await stack.sql`update push_rate set halted_at = null, halted_because = null`;
    await stack.sql`delete from recall_feeds`;
  });

  test("each fault of a broken schema is reported by name", async () => {
    const { sql } = stack;
    await sql`create table doctor_rows as select 1 as a, i as b from generate_series(1, 20000) as i`;
    await expect(
      sql.unsafe("create unique index concurrently doctor_rows_a_key on doctor_rows (a)"),
    ).rejects.toThrow("could not create");
    await sql.begin(async (transaction) => {
      await transaction.unsafe("set local max_parallel_workers_per_gather = 0");
      for (let i = 0; i < 60; i += 1)
        await transaction`select count(*) from doctor_rows where b > 0`;
    });
    await sql`select pg_stat_force_next_flush()`;
    await sql`analyze doctor_rows`;
    await sql`drop index stores_certified_location_idx`;
    await sql`delete from drizzle.concurrent_migrations where name like '%user_indexes'`;
    await sql`insert into cache_events (topic, at) values ('store', now() - interval '5 hours')`;
    // Only new server connections get the new limit.
    await sql`select current_database()`.then(([row]) =>
      sql.unsafe(
        `alter role app in database ${row?.["current_database"]} set statement_timeout = 0`,
      ),
    );
    await sql`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'app' and datname = current_database()`;

    const diagnosis = await doctor(environment);
    expect(diagnosis.code).toBe(1);
    expect(diagnosis.levels).toMatchObject({
      migrations: "fail",
      "invalid indexes": "fail",
      "missing indexes": "fail",
      "sequential scans": "warn",
      "time limits": "fail",
      "cache journal": "warn",
    });
    expect(diagnosis.line("migrations")).toMatch(/user_indexes.*-> npm run db:migrate/);
    expect(diagnosis.line("invalid indexes")).toContain("doctor_rows_a_key on doctor_rows");
    expect(diagnosis.line("missing indexes")).toContain("stores_certified_location_idx");
    expect(diagnosis.line("sequential scans")).toContain("doctor_rows");
  });

  test("wrong settings of the pool, of prepared statements and of secrets are reported", async () => {
    const diagnosis = await doctor(
      {
        ...environment,
        DATABASE_DIRECT_URL: stack.databaseUrl,
        JWT_SECRET: "halal-halal-halal-food-halal-halal",
      },
      "--replicas",
      "50",
    );
    expect(diagnosis.code).toBe(1);
    expect(diagnosis.levels).toMatchObject({
      "direct connection": "fail",
      "instances to PgBouncer": "fail",
      "secret JWT_SECRET": "fail",
    });
    expect(diagnosis.line("direct connection")).toContain("goes through PgBouncer");
  });

  test("without PgBouncer the instances' connections are compared with PostgreSQL's limit", async () => {
    const direct = { ...environment, DATABASE_URL: stack.directUrl };
    expect((await doctor(direct)).levels).toMatchObject({ "pool arithmetic": "ok" });
    expect((await doctor(direct, "--replicas", "20")).levels).toMatchObject({
      "pool arithmetic": "fail",
    });
  });

  test("unavailable parts are findings, and the other parts are examined", async () => {
    const diagnosis = await doctor({
      ...environment,
      DATABASE_URL: "postgres://app:kW9vxQ2LmR7tZp@127.0.0.1:1/halal",
      REDIS_URL: "redis://127.0.0.1:1",
    });
    expect(diagnosis.code).toBe(1);
    expect(diagnosis.levels).toMatchObject({
      database: "fail",
      "cache Redis 127.0.0.1:1": "fail",
      secrets: "ok",
    });
    expect(diagnosis.line("database")).toContain("ECONNREFUSED");
  });
});

test("a configuration with which no instance would start is a finding", async () => {
  const { code, levels, output } = await doctor({ DATABASE_POOL_MAX: "many" });
  expect(code).toBe(1);
  expect(levels).toEqual({ configuration: "fail" });
  expect(output).toContain("DATABASE_POOL_MAX");
});

test("an invalid option gives a one-line error", async () => {
  const { code, output } = await doctor({}, "--replicas", "none");
  expect(code).toBe(1);
  expect(output).toMatch(/^--replicas <n>: [^\n]+\n$/);
});

const address = inject("stack");
test.skipIf(address.kind !== "embedded")(
  "the embedded database passes the doctor's checks",
  async () => {
    if (address.kind !== "embedded") return;
    const dataDir = copyTemplate(address.templateDir);
    try {
      const { code, levels } = await doctor({ DATA_DIR: dataDir });
      expect(levels).toMatchObject({
        migrations: "ok",
        "invalid indexes": "ok",
        extensions: "ok",
        "cache journal": "ok",
      });
      expect(code).toBe(0);
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  },
);
