/** How long after a failed load the next call does not wait for the database. */
const FRESH_MS = 800;
/** How often a load is tried while the database is known to be unavailable. */
const TRY_INTERVAL_MS = 500;
/** A try without an answer for this long counts as a failure. */
export const SILENT_FROM_MS = 300;

/**
 * Tracks from the outcomes of loads whether the database is unavailable. The journal cannot decide that, because the
 * journal alone may be unreadable. Units: all times on the clock of `performance.now()`.
 */
export class Outage {
  #failedAt = Number.NEGATIVE_INFINITY;
  /** The database answered at this time, so a failure of an earlier load proves nothing. */
  #answeredAt = Number.NEGATIVE_INFINITY;
  #triedAt = Number.NEGATIVE_INFINITY;
  #triedBefore = Number.NEGATIVE_INFINITY;
  readonly #waiting = new Set<() => void>();

  /** Notes that a load failed because the database did not answer. */
  failed(beganAt: number, nowMs: number): void {
    if (beganAt < this.#answeredAt) return;
    this.#failedAt = nowMs;
    for (const callBack of this.#waiting) callBack();
  }

  /** Notes that the database answered a load or a write. */
  answered(nowMs: number): void {
    this.#answeredAt = nowMs;
    this.#failedAt = Number.NEGATIVE_INFINITY;
    this.#triedAt = Number.NEGATIVE_INFINITY;
    this.#triedBefore = Number.NEGATIVE_INFINITY;
  }

  /** Whether a load failed after the journal was last read. */
  isKnown(journalReadAt: number): boolean {
    return this.#failedAt > journalReadAt;
  }

  /** Whether the last sign of the outage, a failure or a try without an answer, is so recent that no call need wait. */
  isFresh(nowMs: number): boolean {
    return [
      this.#failedAt,
      this.#triedAt + SILENT_FROM_MS,
      this.#triedBefore + SILENT_FROM_MS,
    ].some((provedAt) => provedAt <= nowMs && nowMs - provedAt <= FRESH_MS);
  }

  /** Whether it is time to try a load again. A caller that gets true must try one. */
  mayTry(nowMs: number): boolean {
    if (nowMs - this.#triedAt < TRY_INTERVAL_MS) return false;
    this.#triedBefore = this.#triedAt;
    this.#triedAt = nowMs;
    return true;
  }

  /** Calls back at every failure. The returned function ends that. */
  onFailure(callBack: () => void): () => void {
    this.#waiting.add(callBack);
    return () => this.#waiting.delete(callBack);
  }
}
