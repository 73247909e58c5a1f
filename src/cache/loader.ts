import { setImmediate as nextTurn, setTimeout as pause } from "node:timers/promises";
import type { BackgroundWork } from "./background-work.ts";
import type { EntryHeader, StoredEntry } from "./entry.ts";
import type { Journal } from "./journal.ts";
import type { Lease } from "./lease.ts";
import type { LocalTier } from "./local-tier.ts";
import { affects, type Lookup, type Tagged, etagOf } from "./lookup.ts";
import { type Cached, lifeMs, type Loaded } from "./policy.ts";
import type { RedisTier } from "./redis-tier.ts";
import { SingleFlight } from "./single-flight.ts";
import { parseSnapshot } from "./snapshot.ts";
import { isOutage, STALE_IF_ERROR_MS, type StaleIfError } from "./stale-if-error.ts";
import type { CacheStats } from "./stats.ts";

/** The entries that a look-up accepts from the shared tier, and how long it waits. */
export interface Wanted {
  /** Whether the journal was read recently enough to confirm entries. */
  readonly isConfirmed: boolean;
  /** An accepted entry stays fresh beyond this time. Units: Unix milliseconds. */
  readonly newerThanMs: number;
  /** When to return a stale answer instead of waiting longer. Units: clock of `performance.now()`. */
  readonly endsAt: number;
  /** Whether the caller has a stale answer already. */
  readonly hasStale: boolean;
}

/** Dependencies of a loader. */
export interface LoaderParts {
  readonly local: LocalTier;
  readonly redis: RedisTier | null;
  readonly journal: Journal;
  readonly stats: CacheStats;
  readonly staleIfError: StaleIfError;
  readonly background: BackgroundWork;
  readonly nowMs: () => number;
}

/** How long an instance waits for another one's load of the same key. */
const TAKEN_WAIT_MS = 2_000;
/** The longest pause between two checks of another instance's lease, while few loads wait for others'. */
const POLL_MAX_MS = 10;
/** The least time between two such checks of one instance, because in an overload hundreds of loads may wait. */
const POLL_SPACING_MS = 1;
/** A load that took longer is not stored, because the journal keeps events for a few hours only. */
const LOAD_MAX_MS = 60_000;
const NEVER = Number.NEGATIVE_INFINITY;

/** Loads a value that memory lacks: single flight, then the shared tier, then a lease, then the database. */
export class Loader {
  readonly #parts: LoaderParts;
  readonly #singleFlight: SingleFlight;
  /** Loads that wait for another instance's load. */
  #waiting = 0;

  constructor(parts: LoaderParts) {
    this.#parts = parts;
    this.#singleFlight = new SingleFlight(parts.journal);
  }

  isLoading(key: string): boolean {
    return this.#singleFlight.has(key);
  }

  /** Prevents later calls from joining a load that is running now. */
  detachLoads(): void {
    this.#singleFlight.clear();
  }

  /** Loads a key, with one load at a time in this process. Errors: those of the load. */
  loadOnce<P, V>(lookup: Lookup<P, V>, wanted: Wanted): Promise<Cached<V>> {
    return this.#singleFlight.join(
      lookup.key,
      (event) => affects(lookup, event, undefined),
      wanted.isConfirmed,
      () => this.#fromSharedTier(lookup, wanted),
    ) as Promise<Cached<V>>;
  }

  async #fromSharedTier<P, V>(
    lookup: Lookup<P, V>,
    { isConfirmed, newerThanMs, endsAt, hasStale }: Wanted,
  ): Promise<Cached<V>> {
    const { redis, background, journal, nowMs, staleIfError, stats } = this.#parts;
    const { key, policy } = lookup;
    if (redis === null || !redis.available) return this.#fromDatabase(lookup, null);
    const waitsUntil = performance.now() + TAKEN_WAIT_MS;
    let stale: Tagged<V> | undefined;
    let useless: Buffer | null = null;
    for (let waitMs = 3; ;) {
      const found = await redis.getOrLease(key, useless);
      if (found.kind === "found") {
        const { entry } = found;
        const value = entry === null ? undefined : this.#adopt(lookup, entry);
        if (entry !== null && value !== undefined) {
          if (isConfirmed && entry.freshUntilMs > newerThanMs) {
            return stats.answer(policy.name, "redis", value, "HIT");
          }
          if (nowMs() < entry.freshUntilMs + STALE_IF_ERROR_MS) stale = value;
        }
        useless = found.mark;
        continue;
      }
      // An unconfirmed caller could not use what another instance loads.
      if (found.kind === "taken" && isConfirmed && performance.now() < waitsUntil) {
        await this.#pause(waitMs);
        waitMs = Math.min(waitMs * 1.5, Math.max(POLL_MAX_MS, this.#waiting * POLL_SPACING_MS));
        continue;
      }
      const lease = found.kind === "lease" ? found.lease : null;
      let isLoading = false;
      const start = () => {
        isLoading = true;
        return this.#fromDatabase(lookup, lease);
      };
      if (stale === undefined || hasStale) return start();
      const known = stale;
      const answer = staleIfError.race(
        () => stats.answer(policy.name, "redis", known, "STALE"),
        endsAt,
        journal.confirmedAt,
        start,
      );
      if (lease !== null && !isLoading) background.add(redis.release(key, lease));
      return answer;
    }
  }

  /** Waits before another instance's lease is checked again. */
  async #pause(waitMs: number): Promise<void> {
    const pausedAt = performance.now();
    this.#waiting += 1;
    await pause(waitMs);
    // A pause that took too long means a busy process, which may have delayed a renewal of its own lease as well.
    if (performance.now() - pausedAt > waitMs + POLL_MAX_MS) await pause(POLL_MAX_MS);
    this.#waiting -= 1;
  }

  /**
   * Copies a shared entry to memory if it can be decoded, has the current shape and no newer event affects it.
   * Before the journal's first reading the database is unknown, so the entry may be served stale and is not kept.
   */
  #adopt<P, V>(lookup: Lookup<P, V>, entry: StoredEntry): Tagged<V> | undefined {
    const { journal, local, stats } = this.#parts;
    const { databaseId } = journal;
    if (entry.shape !== lookup.policy.shape) return undefined;
    if (databaseId !== "" && entry.databaseId !== databaseId) return undefined;
    let value: V;
    try {
      value = lookup.policy.decode(entry.payload);
    } catch {
      stats.damaged += 1;
      return undefined;
    }
    if (!journal.isCurrent(entry.snapshot, (event) => affects(lookup, event, value))) {
      return undefined;
    }
    const tagged = { value, etag: etagOf(entry.payload) };
    if (databaseId !== "") local.write(lookup, tagged, entry.payload.length, entry, NEVER);
    return tagged;
  }

  async #fromDatabase<P, V>(lookup: Lookup<P, V>, lease: Lease | null): Promise<Cached<V>> {
    const { background, journal, local, nowMs, redis, staleIfError, stats } = this.#parts;
    const { key, policy } = lookup;
    const beganAt = performance.now();
    const { databaseId } = journal;
    let seenAt = beganAt;
    const isCurrent = ({ value, snapshot }: Loaded<V>) =>
      databaseId !== "" &&
      databaseId === journal.databaseId &&
      journal.isCurrent(parseSnapshot(snapshot), (event) => affects(lookup, event, value));
    let loaded: Loaded<V>;
    try {
      loaded = await lookup.load((candidate) => {
        // A replica's answer can be checked only against a confirmed journal.
        if (!journal.isConfirmed(performance.now()) || !isCurrent(candidate)) return false;
        seenAt = journal.confirmedAt;
        return true;
      });
    } catch (error) {
      if (isOutage(error)) staleIfError.outage.failed(beganAt, performance.now());
      if (lease !== null) background.add(redis?.release(key, lease));
      throw error;
    }
    staleIfError.outage.answered(performance.now());
    const tookMs = performance.now() - beganAt;
    stats.loaded(policy.name, tookMs / 1000);
    const payload = policy.encode(loaded.value);
    const header: EntryHeader = {
      shape: policy.shape,
      databaseId,
      snapshot: parseSnapshot(loaded.snapshot),
      freshUntilMs: nowMs() + lifeMs(policy) * (0.9 + 0.2 * Math.random()),
    };
    const tagged = { value: loaded.value, etag: etagOf(payload) };
    if (isCurrent(loaded) && tookMs < LOAD_MAX_MS) {
      local.write(lookup, tagged, payload.length, header, seenAt);
      background.add(this.#share(key, header, payload, lease));
    } else if (lease !== null) background.add(redis?.release(key, lease));
    return stats.answer(policy.name, "memory", tagged, "MISS");
  }

  /** Stores an entry in Redis after the answer was sent, because encoding takes as long as the rest of the call. */
  async #share(
    key: string,
    header: EntryHeader,
    payload: Buffer,
    lease: Lease | null,
  ): Promise<void> {
    await nextTurn();
    const ttlMs = header.freshUntilMs - this.#parts.nowMs() + STALE_IF_ERROR_MS;
    await this.#parts.redis?.store(key, { header, payload }, ttlMs, lease);
  }
}
