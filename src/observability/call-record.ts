/** A finished procedure call, for metrics and the log; without its input. */
export interface CallRecord {
  readonly procedure: string;
  readonly isWrite: boolean;
  readonly durationMs: number;
  /** A tRPC error code, or `OK`. */
  readonly code: string;
  /** The error that was thrown first. */
  readonly error: unknown;
  /** `HIT`, `MISS`, `STALE` or `BYPASS`; null when the call does not read the cache. */
  readonly cacheState: string | null;
  readonly userId: string | null;
  /** Null for hits that are answered before tRPC. */
  readonly requestId: string | null;
}
