import { setTimeout as pause } from "node:timers/promises";

const INTERVAL_MS = 1_000;

/** Shares what was computed within the last second with all who ask, because asking often must not be a load of its own. */
export function sharedForASecond<T>(compute: () => Promise<T>): () => Promise<T> {
  let latest: Promise<T> | undefined;
  return () => {
    if (latest !== undefined) return latest;
    const computed = compute();
    latest = computed;
    const forget = () => {
      latest = undefined;
    };
    // Counted from its end; a failure is nothing to share.
    computed.then(() => setTimeout(forget, INTERVAL_MS).unref(), forget);
    return computed;
  };
}

/**
 * Computes at most once a second, for all who asked meanwhile. Unlike `sharedForASecond` nobody gets what is older than
 * the question: who comes within the second waits for its end.
 */
export function computedOnceASecond<T>(compute: () => Promise<T>): () => Promise<T> {
  let next: Promise<T> | undefined;
  let endedAt = -Infinity;
  const computeNext = async () => {
    const restMs = endedAt + INTERVAL_MS - performance.now();
    if (restMs > 0) await pause(restMs);
    try {
      return await compute();
    } finally {
      next = undefined;
      endedAt = performance.now();
    }
  };
  return () => (next ??= computeNext());
}
