import type { MiddlewareHandler } from "hono";
import { cors } from "hono/cors";

/** What browsers' apps send: tRPC's links, tracing by Sentry and OpenTelemetry, conditional and repeated requests. */
const ALLOWED_HEADERS =
  `authorization content-type accept-language x-request-id trpc-accept x-trpc-source last-event-id if-none-match
  baggage sentry-trace traceparent tracestate`.split(/\s+/);
const EXPOSED_HEADERS =
  `x-request-id x-cache retry-after etag ratelimit-policy ratelimit-limit ratelimit-remaining ratelimit-reset`.split(
    " ",
  );

/**
 * CORS for origins: each one as browsers write it, or with `*` as its first label, which stands for one label; `*` alone
 * allows all.
 */
export function allowOrigins(origins: readonly string[]): MiddlewareHandler {
  const exact = new Set(origins);
  const wildcards = origins.filter((origin) => origin.includes("://*.")).map(wildcard);
  const isAllowed = (origin: string) =>
    exact.has("*") || exact.has(origin) || wildcards.some((pattern) => pattern.test(origin));
  const allow = cors({
    origin: (origin) => (isAllowed(origin) ? (exact.has("*") ? "*" : origin) : null),
    allowMethods: ["GET", "POST", "OPTIONS"],
    allowHeaders: ALLOWED_HEADERS,
    exposeHeaders: EXPOSED_HEADERS,
    maxAge: 86_400,
  });
  // Only browsers send an origin.
  return (c, next) => (c.req.header("origin") === undefined ? next() : allow(c, next));
}

function wildcard(origin: string): RegExp {
  const [scheme = "", rest = ""] = origin.split("://*.");
  return new RegExp(`^${scheme}://[a-z0-9-]+\\.${rest.replaceAll(".", "\\.")}$`);
}
