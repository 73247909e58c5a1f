import type { HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { type Context, Hono, type MiddlewareHandler } from "hono";
import type { Deps } from "./deps.ts";
import { allowOrigins } from "./http/cors.ts";
import { readLanguages } from "./http/accept-language.ts";
import {
  PRIVATE_CACHE_CONTROL,
  requestIdOf,
  SECURITY_HEADERS,
  VARY_BY_LANGUAGE,
} from "./http/headers.ts";
import { homePage } from "./http/page.ts";
import { referenceRoutes } from "./http/reference-routes.ts";
import { systemRoutes } from "./http/system-routes.ts";
import { createTrpcEndpoint, type TrpcEndpoint } from "./http/trpc/endpoint.ts";
import { trpcErrorBody } from "./http/trpc-errors.ts";
import { failedBefore } from "./observability/call-log.ts";
import { inLanguage, type Text, text } from "./texts/text.ts";
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
    limitPerAddress: deps.config.rateLimitPerAddress,
    router: appRouter,
    procedures,
  });
  const app = new Hono<Env>();
  app.use(commonHeaders(deps));
  app.route("/", systemRoutes({ ...deps, metricsToken: deps.config.metricsToken, page: homePage }));
  app.route("/", referenceRoutes());
  app.use("/trpc/*", allowOrigins(deps.config.corsOrigins, requestIdIn));
  app.all("/trpc/*", (c) => callEndpoint(endpoint, c));
  app.notFound((c) => {
    const { told, headers } = inLanguageOf(c, text("nothing_here"));
    const { body, status } = trpcErrorBody("NOT_FOUND", "not_found", told, requestIdIn(c));
    return c.json(body, status, headers);
  });
  app.onError((error, c) => {
    deps.observer.finished(failedBefore(error, requestIdIn(c)));
    const { told, headers } = inLanguageOf(c, text("generic"));
    const { body, status } = trpcErrorBody(
      "INTERNAL_SERVER_ERROR",
      "internal",
      told,
      requestIdIn(c),
    );
    return c.json(body, status, headers);
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

/** Writes a text in the caller's language, with the headers of an error that is in it. */
function inLanguageOf(c: Context<Env>, one: Text) {
  const { language } = readLanguages(c.req.header("accept-language"));
  const headers = {
    "cache-control": PRIVATE_CACHE_CONTROL,
    "content-language": language,
    vary: VARY_BY_LANGUAGE,
  };
  return { told: inLanguage(one, language), headers };
}

function requestIdIn(c: Context<Env>): string {
  return String(c.env.outgoing.getHeader("x-request-id"));
}

async function callEndpoint(endpoint: TrpcEndpoint, c: Context<Env>): Promise<Response> {
  const { incoming, outgoing } = c.env;
  // The endpoint writes to Node's response, past Hono's, which has the headers of CORS.
  for (const [name, value] of c.res.headers) outgoing.setHeader(name, value);
  await endpoint.handle(incoming, outgoing, c.req.raw);
  return RESPONSE_ALREADY_SENT;
}
