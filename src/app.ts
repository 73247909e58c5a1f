import type { HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import type { Deps } from "./deps.ts";
import { requestIdOf, SECURITY_HEADERS } from "./http/headers.ts";
import { readiness } from "./http/health.ts";
import { homePage } from "./http/page.ts";
import { systemRoutes } from "./http/system-routes.ts";
import { createTrpcEndpoint, type TrpcEndpoint } from "./http/trpc/endpoint.ts";
import { trpcErrorBody } from "./http/trpc-errors.ts";
import { failedBefore } from "./observability/call-log.ts";
import { createProcedureTable } from "./trpc/procedure-table.ts";
import { appRouter } from "./trpc/router.ts";

interface Env {
  Bindings: HttpBindings;
}

/** The HTTP face: the server asks `endpoint` first, and Hono for everything that it leaves. */
export interface App {
  readonly endpoint: TrpcEndpoint;
  readonly fetch: Hono<Env>["fetch"];
}

/** Creates the HTTP face: health, metrics, the page, and tRPC. */
export function createApp(deps: Deps, procedures = createProcedureTable(appRouter)): App {
  const endpoint = createTrpcEndpoint({
    ...deps,
    trustedProxyHops: deps.config.trustedProxyHops,
    router: appRouter,
    procedures,
  });
  const app = new Hono<Env>();
  app.use(commonHeaders(deps));
  app.route("/", systemRoutes({ ...deps, metricsToken: deps.config.metricsToken }));
  app.get("/", async (c) =>
    c.html(homePage((await readiness(deps.probes, deps.isDraining())).status)),
  );
  if (deps.config.corsOrigins.length > 0) app.use("/trpc/*", allowOrigins(deps.config.corsOrigins));
  app.all("/trpc/*", (c) => callEndpoint(endpoint, c));
  app.notFound((c) => {
    const message = "There is nothing here; procedures are at /trpc/.";
    const { body, status } = trpcErrorBody("NOT_FOUND", message, requestIdIn(c));
    return c.json(body, status);
  });
  app.onError((error, c) => {
    deps.observer.finished(failedBefore(error, requestIdIn(c)));
    const message = "Something went wrong on our side. Please try again.";
    const { body, status } = trpcErrorBody("INTERNAL_SERVER_ERROR", message, requestIdIn(c));
    return c.json(body, status);
  });
  return { endpoint, fetch: app.fetch };
}

/** Sets what every answer has on Node's response, because Hono makes a new Response for each header that it adds. */
function commonHeaders(deps: Pick<Deps, "isDraining">): MiddlewareHandler<Env> {
  return async (c, next) => {
    const { incoming, outgoing } = c.env;
    outgoing.setHeader("x-request-id", requestIdOf(incoming));
    for (const [name, value] of SECURITY_HEADERS) outgoing.setHeader(name, value);
    // A stopping instance asks its callers to come back over a new connection, to another instance.
    if (deps.isDraining()) outgoing.setHeader("connection", "close");
    await next();
  };
}

function requestIdIn(c: Context<Env>): string {
  return String(c.env.outgoing.getHeader("x-request-id"));
}

/** CORS for the origins of the configuration. */
function allowOrigins(origins: readonly string[]): MiddlewareHandler<Env> {
  const allow = cors({
    origin: origins.includes("*") ? "*" : [...origins],
    allowMethods: ["GET", "POST", "OPTIONS"],
    allowHeaders: ["authorization", "content-type", "x-request-id", "trpc-accept"],
    exposeHeaders: [
      "x-request-id",
      "x-cache",
      "retry-after",
      "ratelimit-policy",
      "ratelimit-limit",
      "ratelimit-remaining",
      "ratelimit-reset",
    ],
    maxAge: 86_400,
  });
  // Only browsers send an origin.
  return (c, next) => (c.req.header("origin") === undefined ? next() : allow(c, next));
}

async function callEndpoint(endpoint: TrpcEndpoint, c: Context<Env>): Promise<Response> {
  const { incoming, outgoing } = c.env;
  // The endpoint writes to Node's response, past Hono's, which has the headers of CORS.
  for (const [name, value] of c.res.headers) outgoing.setHeader(name, value);
  await endpoint.handle(incoming, outgoing, c.req.raw);
  return RESPONSE_ALREADY_SENT;
}
