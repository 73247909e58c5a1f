import type { HttpBindings } from "@hono/node-server";
import { TRPCError } from "@trpc/server";
import type { MiddlewareHandler } from "hono";
import {
  type Admission,
  admit,
  type AdmissionParts,
  rateLimitBody,
  rateLimitHeaders,
} from "./admission.ts";
import { arrivalOf } from "./arrival.ts";
import { type CallObserver, failedBefore } from "../observability/call-log.ts";
import { takeOver } from "./handover.ts";
import type { Metrics } from "../observability/metrics.ts";
import { BATCH_MAX, requestedCalls } from "./requested-calls.ts";
import { trpcErrorBody } from "./trpc-errors.ts";

/** What the middleware reads and leaves behind. */
export interface LimitCallsEnv {
  Bindings: HttpBindings;
  Variables: { requestId: string; admission: Admission };
}

/** What the middleware needs of the process. */
export interface LimitCallsParts extends AdmissionParts {
  readonly metrics: Metrics;
  readonly observer: CallObserver;
}

/** Finds out who calls, counts the calls and turns away what is over the limit. Errors: 429 with `Retry-After`, 400 for a batch that is too long. */
export function limitCalls(parts: LimitCallsParts): MiddlewareHandler<LimitCallsEnv> {
  return async (c, next) => {
    const url = URL.parse(c.req.url);
    if (url === null) {
      const message = "The request's address or host is not well-formed.";
      const { body, status } = trpcErrorBody("BAD_REQUEST", message, c.get("requestId"));
      c.res = c.json(body, status, { "cache-control": "no-store" });
      return;
    }
    const calls = requestedCalls(url.pathname, url.searchParams);
    const admission =
      takeOver(c.env.incoming)?.admission ??
      (await admit(parts, arrivalOf(c.env.incoming), calls.procedures));
    c.set("admission", admission);
    const isTooLong = calls.isBatch && calls.procedures.length > BATCH_MAX;
    if (isTooLong) parts.metrics.rejected("batch_too_large", calls.procedures.length);
    const { verdict, callerKey } = admission;
    const headers = rateLimitHeaders(verdict);
    for (let i = 0; i + 1 < headers.length; i += 2)
      c.env.outgoing.setHeader(headers[i] ?? "", headers[i + 1] ?? "");
    if (verdict.allowed && isTooLong) {
      const message = `A batch may have ${BATCH_MAX} calls, and this one has ${calls.procedures.length}.`;
      const requestId = c.get("requestId");
      parts.observer.finished(
        failedBefore(new TRPCError({ code: "BAD_REQUEST", message }), requestId),
      );
      const { body, status } = trpcErrorBody("BAD_REQUEST", message, requestId);
      c.res = c.json(body, status, { "cache-control": "no-store" });
    } else if (verdict.allowed) await next();
    else {
      parts.metrics.rejected("rate_limit", calls.procedures.length);
      if (parts.limiter.noteRefusal(callerKey)) {
        const [named = ""] = calls.procedures;
        const procedure = /^[a-z]{1,20}\.[a-zA-Z]{1,20}$/.test(named) ? named : "unknown";
        parts.observer.limited(callerKey, procedure, c.get("requestId"));
      }
      const { body, status } = rateLimitBody(verdict, calls, c.get("requestId"));
      c.res = c.json(body, status, { "cache-control": "no-store" });
    }
  };
}
