import { AppError } from "../../errors.ts";

/**
 * Lets as many statements run as there are connections, in the order they came, and turns away
 * those that could not be served in time anyway.
 */
export class QueryGate {
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
   * Waits for a turn.
   * Errors: SERVICE_UNAVAILABLE at once when the queue is full, or when the turn does not come within `waitMaxMs`.
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

  /** Statements that wait for their turn. */
  get waiting(): number {
    return this.#waiters.length;
  }

  /** Ends a turn and gives it to the next in line. */
  leave(): void {
    const next = this.#waiters.shift();
    if (next === undefined) this.running -= 1;
    else next();
  }
}

function overloaded(): AppError {
  return new AppError(
    "SERVICE_UNAVAILABLE",
    "Too many requests are waiting for the database. Please try again.",
    {
      reason: "overloaded",
      retryAfterSeconds: 1,
    },
  );
}
