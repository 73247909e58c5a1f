import type { HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { type Context, Hono, type MiddlewareHandler } from "hono";
import type { Deps } from "./deps.ts";
import { additiveListCall } from "./features/additive/whole-list.ts";
import { productCall } from "./features/product/by-barcode.ts";
import { storeCall } from "./features/store/by-id.ts";
import { cellCall } from "./features/store/cell-entry.ts";
import { readBarcode } from "./food/barcode.ts";
import { ALL_PRODUCTS_TAG, productTag } from "./food/edge-tags.ts";
import { ALL_STORES_TAG, cellTag, storeTag } from "./geo/edge-tags.ts";
import { type BareAddress, bareRoutes } from "./http/bare-routes.ts";
import { allowOrigins } from "./http/cors.ts";
import { requestIdOf, SECURITY_HEADERS } from "./http/headers.ts";
import { homePage } from "./http/page.ts";
import { spokenError } from "./http/spoken-error.ts";
import { referenceRoutes } from "./http/reference-routes.ts";
import { systemRoutes } from "./http/system-routes.ts";
import { createTrpcEndpoint, type TrpcEndpoint } from "./http/trpc/endpoint.ts";
import { trpcErrorBody } from "./http/trpc-errors.ts";
import { failedBefore } from "./observability/call-log.ts";
import { text } from "./texts/text.ts";
import { createProcedureTable, type ProcedureTable } from "./trpc/procedure-table.ts";
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
  app.route("/", bareRoutes(endpoint, bareAddresses(procedures)));
  app.use("/trpc/*", allowOrigins(deps.config.corsOrigins, requestIdIn));
  app.all("/trpc/*", (c) =>
    written(c, (incoming, outgoing) => endpoint.handle(incoming, outgoing, c.req.raw)),
  );
  app.notFound((c) => {
    const acceptLanguage = c.req.header("accept-language");
    const { message, headers } = spokenError(acceptLanguage, text("nothing_here"));
    const { body, status } = trpcErrorBody("NOT_FOUND", "not_found", message, requestIdIn(c));
    return c.json(body, status, headers);
  });
  app.onError((error, c) => {
    deps.observer.finished(failedBefore(error, requestIdIn(c)));
    const acceptLanguage = c.req.header("accept-language");
    const { message, headers } = spokenError(acceptLanguage, text("generic"));
    const { body, status } = trpcErrorBody(
      "INTERNAL_SERVER_ERROR",
      "internal",
      message,
      requestIdIn(c),
    );
    return c.json(body, status, headers);
  });
  return { endpoint, fetch: app.fetch };
}

/** The answers that are the same for everybody, each at an address of its own; lists come from their fast queries. */
function bareAddresses(procedures: ProcedureTable): readonly BareAddress[] {
  const listOf = (address: string, path: string, tag: string): readonly BareAddress[] => {
    const fast = procedures.get(path)?.fast?.parse(undefined);
    return fast === undefined ? [] : [{ address, callOf: () => ({ path, fast, tags: [tag] }) }];
  };
  return [
    {
      address: "/cells/:name",
      callOf: ({ name, query }) => ({
        path: "cells",
        fast: cellCall(name, query("radius")),
        tags: [cellTag(name, query("radius") === "50"), ALL_STORES_TAG],
      }),
    },
    {
      address: "/stores/:name",
      callOf: ({ name }) => ({
        path: "stores",
        fast: storeCall(name),
        tags: [storeTag(name.toLowerCase()), ALL_STORES_TAG],
      }),
    },
    {
      address: "/products/:name",
      callOf: ({ name, query }) => ({
        path: "products",
        fast: productCall(name, query("locale"), query("madhab")),
        tags: [...productTagsOf(name), ALL_PRODUCTS_TAG],
      }),
    },
    {
      address: "/lists/additives",
      callOf: ({ query }) => ({
        path: "lists.additives",
        fast: additiveListCall(query("locale"), query("since")),
        tags: ["additives"],
      }),
    },
    ...listOf("/lists/certifiers", "certifier.list", "certifiers"),
    ...listOf("/lists/boycotts", "boycott.list", "boycotts"),
    // Phones of every version ask here.
    ...listOf("/app-config", "appConfig.get", "app-config"),
  ];
}

/** The tag of a barcode's page; none for what is no barcode. */
function productTagsOf(written: string): readonly string[] {
  const reading = readBarcode(written);
  return reading.ok ? [productTag(reading.barcode.gtin14)] : [];
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

/** Lets the endpoint write to Node's response, past Hono's, which has the headers of CORS. */
async function written(
  c: Context<Env>,
  write: (incoming: HttpBindings["incoming"], outgoing: HttpBindings["outgoing"]) => Promise<void>,
): Promise<Response> {
  const { incoming, outgoing } = c.env;
  for (const [name, value] of c.res.headers) outgoing.setHeader(name, value);
  await write(incoming, outgoing);
  return RESPONSE_ALREADY_SENT;
}
