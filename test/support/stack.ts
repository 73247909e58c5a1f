import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { createTRPCClient, httpBatchLink, httpLink, type TRPCClient } from "@trpc/client";
import type { Logger } from "pino";
import postgres from "postgres";
import { inject } from "vitest";
import { createApp } from "../../src/app.ts";
import { type Config, readConfig } from "../../src/config.ts";
import { startEmbeddedDatabase } from "../../src/db/embedded/embedded.ts";
import { DRIZZLE_DIR, MIGRATIONS_DIR, pendingMigrations } from "../../src/db/migrations/migrate.ts";
import { createDeps, type Deps } from "../../src/deps.ts";
import { createLogger } from "../../src/observability/logger.ts";
import { openServer } from "../../src/http/server.ts";
import { signToken } from "../../src/http/token.ts";
import type { AppRouter } from "../../src/trpc/router.ts";
import {
  APP_PASSWORD,
  copyTemplate,
  OWNER_PASSWORD,
  SUPERUSER_PASSWORD,
  TEMPLATE_DATABASE,
} from "./stack-address.ts";

export const JWT_SECRET = "the-secret-of-the-test-stack-32-bytes";

/** A running instance of the service in this process, behind a real HTTP port. */
export interface Instance {
  readonly url: string;
  readonly deps: Deps;
  /** One request a call. */
  readonly client: TRPCClient<AppRouter>;
  /** A client as a signed-in user or administrator has it. */
  as(user: { readonly id?: string; readonly isAdmin?: boolean }): Promise<TRPCClient<AppRouter>>;
  /** Batches calls made in the same tick. */
  readonly batchClient: TRPCClient<AppRouter>;
  /** Requests that the endpoint answered past Hono. */
  directAnswers(): number;
  drain(): void;
  close(): Promise<void>;
}
/** The settings of an instance beyond the stack's defaults. */
export interface InstanceOptions {
  readonly databaseUrl?: string;
  readonly redisUrl?: string | null;
  readonly environment?: Readonly<Record<string, string>>;
  readonly logger?: Logger;
  /** The clock that procedures see. */
  readonly now?: () => Date;
}

/** The stack as one test file has it: a database of its own. */
export interface Stack {
  readonly kind: "docker" | "embedded";
  /** Straight to the database, past everything that is tested; superuser on docker. */
  readonly sql: postgres.Sql;
  /** Through PgBouncer. */
  readonly databaseUrl: string;
  /** Past PgBouncer, as the owner of the tables. */
  readonly directUrl: string;
  readonly redisUrl: string | null;
  /** The embedded database's. */
  readonly socketPath: string | null;
  startInstance(options?: InstanceOptions): Promise<Instance>;
  close(): Promise<void>;
}

/** Which stack this run has, known before anything is started. */
export function stackKind(): "docker" | "embedded" {
  return inject("stack").kind;
}

/** Opens a database of this file's own, made from the migrated template. */
export async function openStack(): Promise<Stack> {
  const address = inject("stack");
  const instances = new Set<Instance>();
  let socketPath: string | null = null;
  let closeDatabase: () => Promise<void>;
  let sql: postgres.Sql;
  let databaseUrl: string;
  let directUrl: string;
  let redisUrl: string | null = null;
  if (address.kind === "docker") {
    const name = `test_${randomUUID().replaceAll("-", "")}`;
    const { host, postgresPort, pgbouncerPort } = address;
    const superuser = {
      host,
      port: postgresPort,
      user: "postgres",
      password: SUPERUSER_PASSWORD,
      max: 4,
      onnotice: () => {},
    };
    const maintenance = postgres({ ...superuser, database: "postgres", max: 1 });
    await maintenance.unsafe(
      `create database ${name} template ${TEMPLATE_DATABASE} owner halal_owner`,
    );
    sql = postgres({ ...superuser, database: name });
    databaseUrl = `postgres://app:${APP_PASSWORD}@${host}:${pgbouncerPort}/${name}`;
    directUrl = `postgres://halal_owner:${OWNER_PASSWORD}@${host}:${postgresPort}/${name}`;
    redisUrl = address.redisUrl;
    closeDatabase = async () => {
      await sql.end({ timeout: 1 });
      await maintenance.unsafe(`drop database if exists ${name} with (force)`);
      await maintenance.end();
    };
  } else {
    const dataDir = copyTemplate(address.templateDir);
    const embedded = await startEmbeddedDatabase({
      dataDir,
      output: process.stderr,
      drizzleDir: DRIZZLE_DIR,
      migrationsDir: MIGRATIONS_DIR,
      loadDemo: () => Promise.resolve(),
    });
    socketPath = embedded.socketPath;
    databaseUrl = embedded.url;
    directUrl = embedded.url;
    sql = postgres(embedded.url, {
      path: embedded.socketPath,
      max: 1,
      prepare: false,
      onnotice: () => {},
    });
    closeDatabase = async () => {
      await sql.end({ timeout: 1 });
      await embedded.close();
      rmSync(dataDir, { recursive: true, force: true });
    };
  }

  async function startInstance(options: InstanceOptions = {}): Promise<Instance> {
    const redis = options.redisUrl === undefined ? redisUrl : options.redisUrl;
    const config: Config = readConfig({
      DATABASE_URL: options.databaseUrl ?? databaseUrl,
      JWT_SECRET,
      RATE_LIMIT_PER_MINUTE: "1000000000",
      LOG_LEVEL: "warn",
      ...(redis === null ? {} : { REDIS_URL: redis }),
      ...options.environment,
    });
    const logger = options.logger ?? createLogger(config.logLevel);
    const made = await createDeps(config, logger, {
      databaseUrl: config.databaseUrl ?? databaseUrl,
      socketPath,
      tokenKey: { kind: "secret", secret: JWT_SECRET },
      pendingMigrations,
    });
    const { drain, close } = made;
    const deps = { ...made.deps, ...(options.now === undefined ? {} : { now: options.now }) };
    const server = await openServer("127.0.0.1", 0);
    const app = createApp(deps);
    let directAnswers = 0;
    await server.serve({
      fetch: app.fetch,
      endpoint: {
        tryPlain(request, response) {
          const isAnswered = app.endpoint.tryPlain(request, response);
          if (isAnswered) directAnswers += 1;
          return isAnswered;
        },
      },
    });
    const url = `http://127.0.0.1:${server.port}`;
    const instance: Instance = {
      url,
      deps,
      client: createTRPCClient<AppRouter>({ links: [httpLink({ url: `${url}/trpc` })] }),
      batchClient: createTRPCClient<AppRouter>({
        links: [httpBatchLink({ url: `${url}/trpc`, maxItems: 10 })],
      }),
      async as({ id = randomUUID(), isAdmin = false }) {
        const token = await signToken(
          JWT_SECRET,
          { id, isAdmin },
          { lifetimeSeconds: 3600, issuer: null, audience: null },
        );
        return createTRPCClient<AppRouter>({
          links: [httpLink({ url: `${url}/trpc`, headers: { authorization: `Bearer ${token}` } })],
        });
      },
      directAnswers: () => directAnswers,
      drain,
      async close() {
        instances.delete(instance);
        await server.close(0, 1_000);
        await close();
      },
    };
    instances.add(instance);
    return instance;
  }

  return {
    kind: address.kind,
    sql,
    databaseUrl,
    directUrl,
    redisUrl,
    socketPath,
    startInstance,
    async close() {
      await Promise.all([...instances].map((instance) => instance.close()));
      await closeDatabase();
    },
  };
}
