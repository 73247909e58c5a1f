import { hash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { CacheEvent } from "../db/cache-events.ts";
import { AppError, appErrorOf } from "../errors.ts";
import type { EntryHeader, StoredEntry } from "./entry.ts";
import { Flights } from "./flights.ts";
import { CONFIRMED_FOR_MS, type Journal } from "./journal.ts";
import type { Lease } from "./lease.ts";
import type { CacheName } from "./names.ts";
import { jsonInMemory, type MemoryEntry, MemoryStore } from "./memory-store.ts";
import { Outage, SILENT_FROM_MS } from "./outage.ts";
import type { Cached, CacheState, CachePolicy, Load, Loaded } from "./policy.ts";
import type { RedisTier, SharedLookup } from "./redis-tier.ts";
import { parseSnapshot, type Snapshot } from "./snapshot.ts";
import type { CacheStats } from "./stats.ts";

/** A value with its etag. */
interface Tagged<V> {
  readonly value: V;
  readonly etag: string;
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
  /** All that was written until then it shows of itself; on the clock of `performance.now()`. */
  readonly seenAt: number;
}

/** What a look-up accepts from the shared tier. */
interface Wanted {
  /** Whether the journal was read recently enough to vouch for entries. */
  readonly confirmed: boolean;
  /** Only entries that stay fresh beyond this Unix time in milliseconds. */
  readonly newerThanMs: number;
  /** When to give an answer that bridges rather than to wait on; on the clock of `performance.now()`. */
  readonly endsAt: number;
  /** Whether the caller has such an answer already. */
  readonly isBridged: boolean;
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
/** So much sooner a load is given up for an answer that bridges than for none. */
const BRIDGED_SOONER_MS = 100;
/** How often the lease of another replica is looked at. */
const POLL_MAX_MS = 10;
/** A load that hung longer than this is not stored: the journal is only kept for some hours. */
const LOAD_MAX_MS = 60_000;
/** The entry, its place in the map, etag, snapshot and parameters, as measured. */
const ENTRY_OVERHEAD_BYTES = 832;
const TOO_LATE = "The database cannot answer right now. Please try again.";
const TAG_LENGTH = 20;
const NEVER = Number.NEGATIVE_INFINITY;
const NO_PARTS: readonly [] = [];

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

function tooLate(): AppError {
  return new AppError("SERVICE_UNAVAILABLE", TOO_LATE, { retryAfterSeconds: 2 });
}

/**
 * Errors: SERVICE_UNAVAILABLE when the time is over, or when what `interrupt` waits for happens; else those of the
 * work, which goes on.
 */
async function within<T>(
  remainingMs: number,
  work: Promise<T>,
  interrupt?: (stop: () => void) => () => void,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let forget: (() => void) | undefined;
  const over = new Promise<never>((_resolve, reject) => {
    const stop = () => reject(tooLate());
    timer = setTimeout(stop, remainingMs);
    forget = interrupt?.(stop);
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
    forget?.();
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
  readonly #flights: Flights;
  readonly #outage = new Outage();
  readonly #background = new Set<Promise<unknown>>();
  /** When a write was made whose event could not be read; on the clock of `performance.now()`. */
  #doubtedAt = NEVER;

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
    this.#flights = new Flights(options.journal);
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

  /** Counts a hit that was answered with what `peek` returned. */
  countHit(name: CacheName): void {
    this.#stats.count(name, "memory", "HIT");
  }

  /** The value from the nearest tier that has a valid one, else from `load`. Errors: those of `load`. */
  async get<P, V>(policy: CachePolicy<P, V>, parameters: P, load: Load<V>): Promise<Cached<V>> {
    const key = policy.key(parameters);
    const beganAt = performance.now();
    const confirmed =
      this.#journal.isConfirmed(beganAt) ||
      this.#vouchesForItself(this.#recall(key), beganAt) ||
      (await this.#confirm());
    const entry = this.#recall(key);
    const nowMs = this.#nowMs();
    if (confirmed && entry !== undefined && nowMs < entry.freshUntilMs + REVALIDATE_MS) {
      const isFresh = nowMs < entry.freshUntilMs;
      if (nowMs >= entry.refreshFromMs)
        this.#refresh(policy, parameters, key, load, entry.freshUntilMs);
      return this.#answer(policy, "memory", entry as Tagged<V>, isFresh ? "HIT" : "STALE");
    }
    const endsAt = beganAt + ANSWER_MAX_MS;
    const isBridged = !confirmed && this.#bridges(entry);
    const bridgeAt = endsAt - BRIDGED_SOONER_MS;
    const wanted = { confirmed, newerThanMs: nowMs, endsAt: bridgeAt, isBridged };
    const fly = () => this.#fly(policy, parameters, key, load, wanted) as Promise<Cached<V>>;
    if (isBridged) return this.#orBridge(policy, "memory", entry as Tagged<V>, endsAt, fly);
    try {
      return await within(endsAt - performance.now(), fly());
    } catch (error) {
      const bridge = this.#recall(key);
      if (!isOutage(error) || !this.#bridges(bridge)) throw error;
      return this.#answer(policy, "memory", bridge as Tagged<V>, "STALE");
    }
  }

  /** To be awaited by every write before it returns: from then on this replica shows what was written. */
  async written(): Promise<void> {
    try {
      await this.#journal.sync();
    } catch {
      this.#journal.doubt();
      this.#doubtedAt = performance.now();
      this.#outage.answered(this.#doubtedAt);
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

  /** Whether an entry shows all that a call must be shown, with no word from the journal. */
  #vouchesForItself(entry: Entry | undefined, nowMs: number): boolean {
    return (
      entry !== undefined &&
      entry.seenAt > this.#doubtedAt &&
      nowMs - entry.seenAt <= CONFIRMED_FOR_MS
    );
  }

  #bridges(entry: Entry | undefined): boolean {
    return entry !== undefined && this.#nowMs() < entry.freshUntilMs + BRIDGE_MS;
  }

  /**
   * What a load gives, or, if the database is away, an answer from before. Only a load can tell: writes may go on
   * although their journal cannot be read. Errors: those of the load that are no outage.
   */
  async #orBridge<V>(
    policy: { readonly name: string },
    tier: "memory" | "redis",
    bridge: Tagged<V>,
    endsAt: number,
    start: () => Promise<Cached<V>>,
  ): Promise<Cached<V>> {
    const nowMs = performance.now();
    let waitMs = endsAt - nowMs;
    if (this.#outage.isKnown(this.#journal.confirmedAt)) {
      if (this.#outage.isFresh(nowMs)) {
        if (this.#outage.mayTry(nowMs)) this.#behind(start());
        return this.#answer(policy, tier, bridge, "STALE");
      }
      this.#outage.mayTry(nowMs);
      waitMs = Math.min(waitMs, SILENT_FROM_MS);
    }
    try {
      return await within(waitMs, start(), (stop) => this.#outage.onFailure(stop));
    } catch (error) {
      if (!isOutage(error)) throw error;
      return this.#answer(policy, tier, bridge, "STALE");
    }
  }

  #answer<V>(
    policy: { readonly name: string },
    tier: "memory" | "redis",
    { value, etag }: Tagged<V>,
    state: CacheState,
  ): Cached<V> {
    this.#stats.count(policy.name, tier, state);
    return { value, etag, state };
  }

  /** One load a key at a time in this process. */
  #fly<P, V>(
    policy: CachePolicy<P, V>,
    parameters: P,
    key: string,
    load: Load<V>,
    wanted: Wanted,
  ): Promise<Cached<unknown>> {
    return this.#flights.join(
      key,
      (event) => affects(policy, event, parameters, undefined),
      wanted.confirmed,
      () => this.#obtain(policy, parameters, key, load, wanted),
    );
  }

  async #obtain<P, V>(
    policy: CachePolicy<P, V>,
    parameters: P,
    key: string,
    load: Load<V>,
    { confirmed, newerThanMs, endsAt, isBridged }: Wanted,
  ): Promise<Cached<V>> {
    const redis = this.#redis;
    if (redis === null || !redis.available) return this.#load(policy, parameters, key, load, null);
    const waitsUntil = performance.now() + TAKEN_WAIT_MS;
    let bridge: Tagged<V> | undefined;
    let useless: Buffer | null = null;
    for (let waitMs = 3; ;) {
      const lookup: SharedLookup = await redis.getOrLease(key, useless);
      if (lookup.kind === "found") {
        const { entry } = lookup;
        const value = entry === null ? undefined : this.#adopt(policy, parameters, key, entry);
        if (entry !== null && value !== undefined) {
          if (confirmed && entry.freshUntilMs > newerThanMs)
            return this.#answer(policy, "redis", value, "HIT");
          if (this.#nowMs() < entry.freshUntilMs + BRIDGE_MS) bridge = value;
        }
        useless = lookup.mark;
        continue;
      }
      // What another replica loads would not do while nobody vouches for it.
      if (lookup.kind === "taken" && confirmed && performance.now() < waitsUntil) {
        const pausedAt = performance.now();
        await pause(waitMs);
        // Where this process was held up, the holder's renewal may be late for the same reason: let it come first.
        if (performance.now() - pausedAt > waitMs + POLL_MAX_MS) await pause(POLL_MAX_MS);
        waitMs = Math.min(waitMs * 1.5, POLL_MAX_MS);
        continue;
      }
      const lease = lookup.kind === "lease" ? lookup.lease : null;
      let isLoading = false;
      const start = () => {
        isLoading = true;
        return this.#load(policy, parameters, key, load, lease);
      };
      if (bridge === undefined || isBridged) return start();
      const answer = this.#orBridge(policy, "redis", bridge, endsAt, start);
      if (lease !== null && !isLoading) this.#behind(redis.release(key, lease));
      return answer;
    }
  }

  /**
   * Takes a shared entry into memory if it is whole, of today's shape and nothing newer affects it. While it is not
   * known yet which database this is, an entry can bridge, but not stay.
   */
  #adopt<P, V>(
    policy: CachePolicy<P, V>,
    parameters: P,
    key: string,
    entry: StoredEntry,
  ): Tagged<V> | undefined {
    const { databaseId } = this.#journal;
    if (entry.shape !== policy.shape) return undefined;
    if (databaseId !== "" && entry.databaseId !== databaseId) return undefined;
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
    const tagged = { value, etag: tagOf(entry.payload) };
    if (databaseId !== "")
      this.#remember(policy, parameters, key, tagged, entry.payload.length, entry, NEVER);
    return tagged;
  }

  async #load<P, V>(
    policy: CachePolicy<P, V>,
    parameters: P,
    key: string,
    load: Load<V>,
    lease: Lease | null,
  ): Promise<Cached<V>> {
    const beganAt = performance.now();
    const { databaseId } = this.#journal;
    let seenAt = beganAt;
    const isCurrent = ({ value, snapshot }: Loaded<V>) =>
      databaseId !== "" &&
      databaseId === this.#journal.databaseId &&
      this.#journal.isCurrent(parseSnapshot(snapshot), (event) =>
        affects(policy, event, parameters, value),
      );
    let loaded: Loaded<V>;
    try {
      loaded = await load((candidate) => {
        // Who is not told of writes cannot judge what a replica gives.
        if (!this.#journal.isConfirmed(performance.now()) || !isCurrent(candidate)) return false;
        seenAt = this.#journal.confirmedAt;
        return true;
      });
    } catch (error) {
      if (isOutage(error)) this.#outage.failed(beganAt, performance.now());
      if (lease !== null) this.#behind(this.#redis?.release(key, lease));
      throw error;
    }
    this.#outage.answered(performance.now());
    const tookMs = performance.now() - beganAt;
    this.#stats.loaded(policy.name, tookMs / 1000);
    const payload = policy.encode(loaded.value);
    const header: EntryHeader = {
      shape: policy.shape,
      databaseId,
      snapshot: parseSnapshot(loaded.snapshot),
      freshUntilMs: this.#nowMs() + policy.freshSeconds * 1000 * (0.9 + 0.2 * Math.random()),
    };
    const tagged = { value: loaded.value, etag: tagOf(payload) };
    if (isCurrent(loaded) && tookMs < LOAD_MAX_MS) {
      this.#remember(policy, parameters, key, tagged, payload.length, header, seenAt);
      this.#behind(this.#share(key, header, payload, lease));
    } else if (lease !== null) this.#behind(this.#redis?.release(key, lease));
    return this.#answer(policy, "memory", tagged, "MISS");
  }

  /** After the answer is on its way: laying an entry out takes as long as all the rest that follows a query. */
  async #share(
    key: string,
    header: EntryHeader,
    payload: Buffer,
    lease: Lease | null,
  ): Promise<void> {
    await nextTurn();
    const ttlMs = header.freshUntilMs - this.#nowMs() + BRIDGE_MS;
    await this.#redis?.store(key, { header, payload }, ttlMs, lease);
  }

  #remember<P, V>(
    policy: CachePolicy<P, V>,
    parameters: P,
    key: string,
    { value, etag }: Tagged<V>,
    payloadBytes: number,
    header: EntryHeader,
    seenAt: number,
  ): void {
    const restMs = header.freshUntilMs - this.#nowMs();
    const { ownBytes, parts } = policy.memory?.(value) ?? {
      ownBytes: jsonInMemory(payloadBytes, policy.answersKept ?? 1),
      parts: NO_PARTS,
    };
    this.#memory.set(key, {
      policy: erase(policy),
      parameters,
      value,
      etag,
      snapshot: header.snapshot,
      position: this.#journal.position,
      seenAt,
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
    const endsAt = performance.now() + ANSWER_MAX_MS;
    this.#behind(
      this.#fly(policy, parameters, key, load, {
        confirmed: true,
        newerThanMs,
        endsAt,
        isBridged: true,
      }),
    );
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
