import type { Logger } from "pino";
import { Cache } from "./cache/cache.ts";
import { Journal } from "./cache/journal.ts";
import { RedisTier } from "./cache/redis-tier.ts";
import type { Config } from "./config.ts";
import { readCacheEvents, trimCacheEvents } from "./db/cache-events.ts";
import { type Database, type Db, openDatabase } from "./db/client/database.ts";
import { ReadYourWrites } from "./db/replicas/read-your-writes.ts";
import { type Reads, readPrimary, readReplicas } from "./db/replicas/reads.ts";
import { shareMarksThroughRedis } from "./db/replicas/redis-write-marks.ts";
import { ReadReplicas } from "./db/replicas/replicas.ts";
import { startPurger } from "./edge-purge.ts";
import type { Probe } from "./http/health.ts";
import { LoadShedder } from "./http/load-shedding.ts";
import { OffLookUp } from "./import/look-up/look-up.ts";
import { RateLimiter } from "./http/rate-limit/limiter.ts";
import { shareThroughRedis } from "./http/rate-limit/redis-counts.ts";
import type { LookUp } from "./trpc/context.ts";
import { type AnalyseProduct, createOffThreadAnalysis } from "./verdict/off-thread-analysis.ts";
import { createTokenVerifier, type TokenVerifier } from "./http/token.ts";
import { type CallObserver, createCallObserver, createUserHash } from "./observability/call-log.ts";
import { createMetrics, type Metrics } from "./observability/metrics.ts";
import { createSentryReporter, type ErrorReporter, NO_REPORTER } from "./observability/sentry.ts";
import { createProbes } from "./probes.ts";
import { RedisBreaker } from "./redis/circuit-breaker.ts";
import { openRedis } from "./redis/client.ts";

/** The clients and services of an instance, constructed once and handed down. */
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
  /** Looks up unknown barcodes in another source; null unless configured. */
  readonly lookUp: LookUp | null;
  readonly analyse: AnalyseProduct;
  readonly errors: ErrorReporter;
  /** Whether the process was asked to stop. */
  isDraining(): boolean;
}

/** The database of an instance and the key of its tokens, which depend on whether the database is embedded. */
export interface DatabaseSource {
  readonly databaseUrl: string;
  /** Set for the embedded database, which serves one connection. */
  readonly socketPath: string | null;
  readonly tokenKey:
    | { readonly kind: "secret"; readonly secret: string }
    | { readonly kind: "jwks"; readonly url: string };
  readonly pendingMigrations: (db: Db) => Promise<readonly string[]>;
}

const MEMORY_CACHE_BYTES = 64 * 1024 * 1024;
/** Short enough that a call ends within 3 s even without an answer. */
const STATEMENT_DEADLINE_MS = 2_500;
const JOURNAL_DEADLINE_MS = 1_000;
const REDIS_READY_MS = 1_000;
const ERRORS_FLUSH_MS = 2_000;
/** Over how many slots of a Redis Cluster rate limits are spread. */
const LIMIT_SLOT_GROUPS = 8;

/** Constructs all clients. A service that is down does not fail this; its client connects when the service is back. */
export async function createDeps(
  config: Config,
  logger: Logger,
  source: DatabaseSource,
): Promise<{ deps: Deps; drain: () => void; close: () => Promise<void> }> {
  const closers: (() => unknown)[] = [];
  const now = () => new Date();
  let isDraining = false;

  const metrics = createMetrics();
  const errors = config.sentryDsn === null ? NO_REPORTER : createSentryReporter(config.sentryDsn);
  const { primary, journalDatabase } = openDatabases(config, source, metrics, closers);
  const redis = await connectRedis(config.redisUrls, logger, metrics, closers);
  const { replicas, writes } = openReplicas(config, redis, metrics, closers);
  const journal = openJournal(journalDatabase.db, replicas, writes, logger);
  await Promise.all([journal.start(), replicas?.start()]);
  const cache = new Cache({
    memoryBytesMax: MEMORY_CACHE_BYTES,
    redis: redis === null ? null : new RedisTier(redis),
    journal,
    stats: metrics.cacheStats,
    nowMs: Date.now,
  });
  const limiter = openLimiter(config, redis, metrics);
  const { analyse, close: endAnalysis } = createOffThreadAnalysis();
  const lookUp =
    config.offLookUp === null
      ? null
      : new OffLookUp({ ...config.offLookUp, db: primary.db, analyse, logger, now });
  const shedder = new LoadShedder({
    nowMs: () => performance.now(),
    onOverload: () => logger.warn("overloaded: rejecting calls"),
  });
  metrics.watchLoad(() => shedder);
  closers.push(
    () => errors.flush(ERRORS_FLUSH_MS),
    () => limiter.close(),
    () => cache.drain(),
    () => journal.stop(),
    endAnalysis,
    () => lookUp?.close(),
  );
  closers.push(startPurger(config, journalDatabase.db, metrics, logger));

  const { pendingMigrations } = source;
  return {
    deps: {
      config,
      logger,
      db: primary.db,
      reads:
        replicas === null ? readPrimary(primary.db) : readReplicas(primary.db, replicas, writes),
      cache,
      verifyToken: createVerifier(config, source, now),
      metrics,
      limiter,
      shedder,
      observer: createCallObserver({ metrics, logger, errors, hashUser: userHashOf(source) }),
      probes: createProbes({
        journal,
        journalDb: journalDatabase.db,
        pendingMigrations,
        shedder,
        replicas,
        redis,
      }),
      now,
      lookUp: lookUp?.lookUp ?? null,
      analyse,
      errors,
      isDraining: () => isDraining,
    },
    drain: () => {
      isDraining = true;
    },
    async close() {
      for (const closePart of closers.toReversed()) await closePart();
    },
  };
}

/** Opens the pool of the primary, and a separate connection for the journal, which a full pool must not delay. */
function openDatabases(
  config: Config,
  { databaseUrl, socketPath }: DatabaseSource,
  metrics: Metrics,
  closers: (() => unknown)[],
): { primary: Database; journalDatabase: Database } {
  const isEmbedded = socketPath !== null;
  const common = {
    url: databaseUrl,
    ...(socketPath === null ? {} : { socketPath }),
    prepare: config.databasePrepare,
    cancellable: !isEmbedded,
    applicationName: "halal-backend",
  };
  const primary = openDatabase({
    ...common,
    poolMax: isEmbedded ? 1 : config.databasePoolMax,
    deadlineMs: STATEMENT_DEADLINE_MS,
    waitingMax: 1_000,
    shedsEarly: true,
  });
  metrics.watchDatabase("main", () => primary.stats());
  closers.push(() => primary.close());
  if (isEmbedded) return { primary, journalDatabase: primary };
  const journalDatabase = openDatabase({
    ...common,
    poolMax: 1,
    deadlineMs: JOURNAL_DEADLINE_MS,
    waitingMax: 10,
  });
  closers.push(() => journalDatabase.close());
  return { primary, journalDatabase };
}

/** Opens Redis behind its circuit breaker and waits a moment for the connection; returns null without addresses. */
async function connectRedis(
  urls: readonly string[],
  logger: Logger,
  { cacheStats: { redisCalls } }: Metrics,
  closers: (() => unknown)[],
): Promise<RedisBreaker | null> {
  if (urls.length === 0) return null;
  const client = openRedis(urls);
  const breaker = new RedisBreaker(client, {
    onCall: (outcome) => {
      redisCalls[outcome] = (redisCalls[outcome] ?? 0) + 1;
    },
    onState: (available) => {
      if (available) logger.info("Redis is available again");
      else logger.warn("Redis does not answer: continuing without Redis");
    },
  });
  closers.push(() => breaker.close());
  if (client.status !== "ready") {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, REDIS_READY_MS);
      client.once("ready", () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
  return breaker;
}

function openReplicas(
  config: Config,
  redis: RedisBreaker | null,
  metrics: Metrics,
  closers: (() => unknown)[],
): { replicas: ReadReplicas | null; writes: ReadYourWrites } {
  const writes = new ReadYourWrites(redis === null ? null : shareMarksThroughRedis(redis));
  if (config.databaseReplicaUrls.length === 0) return { replicas: null, writes };
  const replicas = new ReadReplicas(config.databaseReplicaUrls, {
    poolMax: config.databasePoolMax,
    prepare: config.databasePrepare,
  });
  metrics.watchReplicas(() => replicas.states());
  closers.push(() => replicas.close());
  return { replicas, writes };
}

/** Creates the journal. Its readings also give the primary's log position, against which replicas are measured. */
function openJournal(
  db: Db,
  replicas: ReadReplicas | null,
  writes: ReadYourWrites,
  logger: Logger,
): Journal {
  return new Journal({
    read: (seen, limit) => readCacheEvents(db, seen, limit),
    trim: (olderThanSeconds) => trimCacheEvents(db, olderThanSeconds),
    onError: (error) =>
      logger.warn({ err: error }, "the journal cannot be read: cached answers may be stale"),
    ...(replicas === null
      ? {}
      : {
          onRead: ({ databaseId, lsn }, beganAt) => {
            replicas.observe({ databaseId, lsn, beganAt });
            writes.observe({ databaseId, lsn, beganAt });
          },
        }),
  });
}

function openLimiter(config: Config, redis: RedisBreaker | null, metrics: Metrics): RateLimiter {
  const slotGroups = config.redisUrls.length > 1 ? LIMIT_SLOT_GROUPS : 1;
  const limiter = new RateLimiter({
    limitPerMinute: config.rateLimitPerMinute,
    share: redis === null ? null : shareThroughRedis(redis, slotGroups),
    nowMs: Date.now,
  });
  metrics.watchRateLimit(() => limiter.callers);
  return limiter;
}

function createVerifier(
  { jwtIssuer, jwtAudience, jwtSubject, jwtRoleClaim }: Config,
  { tokenKey }: DatabaseSource,
  now: () => Date,
): TokenVerifier {
  return createTokenVerifier({
    key: tokenKey,
    issuer: jwtIssuer,
    audience: jwtAudience,
    subject: jwtSubject,
    roleClaim: jwtRoleClaim,
    now,
  });
}

/** Keys the hash of user ids with a secret that all instances of a deployment share. */
function userHashOf({ tokenKey, databaseUrl }: DatabaseSource): ReturnType<typeof createUserHash> {
  return createUserHash(tokenKey.kind === "secret" ? tokenKey.secret : databaseUrl);
}
