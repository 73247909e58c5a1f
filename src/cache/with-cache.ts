import type { Reads } from "../db/replicas/reads.ts";
import type { Cache } from "./cache.ts";
import type { AnsweredPart, Cached, CachedQuery, Load } from "./policy.ts";
import { standbySnapshot } from "./snapshot.ts";

/** What `withCache` needs; it adds to `answers`. */
export interface CacheContext {
  readonly cache: Cache;
  readonly reads: Reads;
  readonly answers: AnsweredPart[];
}

/**
 * The one door of every hot procedure: its answer from the cache, or loaded and cached as its policy says.
 * What a replica gives is used only when the journal knows of nothing newer that it lacks.
 * Errors: those of the policy's query.
 */
export async function withCache<P, V>(
  context: CacheContext,
  policy: CachedQuery<P, V>,
  parameters: P,
): Promise<Cached<V>> {
  const load: Load<V> = (isCurrent) =>
    context.reads.readCached(
      (db) => policy.query(db, parameters),
      (loaded) => {
        const seen = { ...loaded, snapshot: standbySnapshot(loaded.snapshot) };
        return isCurrent(seen) ? seen : null;
      },
    );
  // Calls that wait for the same load share its result, and each may add to its etag.
  const answer = { ...(await context.cache.get(policy, parameters, load)) };
  context.answers.push(answer);
  return answer;
}
