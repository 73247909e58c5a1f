import { createHmac } from "node:crypto";
import { TRPCError } from "@trpc/server";
import type { Logger } from "pino";
import { appErrorOf } from "../errors.ts";
import type { CallRecord } from "./call-record.ts";
import { summarizeError } from "./error-summary.ts";
import type { Metrics } from "./metrics.ts";
import type { ErrorReporter } from "./sentry.ts";

/** A call that took longer than this is logged. Units: milliseconds. */
export const SLOW_MS = 250;
/** One in this many calls is logged among those that are not logged for another reason. */
export const SAMPLE_EVERY = 1_000;

/** A pseudonym that marks log lines of the same user; equal on all instances with the same key. */
export type UserHash = (userId: string) => string;

/** Makes the keyed hash of user ids. Source: HMAC-SHA-256 (RFC 2104), cut to 48 bits. */
export function createUserHash(key: string): UserHash {
  return (userId) =>
    createHmac("sha256", `user hash ${key}`).update(userId).digest("hex").slice(0, 12);
}

/** Receives every finished call. */
export interface CallObserver {
  finished(call: CallRecord): void;
  /** Logs that a caller exceeded the rate limit, once a minute. */
  limited(callerKey: string, procedure: string, requestId: string): void;
}

/** Dependencies of the observer. */
export interface CallObserverParts {
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly errors: ErrorReporter;
  readonly hashUser: UserHash;
}

/**
 * Counts every call and logs those that wrote, failed or were slow, and one in a thousand others.
 * Inputs are never logged. Unexpected errors are also sent to the error tracker.
 */
export function createCallObserver(parts: CallObserverParts): CallObserver {
  const { metrics, logger, errors, hashUser } = parts;
  let plain = 0;
  const finished = (call: CallRecord) => {
    metrics.called(call.procedure, call.code, call.durationMs / 1000);
    if (call.code === "UNAUTHORIZED") metrics.rejected("unauthorized", 1);
    const isUnexpected = call.code === "INTERNAL_SERVER_ERROR";
    const isSlow = call.durationMs > SLOW_MS;
    if (call.code === "OK" && !call.isWrite && !isSlow) {
      plain += 1;
      if (plain % SAMPLE_EVERY !== 0) return;
    }
    const line = {
      procedure: call.procedure,
      code: call.code,
      durationMs: Math.round(call.durationMs * 10) / 10,
      ...(isSlow ? { slow: true } : {}),
      ...(call.userId === null ? {} : { user: hashUser(call.userId) }),
      ...(call.cacheState === null ? {} : { cache: call.cacheState }),
      ...(call.requestId === null ? {} : { requestId: call.requestId }),
    };
    if (isUnexpected) {
      const err = summarizeError(call.error);
      logger.error({ ...line, err }, "call");
      errors.report(err, line);
    } else if (appErrorOf(call.error)?.reason === "overloaded") {
      // Without the stack, which is always the same and costs more than the rejection.
      logger.warn({ ...line, reason: "overloaded" }, "call");
    } else if (call.code === "SERVICE_UNAVAILABLE" || call.code === "TIMEOUT") {
      logger.warn({ ...line, err: summarizeError(call.error) }, "call");
    } else {
      logger.info(line, "call");
    }
  };
  return {
    finished,
    limited: (callerKey, procedure, requestId) =>
      logger.info(
        { procedure, code: "TOO_MANY_REQUESTS", caller: hashUser(callerKey), requestId },
        "a caller is over the limit",
      ),
  };
}

/** Makes the record of a call that failed before a procedure ran: unknown path, invalid JSON or a batch too long. */
export function failedBefore(error: Error, requestId: string): CallRecord {
  return {
    procedure: "unknown",
    isWrite: false,
    durationMs: 0,
    code: error instanceof TRPCError ? error.code : "INTERNAL_SERVER_ERROR",
    error,
    cacheState: null,
    userId: null,
    requestId,
  };
}
