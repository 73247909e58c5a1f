import type { CacheEvent } from "../db/cache-events.ts";
import { appErrorOf } from "../errors.ts";
import type { EntryHeader, StoredEntry } from "./entry.ts";
import type { Journal } from "./journal.ts";
import type { CacheName } from "./names.ts";
import { type MemoryEntry, MemoryStore } from "./memory-store.ts";
import type { RedisTier } from "./redis-tier.ts";
import { isVisible, parseSnapshot, type Snapshot } from "./snapshot.ts";
import type { CacheStats } from "./stats.ts";

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
}

/** What a loader gives: the value and `pg_current_snapshot()` of the very statement that read it. */
export interface Loaded<V> {
  readonly value: V;
  readonly snapshot: string;
}

/** An answer out of the cache. */
export interface Cached<V> {
  readonly value: V;
  readonly state: CacheState;
}

interface Entry extends MemoryEntry {
  readonly policy: CachePolicy<unknown, unknown>;
  readonly parameters: unknown;
  readonly value: unknown;
  readonly snapshot: Snapshot;
  /** The rest are times in Unix milliseconds. */
  readonly freshUntilMs: number;
  readonly refreshFromMs: number;
}

interface Flight {
  readonly policy: CachePolicy<unknown, unknown>;
  readonly parameters: unknown;
  /** On the clock of `performance.now()`. */
  readonly beganAt: number;
  readonly result: Promise<Cached<unknown>>;
}

/** What a look-up accepts from the shared tier. */
interface Wanted {
  /** Whether the journal was read recently enough to vouch for entries. */
  readonly confirmed: boolean;
  /** Only entries that stay fresh beyond this Unix time in milliseconds. */
  readonly newerThanMs: number;
}

/** How long past its time an answer may bridge a database that is away. */
const BRIDGE_MS = 3_600_000;
/** How long past its time an answer is still given while it is being loaded anew. */
const REVALIDATE_MS = 60_000;
/** How long a replica waits for another one's load of the same key. */
const TAKEN_WAIT_MS = 2_000;
/** How long a call waits for the journal before it takes an answer that nobody vouches for. */
const CONFIRM_WAIT_MS = 1_200;
/** How old a load may be that a call joins while the journal cannot be read. */
const JOIN_UNCONFIRMED_MS = 800;
/** A load that hung longer than this is not stored: the journal is only kept for some hours. */
const LOAD_MAX_MS = 60_000;
const ENTRY_OVERHEAD_BYTES = 512;

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/**
 * Memory before Redis before the database, with answers that are never stale after a write.
 * Truth is the journal: an entry of any tier counts only if no event newer than its snapshot affects it.
 */
export class Cache {
  readonly #memory: MemoryStore<Entry>;
  readonly #redis: RedisTier | null;
  readonly #journal: Journal;
  readonly #stats: CacheStats;
  readonly #nowMs: () => number;
  readonly #flights = new Map<string, Flight>();
  readonly #background = new Set<Promise<unknown>>();

  constructor(options: {
    readonly memoryBytesMax: number;
    readonly redis: RedisTier | null;
    readonly journal: Journal;
    readonly stats: CacheStats;
    readonly nowMs: () => number;
  }) {
    this.#memory = new MemoryStore(options.memoryBytesMax);
    this.#redis = options.redis;
    this.#journal = options.journal;
    this.#stats = options.stats;
    this.#nowMs = options.nowMs;
    options.stats.memory = this.#memory;
    options.journal.onNews(({ events, reset }) => {
      if (reset) {
        this.#memory.clear();
        this.#flights.clear();
      } else this.#drop(events);
    });
  }

  /** A vouched-for, fresh value in memory, or undefined: the whole of what a hot path needs to know. */
  peek<P, V>(policy: CachePolicy<P, V>, key: string): V | undefined {
    if (!this.#journal.isConfirmed(performance.now())) return undefined;
    const entry = this.#memory.get(key);
    if (entry === undefined || this.#nowMs() >= entry.refreshFromMs) return undefined;
    this.#stats.count(policy.name, "memory", "HIT");
    // The key carries the policy's name, so the value is this policy's.
    return entry.value as V;
  }

  /** The value from the nearest tier that has a valid one, else from `load`. Errors: those of `load`. */
  async get<P, V>(
    policy: CachePolicy<P, V>,
    parameters: P,
    load: () => Promise<Loaded<V>>,
  ): Promise<Cached<V>> {
    const key = policy.key(parameters);
    const confirmed = this.#journal.isConfirmed(performance.now()) || (await this.#confirm());
    const entry = this.#memory.get(key);
    const nowMs = this.#nowMs();
    if (entry !== undefined) {
      const value = entry.value as V;
      if (!confirmed) {
        if (nowMs < entry.freshUntilMs + BRIDGE_MS)
          return this.#answer(policy, "memory", value, "STALE");
      } else if (nowMs < entry.freshUntilMs) {
        if (nowMs >= entry.refreshFromMs)
          this.#refresh(policy, parameters, key, load, entry.freshUntilMs);
        return this.#answer(policy, "memory", value, "HIT");
      } else if (nowMs < entry.freshUntilMs + REVALIDATE_MS) {
        this.#refresh(policy, parameters, key, load, entry.freshUntilMs);
        return this.#answer(policy, "memory", value, "STALE");
      }
    }
    try {
      return (await this.#fly(policy, parameters, key, load, {
        confirmed,
        newerThanMs: nowMs,
      })) as Cached<V>;
    } catch (error) {
      const bridge = this.#memory.get(key);
      if (
        bridge === undefined ||
        !isOutage(error) ||
        this.#nowMs() >= bridge.freshUntilMs + BRIDGE_MS
      )
        throw error;
      return this.#answer(policy, "memory", bridge.value as V, "STALE");
    }
  }

  /** To be awaited by every write before it returns: from then on this replica shows what was written. */
  async written(): Promise<void> {
    try {
      await this.#journal.sync();
    } catch {
      this.#journal.doubt();
    }
  }

  /** Waits for refreshes and stores that run behind answered calls. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#background);
  }

  /** Waits for the journal; false when the database does not answer. */
  async #confirm(): Promise<boolean> {
    if (this.#journal.state === "away") return false;
    const reading = this.#journal.sync().then(
      () => true,
      () => false,
    );
    return Promise.race([reading, pause(CONFIRM_WAIT_MS).then(() => false)]);
  }

  #answer<V>(
    policy: { readonly name: string },
    tier: "memory" | "redis",
    value: V,
    state: CacheState,
  ): Cached<V> {
    this.#stats.count(policy.name, tier, state);
    return { value, state };
  }

  /** One load a key at a time in this process. */
  #fly<P, V>(
    policy: CachePolicy<P, V>,
    parameters: P,
    key: string,
    load: () => Promise<Loaded<V>>,
    wanted: Wanted,
  ): Promise<Cached<unknown>> {
    const underway = this.#flights.get(key);
    const beganAt = performance.now();
    // With the journal unread, a load that began before a write could still be under way.
    if (
      underway !== undefined &&
      (wanted.confirmed || beganAt - underway.beganAt < JOIN_UNCONFIRMED_MS)
    ) {
      return underway.result;
    }
    const result = this.#obtain(policy, parameters, key, load, wanted);
    const flight = { policy: erase(policy), parameters, beganAt, result };
    this.#flights.set(key, flight);
    const over = () => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    };
    result.then(over, over);
    return result;
  }

  async #obtain<P, V>(
    policy: CachePolicy<P, V>,
    parameters: P,
    key: string,
    load: () => Promise<Loaded<V>>,
    { confirmed, newerThanMs }: Wanted,
  ): Promise<Cached<V>> {
    const redis = this.#redis;
    if (redis === null || !redis.available) return this.#load(policy, parameters, key, load, null);
    const endsAt = performance.now() + TAKEN_WAIT_MS;
    let lookup = await redis.getOrLease(key);
    let bridge: V | undefined;
    for (let waitMs = 5; ; waitMs = Math.min(waitMs * 1.5, 40)) {
      if (lookup.kind === "found") {
        const value = this.#adopt(policy, parameters, key, lookup.entry);
        const { freshUntilMs } = lookup.entry;
        if (value !== undefined && confirmed && freshUntilMs > newerThanMs) {
          return this.#answer(policy, "redis", value, "HIT");
        }
        if (value !== undefined && this.#nowMs() < freshUntilMs + BRIDGE_MS) {
          if (this.#journal.state === "away") return this.#answer(policy, "redis", value, "STALE");
          bridge = value;
        }
        lookup = await redis.lease(key);
        continue;
      }
      if (lookup.kind === "lease") {
        return this.#loadOrBridge(policy, parameters, key, load, lookup.token, bridge);
      }
      if (lookup.kind === "away" || performance.now() > endsAt) {
        return this.#loadOrBridge(policy, parameters, key, load, null, bridge);
      }
      await pause(waitMs);
      const entry = await redis.find(key);
      const value = entry === null ? undefined : this.#adopt(policy, parameters, key, entry);
      if (entry !== null && value !== undefined && confirmed && entry.freshUntilMs > newerThanMs) {
        return this.#answer(policy, "redis", value, "HIT");
      }
      if (!redis.available) lookup = { kind: "away" };
      else if (entry === null) lookup = await redis.getOrLease(key);
      else lookup = await redis.lease(key);
    }
  }

  /** Takes a shared entry into memory if it is whole, of today's shape and nothing newer affects it. */
  #adopt<P, V>(
    policy: CachePolicy<P, V>,
    parameters: P,
    key: string,
    entry: StoredEntry,
  ): V | undefined {
    if (entry.shape !== policy.shape || entry.databaseId !== this.#journal.databaseId)
      return undefined;
    let value: V;
    try {
      value = policy.decode(entry.payload);
    } catch {
      this.#stats.damaged += 1;
      return undefined;
    }
    if (
      !this.#journal.isCurrent(entry.snapshot, (event) => affects(policy, event, parameters, value))
    )
      return undefined;
    this.#remember(policy, parameters, key, value, entry.payload.length, entry);
    return value;
  }

  async #loadOrBridge<P, V>(
    policy: CachePolicy<P, V>,
    parameters: P,
    key: string,
    load: () => Promise<Loaded<V>>,
    lease: string | null,
    bridge: V | undefined,
  ): Promise<Cached<V>> {
    try {
      return await this.#load(policy, parameters, key, load, lease);
    } catch (error) {
      if (lease !== null) this.#behind(this.#redis?.release(key, lease));
      if (bridge === undefined || !isOutage(error)) throw error;
      return this.#answer(policy, "redis", bridge, "STALE");
    }
  }

  async #load<P, V>(
    policy: CachePolicy<P, V>,
    parameters: P,
    key: string,
    load: () => Promise<Loaded<V>>,
    lease: string | null,
  ): Promise<Cached<V>> {
    const beganAt = performance.now();
    const loaded = await load();
    const tookMs = performance.now() - beganAt;
    this.#stats.loaded(policy.name, tookMs / 1000);
    const payload = policy.encode(loaded.value);
    const header: EntryHeader = {
      shape: policy.shape,
      databaseId: this.#journal.databaseId,
      snapshot: parseSnapshot(loaded.snapshot),
      freshUntilMs: this.#nowMs() + policy.freshSeconds * 1000 * (0.9 + 0.2 * Math.random()),
    };
    const current = this.#journal.isCurrent(header.snapshot, (event) =>
      affects(policy, event, parameters, loaded.value),
    );
    if (current && tookMs < LOAD_MAX_MS && header.databaseId !== "") {
      this.#remember(policy, parameters, key, loaded.value, payload.length, header);
      this.#behind(this.#share(key, header, payload, lease));
    } else if (lease !== null) this.#behind(this.#redis?.release(key, lease));
    return this.#answer(policy, "memory", loaded.value, "MISS");
  }

  async #share(
    key: string,
    header: EntryHeader,
    payload: Buffer,
    lease: string | null,
  ): Promise<void> {
    await this.#redis?.store(key, header, payload, header.freshUntilMs - this.#nowMs() + BRIDGE_MS);
    if (lease !== null) await this.#redis?.release(key, lease);
  }

  #remember<P, V>(
    policy: CachePolicy<P, V>,
    parameters: P,
    key: string,
    value: V,
    payloadBytes: number,
    header: EntryHeader,
  ): void {
    const restMs = header.freshUntilMs - this.#nowMs();
    this.#memory.set(key, {
      policy: erase(policy),
      parameters,
      value,
      snapshot: header.snapshot,
      freshUntilMs: header.freshUntilMs,
      // Spread, so that the replicas that share an entry do not all turn to refreshing it at once.
      refreshFromMs:
        header.freshUntilMs -
        Math.min(restMs, policy.freshSeconds * 1000) * 0.1 * (0.5 + Math.random()),
      bytes: payloadBytes + key.length * 2 + ENTRY_OVERHEAD_BYTES,
      used: true,
    });
  }

  /** Loads anew, or takes over what another replica loaded, behind the back of the call that noticed. */
  #refresh<P, V>(
    policy: CachePolicy<P, V>,
    parameters: P,
    key: string,
    load: () => Promise<Loaded<V>>,
    newerThanMs: number,
  ): void {
    if (this.#flights.has(key)) return;
    this.#stats.refreshed(policy.name);
    this.#behind(this.#fly(policy, parameters, key, load, { confirmed: true, newerThanMs }));
  }

  #behind(work: Promise<unknown> | undefined): void {
    if (work === undefined) return;
    const quiet = work.catch(() => {});
    this.#background.add(quiet);
    void quiet.then(() => this.#background.delete(quiet));
  }

  #drop(events: readonly CacheEvent[]): void {
    for (const [key, entry] of this.#memory.entries()) {
      for (const event of events) {
        if (isVisible(entry.snapshot, event.xid)) continue;
        if (!affects(entry.policy, event, entry.parameters, entry.value)) continue;
        this.#memory.delete(key);
        this.#stats.dropped(entry.policy.name);
        break;
      }
    }
    for (const [key, flight] of this.#flights) {
      // Who asks from now on must not be given what is being loaded from before the write.
      if (events.some((event) => affects(flight.policy, event, flight.parameters, undefined)))
        this.#flights.delete(key);
    }
  }
}

/**
 * The one door of every hot procedure: its answer from the cache, or loaded and cached as its policy says.
 * Errors: those of `load`.
 */
export function withCache<P, V>(
  cache: Cache,
  policy: CachePolicy<P, V>,
  parameters: P,
  load: () => Promise<Loaded<V>>,
): Promise<Cached<V>> {
  return cache.get(policy, parameters, load);
}

function affects<P, V>(
  policy: CachePolicy<P, V>,
  event: CacheEvent,
  parameters: P,
  value: V | undefined,
): boolean {
  return event.topic === "flush"
    ? event.ref === policy.name
    : policy.isAffected(event, parameters, value);
}

/** Forgets a policy's types, for the maps that hold all policies' entries. */
function erase<P, V>(policy: CachePolicy<P, V>): CachePolicy<unknown, unknown> {
  return policy as unknown as CachePolicy<unknown, unknown>;
}

function isOutage(error: unknown): boolean {
  return appErrorOf(error)?.code === "SERVICE_UNAVAILABLE";
}
