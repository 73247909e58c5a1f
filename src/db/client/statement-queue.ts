import { AppError } from "../../errors.ts";
import { text } from "../../texts/text.ts";

/**
 * Runs as many statements at a time as there are connections, in the order in which they arrived, and rejects those
 * that cannot start in time.
 */
export class StatementQueue {
  readonly #runningMax: number;
  readonly #waitingMax: number;
  readonly #waiters: (() => void)[] = [];
  running = 0;
  shed = 0;
  waitSecondsTotal = 0;

  constructor(runningMax: number, waitingMax: number) {
    this.#runningMax = runningMax;
    this.#waitingMax = waitingMax;
  }

  /**
   * Waits until a statement may run.
   * Errors: SERVICE_UNAVAILABLE when the queue is full, or after `waitMaxMs`.
   */
  enter(waitMaxMs: number): Promise<void> {
    if (this.running < this.#runningMax) {
      this.running += 1;
      return Promise.resolve();
    }
    if (this.waiting >= this.#waitingMax) {
      this.shed += 1;
      return Promise.reject(overloaded());
    }
    return new Promise((resolve, reject) => {
      const since = performance.now();
      const timer = setTimeout(() => {
        this.#waiters.splice(this.#waiters.indexOf(admit), 1);
        this.shed += 1;
        reject(overloaded());
      }, waitMaxMs);
      const admit = () => {
        clearTimeout(timer);
        this.waitSecondsTotal += (performance.now() - since) / 1000;
        resolve();
      };
      this.#waiters.push(admit);
    });
  }

  /** The number of waiting statements. */
  get waiting(): number {
    return this.#waiters.length;
  }

  /** Ends a statement's turn and starts the next statement. */
  leave(): void {
    const next = this.#waiters.shift();
    if (next === undefined) this.running -= 1;
    else next();
  }
}

function overloaded(): AppError {
  return new AppError("SERVICE_UNAVAILABLE", text("database_busy"), {
    reason: "overloaded",
    retryAfterSeconds: 1,
  });
}
