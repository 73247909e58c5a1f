import type { PurgeRate } from "./provider.ts";

const MINUTE_MS = 60_000;

/** The requests that a provider accepts now; it is full to begin with. Units: milliseconds. */
export class RateBucket {
  readonly #rate: PurgeRate | null;
  #left: number;
  #atMs: number;

  constructor(rate: PurgeRate | null, nowMs: number) {
    this.#rate = rate;
    this.#left = rate?.burst ?? Number.POSITIVE_INFINITY;
    this.#atMs = nowMs;
  }

  /** How many requests may be sent. */
  available(nowMs: number): number {
    if (this.#rate === null) return Number.POSITIVE_INFINITY;
    const { burst, perMinute } = this.#rate;
    this.#left = Math.min(burst, this.#left + ((nowMs - this.#atMs) * perMinute) / MINUTE_MS);
    this.#atMs = nowMs;
    return Math.floor(this.#left);
  }

  /** Counts requests, sent or failed. */
  take(requests: number): void {
    this.#left -= requests;
  }
}
