import { getConnInfo } from "@hono/node-server/conninfo";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { TRPCError } from "@trpc/server";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import type { AnsweredPart } from "./cache/cache.ts";
import type { Deps } from "./deps.ts";
import { AppError } from "./errors.ts";
import { clientAddress } from "./http/client-address.ts";
import { chooseCoding, encodeBody } from "./http/compression.ts";
import {
  cacheStateOf,
  entityTag,
  matchesEntityTag,
  PRIVATE_CACHE_CONTROL,
  PUBLIC_CACHE_CONTROL,
  requestIdFrom,
  SECURITY_HEADERS,
  VARY,
} from "./http/headers.ts";
import { readiness } from "./http/health.ts";
import { createHotPath, type HotPath } from "./http/hot-path.ts";
import { homePage } from "./http/page.ts";
import { trpcErrorBody } from "./http/trpc-errors.ts";
import type { Context as CallContext, User } from "./trpc/context.ts";
import { hotProcedures } from "./trpc/hot-procedures.ts";
import { appRouter } from "./trpc/router.ts";

const BODY_LIMIT_BYTES = 64 * 1024;
const BATCH_MAX = 10;
const NO_HEADERS = { headers: [] };

interface Env {
  Variables: {
    requestId: string;
    /** The cached parts of the answer under way. */
    answers: AnsweredPart[];
  };
}

/** The whole HTTP face: health, figures, the page, and tRPC. */
export function createApp(deps: Deps): Hono<Env> {
  const app = new Hono<Env>();

  app.use(async (c, next) => {
    const requestId = requestIdFrom(c.req.header("x-request-id"));
    c.set("requestId", requestId);
    await next();
    c.header("x-request-id", requestId);
    // A stopping replica asks its callers to come back over a new connection, to another one.
    if (deps.isDraining()) c.header("connection", "close");
  });
  app.use(async (c, next) => {
    await next();
    for (const [name, value] of SECURITY_HEADERS) c.header(name, value);
  });
  if (deps.config.corsOrigins.length > 0) {
    const allow = cors({
      origin: deps.config.corsOrigins.includes("*") ? "*" : [...deps.config.corsOrigins],
      allowMethods: ["GET", "POST", "OPTIONS"],
      allowHeaders: ["authorization", "content-type", "x-request-id", "trpc-accept"],
      exposeHeaders: ["x-request-id", "x-cache", "retry-after", "ratelimit", "ratelimit-policy"],
      maxAge: 86_400,
    });
    // Only browsers ask.
    app.use("/trpc/*", (c, next) =>
      c.req.header("origin") === undefined ? next() : allow(c, next),
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
      if (c.res.headers.get("content-type")?.startsWith("application/json") !== true) return;
      const coding = chooseCoding(c.req.header("accept-encoding"));
      const body = new Uint8Array(await c.res.arrayBuffer());
      const encoded = coding === null ? null : encodeBody(body, coding);
      const headers = new Headers(c.res.headers);
      headers.set("vary", c.req.header("origin") === undefined ? VARY : `${VARY}, origin`);
      if (encoded !== null && coding !== null) headers.set("content-encoding", coding);
      let { status } = c.res;
      if (headers.get("cache-control") === PUBLIC_CACHE_CONTROL) {
        const tag = entityTag(c.get("answers"), encoded === null ? null : coding);
        headers.set("etag", tag);
        if (matchesEntityTag(c.req.header("if-none-match"), tag)) status = 304;
      }
      // Hono merges the headers of the answer it has with those of the one it is given.
      c.res = undefined;
      c.res = new Response(status === 304 ? null : (encoded ?? body), { status, headers });
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
    const answers: AnsweredPart[] = [];
    c.set("answers", answers);
    const authorization = c.req.header("authorization");
    return fetchRequestHandler({
      endpoint: "/trpc",
      req: c.req.raw,
      router: appRouter,
      maxBatchSize: BATCH_MAX,
      createContext: async (): Promise<CallContext> => ({
        requestId: c.get("requestId"),
        user: await authenticate(deps, authorization),
        db: deps.db,
        cache: deps.cache,
        logger: deps.logger,
        now: deps.now,
        answers,
      }),
      responseMeta: ({ errors, paths }) => {
        const state = cacheStateOf(answers);
        const isPublic =
          authorization === undefined &&
          errors.length === 0 &&
          answers.length === paths?.length &&
          state !== "STALE";
        const headers = new Headers({
          "x-cache": state,
          "cache-control": isPublic ? PUBLIC_CACHE_CONTROL : PRIVATE_CACHE_CONTROL,
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

/** The short way for hits, beside the app; see `createHotPath`. */
export function createAppHotPath(deps: Deps): HotPath {
  const durations = new Map(
    hotProcedures.map(({ path }) => [path, deps.metrics.callSeconds.labels(path, "OK")]),
  );
  return createHotPath({
    procedures: hotProcedures,
    cache: deps.cache,
    batchMax: BATCH_MAX,
    nowMs: () => deps.now().getTime(),
    admit: ({ headers: { authorization } }) => {
      // A token that was not seen yet is checked on the long way, and a stopping replica says so there.
      const isKnown =
        authorization === undefined || deps.verifyToken.known(authorization) !== undefined;
      return isKnown && !deps.isDraining() ? NO_HEADERS : undefined;
    },
    onAnswer: (path, seconds) => durations.get(path)?.observe(seconds),
  });
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
