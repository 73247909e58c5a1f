import type { CacheEvent } from "../db/cache-events.ts";
import type { Db } from "../db/client/database.ts";
import type { SharedPart } from "./memory-store.ts";
import type { CacheName } from "./names.ts";

/** How an answer was come by; `x-cache` on the wire. */
export type CacheState = "HIT" | "MISS" | "STALE" | "BYPASS";

/** What one cached kind of answer is: it stands beside the procedure's schema. */
export interface CachePolicy<P, V> {
  /** In metrics and in `cache:flush`. */
  readonly name: CacheName;
  /** Of the value's layout; a change of it makes older entries misses. */
  readonly shape: string;
  readonly freshSeconds: number;
  readonly key: (parameters: P) => string;
  /** Whether a written row may be shown by this answer; `value` is undefined while it is being loaded. */
  readonly isAffected: (event: CacheEvent, parameters: P, value: V | undefined) => boolean;
  readonly encode: (value: V) => Buffer;
  /** Errors: any, when the bytes are not such a value. */
  readonly decode: (payload: Buffer) => V;
  /** How many different answers are kept of one value; by default one. */
  readonly answersKept?: number;
  /** What entries of the memory tier share, and what the rest of a value takes; by default nothing, and an object's. */
  readonly memory?: (value: V) => {
    readonly ownBytes: number;
    readonly parts: readonly SharedPart[];
  };
}

/** A policy with the query that loads its values. */
export interface CachedQuery<P, V> extends CachePolicy<P, V> {
  /** Errors: those of the database. */
  readonly query: (db: Db, parameters: P) => Promise<Loaded<V>>;
}

/** What a loader gives: the value and `pg_current_snapshot()` of the very statement that read it. */
export interface Loaded<V> {
  readonly value: V;
  readonly snapshot: string;
}

/**
 * Gives the value; `isCurrent` tells whether one that may be behind the primary shows all that is known to be written,
 * so that it may be given and stored.
 */
export type Load<V> = (isCurrent: (loaded: Loaded<V>) => boolean) => Promise<Loaded<V>>;

/** A cached part of an answer, as HTTP needs to know it. */
export interface AnsweredPart {
  readonly state: CacheState;
  /** Of the value: another value has another etag. A procedure that shows more than the value adds to it. */
  etag: string;
}

/** An answer out of the cache. */
export interface Cached<V> extends AnsweredPart {
  readonly value: V;
}
