import { resolve } from "node:path";
import postgres from "postgres";
import {
  type Container,
  createNetwork,
  docker,
  removeLeftovers,
  startContainer,
  untilWorks,
} from "./docker.ts";
import { runCommand } from "./processes.ts";

const SUPERUSER_PASSWORD = "superuser-of-the-bench";
const OWNER_PASSWORD = "owner-of-the-bench";
export const APP_PASSWORD = "app-of-the-bench";
export const JWT_SECRET = "the-secret-of-the-bench-of-32-bytes";
const TEMPLATE = "bench_template";

/** PostGIS, PgBouncer and Redis with the settings of `docker-compose.yml`. */
export interface BenchStack {
  readonly network: string;
  readonly postgis: Container;
  readonly pgbouncer: Container;
  readonly redis: Container;
  readonly redisUrl: string;
  /** The address through PgBouncer. */
  databaseUrl(database: string): string;
  directUrl(database: string): string;
  /** Opens a direct connection as superuser. */
  superuser(database: string): postgres.Sql;
  /** Creates a migrated, empty database. */
  createDatabase(name: string): Promise<void>;
  dropDatabase(name: string): Promise<void>;
  /** Binds the containers to cores. Units: a list for `taskset`. */
  pin(cpus: string): Promise<void>;
  close(): Promise<void>;
}

/** Starts the containers and creates the migrated template from which databases are copied. */
export async function startStack(say: (line: string) => void): Promise<BenchStack> {
  await removeLeftovers();
  say("starting PostGIS, PgBouncer and Redis");
  const network = await createNetwork();
  await docker("build", "--quiet", "--tag", "halal-pgbouncer-bench", resolve("pgbouncer"));
  const [postgis, pgbouncer, redis] = await Promise.all([
    startContainer({
      image: "postgis/postgis:17-3.5",
      network,
      alias: "postgis",
      environment: {
        POSTGRES_PASSWORD: SUPERUSER_PASSWORD,
        POSTGRES_DB: "halal",
        APP_DATABASE_PASSWORD: APP_PASSWORD,
        OWNER_DATABASE_PASSWORD: OWNER_PASSWORD,
      },
      mounts: [`${resolve("deploy/postgis-init.sql")}:/docker-entrypoint-initdb.d/20-app.sql:ro`],
      extra: ["--shm-size", "512m"],
      command: [
        "postgres",
        "-cshared_preload_libraries=pg_stat_statements",
        "-cmax_connections=60",
        "-cshared_buffers=256MB",
        "-ceffective_cache_size=1GB",
        "-cwork_mem=16MB",
        "-cmaintenance_work_mem=256MB",
        "-cmax_wal_size=2GB",
        "-crandom_page_cost=1.1",
        "-cjit=off",
        "-ctrack_io_timing=on",
        "-clog_min_duration_statement=500ms",
        "-clog_parameter_max_length=0",
      ],
    }),
    startContainer({
      image: "halal-pgbouncer-bench",
      network,
      alias: "pgbouncer",
      environment: {
        DATABASE_HOST: "postgis",
        DATABASE_NAME: "*",
        DATABASE_USER: "app",
        DATABASE_PASSWORD: APP_PASSWORD,
      },
    }),
    startContainer({
      image: "redis:7-alpine",
      network,
      command: "redis-server --maxmemory 256mb --maxmemory-policy allkeys-lru --save"
        .split(" ")
        .concat("", "--appendonly", "no"),
    }),
  ]);

  const superuser = (database: string) =>
    postgres({
      host: postgis.host,
      port: 5432,
      user: "postgres",
      password: SUPERUSER_PASSWORD,
      database,
      max: 4,
      onnotice: () => {},
    });
  const directUrl = (database: string) =>
    `postgres://halal_owner:${OWNER_PASSWORD}@${postgis.host}:5432/${database}`;
  const inMaintenance = async (statement: string) => {
    const sql = superuser("postgres");
    try {
      await sql.unsafe(statement);
    } finally {
      await sql.end();
    }
  };
  await untilWorks(60_000, () => inMaintenance(`create database ${TEMPLATE} owner halal_owner`));
  const template = superuser(TEMPLATE);
  await template.unsafe("create extension postgis; create extension pg_stat_statements");
  await template.end();
  await runCommand(["src/cli/migrate.ts"], {
    DATABASE_URL: `postgres://app:${APP_PASSWORD}@${pgbouncer.host}:6432/${TEMPLATE}`,
    DATABASE_DIRECT_URL: directUrl(TEMPLATE),
    JWT_SECRET,
  });

  return {
    network,
    postgis,
    pgbouncer,
    redis,
    redisUrl: `redis://${redis.host}:6379`,
    databaseUrl: (database) => `postgres://app:${APP_PASSWORD}@${pgbouncer.host}:6432/${database}`,
    directUrl,
    superuser,
    createDatabase: (name) =>
      inMaintenance(`create database ${name} template ${TEMPLATE} owner halal_owner`),
    dropDatabase: (name) => inMaintenance(`drop database if exists ${name} with (force)`),
    async pin(cpus) {
      await docker("update", "--cpuset-cpus", cpus, postgis.id, pgbouncer.id, redis.id);
    },
    close: removeLeftovers,
  };
}
