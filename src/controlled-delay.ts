/** A queue that stays non-empty this long is an overload, not a burst. Units: milliseconds. */
export const STANDING_MS = 2_500;
/** For how long after the last rejection a queue counts as overloaded. Units: milliseconds. */
export const OVERLOADED_FOR_MS = 1_000;

/**
 * The rule of a queue by which only bursts may wait long: in an overload a longer queue would serve everybody later and
 * nobody more. Units: milliseconds on a clock that never goes back.
 * Source: controlled delay with two time-outs, as in B. Maurer, "Fail at Scale", ACM Queue 13(8), 2015.
 */
export class ControlledDelay {
  #emptyAt: number;
  #shedAt = Number.NEGATIVE_INFINITY;

  constructor(nowMs: number) {
    this.#emptyAt = nowMs;
  }

  /** Notes that nobody waits. */
  emptied(nowMs: number): void {
    this.#emptyAt = nowMs;
  }

  /** Notes a rejection; returns whether it is the first of an overload. */
  shed(nowMs: number): boolean {
    const isNew = !this.isOverloaded(nowMs);
    this.#shedAt = nowMs;
    return isNew;
  }

  /** Whether somebody was rejected just now. */
  isOverloaded(nowMs: number): boolean {
    return nowMs - this.#shedAt <= OVERLOADED_FOR_MS;
  }

  /** How long anybody may wait now, by the limits in a burst and in an overload. */
  waitMaxMs(nowMs: number, burstMaxMs: number, overloadMaxMs: number): number {
    // Rejecting empties the queue for a moment, which does not end the overload.
    const isBurst = nowMs - this.#emptyAt <= STANDING_MS && !this.isOverloaded(nowMs);
    return isBurst ? burstMaxMs : Math.min(burstMaxMs, overloadMaxMs);
  }
}
