import type { CacheEvent } from "../db/cache-events.ts";
import type { EntryHeader } from "./entry.ts";
import type { Journal } from "./journal.ts";
import { affects, type Lookup, type Tagged } from "./lookup.ts";
import { jsonInMemory, type MemoryEntry, MemoryStore } from "./memory-store.ts";
import { type CachePolicy, lifeMs } from "./policy.ts";
import type { Snapshot } from "./snapshot.ts";
import type { CacheStats } from "./stats.ts";

/** A value in memory, with everything that its validity depends on. Units: Unix milliseconds unless stated. */
export interface LocalEntry extends MemoryEntry, Tagged<unknown> {
  readonly policy: CachePolicy<unknown, unknown>;
  readonly parameters: unknown;
  readonly snapshot: Snapshot;
  /** The journal's position up to which no event affects the entry. */
  position: number;
  readonly freshUntilMs: number;
  readonly refreshFromMs: number;
  /** The entry shows every write up to this moment without the journal. Units: clock of `performance.now()`. */
  readonly seenAt: number;
}

/** Measured size of the entry object, its place in the map, etag, snapshot and parameters. */
const ENTRY_OVERHEAD_BYTES = 832;
const NO_PARTS: readonly [] = [];

/** The memory tier: `read` returns only entries that no known event affects. */
export class LocalTier {
  readonly #store: MemoryStore<LocalEntry>;
  readonly #journal: Journal;
  readonly #stats: CacheStats;
  readonly #nowMs: () => number;

  constructor(bytesMax: number, journal: Journal, stats: CacheStats, nowMs: () => number) {
    this.#store = new MemoryStore(bytesMax);
    this.#journal = journal;
    this.#stats = stats;
    this.#nowMs = nowMs;
    stats.memory = this.#store;
  }

  /** Returns the key's entry unless an event that affects it has become known since the last read. */
  read(key: string): LocalEntry | undefined {
    const entry = this.#store.get(key);
    if (entry === undefined || entry.position === this.#journal.position) return entry;
    const matters = (event: CacheEvent) => affects(entry, event, entry.value);
    if (this.#journal.isCurrent(entry.snapshot, matters, entry.position)) {
      entry.position = this.#journal.position;
      return entry;
    }
    this.#store.delete(key);
    this.#stats.dropped(entry.policy.name);
    return undefined;
  }

  /** Stores a value, unless the value is too large for the tier. Units: `seenAt` as in `LocalEntry`. */
  write<P, V>(
    { policy, parameters, key }: Lookup<P, V>,
    { value, etag }: Tagged<V>,
    payloadBytes: number,
    { snapshot, freshUntilMs }: EntryHeader,
    seenAt: number,
  ): void {
    const restMs = freshUntilMs - this.#nowMs();
    const { ownBytes, parts } = policy.memory?.(value) ?? {
      ownBytes: jsonInMemory(payloadBytes, policy.answersKept ?? 1),
      parts: NO_PARTS,
    };
    this.#store.set(key, {
      policy: erase(policy),
      parameters,
      value,
      etag,
      snapshot,
      position: this.#journal.position,
      seenAt,
      freshUntilMs,
      // Random, because instances that share an entry must not all refresh it at once.
      refreshFromMs: freshUntilMs - Math.min(restMs, lifeMs(policy)) * 0.1 * (0.5 + Math.random()),
      bytes: ownBytes + key.length * 2 + ENTRY_OVERHEAD_BYTES,
      parts,
      used: true,
    });
  }
}

/** Erases a policy's types, because one map stores the entries of all policies. */
function erase<P, V>(policy: CachePolicy<P, V>): CachePolicy<unknown, unknown> {
  return policy as unknown as CachePolicy<unknown, unknown>;
}
