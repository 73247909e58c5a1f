import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import postgres from "postgres";
import {
  GenericContainer,
  getContainerRuntimeClient,
  Network,
  type StartedTestContainer,
  Wait,
} from "testcontainers";
import type { TestProject } from "vitest/node";
import { startEmbeddedDatabase } from "../../src/db/embedded/embedded.ts";
import { DRIZZLE_DIR, migrateDatabase, MIGRATIONS_DIR } from "../../src/db/migrations/migrate.ts";
import { startRedisCluster } from "./redis-cluster.ts";
import {
  APP_PASSWORD,
  OWNER_PASSWORD,
  PGBOUNCER_IMAGE,
  type StackAddress,
  SUPERUSER_PASSWORD,
  TEMPLATE_DATABASE,
} from "./stack-address.ts";

// The containers are removed below; the reaper's own image cannot be had everywhere.
process.env["TESTCONTAINERS_RYUK_DISABLED"] ??= "true";

async function dockerAnswers(): Promise<boolean> {
  try {
    await getContainerRuntimeClient();
    return true;
  } catch {
    return false;
  }
}

let teardownStack: () => Promise<void> = () => Promise.resolve();

/** Says which stack it is, and starts the docker stack if Docker answers (or must), else prepares an embedded database. */
export async function setup(project: TestProject): Promise<void> {
  const { TEST_STACK, TEST_REDIS, REQUIRE_DOCKER } = process.env;
  const wantsDocker = TEST_STACK === "docker" || REQUIRE_DOCKER === "true";
  const useDocker = TEST_STACK !== "embedded" && (wantsDocker || (await dockerAnswers()));
  process.stdout.write(
    useDocker
      ? `\nStack: docker (PostGIS, PgBouncer in transaction mode, Redis${TEST_REDIS === "cluster" ? " Cluster" : ""})\n`
      : "\nStack: embedded (PGlite with PostGIS, memory cache); tests that need the docker stack are skipped\n",
  );
  project.provide("stack", useDocker ? await startDocker() : await prepareEmbedded());
}

/** Ends what `setup` started. */
export async function teardown(): Promise<void> {
  await teardownStack();
}

async function startDocker(): Promise<StackAddress> {
  const network = await new Network().start();
  const started: StartedTestContainer[] = [];
  teardownStack = async () => {
    await Promise.all([...started.map((container) => container.stop({ timeout: 0 })), stopRedis()]);
    await network.stop();
  };
  let stopRedis: () => Promise<unknown> = () => Promise.resolve();
  const [postgis, redis] = await Promise.all([
    new GenericContainer("postgis/postgis:17-3.5")
      .withNetwork(network)
      .withNetworkAliases("postgis")
      .withEnvironment({
        POSTGRES_PASSWORD: SUPERUSER_PASSWORD,
        APP_DATABASE_PASSWORD: APP_PASSWORD,
        OWNER_DATABASE_PASSWORD: OWNER_PASSWORD,
        POSTGRES_DB: "halal",
      })
      .withCopyFilesToContainer([
        {
          source: resolve("deploy/postgis-init.sql"),
          target: "/docker-entrypoint-initdb.d/20-app.sql",
        },
      ])
      .withTmpFs({ "/var/lib/postgresql/data": "rw" })
      .withCommand([
        "postgres",
        "-cshared_preload_libraries=pg_stat_statements",
        "-cmax_connections=400",
        "-cfsync=off",
        "-cfull_page_writes=off",
        "-cjit=off",
        "-crandom_page_cost=1.1",
        "-ctrack_commit_timestamp=on",
      ])
      .withExposedPorts(5432)
      .withWaitStrategy(Wait.forLogMessage(/ready to accept connections/, 2))
      .start(),
    startRedis(),
  ]);
  started.push(postgis);
  stopRedis = redis.stop;
  const image = await GenericContainer.fromDockerfile(resolve("pgbouncer")).build(PGBOUNCER_IMAGE, {
    deleteOnExit: false,
  });
  const pgbouncer = await image
    .withNetwork(network)
    .withNetworkAliases("pgbouncer")
    .withEnvironment({
      DATABASE_HOST: "postgis",
      DATABASE_NAME: "*",
      DATABASE_USER: "app",
      DATABASE_PASSWORD: APP_PASSWORD,
    })
    .withExposedPorts(6432)
    .withWaitStrategy(Wait.forListeningPorts())
    .start();
  started.push(pgbouncer);

  const host = postgis.getHost();
  const postgresPort = postgis.getMappedPort(5432);
  const superuser = postgres({
    host,
    port: postgresPort,
    user: "postgres",
    password: SUPERUSER_PASSWORD,
    database: "halal",
    max: 1,
    onnotice: () => {},
  });
  await superuser.unsafe(`create database ${TEMPLATE_DATABASE} owner halal_owner`);
  await superuser.end();
  const template = postgres({
    host,
    port: postgresPort,
    user: "postgres",
    password: SUPERUSER_PASSWORD,
    database: TEMPLATE_DATABASE,
    max: 1,
    onnotice: () => {},
  });
  await template.unsafe(
    "create extension postgis; create extension pg_stat_statements; grant pg_read_all_stats to app, halal_owner",
  );
  await template.end();
  await migrateDatabase({
    url: `postgres://halal_owner:${OWNER_PASSWORD}@${host}:${postgresPort}/${TEMPLATE_DATABASE}`,
    serviceRole: "app",
    drizzleDir: DRIZZLE_DIR,
    migrationsDir: MIGRATIONS_DIR,
    log: () => {},
  });
  return {
    kind: "docker",
    host,
    postgresPort,
    pgbouncerPort: pgbouncer.getMappedPort(6432),
    redisUrl: redis.url,
    networkName: network.getName(),
  };
}

/** One Redis, or with `TEST_REDIS=cluster` a cluster. */
async function startRedis(): Promise<{ url: string; stop: () => Promise<unknown> }> {
  if (process.env["TEST_REDIS"] === "cluster") {
    const cluster = await startRedisCluster();
    return { url: cluster.urls, stop: () => cluster.stop() };
  }
  const redis = await new GenericContainer("redis:7-alpine")
    .withCommand([
      "redis-server",
      "--save",
      "",
      "--maxmemory",
      "256mb",
      "--maxmemory-policy",
      "allkeys-lru",
    ])
    .withExposedPorts(6379)
    .withWaitStrategy(Wait.forLogMessage("Ready to accept connections"))
    .start();
  return {
    url: `redis://${redis.getHost()}:${redis.getMappedPort(6379)}`,
    stop: () => redis.stop({ timeout: 0 }),
  };
}

async function prepareEmbedded(): Promise<StackAddress> {
  const templateDir = mkdtempSync(join(tmpdir(), "halal-template-"));
  teardownStack = async () => {
    rmSync(templateDir, { recursive: true, force: true });
  };
  const database = await startEmbeddedDatabase({
    dataDir: templateDir,
    output: process.stderr,
    drizzleDir: DRIZZLE_DIR,
    migrationsDir: MIGRATIONS_DIR,
    loadDemo: () => Promise.resolve(),
  });
  await database.close();
  return { kind: "embedded", templateDir };
}
