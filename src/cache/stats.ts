import type { Tagged } from "./lookup.ts";
import type { Cached, CacheState } from "./policy.ts";

/** The tier that had the answer; a miss counts for `memory`, the first tier. */
export type CacheTier = "memory" | "redis";

/** Counters of the cache; plain numbers, because a hit must not pay for a metrics library. */
export class CacheStats {
  readonly answers = new Map<string, Record<CacheTier, Record<CacheState, number>>>();
  readonly refreshes = new Map<string, number>();
  readonly drops = new Map<string, number>();
  readonly redisCalls: Record<string, number> = { ok: 0, error: 0, timeout: 0, skipped: 0 };
  readonly loaded: (name: string, seconds: number) => void;
  damaged = 0;
  memory: { readonly bytes: number; readonly size: number; readonly evictions: number } = {
    bytes: 0,
    size: 0,
    evictions: 0,
  };

  /** `onLoad` receives the duration of each load. Units: seconds. */
  constructor(onLoad: (name: string, seconds: number) => void = () => {}) {
    this.loaded = onLoad;
  }

  count(name: string, tier: CacheTier, state: CacheState): void {
    let byTier = this.answers.get(name);
    if (byTier === undefined) {
      byTier = { memory: none(), redis: none() };
      this.answers.set(name, byTier);
    }
    byTier[tier][state] += 1;
  }

  /** Counts an answer and returns the answer in the form that callers of the cache get. */
  answer<V>(
    name: string,
    tier: CacheTier,
    { value, etag }: Tagged<V>,
    state: CacheState,
  ): Cached<V> {
    this.count(name, tier, state);
    return { value, etag, state };
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
