import { hash } from "node:crypto";
import type { CacheEvent } from "../db/cache-events.ts";
import { AppError, appErrorOf } from "../errors.ts";
import type { EntryHeader, StoredEntry } from "./entry.ts";
import type { Journal } from "./journal.ts";
import type { CacheName } from "./names.ts";
import { type MemoryEntry, MemoryStore } from "./memory-store.ts";
import type { Cached, CacheState, CachePolicy, Load, Loaded } from "./policy.ts";
import type { RedisTier } from "./redis-tier.ts";
import { parseSnapshot, type Snapshot } from "./snapshot.ts";
import type { CacheStats } from "./stats.ts";

/** A value with its tag. */
interface Tagged<V> {
  readonly value: V;
  readonly tag: string;
}

interface Entry extends MemoryEntry, Tagged<unknown> {
  readonly policy: CachePolicy<unknown, unknown>;
  readonly parameters: unknown;
  readonly snapshot: Snapshot;
  /** Up to where in the journal nothing was found that affects it. */
  position: number;
  /** The rest are times in Unix milliseconds. */
  readonly freshUntilMs: number;
  readonly refreshFromMs: number;
}

interface Flight {
  readonly policy: CachePolicy<unknown, unknown>;
  readonly parameters: unknown;
  /** Where in the journal the replica was when it began. */
  readonly position: number;
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
/** How long a call waits in all: an outage is told, or bridged, before the phone gives up. */
const ANSWER_MAX_MS = 2_700;
/** How old a load may be that a call joins while the journal cannot be read. */
const JOIN_UNCONFIRMED_MS = 800;
/** A load that hung longer than this is not stored: the journal is only kept for some hours. */
const LOAD_MAX_MS = 60_000;
const ENTRY_OVERHEAD_BYTES = 512;
const TOO_LATE = "The database cannot answer right now. Please try again.";
const TAG_LENGTH = 20;

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Errors: SERVICE_UNAVAILABLE when the time is over; else those of the work, which goes on. */
async function within<T>(remainingMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new AppError("SERVICE_UNAVAILABLE", TOO_LATE, { retryAfterSeconds: 2 })),
      remainingMs,
    );
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}

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
  }

  /** A vouched-for, fresh value in memory, or undefined: the whole of what a hot path needs to know. */
  peek<P, V>(_policy: CachePolicy<P, V>, key: string): Tagged<V> | undefined {
    if (!this.#journal.isConfirmed(performance.now())) return undefined;
    const entry = this.#recall(key);
    if (entry === undefined || this.#nowMs() >= entry.refreshFromMs) return undefined;
    // The key carries the policy's name, so the value is this policy's.
    return entry as Tagged<V>;
  }

  /** Counts a hit that was given from what `peek` gave. */
  answered(name: CacheName): void {
    this.#stats.count(name, "memory", "HIT");
  }

  /** The value from the nearest tier that has a valid one, else from `load`. Errors: those of `load`. */
  async get<P, V>(policy: CachePolicy<P, V>, parameters: P, load: Load<V>): Promise<Cached<V>> {
    const key = policy.key(parameters);
    const beganAt = performance.now();
    const confirmed = this.#journal.isConfirmed(beganAt) || (await this.#confirm());
    const entry = this.#recall(key);
    const nowMs = this.#nowMs();
    if (entry !== undefined) {
      const value = entry as Tagged<V>;
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
      const flight = this.#fly(policy, parameters, key, load, { confirmed, newerThanMs: nowMs });
      return (await within(beganAt + ANSWER_MAX_MS - performance.now(), flight)) as Cached<V>;
    } catch (error) {
      const bridge = this.#recall(key);
      if (
        bridge === undefined ||
        !isOutage(error) ||
        this.#nowMs() >= bridge.freshUntilMs + BRIDGE_MS
      )
        throw error;
      return this.#answer(policy, "memory", bridge as Tagged<V>, "STALE");
    }
  }

  /** To be awaited by every write before it returns: from then on this replica shows what was written. */
  async written(): Promise<void> {
    try {
      await this.#journal.sync();
    } catch {
      this.#journal.doubt();
      this.#flights.clear();
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

  /** The entry in memory, unless something that affects it came to be known since it was looked at last. */
  #recall(key: string): Entry | undefined {
    const entry = this.#memory.get(key);
    if (entry === undefined || entry.position === this.#journal.position) return entry;
    const { policy, parameters, value, snapshot, position } = entry;
    const matters = (event: CacheEvent) => affects(policy, event, parameters, value);
    if (this.#journal.isCurrent(snapshot, matters, position)) {
      entry.position = this.#journal.position;
      return entry;
    }
    this.#memory.delete(key);
    this.#stats.dropped(policy.name);
    return undefined;
  }

  #answer<V>(
    policy: { readonly name: string },
    tier: "memory" | "redis",
    { value, tag }: Tagged<V>,
    state: CacheState,
  ): Cached<V> {
    this.#stats.count(policy.name, tier, state);
    return { value, tag, state };
  }

  /** One load a key at a time in this process. */
  #fly<P, V>(
    policy: CachePolicy<P, V>,
    parameters: P,
    key: string,
    load: Load<V>,
    wanted: Wanted,
  ): Promise<Cached<unknown>> {
    const underway = this.#flights.get(key);
    const beganAt = performance.now();
    if (underway !== undefined && this.#mayJoin(underway, beganAt, wanted.confirmed)) {
      return underway.result;
    }
    const { position } = this.#journal;
    const result = this.#obtain(policy, parameters, key, load, wanted);
    const flight = { policy: erase(policy), parameters, position, beganAt, result };
    this.#flights.set(key, flight);
    const over = () => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    };
    result.then(over, over);
    return result;
  }

  /** Who asks after a write must not be given what is being loaded from before it. */
  #mayJoin({ policy, parameters, position, beganAt }: Flight, nowMs: number, confirmed: boolean) {
    // With the journal unread, a load that began before a write could still be under way.
    if (!confirmed && nowMs - beganAt >= JOIN_UNCONFIRMED_MS) return false;
    const matters = (event: CacheEvent) => affects(policy, event, parameters, undefined);
    return this.#journal.isCurrent(null, matters, position);
  }

  async #obtain<P, V>(
    policy: CachePolicy<P, V>,
    parameters: P,
    key: string,
    load: Load<V>,
    { confirmed, newerThanMs }: Wanted,
  ): Promise<Cached<V>> {
    const redis = this.#redis;
    if (redis === null || !redis.available) return this.#load(policy, parameters, key, load, null);
    const endsAt = performance.now() + TAKEN_WAIT_MS;
    let lookup = await redis.getOrLease(key);
    let bridge: Tagged<V> | undefined;
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
      const isPointless = this.#journal.state === "away" || performance.now() > endsAt;
      if (lookup.kind === "away" || isPointless) {
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
  ): Tagged<V> | undefined {
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
    const tagged = { value, tag: tagOf(entry.payload) };
    this.#remember(policy, parameters, key, tagged, entry.payload.length, entry);
    return tagged;
  }

  async #loadOrBridge<P, V>(
    policy: CachePolicy<P, V>,
    parameters: P,
    key: string,
    load: Load<V>,
    lease: string | null,
    bridge: Tagged<V> | undefined,
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
    load: Load<V>,
    lease: string | null,
  ): Promise<Cached<V>> {
    const beganAt = performance.now();
    const { databaseId } = this.#journal;
    const isCurrent = ({ value, snapshot }: Loaded<V>) =>
      databaseId !== "" &&
      databaseId === this.#journal.databaseId &&
      this.#journal.isCurrent(parseSnapshot(snapshot), (event) =>
        affects(policy, event, parameters, value),
      );
    // Who is not told of writes cannot judge what a replica gives.
    const loaded = await load(
      (candidate) => this.#journal.isConfirmed(performance.now()) && isCurrent(candidate),
    );
    const tookMs = performance.now() - beganAt;
    this.#stats.loaded(policy.name, tookMs / 1000);
    const payload = policy.encode(loaded.value);
    const header: EntryHeader = {
      shape: policy.shape,
      databaseId,
      snapshot: parseSnapshot(loaded.snapshot),
      freshUntilMs: this.#nowMs() + policy.freshSeconds * 1000 * (0.9 + 0.2 * Math.random()),
    };
    const tagged = { value: loaded.value, tag: tagOf(payload) };
    if (isCurrent(loaded) && tookMs < LOAD_MAX_MS) {
      this.#remember(policy, parameters, key, tagged, payload.length, header);
      this.#behind(this.#share(key, header, payload, lease));
    } else if (lease !== null) this.#behind(this.#redis?.release(key, lease));
    return this.#answer(policy, "memory", tagged, "MISS");
  }

  async #share(
    key: string,
    header: EntryHeader,
    payload: Buffer,
    lease: string | null,
  ): Promise<void> {
    const ttlMs = header.freshUntilMs - this.#nowMs() + BRIDGE_MS;
    await this.#redis?.store(key, { header, payload }, ttlMs, lease);
  }

  #remember<P, V>(
    policy: CachePolicy<P, V>,
    parameters: P,
    key: string,
    { value, tag }: Tagged<V>,
    payloadBytes: number,
    header: EntryHeader,
  ): void {
    const restMs = header.freshUntilMs - this.#nowMs();
    const { ownBytes, parts } = policy.memory?.(value) ?? { ownBytes: payloadBytes, parts: [] };
    this.#memory.set(key, {
      policy: erase(policy),
      parameters,
      value,
      tag,
      snapshot: header.snapshot,
      position: this.#journal.position,
      freshUntilMs: header.freshUntilMs,
      // Spread, so that the replicas that share an entry do not all turn to refreshing it at once.
      refreshFromMs:
        header.freshUntilMs -
        Math.min(restMs, policy.freshSeconds * 1000) * 0.1 * (0.5 + Math.random()),
      bytes: ownBytes + key.length * 2 + ENTRY_OVERHEAD_BYTES,
      parts,
      used: true,
    });
  }

  /** Loads anew, or takes over what another replica loaded, behind the back of the call that noticed. */
  #refresh<P, V>(
    policy: CachePolicy<P, V>,
    parameters: P,
    key: string,
    load: Load<V>,
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
}

function tagOf(payload: Buffer): string {
  return hash("sha1", payload, "base64url").slice(0, TAG_LENGTH);
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
