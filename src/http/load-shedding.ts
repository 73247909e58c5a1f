import { ControlledDelay } from "../controlled-delay.ts";
import type { Probe } from "./health.ts";

/** Options of the load shedder. */
export interface LoadShedderOptions {
  /** A clock that never goes back. Units: milliseconds. */
  readonly nowMs: () => number;
  /** Called when rejecting begins. */
  readonly onOverload?: () => void;
  /** Schedules work after the next poll phase, so that hits, health checks and new connections go first; `setImmediate` by default. */
  readonly nextTurn?: (work: () => void) => void;
}

/** For how long a turn of the event loop begins requests before it polls for I/O again. */
export const SLICE_MS = 20;
/** Nothing arrived in a turn that is as short as this. */
const QUIET_TURN_MS = 0.1;
/** How long a request of a burst waits at most: its rejection is still sent within 3 s. */
export const WAIT_MAX_MS = 2_500;
/** The same in an overload. */
export const OVERLOAD_WAIT_MAX_MS = 100;
/** This bounds the memory of waiting requests. */
export const WAITING_MAX = 1_000;
/** More than the queue before the database holds, so that those who wait for another's load fit; it bounds memory. */
export const IN_FLIGHT_MAX = 2_000;

/** A request that waits for its turn. */
interface Waiter {
  readonly since: number;
  readonly resolve: (isAdmitted: boolean) => void;
}

/**
 * Admits requests in the order they came, in slices of the event loop's time, and rejects those that would wait too
 * long. Between the slices the loop has as much time for everything else.
 */
export class LoadShedder {
  readonly #nowMs: () => number;
  readonly #onOverload: () => void;
  readonly #nextTurn: (work: () => void) => void;
  readonly #waiters: Waiter[] = [];
  /** When requests began in this turn; null in one in which none has. */
  #turnBeganAt: number | null = null;
  #turnEndedAt: number;
  #sliceEndedAt: number;
  #sliceTookMs = 0;
  readonly #delay: ControlledDelay;
  /** Requests that are being worked on. */
  inFlight = 0;

  constructor({ nowMs, onOverload, nextTurn }: LoadShedderOptions) {
    this.#nowMs = nowMs;
    this.#onOverload = onOverload ?? (() => {});
    this.#nextTurn = nextTurn ?? setImmediate;
    const createdAt = nowMs();
    this.#delay = new ControlledDelay(createdAt);
    this.#turnEndedAt = createdAt;
    this.#sliceEndedAt = createdAt;
  }

  /** Whether requests were rejected just now. */
  get isOverloaded(): boolean {
    return this.#delay.isOverloaded(this.#nowMs());
  }

  /** Requests that have not begun. */
  get waiting(): number {
    return this.#waiters.length;
  }

  /** Whether a request may begin: known at once when the loop is not busy, or when waiting is pointless. */
  enter(): boolean | Promise<boolean> {
    const nowMs = this.#nowMs();
    if (this.inFlight >= IN_FLIGHT_MAX) return this.#shed(nowMs);
    const [first] = this.#waiters;
    if (first === undefined) {
      this.#delay.emptied(nowMs);
      if (this.#turnBeganAt === null) {
        this.#turnBeganAt = nowMs;
        this.#nextTurn(this.#turn);
      }
      if (nowMs - this.#turnBeganAt <= SLICE_MS) return true;
    } else if (this.#waiters.length >= WAITING_MAX || this.#isTooLate(first, nowMs)) {
      return this.#shed(nowMs);
    }
    return new Promise((resolve) => this.#waiters.push({ since: nowMs, resolve }));
  }

  readonly #turn = () => {
    if (this.#waiters.length === 0) {
      this.#turnBeganAt = null;
      return;
    }
    const nowMs = this.#nowMs();
    const isQuiet = nowMs - this.#turnEndedAt <= QUIET_TURN_MS;
    this.#turnEndedAt = nowMs;
    // Node accepts one connection a turn: as long as a slice took, turns without one follow while there is something.
    if (isQuiet || nowMs - this.#sliceEndedAt >= this.#sliceTookMs) void this.#slice();
    else this.#nextTurn(this.#turn);
  };

  async #slice(): Promise<void> {
    const beganAt = this.#nowMs();
    for (let nowMs = beganAt; nowMs - beganAt <= SLICE_MS; nowMs = this.#nowMs()) {
      const next = this.#waiters.shift();
      if (next === undefined) break;
      if (this.#waiters.length === 0) this.#delay.emptied(nowMs);
      const isAdmitted = this.inFlight < IN_FLIGHT_MAX && !this.#isTooLate(next, nowMs);
      next.resolve(isAdmitted || this.#shed(nowMs));
      // Resumes once the admitted request finishes or awaits I/O.
      await new Promise<void>((resolve) => process.nextTick(resolve));
    }
    this.#sliceEndedAt = this.#nowMs();
    this.#turnEndedAt = this.#sliceEndedAt;
    this.#sliceTookMs = this.#sliceEndedAt - beganAt;
    this.#nextTurn(this.#turn);
  }

  #isTooLate({ since }: Waiter, nowMs: number): boolean {
    return nowMs - since > this.#delay.waitMaxMs(nowMs, WAIT_MAX_MS, OVERLOAD_WAIT_MAX_MS);
  }

  #shed(nowMs: number): false {
    if (this.#delay.shed(nowMs)) this.#onOverload();
    return false;
  }
}

/** Reports in `/health/ready` that calls are being rejected; a balancer must not take the instance out for it. */
export function loadProbe(shedder: LoadShedder): Probe {
  return {
    name: "load",
    required: false,
    check: () =>
      Promise.resolve(
        shedder.isOverloaded
          ? {
              ok: false,
              detail: `rejecting calls: ${shedder.inFlight} requests under way, ${shedder.waiting} waiting`,
            }
          : { ok: true },
      ),
  };
}
