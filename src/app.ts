import { randomUUID } from "node:crypto";
import { getConnInfo } from "@hono/node-server/conninfo";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { TRPCError } from "@trpc/server";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import { secureHeaders } from "hono/secure-headers";
import type { CacheState } from "./cache/cache.ts";
import type { Deps } from "./deps.ts";
import { AppError } from "./errors.ts";
import { clientAddress } from "./http/client-address.ts";
import { chooseCoding, compress, COMPRESSION_THRESHOLD_BYTES } from "./http/compression.ts";
import { readiness } from "./http/health.ts";
import { homePage } from "./http/page.ts";
import { trpcErrorBody } from "./http/trpc-errors.ts";
import type { Context as CallContext, User } from "./trpc/context.ts";
import { appRouter } from "./trpc/router.ts";

const BODY_LIMIT_BYTES = 64 * 1024;
const BATCH_MAX = 10;
const WELL_FORMED_ID = /^[\w.:-]{1,64}$/;
const STATE_ORDER: readonly CacheState[] = ["STALE", "MISS", "BYPASS", "HIT"];

/** The whole HTTP face: health, figures, the page, and tRPC. */
export function createApp(deps: Deps): Hono<{ Variables: { requestId: string } }> {
  const app = new Hono<{ Variables: { requestId: string } }>();

  app.use(async (c, next) => {
    const given = c.req.header("x-request-id");
    const requestId = given !== undefined && WELL_FORMED_ID.test(given) ? given : randomUUID();
    c.set("requestId", requestId);
    await next();
    c.header("x-request-id", requestId);
    // A stopping replica asks its callers to come back over a new connection, to another one.
    if (deps.isDraining()) c.header("connection", "close");
  });
  app.use(secureHeaders());
  if (deps.config.corsOrigins.length > 0) {
    app.use(
      "/trpc/*",
      cors({
        origin: deps.config.corsOrigins.includes("*") ? "*" : [...deps.config.corsOrigins],
        allowMethods: ["GET", "POST", "OPTIONS"],
        allowHeaders: ["authorization", "content-type", "x-request-id", "trpc-accept"],
        exposeHeaders: [
          "x-request-id",
          "x-cache",
          "retry-after",
          "ratelimit-limit",
          "ratelimit-remaining",
          "ratelimit-reset",
        ],
        maxAge: 86_400,
      }),
    );
  }

  app.get("/health/live", (c) => c.json({ status: "live" }));
  app.get("/health/ready", async (c) => {
    const state = await readiness(deps.probes, deps.isDraining());
    return c.json(state, state.status === "ready" || state.status === "degraded" ? 200 : 503);
  });
  app.get("/metrics", async (c) => {
    const token = deps.config.metricsToken;
    if (token !== null && c.req.header("authorization") !== `Bearer ${token}`)
      return c.text("a token is needed", 401);
    return c.text(await deps.metrics.registry.metrics(), 200, {
      "content-type": deps.metrics.registry.contentType,
    });
  });
  app.get("/", async (c) =>
    c.html(homePage((await readiness(deps.probes, deps.isDraining())).status)),
  );

  app.use(
    "/trpc/*",
    async (c, next) => {
      await next();
      if (!c.res.headers.get("content-type")?.startsWith("application/json")) return;
      const coding = chooseCoding(c.req.header("accept-encoding"));
      c.header("vary", "accept-encoding", { append: true });
      if (coding === null) return;
      const body = new Uint8Array(await c.res.arrayBuffer());
      const encoded =
        body.length >= COMPRESSION_THRESHOLD_BYTES ? await compress(body, coding) : null;
      const headers = new Headers(c.res.headers);
      if (encoded !== null) headers.set("content-encoding", coding);
      // Hono merges the headers of the answer it has with those of the one it is given.
      const { status } = c.res;
      c.res = undefined;
      c.res = new Response(encoded ?? body, { status, headers });
    },
    bodyLimit({
      maxSize: BODY_LIMIT_BYTES,
      onError: (c) => {
        const { body, status } = trpcErrorBody(
          "PAYLOAD_TOO_LARGE",
          "The body is larger than 64 KiB.",
          c.get("requestId"),
        );
        return c.json(body, status);
      },
    }),
  );
  app.all("/trpc/*", (c) => {
    const cacheStates: CacheState[] = [];
    return fetchRequestHandler({
      endpoint: "/trpc",
      req: c.req.raw,
      router: appRouter,
      maxBatchSize: BATCH_MAX,
      createContext: async (): Promise<CallContext> => ({
        requestId: c.get("requestId"),
        user: await authenticate(deps, c.req.header("authorization")),
        db: deps.db,
        cache: deps.cache,
        logger: deps.logger,
        now: deps.now,
        cacheStates,
      }),
      responseMeta: ({ errors }) => {
        const headers = new Headers({
          "x-cache": STATE_ORDER.find((state) => cacheStates.includes(state)) ?? "BYPASS",
        });
        const retryAfterSeconds = errors
          .map(({ cause }) => (cause instanceof AppError ? (cause.retryAfterSeconds ?? 0) : 0))
          .reduce((a, b) => Math.max(a, b), 0);
        if (retryAfterSeconds > 0) headers.set("retry-after", String(retryAfterSeconds));
        return { headers };
      },
      onError: ({ error, path }) => {
        if (error.code !== "INTERNAL_SERVER_ERROR") return;
        const { address } = getConnInfo(c).remote;
        deps.logger.error(
          {
            err: error.cause ?? error,
            procedure: path,
            requestId: c.get("requestId"),
            client: clientAddress(
              address ?? "",
              c.req.header("x-forwarded-for"),
              deps.config.trustedProxyHops,
            ),
          },
          "a call failed",
        );
      },
    });
  });

  app.notFound((c) => {
    const { body, status } = trpcErrorBody(
      "NOT_FOUND",
      "There is nothing here; procedures are at /trpc/.",
      c.get("requestId"),
    );
    return c.json(body, status);
  });
  app.onError((error, c) => {
    deps.logger.error({ err: error, requestId: c.get("requestId") }, "a request failed");
    const { body, status } = trpcErrorBody(
      "INTERNAL_SERVER_ERROR",
      "Something went wrong on our side. Please try again.",
      c.get("requestId"),
    );
    return c.json(body, status);
  });
  return app;
}

/** No token is anonymous; a bad one is an error even where none is needed. */
async function authenticate(deps: Deps, authorization: string | undefined): Promise<User | null> {
  if (authorization === undefined) return null;
  try {
    return await deps.verifyToken(authorization);
  } catch (error) {
    if (error instanceof AppError)
      throw new TRPCError({ code: error.code, message: error.message, cause: error });
    throw error;
  }
}
