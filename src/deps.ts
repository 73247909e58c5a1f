import type { Logger } from "pino";
import type { Cache } from "./cache/cache.ts";
import { Cache as ReplicaCache } from "./cache/cache.ts";
import { Journal } from "./cache/journal.ts";
import { RedisBreaker } from "./redis/circuit-breaker.ts";
import { openRedis } from "./redis/client.ts";
import { RedisTier } from "./cache/redis-tier.ts";
import { shareMarksThroughRedis } from "./db/replicas/write-marks.ts";
import type { Config } from "./config.ts";
import { readCacheEvents, trimCacheEvents } from "./db/cache-events.ts";
import { type Db, openDatabase } from "./db/client/database.ts";
import { type Reads, readPrimary, readReplicas } from "./db/replicas/reads.ts";
import { RecentWrites } from "./db/replicas/recent-writes.ts";
import { ReadReplicas, type ReplicaState } from "./db/replicas/replicas.ts";
import { type Probe, type ProbeResult, sharedCheck } from "./http/health.ts";
import { type CallObserver, createCallObserver, createUserHash } from "./observability/call-log.ts";
import { OffLookUp } from "./import/look-up/look-up.ts";
import { loadProbe, LoadShedder } from "./http/load-shedding.ts";
import { createMetrics, type Metrics } from "./observability/metrics.ts";
import { RateLimiter } from "./http/rate-limit/limiter.ts";
import { shareThroughRedis } from "./http/rate-limit/redis-counts.ts";
import { createSentryReporter, type ErrorReporter, NO_REPORTER } from "./observability/sentry.ts";
import type { LookUp } from "./trpc/context.ts";
import { type AnalyseProduct, createOffThreadAnalysis } from "./verdict/off-thread-analysis.ts";
import { createTokenVerifier, type TokenVerifier } from "./http/token.ts";

/** Everything that reaches outside the process, made once and handed down. */
export interface Deps {
  readonly config: Config;
  readonly logger: Logger;
  /** The primary. */
  readonly db: Db;
  readonly reads: Reads;
  readonly cache: Cache;
  readonly verifyToken: TokenVerifier;
  readonly metrics: Metrics;
  readonly limiter: RateLimiter;
  readonly shedder: LoadShedder;
  readonly observer: CallObserver;
  readonly probes: readonly Probe[];
  readonly now: () => Date;
  /** Looks unknown barcodes up elsewhere; null where the configuration does not ask for it. */
  readonly lookUp: LookUp | null;
  readonly analyse: AnalyseProduct;
  readonly errors: ErrorReporter;
  /** Becomes true when the process was asked to stop. */
  isDraining(): boolean;
}

/** What the environment alone does not say: where the database is and what signs tokens when it is embedded. */
export interface Foundation {
  readonly databaseUrl: string;
  /** Set for the embedded database, which serves one connection. */
  readonly socketPath: string | null;
  readonly tokenKey:
    | { readonly kind: "secret"; readonly secret: string }
    | { readonly kind: "jwks"; readonly url: string };
  readonly pendingMigrations: (db: Db) => Promise<readonly string[]>;
}

const MEMORY_CACHE_BYTES = 64 * 1024 * 1024;
/** With the answer's way back, a call without an answer ends within 3 s. */
const STATEMENT_DEADLINE_MS = 2_500;
const JOURNAL_DEADLINE_MS = 1_000;
const REDIS_READY_MS = 1_000;
const ERRORS_FLUSH_MS = 2_000;
/** Over how many slots of a Redis Cluster rate limits are spread. */
const LIMIT_SLOT_GROUPS = 8;

/** Constructs all clients. Nothing here needs to succeed: what is away is used when it is there. */
export async function createDeps(
  config: Config,
  logger: Logger,
  foundation: Foundation,
): Promise<{ deps: Deps; drain: () => void; close: () => Promise<void> }> {
  const metrics = createMetrics();
  const embedded = foundation.socketPath !== null;
  const connection = {
    url: foundation.databaseUrl,
    ...(foundation.socketPath === null ? {} : { socketPath: foundation.socketPath }),
    prepare: config.databasePrepare,
    cancellable: !embedded,
  };
  const database = openDatabase({
    ...connection,
    poolMax: embedded ? 1 : config.databasePoolMax,
    deadlineMs: STATEMENT_DEADLINE_MS,
    waitingMax: 1_000,
    applicationName: "halal-backend",
  });
  metrics.watchDatabase("main", () => database.stats());
  // A connection of its own, so that a full pool does not make cached answers doubtful.
  const journalDatabase = embedded
    ? database
    : openDatabase({
        ...connection,
        poolMax: 1,
        deadlineMs: JOURNAL_DEADLINE_MS,
        waitingMax: 10,
        applicationName: "halal-backend",
      });

  const redis = config.redisUrls.length === 0 ? null : openRedis(config.redisUrls);
  const guard =
    redis === null
      ? null
      : new RedisBreaker(redis, {
          onCall: (outcome) => {
            metrics.cacheStats.redisCalls[outcome] =
              (metrics.cacheStats.redisCalls[outcome] ?? 0) + 1;
          },
          onState: (available) => {
            if (available) logger.info("Redis is back");
            else logger.warn("Redis does not answer: going on without it");
          },
        });
  if (redis !== null && redis.status !== "ready") {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, REDIS_READY_MS);
      redis.once("ready", () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  const writes = new RecentWrites(guard === null ? null : shareMarksThroughRedis(guard));
  const replicas =
    config.databaseReplicaUrls.length === 0
      ? null
      : new ReadReplicas(config.databaseReplicaUrls, {
          poolMax: config.databasePoolMax,
          prepare: config.databasePrepare,
        });
  if (replicas !== null) metrics.watchReplicas(() => replicas.states());

  const journal = new Journal({
    read: (sinceXid, limit) => readCacheEvents(journalDatabase.db, sinceXid, limit),
    trim: (olderThanSeconds) => trimCacheEvents(journalDatabase.db, olderThanSeconds),
    onError: (error) =>
      logger.warn({ err: error }, "the journal cannot be read: cached answers are bridging"),
    ...(replicas === null
      ? {}
      : {
          onRead: ({ databaseId, lsn }, beganAt) => {
            replicas.observe({ databaseId, lsn, beganAt });
            writes.observe({ databaseId, lsn, beganAt });
          },
        }),
  });
  await Promise.all([journal.start(), replicas?.start()]);
  const cache = new ReplicaCache({
    memoryBytesMax: MEMORY_CACHE_BYTES,
    redis: guard === null ? null : new RedisTier(guard),
    journal,
    stats: metrics.cacheStats,
    nowMs: Date.now,
  });

  const limiter = new RateLimiter({
    limitPerMinute: config.rateLimitPerMinute,
    share:
      guard === null
        ? null
        : shareThroughRedis(guard, config.redisUrls.length > 1 ? LIMIT_SLOT_GROUPS : 1),
    nowMs: Date.now,
  });
  metrics.watchRateLimit(() => limiter.callers);
  const shedder = new LoadShedder({
    nowMs: () => performance.now(),
    onOverload: () => logger.warn("overloaded: rejecting calls"),
  });
  metrics.watchLoad(() => shedder);
  const errors = config.sentryDsn === null ? NO_REPORTER : createSentryReporter(config.sentryDsn);
  const { tokenKey } = foundation;

  const analysis = createOffThreadAnalysis();
  const { analyse } = analysis;
  let draining = false;
  const now = () => new Date();
  const lookUp =
    config.offLookUp === null
      ? null
      : new OffLookUp({ ...config.offLookUp, db: database.db, analyse, logger, now });
  const deps: Deps = {
    config,
    logger,
    db: database.db,
    reads:
      replicas === null ? readPrimary(database.db) : readReplicas(database.db, replicas, writes),
    cache,
    metrics,
    limiter,
    shedder,
    errors,
    observer: createCallObserver({
      metrics,
      logger,
      errors,
      // One key for all replicas: what they share and nobody else knows.
      hashUser: createUserHash(
        tokenKey.kind === "secret" ? tokenKey.secret : foundation.databaseUrl,
      ),
    }),
    now,
    lookUp: lookUp?.lookUp ?? null,
    analyse,
    verifyToken: createTokenVerifier({
      key: foundation.tokenKey,
      issuer: config.jwtIssuer,
      audience: config.jwtAudience,
      subject: config.jwtSubject,
      roleClaim: config.jwtRoleClaim,
      now,
    }),
    probes: [
      {
        name: "database",
        required: true,
        check: async () => {
          await journal.sync();
          return { ok: true };
        },
      },
      {
        name: "migrations",
        required: true,
        // Past the pool: that it is full must not read as a replica that cannot serve.
        check: sharedCheck(async () => {
          const pending = await foundation.pendingMigrations(journalDatabase.db);
          return pending.length === 0
            ? { ok: true }
            : { ok: false, detail: `missing: ${pending.join(", ")}` };
        }),
      },
      loadProbe(shedder),
      ...(replicas?.states() ?? []).map(({ name }) => ({
        name,
        required: false,
        check: () => Promise.resolve(replicaProbe(replicas?.states(), name)),
      })),
      ...(guard === null
        ? []
        : [
            {
              name: "redis",
              required: false,
              check: async () => ({
                ok: (await guard.call((client) => client.set("probe", "1", "PX", 1000))) === "OK",
              }),
            },
          ]),
    ],
    isDraining: () => draining,
  };
  return {
    deps,
    drain: () => {
      draining = true;
    },
    async close() {
      await lookUp?.close();
      analysis.close();
      await journal.stop();
      await cache.drain();
      await limiter.close();
      await errors.flush(ERRORS_FLUSH_MS);
      guard?.close();
      await replicas?.close();
      await database.close();
      if (journalDatabase !== database) await journalDatabase.close();
    },
  };
}

function replicaProbe(states: readonly ReplicaState[] | undefined, name: string): ProbeResult {
  const state = states?.find((candidate) => candidate.name === name);
  if (state?.usable === true) return { ok: true };
  const isFollowing = state !== undefined && Number.isFinite(state.behindSeconds);
  return {
    ok: false,
    detail: isFollowing
      ? `${state.behindSeconds.toFixed(1)} s behind`
      : "does not answer, or is no standby of this database that can be followed",
  };
}
