import { TRPCError } from "@trpc/server";
import type { ErrorReason } from "../../error-reasons.ts";
import { inEnglish, inLanguage, type Text, text } from "../../texts/text.ts";
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

/** A body that is longer is not read. */
export const BODY_MAX_BYTES = 64 * 1024;

function errorBody(
  code: Parameters<typeof trpcErrorBody>[0],
  reason: ErrorReason,
  told: Text,
  { requestId, languages }: Pick<Exchange, "requestId" | "languages">,
  more: Parameters<typeof trpcErrorBody>[4] = {},
): ReturnType<typeof trpcErrorBody> {
  return trpcErrorBody(code, reason, inLanguage(told, languages.language), requestId, more);
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
      const more = { retryAfterSeconds };
      const error = errorBody(
        "SERVICE_UNAVAILABLE",
        "overloaded",
        text("overloaded"),
        exchange,
        more,
      );
      reject(exchange, error, ["retry-after", String(retryAfterSeconds)], true);
    },
    /** 429 with `Retry-After`: the caller is over the limit. */
    overLimit(exchange: Exchange, { verdict, callerKey }: Admission): void {
      const { parsed, requestId } = exchange;
      metrics.rejected("rate_limit", parsed.calls.length);
      if (limiter.noteRejection(callerKey)) {
        const [call] = parsed.calls;
        const procedure = call === undefined || call.procedure === null ? "unknown" : call.path;
        observer.limited(callerKey, procedure, requestId);
      }
      const { limit, resetSeconds } = verdict;
      const overLimit = text("over_limit", { limit, seconds: resetSeconds });
      const more = { retryAfterSeconds: resetSeconds };
      const error = errorBody("TOO_MANY_REQUESTS", "rate_limited", overLimit, exchange, more);
      reject(exchange, error, rateLimitHeaders(verdict), true);
    },
    /** 400: the batch has more calls than it may. */
    longBatch(exchange: Exchange, { verdict }: Admission): void {
      const { requestId, parsed } = exchange;
      const tooLong = text("batch_too_long", { maximum: BATCH_MAX, count: parsed.calls.length });
      const message = inEnglish(tooLong);
      observer.finished(failedBefore(new TRPCError({ code: "BAD_REQUEST", message }), requestId));
      const error = errorBody("BAD_REQUEST", "batch_too_long", tooLong, exchange);
      reject(exchange, error, rateLimitHeaders(verdict), false);
    },
    /** 400: the address or the host cannot be read. */
    malformedUrl(exchange: Pick<Exchange, "response" | "requestId" | "languages">): void {
      const malformed = text("malformed_address");
      const { body, status } = errorBody("BAD_REQUEST", "malformed_request", malformed, exchange);
      const rejection = { status, body: JSON.stringify(body), headers: [] };
      sendRejection(exchange, { ...rejection, isDraining: isDraining() });
    },
    /** 413: the body is larger than the limit. */
    largeBody(exchange: Exchange, { verdict }: Admission): void {
      metrics.rejected("body_too_large", 1);
      const tooLarge = text("body_too_large", { kib: BODY_MAX_BYTES / 1024 });
      const error = errorBody("PAYLOAD_TOO_LARGE", "body_too_large", tooLarge, exchange);
      reject(exchange, error, rateLimitHeaders(verdict), false);
    },
    /** 500 for a fault of ours, 400 when the caller went away; the observer logs both. */
    failure(exchange: Exchange, cause: unknown): void {
      const { requestId, response } = exchange;
      const isLost = cause instanceof Error && "code" in cause && cause.code === "ECONNRESET";
      const code = isLost ? "BAD_REQUEST" : "INTERNAL_SERVER_ERROR";
      const reason = isLost ? "malformed_request" : "internal";
      const told = text(isLost ? "body_ended_early" : "generic");
      const message = inEnglish(told);
      observer.finished(failedBefore(new TRPCError({ code, message, cause }), requestId));
      if (response.headersSent) response.destroy();
      else reject(exchange, errorBody(code, reason, told, exchange), [], false);
    },
  };
}
