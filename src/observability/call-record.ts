/** A procedure call as it ended, for figures and the log; what it was given is not part of it. */
export interface CallRecord {
  readonly procedure: string;
  readonly isWrite: boolean;
  readonly durationMs: number;
  /** A tRPC error code, or `OK`. */
  readonly code: string;
  /** What went wrong, as it was thrown first. */
  readonly error: unknown;
  /** `HIT`, `MISS`, `STALE` or `BYPASS`; null when the call does not go through the cache. */
  readonly cacheState: string | null;
  readonly userId: string | null;
  /** Null for hits that are answered before tRPC. */
  readonly requestId: string | null;
}
