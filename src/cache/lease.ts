/**
 * How long a key stays taken when nothing more is heard of who took it: nobody waits 100 ms for a replica that was
 * cut off or ended in the middle of a load.
 */
export const LEASE_MS = 85;
/** A renewal is a trip: of many long loads at once they would be a tenth of a replica's work every 20 ms. */
const RENEW_INTERVAL_MS = 35;
/** Longer than any load may take. */
const HELD_MAX_MS = 3_500;

/** The right to be the one who loads a key, renewed until its holder ends it. */
export class Lease {
  readonly token: string;
  readonly #renew: (token: string) => Promise<boolean>;
  readonly #endsAt = performance.now() + HELD_MAX_MS;
  #timer: NodeJS.Timeout | undefined;
  #isEnded = false;

  /** `renew` gives false when somebody else has it; it must not fail. */
  constructor(token: string, askedAt: number, renew: (token: string) => Promise<boolean>) {
    this.token = token;
    this.#renew = renew;
    this.#schedule(askedAt);
  }

  /** Renews it no more; what is left of it lapses by itself. */
  end(): void {
    this.#isEnded = true;
    clearTimeout(this.#timer);
  }

  #schedule(askedAt: number): void {
    const restMs = askedAt + RENEW_INTERVAL_MS - performance.now();
    // The answer may have waited for a busy process, and the lease with it.
    if (restMs <= 0) {
      void this.#keep();
      return;
    }
    this.#timer = setTimeout(() => {
      void this.#keep();
    }, restMs);
    this.#timer.unref();
  }

  async #keep(): Promise<void> {
    const askedAt = performance.now();
    if (askedAt >= this.#endsAt) return;
    const isMine = await this.#renew(this.token);
    if (isMine && !this.#isEnded) this.#schedule(askedAt);
  }
}
