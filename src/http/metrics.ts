import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import { CacheStats, LOAD_BUCKETS_SECONDS } from "../cache/stats.ts";
import type { DatabaseStats } from "../db/database.ts";

/** The figures of one process, for `/metrics`. */
export interface Metrics {
  readonly registry: Registry;
  readonly callSeconds: Histogram<"procedure" | "code">;
  readonly rejectedCalls: Counter<"reason">;
  readonly cacheStats: CacheStats;
  /** Shows a pool's figures from now on. */
  watchDatabase(pool: string, stats: () => DatabaseStats): void;
}

/** Makes a registry of its own, so that two apps in one process do not share figures. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 20 });
  const cacheStats = new CacheStats();
  const callSeconds = new Histogram({
    name: "call_duration_seconds",
    help: "Duration of procedure calls",
    labelNames: ["procedure", "code"],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers,
  });
  const rejectedCalls = new Counter({
    name: "rejected_calls_total",
    help: "Calls turned away before they were worked on",
    labelNames: ["reason"],
    registers,
  });
  addCacheMetrics(registers, cacheStats);
  const pools = new Map<string, () => DatabaseStats>();
  addPoolMetrics(registers, pools);
  return {
    registry,
    callSeconds,
    rejectedCalls,
    cacheStats,
    watchDatabase: (pool, stats) => {
      pools.set(pool, stats);
    },
  };
}

/** Adds a figure that is read when asked for; each sample is its labels and value. */
function addFigure(
  registers: Registry[],
  name: string,
  help: string,
  labelNames: string[],
  samples: () => Iterable<readonly [Record<string, string>, number]>,
): void {
  const figure = new Gauge({
    name,
    help,
    labelNames,
    registers,
    collect() {
      for (const [labels, value] of samples()) figure.set(labels, value);
    },
  });
}

function addCacheMetrics(registers: Registry[], stats: CacheStats): void {
  addFigure(
    registers,
    "cache_answers_total",
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
  addFigure(
    registers,
    "cache_load_duration_seconds_bucket",
    "Loads by duration",
    ["cache", "le"],
    function* () {
      for (const [cache, times] of stats.loads) {
        let below = 0;
        for (const [i, bound] of LOAD_BUCKETS_SECONDS.entries()) {
          below += times.buckets[i] ?? 0;
          yield [{ cache, le: String(bound) }, below];
        }
        yield [{ cache, le: "+Inf" }, times.count];
      }
    },
  );
  const counted = (name: string, help: string, counts: ReadonlyMap<string, number>) =>
    addFigure(registers, name, help, ["cache"], function* () {
      for (const [cache, count] of counts) yield [{ cache }, count];
    });
  counted("cache_refreshes_total", "Refreshes behind a hit", stats.refreshes);
  counted("cache_drops_total", "Entries dropped because of a write", stats.drops);
  addFigure(
    registers,
    "cache_redis_calls_total",
    "Calls to Redis by outcome",
    ["outcome"],
    function* () {
      for (const [outcome, count] of Object.entries(stats.redisCalls)) yield [{ outcome }, count];
    },
  );
  addFigure(registers, "cache_memory", "The memory tier's figures", ["figure"], function* () {
    yield [{ figure: "bytes" }, stats.memory.bytes];
    yield [{ figure: "entries" }, stats.memory.size];
    yield [{ figure: "evictions" }, stats.memory.evictions];
    yield [{ figure: "damaged" }, stats.damaged];
  });
}

function addPoolMetrics(
  registers: Registry[],
  pools: ReadonlyMap<string, () => DatabaseStats>,
): void {
  addFigure(
    registers,
    "database_pool",
    "Statements running, waiting, shed, timed out and retried, and seconds waited, by pool",
    ["pool", "figure"],
    function* () {
      for (const [pool, stats] of pools) {
        for (const [figure, value] of Object.entries(stats()))
          yield [{ pool, figure }, Number(value)];
      }
    },
  );
}
