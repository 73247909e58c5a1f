import type { Reads } from "../db/replicas/reads.ts";
import type { Cache } from "./cache.ts";
import type { AnsweredPart, Cached, CachedQuery, Load } from "./policy.ts";
import { standbySnapshot } from "./snapshot.ts";

/** The parts of a request's context that `withCache` reads; it appends to `answers`. */
export interface CacheContext {
  readonly cache: Cache;
  readonly reads: Reads;
  readonly answers: AnsweredPart[];
}

/**
 * Returns a value from the cache, or loads and caches it by its policy. Every cached procedure reads through this
 * function, for example `const { value } = await withCache(ctx, certifiersPolicy, null)`.
 * A replica's value is used only if the replica has every journal event that affects the value.
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
  // Copied, because calls that wait for the same load share its result and each may extend its etag.
  const answer = { ...(await context.cache.get(policy, parameters, load)) };
  context.answers.push(answer);
  return answer;
}
