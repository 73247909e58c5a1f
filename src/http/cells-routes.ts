import type { HttpBindings } from "@hono/node-server";
import { type Context, Hono } from "hono";
import type { CacheState } from "../cache/policy.ts";
import type { ErrorReason } from "../error-reasons.ts";
import { appErrorOf } from "../errors.ts";
import { rateLimitHeaders } from "./admission.ts";
import { readCaller } from "./caller.ts";
import { chooseCoding, encodeBody } from "./compression.ts";
import { entityTag, matchesEntityTag, PRIVATE_CACHE_CONTROL } from "./headers.ts";
import type { LoadShedder } from "./load-shedding.ts";
import { clientAddress } from "./rate-limit/client-address.ts";
import { addressKey } from "./rate-limit/key.ts";
import type { RateLimiter } from "./rate-limit/limiter.ts";
import { spokenError } from "./spoken-error.ts";
import { type Text, text } from "../texts/text.ts";
import { trpcErrorBody } from "./trpc-errors.ts";

interface Env {
  Bindings: HttpBindings;
}

/** A cell as it is sent. */
export interface SentCell {
  /** JSON; its compressed forms are kept with it. */
  readonly body: Buffer;
  readonly etag: string;
  readonly state: CacheState;
}

/** The parts of the routes. */
export interface CellsParts {
  readonly shedder: LoadShedder;
  readonly limiter: RateLimiter;
  readonly trustedProxyHops: number;
  /** Errors: RangeError for no cell; AppError. Units: kilometres. */
  readonly cellOf: (geohash: string, radiusKm: 5 | 50) => Promise<SentCell>;
}

/** How long the edge may keep a cell that nobody purges. Units: seconds. */
const CACHE_CONTROL = "public, s-maxage=300, stale-while-revalidate=60, stale-if-error=3600";
/** Characters of a cell's geohash in its tag, by which a purge names it: 39 by 20 km. */
const TAG_LENGTH = 4;
const PREFLIGHT_SECONDS = 86_400;
const OVERLOAD_WAIT_SECONDS = 1;

type Code = Parameters<typeof trpcErrorBody>[0];

/** `/cells/{geohash}`: a cell's stores, the same for everybody, for phones, the edge and any web page. */
export function cellsRoutes(parts: CellsParts): Hono<Env> {
  const routes = new Hono<Env>();
  routes.use("/cells/*", async ({ env: { outgoing } }, next) => {
    outgoing.setHeader("access-control-allow-origin", "*");
    outgoing.setHeader("access-control-expose-headers", "etag, retry-after, x-cache, x-request-id");
    outgoing.setHeader("vary", "accept-encoding");
    await next();
  });
  // A browser asks first, because of If-None-Match.
  routes.options("/cells/:geohash", (c) =>
    c.body(null, 204, {
      "access-control-allow-methods": "GET",
      "access-control-allow-headers": "if-none-match",
      "access-control-max-age": String(PREFLIGHT_SECONDS),
      "cache-control": PRIVATE_CACHE_CONTROL,
    }),
  );
  routes.get("/cells/:geohash", (c) => answer(parts, c));
  return routes;
}

async function answer(parts: CellsParts, c: Context<Env, "/cells/:geohash">): Promise<Response> {
  const entered = parts.shedder.enter();
  if (!(typeof entered === "boolean" ? entered : await entered)) {
    return refuse(
      c,
      "SERVICE_UNAVAILABLE",
      "overloaded",
      text("overloaded"),
      OVERLOAD_WAIT_SECONDS,
    );
  }
  const { socketAddress, forwardedFor } = readCaller(c.env.incoming);
  const address = clientAddress(socketAddress, forwardedFor, parts.trustedProxyHops);
  const verdict = parts.limiter.take(addressKey(address), 1);
  const limits = rateLimitHeaders(verdict);
  for (let at = 0; at + 1 < limits.length; at += 2)
    c.env.outgoing.setHeader(limits[at] ?? "", limits[at + 1] ?? "");
  if (!verdict.allowed) {
    const { limit, resetSeconds: seconds } = verdict;
    const message = text("over_limit", { limit, seconds });
    return refuse(c, "TOO_MANY_REQUESTS", "rate_limited", message, seconds);
  }
  const radius = c.req.query("radius") ?? "5";
  if (radius !== "5" && radius !== "50")
    return refuse(c, "BAD_REQUEST", "invalid_input", text("radius_of_cell"));
  parts.shedder.inFlight += 1;
  try {
    const geohash = c.req.param("geohash");
    return send(c, geohash, await parts.cellOf(geohash, radius === "5" ? 5 : 50));
  } catch (error) {
    if (error instanceof RangeError)
      return refuse(c, "BAD_REQUEST", "invalid_input", text("geohash6"));
    const known = appErrorOf(error);
    if (known?.code !== "SERVICE_UNAVAILABLE") throw error;
    const { reason = "unavailable", text: message, retryAfterSeconds } = known;
    return refuse(c, "SERVICE_UNAVAILABLE", reason, message, retryAfterSeconds);
  } finally {
    parts.shedder.inFlight -= 1;
  }
}

/** Sends a cell, or 304 when the caller has it. One that may be out of date is not stored by anybody. */
function send(c: Context<Env>, geohash: string, { body, etag: tag, state }: SentCell): Response {
  const coding = chooseCoding(c.req.header("accept-encoding"));
  const encoded = coding === null ? null : encodeBody(body, coding);
  const etag = entityTag([{ etag: tag }], encoded === null ? null : coding, null);
  const isStorable = state !== "STALE" && c.req.header("authorization") === undefined;
  const tags = [`cell:${geohash.slice(0, TAG_LENGTH)}`, "stores"];
  const headers = {
    "x-cache": state,
    ...(isStorable
      ? {
          "cache-control": CACHE_CONTROL,
          etag,
          "cache-tag": tags.join(","),
          "surrogate-key": tags.join(" "),
          xkey: tags.join(" "),
        }
      : { "cache-control": PRIVATE_CACHE_CONTROL }),
  };
  if (isStorable && matchesEntityTag(c.req.header("if-none-match"), etag))
    return c.body(null, 304, headers);
  return c.body(new Uint8Array(encoded ?? body), 200, {
    ...headers,
    "content-type": "application/json",
    ...(encoded === null ? {} : { "content-encoding": coding ?? "" }),
  });
}

function refuse(
  c: Context<Env>,
  code: Code,
  reason: ErrorReason,
  one: Text,
  retryAfterSeconds?: number,
): Response {
  const requestId = String(c.env.outgoing.getHeader("x-request-id"));
  const more = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
  const { message, headers } = spokenError(c.req.header("accept-language"), one);
  const { body, status } = trpcErrorBody(code, reason, message, requestId, more);
  return c.json(body, status, {
    ...headers,
    ...(retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) }),
  });
}
