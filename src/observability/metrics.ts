import { createHash, timingSafeEqual } from "node:crypto";
import { collectDefaultMetrics, Histogram, Registry } from "prom-client";
import { CacheStats } from "../cache/stats.ts";
import type { DatabaseStats } from "../db/client/database.ts";
import type { ReplicaState } from "../db/replicas/replicas.ts";
import { addEdgeMetrics, type EdgeMetrics, type PurgerState } from "./edge-metrics.ts";
import { addJobMetrics, type JobMetrics } from "./job-metrics.ts";
import { addCounter, addGauge } from "./metrics-registry.ts";

/** The reasons for which calls are rejected. */
export const REJECTIONS = [
  "rate_limit",
  "overload",
  "unauthorized",
  "body_too_large",
  "batch_too_large",
] as const;

/** One of `REJECTIONS`. */
export type Rejection = (typeof REJECTIONS)[number];

/** The metrics of one process. */
export interface Metrics {
  readonly registry: Registry;
  readonly cacheStats: CacheStats;
  /** Counts a call of an existing procedure with its tRPC code (or `OK`) and duration. Units: seconds. */
  called(procedure: string, code: string, seconds: number): void;
  /** Counts calls that were rejected. */
  rejected(reason: Rejection, calls: number): void;
  /** Adds the figures of a connection pool. */
  watchDatabase(pool: string, stats: () => DatabaseStats): void;
  /** Adds the figures of a worker. */
  watchJobs(): JobMetrics;
  /** Adds the figures of the purger. */
  watchEdge(state: () => PurgerState): EdgeMetrics;
  /** Adds the state of the read replicas. */
  watchReplicas(states: () => readonly ReplicaState[]): void;
  /** Adds the number of callers that the rate limit remembers. */
  watchRateLimit(callers: () => number): void;
  /** Adds the number of requests in flight, and whether new ones are rejected. */
  watchLoad(load: () => { readonly inFlight: number; readonly isOverloaded: boolean }): void;
}

const CALL_BUCKETS_SECONDS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
];
const LOAD_BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** Creates metrics with their own registry, because two apps in one process must not share counts. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 20 });
  const durations = new Histogram({
    name: "halal_call_duration_seconds",
    help: "Duration of procedure calls",
    labelNames: ["procedure"],
    buckets: CALL_BUCKETS_SECONDS,
    registers: [registry],
  });
  const loads = new Histogram({
    name: "halal_cache_load_duration_seconds",
    help: "Duration of loads on a miss",
    labelNames: ["cache"],
    buckets: LOAD_BUCKETS_SECONDS,
    registers: [registry],
  });
  const cacheStats = new CacheStats((cache, seconds) => loads.observe({ cache }, seconds));
  const codes = new Map<string, Map<string, number>>();
  const rejections = new Map<Rejection, number>(REJECTIONS.map((reason) => [reason, 0]));
  const pools = new Map<string, () => DatabaseStats>();
  let callers = () => 0;
  let load = () => ({ inFlight: 0, isOverloaded: false });
  addCounter(
    registry,
    "halal_calls_total",
    "Procedure calls by their tRPC code",
    ["procedure", "code"],
    function* () {
      for (const [procedure, byCode] of codes) {
        for (const [code, count] of byCode) yield [{ procedure, code }, count];
      }
    },
  );
  addCounter(
    registry,
    "halal_rejected_calls_total",
    "Calls rejected before processing; overload counts calls that the event loop could not take and statements that got no connection in time",
    ["reason"],
    function* () {
      const shed = pools.get("main")?.().shed ?? 0;
      for (const [reason, count] of rejections)
        yield [{ reason }, reason === "overload" ? count + shed : count];
    },
  );
  addGauge(
    registry,
    "halal_rate_limit_callers",
    "Callers the rate limit remembers",
    [],
    function* () {
      yield [{}, callers()];
    },
  );
  addGauge(
    registry,
    "halal_requests_in_flight",
    "Requests being processed; answers from memory are not counted",
    [],
    function* () {
      yield [{}, load().inFlight];
    },
  );
  addGauge(registry, "halal_overloaded", "Whether the instance rejects calls", [], function* () {
    yield [{}, load().isOverloaded ? 1 : 0];
  });
  addCacheMetrics(registry, cacheStats);
  addPoolMetrics(registry, pools);
  return {
    registry,
    cacheStats,
    called(procedure, code, seconds) {
      durations.observe({ procedure }, seconds);
      let byCode = codes.get(procedure);
      if (byCode === undefined) {
        byCode = new Map();
        codes.set(procedure, byCode);
      }
      byCode.set(code, (byCode.get(code) ?? 0) + 1);
    },
    rejected(reason, calls) {
      rejections.set(reason, (rejections.get(reason) ?? 0) + calls);
    },
    watchDatabase(pool, stats) {
      pools.set(pool, stats);
    },
    watchJobs: () => addJobMetrics(registry),
    watchEdge: (state) => addEdgeMetrics(registry, state),
    watchReplicas(states) {
      for (const { name, statements } of states()) pools.set(name, statements);
      addReplicaMetrics(registry, states);
    },
    watchRateLimit(count) {
      callers = count;
    },
    watchLoad(read) {
      load = read;
    },
  };
}

/** Whether a request may read the metrics: without a configured token every request may. */
export function mayReadMetrics(authorization: string | undefined, token: string | null): boolean {
  if (token === null) return true;
  // Digests have a fixed length, and comparing them takes the same time wherever they differ.
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(authorization ?? ""), digest(`Bearer ${token}`));
}

function addCacheMetrics(registry: Registry, stats: CacheStats): void {
  addCounter(
    registry,
    "halal_cache_answers_total",
    "Answers by tier and state",
    ["cache", "tier", "state"],
    function* () {
      for (const [cache, byTier] of stats.answers) {
        for (const [tier, byState] of Object.entries(byTier)) {
          for (const [state, count] of Object.entries(byState))
            yield [{ cache, tier, state }, count];
        }
      }
    },
  );
  const counted = (name: string, help: string, counts: ReadonlyMap<string, number>) =>
    addCounter(registry, name, help, ["cache"], function* () {
      for (const [cache, count] of counts) yield [{ cache }, count];
    });
  counted("halal_cache_refreshes_total", "Refreshes behind a hit", stats.refreshes);
  counted("halal_cache_drops_total", "Entries dropped because of a write", stats.drops);
  addCounter(
    registry,
    "halal_redis_calls_total",
    "Calls to Redis by outcome",
    ["outcome"],
    function* () {
      for (const [outcome, count] of Object.entries(stats.redisCalls)) yield [{ outcome }, count];
    },
  );
  const single = (name: string, help: string, value: () => number) =>
    (name.endsWith("_total") ? addCounter : addGauge)(registry, name, help, [], function* () {
      yield [{}, value()];
    });
  single(
    "halal_cache_damaged_entries_total",
    "Entries that could not be read",
    () => stats.damaged,
  );
  single(
    "halal_cache_memory_evictions_total",
    "Entries evicted from memory",
    () => stats.memory.evictions,
  );
  single("halal_cache_memory_bytes", "Memory used by entries", () => stats.memory.bytes);
  single("halal_cache_memory_entries", "Entries in memory", () => stats.memory.size);
}

function addReplicaMetrics(registry: Registry, states: () => readonly ReplicaState[]): void {
  const figure = (name: string, help: string, read: (state: ReplicaState) => number) =>
    addGauge(registry, name, help, ["replica"], function* () {
      for (const state of states()) yield [{ replica: state.name }, read(state)];
    });
  figure("halal_replica_usable", "Whether reads go to the replica", (s) => (s.usable ? 1 : 0));
  figure(
    "halal_replica_behind_seconds",
    "How far the replica is behind the primary; +Inf when unknown",
    (s) => s.behindSeconds,
  );
}

function addPoolMetrics(registry: Registry, pools: ReadonlyMap<string, () => DatabaseStats>): void {
  const figure = (name: string, help: string, read: (stats: DatabaseStats) => number) =>
    (name.endsWith("_total") ? addCounter : addGauge)(registry, name, help, ["pool"], function* () {
      for (const [pool, stats] of pools) yield [{ pool }, read(stats())];
    });
  figure("halal_database_statements_running", "Statements running", (s) => s.running);
  figure(
    "halal_database_statements_waiting",
    "Statements waiting for a connection",
    (s) => s.waiting,
  );
  figure("halal_database_statements_total", "Statements requested", (s) => s.statements);
  figure(
    "halal_database_wait_seconds_total",
    "Time spent waiting for connections",
    (s) => s.waitSecondsTotal,
  );
  figure("halal_database_shed_total", "Statements rejected", (s) => s.shed);
  figure(
    "halal_database_timeouts_total",
    "Statements abandoned at their deadline",
    (s) => s.timedOut,
  );
  figure("halal_database_retries_total", "Statements retried", (s) => s.retried);
}
