import type { HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { type Context, Hono } from "hono";
import { PRIVATE_CACHE_CONTROL, VARY_AT_EDGE } from "./headers.ts";
import type { BareCall } from "./trpc/calls.ts";
import type { TrpcEndpoint } from "./trpc/endpoint.ts";

interface Env {
  Bindings: HttpBindings;
}

/** The parts of a request that a bare call may depend on: its path and its query, never a header. */
export interface BareRequest {
  /** The last part of the path. */
  readonly name: string;
  /** The value of a query parameter; undefined without one. */
  readonly query: (name: string) => string | undefined;
}

/** An address of its own, `/lists/certifiers`; a last part `:name` stands for any. */
export interface BareAddress {
  readonly address: string;
  readonly callOf: (request: BareRequest) => BareCall;
}

const PREFLIGHT_SECONDS = 86_400;

/**
 * Answers that are the same for everybody, at addresses of their own: for phones, an edge and any web page.
 * They take the endpoint's one path, so limits, load shedding, errors, ETags and compression are those of every call.
 */
export function bareRoutes(
  endpoint: Pick<TrpcEndpoint, "handleBare">,
  addresses: readonly BareAddress[],
): Hono<Env> {
  const routes = new Hono<Env>();
  for (const { address, callOf } of addresses) {
    routes.use(address, async ({ env: { outgoing } }, next) => {
      outgoing.setHeader("access-control-allow-origin", "*");
      outgoing.setHeader(
        "access-control-expose-headers",
        "etag, retry-after, x-cache, x-request-id",
      );
      await next();
    });
    // A browser asks first, because of If-None-Match.
    routes.options(address, (c) =>
      c.body(null, 204, {
        "access-control-allow-methods": "GET",
        "access-control-allow-headers": "if-none-match",
        "access-control-max-age": String(PREFLIGHT_SECONDS),
        "cache-control": PRIVATE_CACHE_CONTROL,
        vary: VARY_AT_EDGE,
      }),
    );
    routes.get(address, async (c: Context<Env>) => {
      const { incoming, outgoing } = c.env;
      const name = c.req.param("name") ?? "";
      const call = callOf({ name, query: (key) => c.req.query(key) });
      await endpoint.handleBare(call, incoming, outgoing);
      return RESPONSE_ALREADY_SENT;
    });
  }
  return routes;
}
