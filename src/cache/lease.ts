/**
 * How long a lease lasts without a renewal. Other instances then wait less than 100 ms for an instance that crashed or
 * lost its connection during a load.
 */
export const LEASE_MS = 85;
/** Each renewal is a round trip: at 20 ms, renewals of many long loads took a tenth of an instance's CPU time. */
const RENEW_INTERVAL_MS = 35;
/** When renewals end; longer than any load may take. */
const HELD_MAX_MS = 3_500;

/** The right to load a key, renewed until its holder ends it. */
export class Lease {
  readonly token: string;
  readonly #renew: (token: string) => Promise<boolean>;
  readonly #endsAt = performance.now() + HELD_MAX_MS;
  #timer: NodeJS.Timeout | undefined;
  #isEnded = false;

  /** `renew` returns false when another instance has the lease; it must not throw. */
  constructor(token: string, askedAt: number, renew: (token: string) => Promise<boolean>) {
    this.token = token;
    this.#renew = renew;
    this.#schedule(askedAt);
  }

  /** Stops the renewals, so that the lease expires. */
  end(): void {
    this.#isEnded = true;
    clearTimeout(this.#timer);
  }

  #schedule(askedAt: number): void {
    const restMs = askedAt + RENEW_INTERVAL_MS - performance.now();
    // On a busy process Redis's answer may be read so late that the renewal is already due.
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
