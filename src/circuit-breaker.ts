/** How a circuit breaker behaves. */
export interface CircuitBreakerOptions {
  /** Failures in a row that open the circuit. */
  readonly failuresMax: number;
  /** How often an open circuit is probed. */
  readonly probeIntervalMs: number;
  /** Tells whether the other side works again, after `misses` probes that found it did not. */
  readonly probe: (misses: number) => Promise<boolean>;
  readonly onState: (available: boolean) => void;
}

/**
 * Opens after some failures in a row, and closes when a probe in the background finds the other side working again.
 * The caller checks `available` first and reports each outcome.
 */
export class CircuitBreaker {
  readonly #options: CircuitBreakerOptions;
  #failures = 0;
  #available = true;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(options: CircuitBreakerOptions) {
    this.#options = options;
  }

  /** Whether the circuit is closed. */
  get available(): boolean {
    return this.#available;
  }

  /** Notes a call that was answered. */
  succeeded(): void {
    this.#failures = 0;
  }

  /** Notes a call that was not. */
  failed(): void {
    this.#failures += 1;
    if (this.#failures < this.#options.failuresMax || !this.#available) return;
    this.#available = false;
    this.#options.onState(false);
    this.#scheduleProbe(0);
  }

  /** Ends the probes. */
  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
  }

  #scheduleProbe(misses: number): void {
    if (this.#ended) return;
    this.#timer = setTimeout(() => {
      void this.#probeNow(misses);
    }, this.#options.probeIntervalMs);
    this.#timer.unref();
  }

  async #probeNow(misses: number): Promise<void> {
    if (!(await this.#options.probe(misses))) {
      this.#scheduleProbe(misses + 1);
      return;
    }
    this.#failures = 0;
    this.#available = true;
    this.#options.onState(true);
  }
}
