import { resolve } from "node:path";
import postgres from "postgres";
import {
  GenericContainer,
  Network,
  type StartedNetwork,
  type StartedTestContainer,
  Wait,
} from "testcontainers";
import { DRIZZLE_DIR, migrateDatabase, MIGRATIONS_DIR } from "../../src/db/migrations/migrate.ts";
import { type FaultProxy, startFaultProxy } from "./fault-proxy.ts";
import { APP_PASSWORD, OWNER_PASSWORD, SUPERUSER_PASSWORD } from "./stack-address.ts";

/** A streaming standby as a test has it. */
export interface Standby {
  /** As the service is given it. */
  readonly url: string;
  /** Straight to it, as superuser. */
  readonly sql: postgres.Sql;
  /** Ends the server at once, as a crash does; its pooler, if it has one, lives on. */
  crash(): Promise<void>;
  start(): Promise<void>;
  /** Holds commits back; nothing else is delayed. */
  setApplyDelay(delayMs: number): Promise<void>;
  promote(): Promise<void>;
}

/** A primary and two standbys of one test file's own. */
export interface Streaming {
  readonly primaryUrl: string;
  readonly sql: postgres.Sql;
  /** The first behind a PgBouncer of its own, the second behind `proxy`. */
  readonly standbys: readonly [Standby, Standby];
  readonly proxy: FaultProxy;
  /** Waits until the standbys have what the primary has. */
  caughtUp(): Promise<void>;
  close(): Promise<void>;
}

const IMAGE = "postgis/postgis:17-3.5";
const DATA = "/var/lib/postgresql/data";
const SERVER_FLAGS = [
  "-cshared_preload_libraries=pg_stat_statements",
  "-cfsync=off",
  "-cfull_page_writes=off",
  "-cjit=off",
  "-cmax_connections=200",
];
const STANDBY_SCRIPT = `
  chown postgres:postgres ${DATA} && chmod 700 ${DATA}
  as_postgres="setpriv --reuid=postgres --regid=postgres --clear-groups"
  until $as_postgres pg_basebackup -h primary -U postgres -D ${DATA} -R -X stream -c fast; do
    rm -rf ${DATA}/*
    sleep 0.5
  done
  $as_postgres pg_ctl -D ${DATA} -o '${SERVER_FLAGS.join(" ")}' -w start && echo standby started
  exec sleep infinity`;

/** Starts real PostgreSQL servers that stream. */
export async function startStreaming(): Promise<Streaming> {
  const network = await new Network().start();
  const started: StartedTestContainer[] = [];
  const stop = async () => {
    await Promise.all(started.map((container) => container.stop({ timeout: 0 })));
    await network.stop();
  };
  try {
    return await startServers(network, started, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startServers(
  network: StartedNetwork,
  started: StartedTestContainer[],
  stop: () => Promise<void>,
): Promise<Streaming> {
  const primary = await new GenericContainer(IMAGE)
    .withNetwork(network)
    .withNetworkAliases("primary")
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
    .withCopyContentToContainer([
      {
        content: `echo 'host replication all all scram-sha-256' >> "$PGDATA/pg_hba.conf"\n`,
        target: "/docker-entrypoint-initdb.d/30-replication.sh",
      },
    ])
    .withTmpFs({ [DATA]: "rw" })
    .withCommand(["postgres", ...SERVER_FLAGS])
    .withExposedPorts(5432)
    .withWaitStrategy(Wait.forLogMessage(/ready to accept connections/, 2))
    .start();
  started.push(primary);
  const host = primary.getHost();
  const primaryPort = primary.getMappedPort(5432);
  const primaryUrl = `postgres://app:${APP_PASSWORD}@${host}:${primaryPort}/halal`;
  await migrateDatabase({
    url: `postgres://halal_owner:${OWNER_PASSWORD}@${host}:${primaryPort}/halal`,
    serviceRole: "app",
    drizzleDir: DRIZZLE_DIR,
    migrationsDir: MIGRATIONS_DIR,
    log: () => {},
  });

  const [first, second] = await Promise.all(
    (["standby-1", "standby-2"] as const).map(async (alias) => {
      const standby = await new GenericContainer(IMAGE)
        .withNetwork(network)
        .withNetworkAliases(alias)
        .withEnvironment({ PGPASSWORD: SUPERUSER_PASSWORD })
        .withTmpFs({ [DATA]: "rw" })
        .withEntrypoint(["bash", "-c", STANDBY_SCRIPT])
        .withExposedPorts(5432)
        .withWaitStrategy(Wait.forLogMessage("standby started"))
        .withStartupTimeout(110_000)
        .start();
      started.push(standby);
      return standby;
    }),
  );
  if (first === undefined || second === undefined) throw new Error("no standbys");
  const pooler = await (
    await GenericContainer.fromDockerfile(resolve("pgbouncer")).build("halal-pgbouncer-test", {
      deleteOnExit: false,
    })
  )
    .withNetwork(network)
    .withEnvironment({
      DATABASE_HOST: "standby-1",
      DATABASE_NAME: "*",
      DATABASE_USER: "app",
      DATABASE_PASSWORD: APP_PASSWORD,
    })
    .withExposedPorts(6432)
    .withWaitStrategy(Wait.forListeningPorts())
    .start();
  started.push(pooler);
  const proxy = await startFaultProxy({ host, port: second.getMappedPort(5432) });

  const clients: postgres.Sql[] = [];
  const superuserOf = (container: StartedTestContainer) => {
    const sql = postgres({
      host,
      port: container.getMappedPort(5432),
      user: "postgres",
      password: SUPERUSER_PASSWORD,
      database: "halal",
      max: 1,
      onnotice: () => {},
    });
    clients.push(sql);
    return sql;
  };
  const sql = superuserOf(primary);
  const standbyOf = (container: StartedTestContainer, url: string): Standby => {
    const standby = superuserOf(container);
    const control = async (...words: string[]) => {
      const { exitCode, output } = await container.exec(["pg_ctl", "-D", DATA, "-w", ...words], {
        user: "postgres",
      });
      if (exitCode !== 0) throw new Error(output);
    };
    return {
      url,
      sql: standby,
      crash: () => control("stop", "-m", "immediate"),
      start: () => control("-l", "/tmp/log", "-o", SERVER_FLAGS.join(" "), "start"),
      promote: () => control("promote"),
      async setApplyDelay(delayMs) {
        await standby.unsafe(`alter system set recovery_min_apply_delay = ${delayMs}`);
        await standby`select pg_reload_conf()`;
      },
    };
  };
  const at = (address: string, port: number) =>
    `postgres://app:${APP_PASSWORD}@${address}:${port}/halal`;
  const standbys = [
    standbyOf(first, at(host, pooler.getMappedPort(6432))),
    standbyOf(second, at("127.0.0.1", proxy.port)),
  ] as const;
  return {
    primaryUrl,
    sql,
    standbys,
    proxy,
    async caughtUp() {
      const [row] = await sql<{ lsn: string }[]>`select pg_current_wal_lsn()::text as lsn`;
      for (const standby of standbys) {
        for (;;) {
          const [state] = await standby.sql<{ done: boolean }[]>`
            select pg_last_wal_replay_lsn() >= ${row?.lsn ?? "0/0"}::text::pg_lsn as done`;
          if (state?.done === true) break;
          await new Promise((wait) => setTimeout(wait, 25));
        }
      }
    },
    async close() {
      await Promise.all(clients.map((client) => client.end({ timeout: 1 })));
      await proxy.close();
      await stop();
    },
  };
}
