import type { TRPCClientError, TRPCLink } from "@trpc/client";
import { observable } from "@trpc/server/observable";
import type { AppRouter } from "./app-router.ts";
import { errorFactsOf } from "./errors.ts";
import { HttpError } from "./fetch.ts";

/** A call is sent so often at most. */
const ATTEMPTS_MAX = 3;
/** Phones that were told the same moment come back spread over this share of the wait. */
const JITTER = 0.25;

/** For how long, and why, the server wants to be left alone. */
interface Pause {
  readonly untilMs: number;
  readonly error: TRPCClientError<AppRouter>;
}

/**
 * Obeys `Retry-After`: a call that was turned away for it is sent again after that time and a little more, if the time is
 * at most `maxSeconds`, else it fails at once. A limit or an overload holds for every call, so that others wait as well.
 * A mutation is sent again only when it was certainly not made.
 */
export function retryAfterLink(options: {
  readonly maxSeconds: number;
  readonly nowMs: () => number;
}): TRPCLink<AppRouter> {
  const { maxSeconds, nowMs } = options;
  return () => {
    let pause: Pause | undefined;
    return ({ op, next }) =>
      observable((observer) => {
        let close = () => {};
        const attempt = (number: number) => {
          const waitMs = pause === undefined ? 0 : pause.untilMs - nowMs();
          if (pause === undefined || waitMs <= 0) return send(number);
          if (waitMs > maxSeconds * 1000) return observer.error(pause.error);
          wait(waitMs, number);
        };
        const wait = (ms: number, number: number) => {
          const timer = setTimeout(() => attempt(number), ms * (1 + Math.random() * JITTER));
          close = () => clearTimeout(timer);
        };
        const send = (number: number) => {
          const sent = next(op).subscribe({
            next: (value) => observer.next(value),
            complete: () => observer.complete(),
            error(error) {
              const { retryAfterSeconds: seconds, reason } = errorFactsOf(error);
              if (seconds === undefined) return observer.error(error);
              const isForAll = reason === "rate_limited" || reason === "overloaded";
              if (isForAll) pause = { untilMs: nowMs() + seconds * 1000, error };
              const mayRepeat = isForAll || isTurnedAway(error) || op.type === "query";
              if (!mayRepeat || number >= ATTEMPTS_MAX || seconds > maxSeconds)
                return observer.error(error);
              wait(seconds * 1000, number + 1);
            },
          });
          close = () => sent.unsubscribe();
        };
        attempt(1);
        return () => close();
      });
  };
}

/** Whether a proxy has turned a request away before the server saw it. */
function isTurnedAway({ cause }: TRPCClientError<AppRouter>): boolean {
  return cause instanceof HttpError && cause.status === 429;
}
