import { randomUUID } from "node:crypto";

/** The limiter's decision about a request. */
export interface RateLimitVerdict {
  readonly allowed: boolean;
  /** Calls a minute. */
  readonly limit: number;
  readonly remaining: number;
  /** Until the minute is over when allowed; until the same request would be let through when not. */
  readonly resetSeconds: number;
}

/** One caller's calls as this process counted them: whole counts, not differences, so that telling twice is harmless. */
export interface OwnCount {
  readonly key: string;
  /** Under which name this process keeps its count. */
  readonly field: string;
  /** Minutes since the epoch. */
  readonly window: number;
  readonly own: number;
  readonly ownBefore: number;
}

/** A caller's calls as all processes counted them, in a minute and the one before. */
export interface SharedCount {
  readonly total: number;
  readonly totalBefore: number;
}

/** Tells counts to the other processes and hears theirs; undefined for what could not be told. Never rejects. */
export type ShareCounts = (
  counts: readonly OwnCount[],
) => Promise<readonly (SharedCount | undefined)[]>;

/** A limit that several callers share. */
export interface SharedLimit {
  readonly key: string;
  readonly limitPerMinute: number;
}

/** How the limiter behaves. */
export interface RateLimiterOptions {
  readonly limitPerMinute: number;
  /** Null: this process is the only one. */
  readonly share: ShareCounts | null;
  readonly nowMs: () => number;
  /** Callers remembered at most. */
  readonly callersMax?: number;
}

interface Counter {
  readonly key: string;
  readonly field: string;
  window: number;
  own: number;
  others: number;
  ownBefore: number;
  othersBefore: number;
  told: number;
  isWaiting: boolean;
  rejectedIn: number;
}

/** Length of a window. Units: milliseconds. */
export const WINDOW_MS = 60_000;
const CALLERS_MAX = 100_000;
const WAITING_MAX = 20_000;
const RECONCILE_MS = 250;
/** A caller that is in a hurry is reconciled sooner: whoever took a tenth of the limit since it was last told. */
const HURRY_MS = 25;
const HURRY_SHARE = 0.1;
/** The share of the minute before is a fraction, which arithmetic may miss by a little. */
const ROUNDING = 1e-6;

/**
 * Counts calls a minute by caller, here and at once, and tells the other processes behind the requests.
 * The window slides: of the minute before, the share that still lies within the last 60 s counts as well, so that
 * the turn of a minute is not a moment at which twice the limit gets through.
 * Overshoot with R processes: at most (R - 1) × (a tenth of the limit + what a caller gets in 25 ms and a round trip
 * to Redis); what was over counts against the next minute. Without Redis each process limits on its own.
 */
export class RateLimiter {
  readonly #options: RateLimiterOptions;
  readonly #hurryAt: number;
  readonly #process = randomUUID().slice(0, 8);
  #generation = 0;
  #young = new Map<string, Counter>();
  #old = new Map<string, Counter>();
  #window = 0;
  #waiting: Counter[] = [];
  #timer: NodeJS.Timeout | undefined;
  #timerDueMs = 0;
  #toldAtMs = Number.NEGATIVE_INFINITY;
  #telling: Promise<void> | undefined;
  #closed = false;

  constructor(options: RateLimiterOptions) {
    this.#options = options;
    this.#hurryAt = Math.max(1, Math.floor(options.limitPerMinute * HURRY_SHARE));
  }

  get limitPerMinute(): number {
    return this.#options.limitPerMinute;
  }

  /** Callers remembered at the moment. */
  get callers(): number {
    return this.#young.size + this.#old.size;
  }

  /**
   * Takes calls from what a caller has left, all or none, without waiting for anything. `admission.ts` alone does so, once
   * for each request. With `shared`, they are taken from that as well, or from neither: a user's also count for the address.
   */
  take(key: string, calls: number, shared?: SharedLimit): RateLimitVerdict {
    const { limitPerMinute } = this.#options;
    const atMs = this.#options.nowMs();
    const own = this.#look(key, calls, limitPerMinute, atMs);
    if (!own.verdict.allowed || shared === undefined) {
      if (own.verdict.allowed) this.#add(own.counter, calls);
      return own.verdict;
    }
    const all = this.#look(shared.key, calls, shared.limitPerMinute, atMs);
    if (!all.verdict.allowed) return all.verdict;
    this.#add(own.counter, calls);
    this.#add(all.counter, calls);
    return own.verdict;
  }

  #look(key: string, calls: number, limit: number, atMs: number) {
    const counter = this.#counter(key, Math.floor(atMs / WINDOW_MS));
    const elapsed = Math.min(1, Math.max(0, atMs / WINDOW_MS - counter.window));
    const before = counter.ownBefore + counter.othersBefore;
    const current = counter.own + counter.others;
    const used = before * (1 - elapsed) + current;
    const allowed = used + calls <= limit + ROUNDING;
    const verdict: RateLimitVerdict = {
      allowed,
      limit,
      remaining: Math.max(0, Math.floor(limit - used - (allowed ? calls : 0))),
      resetSeconds: allowed
        ? Math.max(1, Math.ceil(((1 - elapsed) * WINDOW_MS) / 1000))
        : waitSeconds(limit - calls, before, current, elapsed),
    };
    return { counter, verdict };
  }

  #add(counter: Counter, calls: number): void {
    counter.own += calls;
    if (this.#options.share !== null) this.#tellSoon(counter);
  }

  /** Notes that a caller was rejected; returns true the first time in a minute, because one log line a minute is enough. */
  noteRejection(key: string): boolean {
    const counter = this.#counter(key, Math.floor(this.#options.nowMs() / WINDOW_MS));
    const isFirst = counter.rejectedIn !== counter.window;
    counter.rejectedIn = counter.window;
    return isFirst;
  }

  /** Tells the counts that wait and hears those of the others. */
  async reconcile(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#telling ??= this.#tell().finally(() => {
      this.#telling = undefined;
      if (this.#waiting.length > 0) this.#wake(this.#waiting.some(this.#isInHurry));
    });
    await this.#telling;
  }

  /** Tells what waits a last time, and stops. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#telling;
    await this.reconcile();
    clearTimeout(this.#timer);
  }

  #counter(key: string, window: number): Counter {
    if (window > this.#window) {
      // Nobody in the older half has called for a whole window: nothing of theirs counts any more.
      this.#age();
      this.#window = window;
    }
    let counter = this.#young.get(key);
    if (counter === undefined) {
      counter = this.#old.get(key);
      if (counter === undefined) {
        counter = {
          key,
          field: `${this.#process}.${this.#generation}`,
          window,
          own: 0,
          others: 0,
          ownBefore: 0,
          othersBefore: 0,
          told: 0,
          isWaiting: false,
          rejectedIn: -1,
        };
      } else {
        this.#old.delete(key);
      }
      this.#young.set(key, counter);
      if (this.#young.size >= (this.#options.callersMax ?? CALLERS_MAX) / 2) {
        this.#age();
        // A caller that is forgotten here and comes back must not write a new count over the one that was told before.
        this.#generation += 1;
      }
    }
    if (window > counter.window) {
      const follows = window === counter.window + 1;
      counter.ownBefore = follows ? counter.own : 0;
      counter.othersBefore = follows ? counter.others : 0;
      counter.own = 0;
      counter.others = 0;
      counter.told = 0;
      counter.window = window;
    }
    return counter;
  }

  #age(): void {
    this.#old = this.#young;
    this.#young = new Map();
  }

  #tellSoon(counter: Counter): void {
    if (!counter.isWaiting) {
      if (this.#waiting.length >= WAITING_MAX) return;
      counter.isWaiting = true;
      this.#waiting.push(counter);
    }
    this.#wake(this.#isInHurry(counter));
  }

  readonly #isInHurry = (counter: Counter): boolean => counter.own - counter.told >= this.#hurryAt;

  #wake(isInHurry: boolean): void {
    const nowMs = performance.now();
    // At once after a pause: a burst would be over in the time that the others hear nothing of it.
    const dueMs = isInHurry ? Math.max(nowMs, this.#toldAtMs + HURRY_MS) : nowMs + RECONCILE_MS;
    if (this.#closed || (this.#timer !== undefined && this.#timerDueMs <= dueMs)) return;
    clearTimeout(this.#timer);
    this.#timerDueMs = dueMs;
    this.#timer = setTimeout(() => void this.reconcile(), dueMs - nowMs);
    this.#timer.unref();
  }

  async #tell(): Promise<void> {
    const { share } = this.#options;
    const counters = this.#waiting;
    if (share === null || counters.length === 0) return;
    this.#waiting = [];
    this.#toldAtMs = performance.now();
    for (const counter of counters) counter.isWaiting = false;
    const counts = counters.map(({ key, field, window, own, ownBefore }) => ({
      key,
      field,
      window,
      own,
      ownBefore,
    }));
    const answers = await share(counts);
    for (const [i, counter] of counters.entries()) {
      const said = counts[i];
      const heard = answers[i];
      if (said === undefined) continue;
      if (heard === undefined) {
        // Counts that were not taken are no reason to hurry.
        if (said.window === counter.window) counter.told = said.own;
        const stillCounts = said.window + 1 >= this.#window;
        if (stillCounts && !counter.isWaiting && this.#waiting.length < WAITING_MAX) {
          counter.isWaiting = true;
          this.#waiting.push(counter);
        }
      } else if (said.window === counter.window) {
        counter.told = said.own;
        counter.others = Math.max(0, heard.total - said.own);
        counter.othersBefore = Math.max(0, heard.totalBefore - said.ownBefore);
      } else if (said.window + 1 === counter.window) {
        counter.othersBefore = Math.max(0, heard.total - said.own);
      }
    }
  }
}

/** When no more than `room` calls will lie within the sliding window. Units: seconds, at least 1. */
function waitSeconds(room: number, before: number, current: number, elapsed: number): number {
  const windowSeconds = WINDOW_MS / 1000;
  const ends =
    current <= room && before > 0
      ? 1 - (room - current) / before
      : 1 + Math.max(0, current > 0 ? 1 - Math.max(0, room) / current : 0);
  return Math.max(1, Math.ceil((ends - elapsed) * windowSeconds));
}
