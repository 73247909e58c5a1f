import type { HttpBindings } from "@hono/node-server";
import type { MiddlewareHandler } from "hono";
import { PRIVATE_CACHE_CONTROL } from "./headers.ts";
import type { Probe } from "./health.ts";
import { takeOver } from "./handover.ts";
import type { Metrics } from "../observability/metrics.ts";
import { BATCH_MAX, type RequestedCalls, requestedCalls } from "./requested-calls.ts";
import { trpcErrorBody } from "./trpc-errors.ts";

/** What the shedder is told. */
export interface LoadShedderOptions {
  /** A clock that never goes back. Units: milliseconds. */
  readonly nowMs: () => number;
  /** Told when turning away begins. */
  readonly onOverload?: () => void;
  /** Runs work when the event loop has looked for what arrived: after answers at hand, health and new connections. */
  readonly nextTurn?: (work: () => void) => void;
}

/** How long a turn of the event loop begins on requests before it looks again for what arrived. */
export const SLICE_MS = 20;
/** In a turn as short as this nothing arrived. */
const QUIET_TURN_MS = 0.1;
/** A queue that was not empty for so long is no burst, but an overload. */
export const STANDING_MS = 2_500;
/** How long a request of a burst waits at most: its refusal is still out within 3 s, and a starved core is no overload. */
export const WAIT_MAX_MS = 2_500;
/** The same in an overload: a longer queue would serve no more, but everybody later. */
export const OVERLOAD_WAIT_MAX_MS = 100;
/** It bounds the memory of waiting requests. */
export const WAITING_MAX = 1_000;
/** More than the queue before the database holds, so that those who wait for another's load fit; it bounds memory. */
export const IN_FLIGHT_MAX = 2_000;
/** For how long after the last refusal the replica says that it is overloaded. */
export const OVERLOADED_FOR_MS = 1_000;

/** A request that waits for its turn. */
interface Waiter {
  readonly since: number;
  readonly resolve: (isAdmitted: boolean) => void;
}

/**
 * Lets requests begin in the order they came, in slices of the event loop's time, and turns away those that would
 * wait too long: long waits are for bursts only. Between the slices the loop has as much time for all else.
 * Source: controlled delay with two time-outs, as in B. Maurer, "Fail at Scale", ACM Queue 13(8), 2015.
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
  #emptyAt: number;
  #shedAt = Number.NEGATIVE_INFINITY;
  /** Requests that are being worked on. */
  inFlight = 0;

  constructor({ nowMs, onOverload, nextTurn }: LoadShedderOptions) {
    this.#nowMs = nowMs;
    this.#onOverload = onOverload ?? (() => {});
    this.#nextTurn = nextTurn ?? setImmediate;
    this.#emptyAt = nowMs();
    this.#turnEndedAt = this.#emptyAt;
    this.#sliceEndedAt = this.#emptyAt;
  }

  /** Whether requests were turned away just now. */
  get isOverloaded(): boolean {
    return this.#nowMs() - this.#shedAt <= OVERLOADED_FOR_MS;
  }

  /** Requests that have not begun. */
  get waiting(): number {
    return this.#waiters.length;
  }

  /** Whether a request may begin: said at once when the loop is not busy, or when there is no point in waiting. */
  enter(): boolean | Promise<boolean> {
    const nowMs = this.#nowMs();
    if (this.inFlight >= IN_FLIGHT_MAX) return this.#shed(nowMs);
    const [first] = this.#waiters;
    if (first === undefined) {
      this.#emptyAt = nowMs;
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
      if (this.#waiters.length === 0) this.#emptyAt = nowMs;
      const isAdmitted = this.inFlight < IN_FLIGHT_MAX && !this.#isTooLate(next, nowMs);
      next.resolve(isAdmitted || this.#shed(nowMs));
      // Comes back when what was let in waits for something, or is done.
      await new Promise<void>((resolve) => process.nextTick(resolve));
    }
    this.#sliceEndedAt = this.#nowMs();
    this.#turnEndedAt = this.#sliceEndedAt;
    this.#sliceTookMs = this.#sliceEndedAt - beganAt;
    this.#nextTurn(this.#turn);
  }

  #isTooLate({ since }: Waiter, nowMs: number): boolean {
    // Turning away empties the queue for a moment, which does not end the overload.
    const isBurst =
      nowMs - this.#emptyAt <= STANDING_MS && nowMs - this.#shedAt > OVERLOADED_FOR_MS;
    return nowMs - since > (isBurst ? WAIT_MAX_MS : OVERLOAD_WAIT_MAX_MS);
  }

  #shed(nowMs: number): false {
    const isNew = nowMs - this.#shedAt > OVERLOADED_FOR_MS;
    this.#shedAt = nowMs;
    if (isNew) this.#onOverload();
    return false;
  }
}

/** Says in `/health/ready` that calls are being turned away; a balancer must not take the replica out for it. */
export function loadProbe(shedder: LoadShedder): Probe {
  return {
    name: "load",
    required: false,
    check: () =>
      Promise.resolve(
        shedder.isOverloaded
          ? {
              ok: false,
              detail: `turning calls away: ${shedder.inFlight} requests under way, ${shedder.waiting} waiting`,
            }
          : { ok: true },
      ),
  };
}

/** Turns away what the replica cannot take, before anything is done for it. Errors: 503 with `Retry-After`. */
export function shedLoad(
  shedder: LoadShedder,
  metrics: Pick<Metrics, "rejected">,
): MiddlewareHandler<{ Bindings: HttpBindings; Variables: { requestId: string } }> {
  return async (c, next) => {
    const entered = takeOver(c.env.incoming)?.wasLetIn === true || shedder.enter();
    if (entered === true || (await entered)) return await next();
    const url = URL.parse(c.req.url);
    const calls =
      url === null
        ? { procedures: [""], isBatch: false }
        : requestedCalls(url.pathname, url.searchParams);
    const { body, retryAfterSeconds } = refuseOverload(calls, c.get("requestId"), metrics);
    return c.body(body, 503, {
      "content-type": "application/json",
      "cache-control": PRIVATE_CACHE_CONTROL,
      "retry-after": String(retryAfterSeconds),
    });
  };
}

/** What a request is told that came too much. */
export interface Refusal {
  /** JSON. */
  readonly body: string;
  readonly retryAfterSeconds: number;
}

/** Counts a refusal and words it: one tRPC error, or one for each call of the batch. */
export function refuseOverload(
  { procedures, isBatch }: RequestedCalls,
  requestId: string,
  metrics: Pick<Metrics, "rejected">,
): Refusal {
  const calls = procedures.slice(0, BATCH_MAX);
  metrics.rejected("overload", calls.length);
  // Not all at once again.
  const retryAfterSeconds = 1 + Math.round(Math.random());
  const { body } = trpcErrorBody(
    "SERVICE_UNAVAILABLE",
    "Too many requests at once. Please try again.",
    requestId,
    { retryAfterSeconds },
  );
  return { body: JSON.stringify(isBatch ? calls.map(() => body) : body), retryAfterSeconds };
}

/** Counts requests while they are being worked on; one whose body trickles in takes no place meanwhile. */
export function countInFlight(
  shedder: LoadShedder,
): MiddlewareHandler<{ Bindings: HttpBindings; Variables: { requestId: string } }> {
  return async (c, next) => {
    const { incoming } = c.env;
    const { headers } = incoming;
    let isCounted = false;
    const count = () => {
      isCounted = true;
      shedder.inFlight += 1;
    };
    const hasBody =
      headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined;
    if (hasBody && !incoming.complete) incoming.once("end", count);
    else count();
    try {
      await next();
    } finally {
      incoming.removeListener("end", count);
      if (isCounted) shedder.inFlight -= 1;
    }
  };
}
