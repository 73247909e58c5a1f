/**
 * How long a lease lasts without a renewal, in intervals between renewals. Other instances then wait less than 100 ms
 * for an instance that crashed or lost its connection during a load, and longer for one that held many leases.
 */
const INTERVALS_HELD = 2.4;
/** Each renewal is a round trip: at 20 ms, renewals of many long loads took a tenth of an instance's CPU time. */
const RENEW_INTERVAL_MS = 35;
/** The least time between two renewals of one instance, because in an overload hundreds of loads wait for the database. */
const RENEWAL_SPACING_MS = 1;
/** When renewals end; longer than any load may take. */
const HELD_MAX_MS = 3_500;

/** Extends a lease by a time; returns false when another instance has it. Must not throw. Units: milliseconds. */
export type RenewLease = (token: string, lastsMs: number) => Promise<boolean>;

/** The leases of this instance. */
export class Leases {
  #held = 0;

  /** How long a lease lasts that is taken or renewed now. Units: milliseconds. */
  get lastsMs(): number {
    return Math.ceil(this.intervalMs * INTERVALS_HELD);
  }

  /** How long after its last renewal a lease is renewed. Units: milliseconds. */
  get intervalMs(): number {
    return Math.max(RENEW_INTERVAL_MS, this.#held * RENEWAL_SPACING_MS);
  }

  /** Keeps a lease that was just taken. Units: `askedAt` on the clock of `performance.now()`. */
  keep(token: string, askedAt: number, renew: RenewLease): Lease {
    this.#held += 1;
    return new Lease(this, token, askedAt, renew);
  }

  /** Notes that a lease is no longer held. */
  ended(): void {
    this.#held -= 1;
  }
}

/** The right to load a key, renewed until its holder ends it. */
export class Lease {
  readonly token: string;
  readonly #leases: Leases;
  readonly #renew: RenewLease;
  readonly #endsAt = performance.now() + HELD_MAX_MS;
  #timer: NodeJS.Timeout | undefined;
  #isEnded = false;

  constructor(leases: Leases, token: string, askedAt: number, renew: RenewLease) {
    this.token = token;
    this.#leases = leases;
    this.#renew = renew;
    this.#schedule(askedAt);
  }

  /** Stops the renewals, so that the lease expires. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#leases.ended();
    clearTimeout(this.#timer);
  }

  #schedule(askedAt: number): void {
    const restMs = askedAt + this.#leases.intervalMs - performance.now();
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
    const isMine = await this.#renew(this.token, this.#leases.lastsMs);
    if (isMine && !this.#isEnded) this.#schedule(askedAt);
  }
}
