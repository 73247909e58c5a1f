import type { CacheEvent } from "../db/cache-events.ts";
import type { Db } from "../db/client/database.ts";
import type { SharedPart } from "./memory-store.ts";
import type { CacheName } from "./names.ts";

/** Where an answer came from; `x-cache` on the wire. */
export type CacheState = "HIT" | "MISS" | "STALE" | "BYPASS";

/**
 * How long an entry is used, ±10 %, while the journal knows of nothing that affects it. Its reach allows no more: with an
 * hour of `stale-if-error` an entry is younger than the oldest event that the journal keeps.
 */
export const ENTRY_LIFE_SECONDS = 90 * 60;

/** How one kind of answer is cached. A feature declares its policies in `policies.ts`. */
export interface CachePolicy<P, V> {
  /** The name in metrics and in `cache:flush`. */
  readonly name: CacheName;
  /** The layout of the value. Entries of another shape are misses. */
  readonly shape: string;
  /** By default `ENTRY_LIFE_SECONDS`. */
  readonly freshSeconds?: number;
  readonly key: (parameters: P) => string;
  /** Whether this answer may show the written row; `value` is undefined while the answer is being loaded. */
  readonly isAffected: (event: CacheEvent, parameters: P, value: V | undefined) => boolean;
  readonly encode: (value: V) => Buffer;
  /** Errors: any, when the bytes are not a value of this policy. */
  readonly decode: (payload: Buffer) => V;
  /** How many different answers are made from one value and kept; by default one. */
  readonly answersKept?: number;
  /** The parts that a value shares with other entries, and the size of the rest; by default no parts. */
  readonly memory?: (value: V) => {
    readonly ownBytes: number;
    readonly parts: readonly SharedPart[];
  };
}

/** How long an entry of a policy is used. Units: milliseconds. */
export function lifeMs({
  freshSeconds = ENTRY_LIFE_SECONDS,
}: {
  readonly freshSeconds?: number;
}): number {
  return freshSeconds * 1000;
}

/** A policy with the query that loads its values. */
export interface CachedQuery<P, V> extends CachePolicy<P, V> {
  /** Errors: those of the database. */
  readonly query: (db: Db, parameters: P) => Promise<Loaded<V>>;
}

/** A loaded value and `pg_current_snapshot()` of the statement that read it. */
export interface Loaded<V> {
  readonly value: V;
  readonly snapshot: string;
}

/**
 * Loads the value. A load that reads from a replica calls `isCurrent` to check that the replica has every write known
 * to affect the value.
 */
export type Load<V> = (isCurrent: (loaded: Loaded<V>) => boolean) => Promise<Loaded<V>>;

/** The facts about a cached part of an answer that its HTTP headers show. */
export interface AnsweredPart {
  readonly state: CacheState;
  /** The etag of the value. A procedure whose answer shows more than the value extends the etag. */
  etag: string;
}

/** A value from the cache. */
export interface Cached<V> extends AnsweredPart {
  readonly value: V;
}
