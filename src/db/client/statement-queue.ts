import { ControlledDelay } from "../../controlled-delay.ts";
import { AppError } from "../../errors.ts";
import { text } from "../../texts/text.ts";

/** How a queue of statements behaves. */
export interface StatementQueueOptions {
  readonly runningMax: number;
  readonly waitingMax: number;
  /** Whether statements that wait in an overload are rejected early. */
  readonly isControlled: boolean;
}

/** A statement that waits for its turn. */
interface Waiter {
  readonly since: number;
  /** When it is rejected even in a burst. Units: clock of `performance.now()`. */
  readonly endsAt: number;
  readonly admit: () => void;
  readonly reject: (error: Error) => void;
}

/** How long a statement waits in an overload: a few clients who ask without pause are none. Units: milliseconds. */
export const OVERLOAD_WAIT_MAX_MS = 500;
/**
 * How often a queue looks for statements that wait too long, so that they are rejected even while no statement ends.
 * Units: milliseconds.
 */
const SWEEP_INTERVAL_MS = OVERLOAD_WAIT_MAX_MS / 10;

/**
 * Runs as many statements at a time as there are connections, in the order in which they arrived, and rejects those
 * that wait too long.
 */
export class StatementQueue {
  readonly #options: StatementQueueOptions;
  readonly #waiters: Waiter[] = [];
  readonly #delay = new ControlledDelay(performance.now());
  #sweeper: NodeJS.Timeout | undefined;
  running = 0;
  shed = 0;
  waitSecondsTotal = 0;

  constructor(options: StatementQueueOptions) {
    this.#options = options;
  }

  /**
   * Waits until a statement may run.
   * Errors: SERVICE_UNAVAILABLE when the queue is full, after `waitMaxMs`, or sooner in an overload.
   */
  enter(waitMaxMs: number): Promise<void> {
    const now = performance.now();
    if (this.running < this.#options.runningMax) {
      this.#delay.emptied(now);
      this.running += 1;
      return Promise.resolve();
    }
    if (this.waiting >= this.#options.waitingMax) return Promise.reject(this.#overloaded(now));
    if (this.waiting === 0) this.#delay.emptied(now);
    this.#sweeper ??= setInterval(() => this.#sweep(performance.now()), SWEEP_INTERVAL_MS);
    return new Promise((resolve, reject) =>
      this.#waiters.push({ since: now, endsAt: now + waitMaxMs, admit: resolve, reject }),
    );
  }

  /** The number of waiting statements. */
  get waiting(): number {
    return this.#waiters.length;
  }

  /** Ends a statement's turn and starts the next statement. */
  leave(): void {
    const now = performance.now();
    this.#sweep(now);
    const next = this.#waiters.shift();
    if (next === undefined) {
      this.running -= 1;
      return;
    }
    this.waitSecondsTotal += (now - next.since) / 1000;
    next.admit();
    if (this.waiting === 0) this.#rest(now);
  }

  /** Rejects the statements at the head that have waited too long. */
  #sweep(now: number): void {
    for (;;) {
      const [first] = this.#waiters;
      if (first === undefined) return this.#rest(now);
      if (now < this.#endOf(first, now)) return;
      this.#waiters.shift();
      first.reject(this.#overloaded(now));
    }
  }

  #endOf({ since, endsAt }: Waiter, now: number): number {
    if (!this.#options.isControlled) return endsAt;
    return since + this.#delay.waitMaxMs(now, endsAt - since, OVERLOAD_WAIT_MAX_MS);
  }

  /** Nobody waits. */
  #rest(now: number): void {
    this.#delay.emptied(now);
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }

  #overloaded(now: number): AppError {
    this.shed += 1;
    this.#delay.shed(now);
    return new AppError("SERVICE_UNAVAILABLE", text("database_busy"), {
      reason: "overloaded",
      retryAfterSeconds: 1,
    });
  }
}
