import { TRPCError } from "@trpc/server";
import { GENERIC_MESSAGE } from "../../errors.ts";
import { type CallObserver, failedBefore } from "../../observability/call-log.ts";
import type { Metrics } from "../../observability/metrics.ts";
import { type Admission, rateLimitHeaders } from "../admission.ts";
import type { RateLimiter } from "../rate-limit/limiter.ts";
import { trpcErrorBody } from "../trpc-errors.ts";
import { BATCH_MAX } from "./calls.ts";
import type { Exchange } from "./exchange.ts";
import { sendRejection } from "./send.ts";

/** Dependencies of rejecting. */
export interface RejectParts {
  readonly metrics: Pick<Metrics, "rejected">;
  readonly observer: CallObserver;
  readonly limiter: Pick<RateLimiter, "noteRejection">;
  readonly isDraining: () => boolean;
}

/** Rejects a request before any of its calls is resolved; each way counts it and tells the caller why. */
export function createRejections(parts: RejectParts) {
  const { metrics, observer, limiter, isDraining } = parts;
  const reject = (
    exchange: Exchange,
    { body, status }: ReturnType<typeof trpcErrorBody>,
    headers: readonly string[],
    isForEachCall: boolean,
  ) => {
    const calls = exchange.parsed.calls.slice(0, BATCH_MAX);
    // A batch that is too long has no calls worth an answer each.
    const all = isForEachCall && exchange.parsed.isBatch ? calls.map(() => body) : body;
    const text = JSON.stringify(all);
    sendRejection(exchange, { status, body: text, headers, isDraining: isDraining() });
  };
  return {
    /** 503 with `Retry-After`: the instance cannot take the request now. */
    overload(exchange: Exchange): void {
      metrics.rejected("overload", Math.min(exchange.parsed.calls.length, BATCH_MAX));
      // Not all at once again.
      const retryAfterSeconds = 1 + Math.round(Math.random());
      const message = "Too many requests at once. Please try again.";
      const more = { retryAfterSeconds };
      const error = trpcErrorBody(
        "SERVICE_UNAVAILABLE",
        "overloaded",
        message,
        exchange.requestId,
        more,
      );
      reject(exchange, error, ["retry-after", String(retryAfterSeconds)], true);
    },
    /** 429 with `Retry-After`: the caller is over the limit. */
    overLimit(exchange: Exchange, { verdict, callerKey }: Admission): void {
      const { requestId, parsed } = exchange;
      metrics.rejected("rate_limit", parsed.calls.length);
      if (limiter.noteRejection(callerKey)) {
        const [call] = parsed.calls;
        const procedure = call === undefined || call.procedure === null ? "unknown" : call.path;
        observer.limited(callerKey, procedure, requestId);
      }
      const { limit, resetSeconds } = verdict;
      const message = `More than ${limit} calls in a minute. Please try again in ${resetSeconds} s.`;
      const more = { retryAfterSeconds: resetSeconds };
      const error = trpcErrorBody("TOO_MANY_REQUESTS", "rate_limited", message, requestId, more);
      reject(exchange, error, rateLimitHeaders(verdict), true);
    },
    /** 400: the batch has more calls than it may. */
    longBatch(exchange: Exchange, { verdict }: Admission): void {
      const { requestId, parsed } = exchange;
      const message = `A batch may have ${BATCH_MAX} calls, and this one has ${parsed.calls.length}.`;
      observer.finished(failedBefore(new TRPCError({ code: "BAD_REQUEST", message }), requestId));
      const error = trpcErrorBody("BAD_REQUEST", "batch_too_long", message, requestId);
      reject(exchange, error, rateLimitHeaders(verdict), false);
    },
    /** 400: the address or the host cannot be read. */
    malformedUrl(exchange: Pick<Exchange, "response" | "requestId">): void {
      const message = "The request's address or host is not well-formed.";
      const { body, status } = trpcErrorBody(
        "BAD_REQUEST",
        "malformed_request",
        message,
        exchange.requestId,
      );
      const rejection = { status, body: JSON.stringify(body), headers: [] };
      sendRejection(exchange, { ...rejection, isDraining: isDraining() });
    },
    /** 413: the body is larger than the limit. */
    largeBody(exchange: Exchange, { verdict }: Admission): void {
      metrics.rejected("body_too_large", 1);
      const message = "The body is larger than 64 KiB.";
      const error = trpcErrorBody(
        "PAYLOAD_TOO_LARGE",
        "body_too_large",
        message,
        exchange.requestId,
      );
      reject(exchange, error, rateLimitHeaders(verdict), false);
    },
    /** 500 for a fault of ours, 400 when the caller went away; the observer logs both. */
    failure(exchange: Exchange, cause: unknown): void {
      const { requestId, response } = exchange;
      const isLost = cause instanceof Error && "code" in cause && cause.code === "ECONNRESET";
      const code = isLost ? "BAD_REQUEST" : "INTERNAL_SERVER_ERROR";
      const reason = isLost ? "malformed_request" : "internal";
      const message = isLost ? "The body ended early." : GENERIC_MESSAGE;
      observer.finished(failedBefore(new TRPCError({ code, message, cause }), requestId));
      if (response.headersSent) response.destroy();
      else reject(exchange, trpcErrorBody(code, reason, message, requestId), [], false);
    },
  };
}
