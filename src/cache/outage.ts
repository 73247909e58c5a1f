/** For so long after a load failed the next one is not waited for. */
const FRESH_MS = 800;
/** How often a load is tried while the database is known to be away. */
const TRY_INTERVAL_MS = 500;
/** How long a try is silent before that counts as much as its failure. */
export const SILENT_FROM_MS = 300;

/**
 * What loads tell of the database while its journal, which otherwise tells it, cannot be read: the journal alone may
 * be unreadable. All times are on the clock of `performance.now()`.
 */
export class Outage {
  #failedAt = Number.NEGATIVE_INFINITY;
  /** Loads from before this tell nothing: the database answered then. */
  #answeredAt = Number.NEGATIVE_INFINITY;
  #triedAt = Number.NEGATIVE_INFINITY;
  #triedBefore = Number.NEGATIVE_INFINITY;
  readonly #waiting = new Set<() => void>();

  /** Says that a load failed because the database did not answer. */
  failed(beganAt: number, nowMs: number): void {
    if (beganAt < this.#answeredAt) return;
    this.#failedAt = nowMs;
    for (const tell of this.#waiting) tell();
  }

  /** Says that the database answered, to a load or to a write. */
  answered(nowMs: number): void {
    this.#answeredAt = nowMs;
    this.#failedAt = Number.NEGATIVE_INFINITY;
    this.#triedAt = Number.NEGATIVE_INFINITY;
    this.#triedBefore = Number.NEGATIVE_INFINITY;
  }

  /** Whether the last load failed, and the journal was not read since. */
  isKnown(journalReadAt: number): boolean {
    return this.#failedAt > journalReadAt;
  }

  /** Whether that showed so lately that nothing need be waited for: in a failure, or in the silence of a try. */
  isFresh(nowMs: number): boolean {
    return [
      this.#failedAt,
      this.#triedAt + SILENT_FROM_MS,
      this.#triedBefore + SILENT_FROM_MS,
    ].some((provedAt) => provedAt <= nowMs && nowMs - provedAt <= FRESH_MS);
  }

  /** Whether it is time to try a load again; who is told so does it. */
  mayTry(nowMs: number): boolean {
    if (nowMs - this.#triedAt < TRY_INTERVAL_MS) return false;
    this.#triedBefore = this.#triedAt;
    this.#triedAt = nowMs;
    return true;
  }

  /** Calls back at every failure, until the function that it gives is called. */
  onFailure(tell: () => void): () => void {
    this.#waiting.add(tell);
    return () => this.#waiting.delete(tell);
  }
}
