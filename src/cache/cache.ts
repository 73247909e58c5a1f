import { setTimeout as pause } from "node:timers/promises";
import { BackgroundWork } from "./background-work.ts";
import type { CacheEvent } from "../db/cache-events.ts";
import type { Journal, Reach } from "./journal.ts";
import { CONFIRMED_FOR_MS } from "./journal.ts";
import { Loader } from "./loader.ts";
import { type LocalEntry, LocalTier } from "./local-tier.ts";
import type { Lookup, Tagged } from "./lookup.ts";
import type { CacheName } from "./names.ts";
import type { Cached, CachePolicy, Load } from "./policy.ts";
import type { RedisTier } from "./redis-tier.ts";
import {
  ANSWER_MAX_MS,
  isOutage,
  STALE_IF_ERROR_MS,
  STALE_WHILE_REVALIDATE_MS,
  StaleIfError,
  within,
} from "./stale-if-error.ts";
import type { CacheStats } from "./stats.ts";

/** The parts and limits of a cache. */
export interface CacheOptions {
  readonly memoryBytesMax: number;
  readonly redis: RedisTier | null;
  readonly journal: Journal;
  readonly stats: CacheStats;
  /** The clock. Units: Unix milliseconds. */
  readonly nowMs: () => number;
}

/** How long a call waits for the journal before it accepts an unconfirmed answer. */
const CONFIRM_WAIT_MS = 1_200;
/** How much earlier a load is abandoned when there is a stale answer to serve. */
const STALE_SOONER_MS = 100;
const NEVER = Number.NEGATIVE_INFINITY;

/**
 * Reads through memory, Redis and the database, and never returns an answer from before a known write: an entry of
 * any tier is valid only if no journal event newer than its snapshot affects it.
 *
 * | journal     | entry in memory            | answer                                                      |
 * | ----------- | -------------------------- | ----------------------------------------------------------- |
 * | confirmed   | fresh                      | HIT; near its end a refresh starts in the background         |
 * | confirmed   | expired for up to 1 min    | STALE, and a refresh in the background                       |
 * | confirmed   | older, or none             | Redis or a load; on an outage an entry up to 1 h old, STALE  |
 * | unconfirmed | expired for up to 1 h      | a load; on an outage the entry, STALE                        |
 * | unconfirmed | older, or none             | a load                                                       |
 */
export class Cache {
  readonly #journal: Journal;
  readonly #stats: CacheStats;
  readonly #nowMs: () => number;
  readonly #background = new BackgroundWork();
  readonly #staleIfError = new StaleIfError(this.#background);
  readonly #local: LocalTier;
  readonly #loader: Loader;
  /** When a write last succeeded without its event being read back. Units: clock of `performance.now()`. */
  #unconfirmedAt = NEVER;

  constructor(options: CacheOptions) {
    const { journal, stats, nowMs, redis } = options;
    this.#journal = journal;
    this.#stats = stats;
    this.#nowMs = nowMs;
    this.#local = new LocalTier(options.memoryBytesMax, journal, stats, nowMs);
    this.#loader = new Loader({
      local: this.#local,
      redis,
      journal,
      stats,
      staleIfError: this.#staleIfError,
      background: this.#background,
      nowMs,
    });
  }

  /** Returns a confirmed, fresh value from memory, or undefined. */
  peek<P, V>(_policy: CachePolicy<P, V>, key: string): Tagged<V> | undefined {
    if (!this.#journal.isConfirmed(performance.now())) return undefined;
    const entry = this.#local.read(key);
    if (entry === undefined || this.#nowMs() >= entry.refreshFromMs) return undefined;
    // The key carries the policy's name, so the value is this policy's.
    return entry as Tagged<V>;
  }

  /** Counts a hit that was answered with the value from `peek`. */
  countHit(name: CacheName): void {
    this.#stats.count(name, "memory", "HIT");
  }

  /** Returns the value from the nearest tier that has a valid one, else from `load`. Errors: those of `load`. */
  async get<P, V>(policy: CachePolicy<P, V>, parameters: P, load: Load<V>): Promise<Cached<V>> {
    const key = policy.key(parameters);
    const lookup: Lookup<P, V> = { policy, parameters, key, load };
    const beganAt = performance.now();
    const isConfirmed =
      this.#journal.isConfirmed(beganAt) ||
      this.#isConfirmedByItself(this.#local.read(key), beganAt) ||
      (await this.#confirm());
    const entry = this.#local.read(key);
    const nowMs = this.#nowMs();
    if (
      isConfirmed &&
      entry !== undefined &&
      nowMs < entry.freshUntilMs + STALE_WHILE_REVALIDATE_MS
    )
      return this.#fromMemory(lookup, entry, nowMs);

    const endsAt = beganAt + ANSWER_MAX_MS;
    const hasStale = !isConfirmed && this.#mayServeStale(entry);
    const wanted = { isConfirmed, newerThanMs: nowMs, endsAt: endsAt - STALE_SOONER_MS, hasStale };
    const start = () => this.#loader.loadOnce(lookup, wanted);
    if (hasStale) {
      const stale = () => this.#stats.answer(policy.name, "memory", entry as Tagged<V>, "STALE");
      return this.#staleIfError.race(stale, endsAt, this.#journal.confirmedAt, start);
    }
    try {
      return await within(endsAt - performance.now(), start());
    } catch (error) {
      const stale = this.#local.read(key);
      if (!isOutage(error) || !this.#mayServeStale(stale)) throw error;
      return this.#stats.answer(policy.name, "memory", stale as Tagged<V>, "STALE");
    }
  }

  /** How far back this instance knows of writes. */
  get reach(): Reach {
    return this.#journal.reach;
  }

  /** The writes of transactions from this number on; null where some are forgotten. */
  eventsFrom(xid: number): readonly CacheEvent[] | null {
    return this.#journal.eventsFrom(xid);
  }

  /** Reads the journal, so that this instance shows a write. Every successful write awaits it before it returns. */
  async catchUp(): Promise<void> {
    try {
      await this.#journal.sync();
    } catch {
      this.noteUnknownWrite();
      this.#staleIfError.outage.answered(this.#unconfirmedAt);
    }
  }

  /** Notes a write whose event was not read or whose outcome is unknown. Nothing is confirmed until the next reading. */
  noteUnknownWrite(): void {
    this.#journal.markUnconfirmed();
    this.#unconfirmedAt = performance.now();
    this.#loader.detachLoads();
  }

  /** Waits for refreshes and stores that run in the background. */
  async drain(): Promise<void> {
    await this.#background.drain();
  }

  #fromMemory<P, V>(lookup: Lookup<P, V>, entry: LocalEntry, nowMs: number): Cached<V> {
    const { name } = lookup.policy;
    if (nowMs >= entry.refreshFromMs) this.#refresh(lookup, entry.freshUntilMs);
    const state = nowMs < entry.freshUntilMs ? "HIT" : "STALE";
    return this.#stats.answer(name, "memory", entry as Tagged<V>, state);
  }

  /** Loads a value again in the background, or takes the result of another instance's load. */
  #refresh<P, V>(lookup: Lookup<P, V>, newerThanMs: number): void {
    if (this.#loader.isLoading(lookup.key)) return;
    this.#stats.refreshed(lookup.policy.name);
    const endsAt = performance.now() + ANSWER_MAX_MS;
    const wanted = { isConfirmed: true, newerThanMs, endsAt, hasStale: true };
    this.#background.add(this.#loader.loadOnce(lookup, wanted));
  }

  /** Waits for the journal and returns false when the database does not answer. */
  async #confirm(): Promise<boolean> {
    if (this.#journal.state === "unavailable") return false;
    const reading = this.#journal.sync().then(
      () => true,
      () => false,
    );
    return Promise.race([reading, pause(CONFIRM_WAIT_MS, false)]);
  }

  /** Whether an entry was loaded so recently that it shows every write a call must see, even without the journal. */
  #isConfirmedByItself(entry: LocalEntry | undefined, now: number): boolean {
    return (
      entry !== undefined &&
      entry.seenAt > this.#unconfirmedAt &&
      now - entry.seenAt <= CONFIRMED_FOR_MS
    );
  }

  #mayServeStale(entry: LocalEntry | undefined): boolean {
    return entry !== undefined && this.#nowMs() < entry.freshUntilMs + STALE_IF_ERROR_MS;
  }
}
