import { AppError, appErrorOf } from "../errors.ts";
import type { BackgroundWork } from "./background-work.ts";
import { Outage, SILENT_FROM_MS } from "./outage.ts";
import type { Cached } from "./policy.ts";
import { text } from "../texts/text.ts";

/** How long an expired answer may be served while the database is unavailable. Source: RFC 5861. */
export const STALE_IF_ERROR_MS = 3_600_000;
/** How long an expired answer is served while a refresh runs. Source: RFC 5861. */
export const STALE_WHILE_REVALIDATE_MS = 60_000;
/** How long a call waits in all; the app on the phone times out soon after. */
export const ANSWER_MAX_MS = 2_700;

/** Whether an error means that the database cannot be reached. */
export function isOutage(error: unknown): boolean {
  return appErrorOf(error)?.code === "SERVICE_UNAVAILABLE";
}

/** Races a load against a stale answer that is already known. */
export class StaleIfError {
  /** The state of the database, as loads find it while the journal cannot be read. */
  readonly outage = new Outage();
  readonly #background: BackgroundWork;

  constructor(background: BackgroundWork) {
    this.#background = background;
  }

  /**
   * Returns the loaded value or, if the database is unavailable, the stale answer. Only a load can find that out,
   * because writes may succeed although the journal cannot be read.
   * Units: `endsAt` and `confirmedAt` on the clock of `performance.now()`.
   * Errors: those of the load that do not mean an outage.
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
 * Waits for work until `remainingMs` have passed or `interrupt` calls back; the work itself continues.
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
      reject(new AppError("SERVICE_UNAVAILABLE", text("database_away"), { retryAfterSeconds: 2 }));
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
