import type { Tagged } from "./lookup.ts";
import type { Cached, CacheState } from "./policy.ts";

/** Where an answer was found; a miss counts for `memory`, the first tier asked. */
export type CacheTier = "memory" | "redis";

/** Load times of one cache. */
export interface LoadTimes {
  readonly buckets: number[];
  count: number;
  sumSeconds: number;
}

/** Upper bounds of the load-time histogram, in seconds. */
export const LOAD_BUCKETS_SECONDS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
];

/** Figures of the cache, in plain counters that cost a hit next to nothing. */
export class CacheStats {
  readonly answers = new Map<string, Record<CacheTier, Record<CacheState, number>>>();
  readonly loads = new Map<string, LoadTimes>();
  readonly refreshes = new Map<string, number>();
  readonly drops = new Map<string, number>();
  readonly redisCalls: Record<string, number> = { ok: 0, error: 0, timeout: 0, skipped: 0 };
  damaged = 0;
  memory: { readonly bytes: number; readonly size: number; readonly evictions: number } = {
    bytes: 0,
    size: 0,
    evictions: 0,
  };

  count(name: string, tier: CacheTier, state: CacheState): void {
    let byTier = this.answers.get(name);
    if (byTier === undefined) {
      byTier = { memory: none(), redis: none() };
      this.answers.set(name, byTier);
    }
    byTier[tier][state] += 1;
  }

  /** Counts an answer and returns it as the cache's callers get it. */
  answer<V>(
    name: string,
    tier: CacheTier,
    { value, tag }: Tagged<V>,
    state: CacheState,
  ): Cached<V> {
    this.count(name, tier, state);
    return { value, tag, state };
  }

  loaded(name: string, seconds: number): void {
    let times = this.loads.get(name);
    if (times === undefined) {
      times = { buckets: LOAD_BUCKETS_SECONDS.map(() => 0), count: 0, sumSeconds: 0 };
      this.loads.set(name, times);
    }
    times.count += 1;
    times.sumSeconds += seconds;
    const bucket = LOAD_BUCKETS_SECONDS.findIndex((bound) => seconds <= bound);
    if (bucket !== -1) times.buckets[bucket] = (times.buckets[bucket] ?? 0) + 1;
  }

  refreshed(name: string): void {
    this.refreshes.set(name, (this.refreshes.get(name) ?? 0) + 1);
  }

  dropped(name: string): void {
    this.drops.set(name, (this.drops.get(name) ?? 0) + 1);
  }
}

function none(): Record<CacheState, number> {
  return { HIT: 0, MISS: 0, STALE: 0, BYPASS: 0 };
}
