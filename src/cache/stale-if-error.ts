import { AppError, appErrorOf } from "../errors.ts";
import type { BackgroundWork } from "./background-work.ts";
import { Outage, SILENT_FROM_MS } from "./outage.ts";
import type { Cached } from "./policy.ts";

/** How long past its time an answer may be served while the database is away. Source: RFC 5861. */
export const STALE_IF_ERROR_MS = 3_600_000;
/** How long past its time an answer is served while it is being refreshed. Source: RFC 5861. */
export const STALE_WHILE_REVALIDATE_MS = 60_000;
/** How long a call waits in all: a phone gives up soon after. */
export const ANSWER_MAX_MS = 2_700;

const TOO_LATE = "The database cannot answer right now. Please try again.";

/** Whether an error says that the database cannot be reached. */
export function isOutage(error: unknown): boolean {
  return appErrorOf(error)?.code === "SERVICE_UNAVAILABLE";
}

/** Races a load against a stale answer that is already known. */
export class StaleIfError {
  /** What loads tell of the database while the journal cannot be read. */
  readonly outage = new Outage();
  readonly #background: BackgroundWork;

  constructor(background: BackgroundWork) {
    this.#background = background;
  }

  /**
   * Returns what the load gives or, if the database is away, the stale answer. Only a load can decide that, because
   * writes may go on although their journal cannot be read.
   * Units: `endsAt` and `confirmedAt` on the clock of `performance.now()`. Errors: those of the load that are no outage.
   */
  async race<V>(
    stale: () => Cached<V>,
    endsAt: number,
    confirmedAt: number,
    start: () => Promise<Cached<V>>,
  ): Promise<Cached<V>> {
    const nowMs = performance.now();
    let waitMs = endsAt - nowMs;
    if (this.outage.isKnown(confirmedAt)) {
      if (this.outage.isFresh(nowMs)) {
        if (this.outage.mayTry(nowMs)) this.#background.add(start());
        return stale();
      }
      this.outage.mayTry(nowMs);
      waitMs = Math.min(waitMs, SILENT_FROM_MS);
    }
    try {
      return await within(waitMs, start(), (stop) => this.outage.onFailure(stop));
    } catch (error) {
      if (!isOutage(error)) throw error;
      return stale();
    }
  }
}

/**
 * Waits for work, but not longer than `remainingMs` and not after `interrupt` calls back; the work goes on.
 * Errors: SERVICE_UNAVAILABLE when the wait ends first; else those of the work.
 */
export async function within<T>(
  remainingMs: number,
  work: Promise<T>,
  interrupt?: (stop: () => void) => () => void,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let forget: (() => void) | undefined;
  const over = new Promise<never>((_resolve, reject) => {
    const stop = () => {
      reject(new AppError("SERVICE_UNAVAILABLE", TOO_LATE, { retryAfterSeconds: 2 }));
    };
    timer = setTimeout(stop, remainingMs);
    forget = interrupt?.(stop);
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
    forget?.();
  }
}
