import type { Context, MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import { inLanguage, text } from "../texts/text.ts";
import { readLanguages } from "./accept-language.ts";
import { PRIVATE_CACHE_CONTROL } from "./headers.ts";
import { trpcErrorBody } from "./trpc-errors.ts";

/** Headers that browsers' apps send: tRPC's links, tracing by Sentry and OpenTelemetry, conditional and repeated requests. */
const ALLOWED_HEADERS =
  `authorization content-type accept-language x-request-id trpc-accept x-trpc-source last-event-id if-none-match
  baggage sentry-trace traceparent tracestate`.split(/\s+/);
const EXPOSED_HEADERS =
  `x-request-id x-cache retry-after etag deprecation sunset link ratelimit-policy ratelimit-limit ratelimit-remaining ratelimit-reset`.split(
    " ",
  );

const ORIGIN_LENGTH_MAX = 200;

/**
 * CORS for origins: each one as browsers write it, or with `*` as its first label, which stands for one label; `*` alone
 * allows all. The preflight of any other is answered with an error that names `CORS_ORIGINS`, because a browser shows its
 * developer nothing else of it.
 */
export function allowOrigins(
  origins: readonly string[],
  requestIdIn: (c: Context) => string,
): MiddlewareHandler {
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
  return async (c, next) => {
    const origin = c.req.header("origin");
    // Only browsers send an origin.
    if (origin === undefined) return next();
    const isPreflight =
      c.req.method === "OPTIONS" && c.req.header("access-control-request-method") !== undefined;
    if (!isPreflight || isAllowed(origin)) return allow(c, next);
    const told = text("origin_not_allowed", { origin: origin.slice(0, ORIGIN_LENGTH_MAX) });
    const { language } = readLanguages(c.req.header("accept-language"));
    const { body, status } = trpcErrorBody(
      "FORBIDDEN",
      "origin_not_allowed",
      inLanguage(told, language),
      requestIdIn(c),
    );
    return c.json(body, status, {
      "cache-control": PRIVATE_CACHE_CONTROL,
      "content-language": language,
      vary: "Origin, Accept-Language",
    });
  };
}

function wildcard(origin: string): RegExp {
  const [scheme = "", rest = ""] = origin.split("://*.");
  return new RegExp(`^${scheme}://[a-z0-9-]+\\.${rest.replaceAll(".", "\\.")}$`);
}
