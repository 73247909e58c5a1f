import type { HttpBindings } from "@hono/node-server";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { TRPCError } from "@trpc/server";
import { Hono } from "hono";
import { cors } from "hono/cors";
import type { AnsweredPart } from "./cache/policy.ts";
import type { Deps } from "./deps.ts";
import { AppError } from "./errors.ts";
import type { FailedCalls } from "./failed-call.ts";
import { type Admission, admit, admitAtOnce } from "./http/admission.ts";
import { arrivalOf } from "./http/arrival.ts";
import { limitBody } from "./http/body-limit.ts";
import { completeAnswer, type CompleteAnswer, sendComplete } from "./http/complete-answer.ts";
import { failedBefore } from "./observability/call-log.ts";
import { takeOver } from "./http/handover.ts";
import {
  cacheStateOf,
  PRIVATE_CACHE_CONTROL,
  PUBLIC_CACHE_CONTROL,
  requestIdFrom,
  SECURITY_HEADERS,
} from "./http/headers.ts";
import { readiness } from "./http/health.ts";
import { createHotPath, type HotPath } from "./http/hot-path.ts";
import { limitCalls } from "./http/limit-calls.ts";
import { countInFlight, shedLoad } from "./http/load-shedding.ts";
import { mayReadMetrics } from "./observability/metrics.ts";
import { homePage } from "./http/page.ts";
import { BATCH_MAX } from "./http/requested-calls.ts";
import { trpcErrorBody, withRequestId } from "./http/trpc-errors.ts";
import type { Context as CallContext } from "./trpc/context.ts";
import { hotProcedures } from "./trpc/hot-procedures.ts";
import { appRouter } from "./trpc/router.ts";

const BODY_LIMIT_BYTES = 64 * 1024;

const NO_CALLS: FailedCalls = new Map();

interface Env {
  Bindings: HttpBindings;
  Variables: {
    requestId: string;
    /** The cached parts of the answer under way. */
    answers: AnsweredPart[];
    admission: Admission;
    /** The answer, when it needs no stream. */
    complete: CompleteAnswer | undefined;
  };
}

/** The whole HTTP face: health, figures, the page, and tRPC. */
export function createApp(deps: Deps): Hono<Env> {
  const app = new Hono<Env>();

  app.use(async (c, next) => {
    const { outgoing } = c.env;
    const requestId = requestIdFrom(c.req.header("x-request-id"));
    c.set("requestId", requestId);
    // On Node's response: Hono makes a new Response for each header that is added to a finished one.
    outgoing.setHeader("x-request-id", requestId);
    for (const [name, value] of SECURITY_HEADERS) outgoing.setHeader(name, value);
    await next();
    // A stopping replica asks its callers to come back over a new connection, to another one.
    if (deps.isDraining()) outgoing.setHeader("connection", "close");
    const complete = c.get("complete");
    if (complete === undefined) return;
    const sent = sendComplete(outgoing, complete, c.res.headers);
    // Hono copies the headers of an answer that it has into the one it is given.
    c.res = undefined;
    c.res = sent;
  });
  if (deps.config.corsOrigins.length > 0) {
    const allow = cors({
      origin: deps.config.corsOrigins.includes("*") ? "*" : [...deps.config.corsOrigins],
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
    if (!mayReadMetrics(c.req.header("authorization"), deps.config.metricsToken))
      return c.text("a token is needed", 401, { "www-authenticate": "Bearer" });
    return c.text(await deps.metrics.registry.metrics(), 200, {
      "content-type": deps.metrics.registry.contentType,
    });
  });
  app.get("/", async (c) =>
    c.html(homePage((await readiness(deps.probes, deps.isDraining())).status)),
  );

  app.use(
    "/trpc/*",
    shedLoad(deps.shedder, deps.metrics),
    completeAnswer,
    limitCalls({ ...deps, trustedProxyHops: deps.config.trustedProxyHops }),
    limitBody(BODY_LIMIT_BYTES, (c) => {
      deps.metrics.rejected("body_too_large", 1);
      const { body, status } = trpcErrorBody(
        "PAYLOAD_TOO_LARGE",
        "The body is larger than 64 KiB.",
        String(c.get("requestId")),
      );
      return c.json(body, status);
    }),
    countInFlight(deps.shedder),
  );
  app.all("/trpc/*", async (c) => {
    const { outgoing } = c.env;
    const answers: AnsweredPart[] = [];
    c.set("answers", answers);
    const authorization = c.req.header("authorization");
    const requestId = c.get("requestId");
    const admission = c.get("admission");
    const observed = new WeakSet<Error>();
    let lacksRequestId = false;
    const response = await fetchRequestHandler({
      endpoint: "/trpc",
      req: c.req.raw,
      router: appRouter,
      maxBatchSize: BATCH_MAX,
      createContext: (): CallContext => ({
        requestId,
        user: admission.user,
        refusal: admission.refusal,
        db: deps.db,
        reads: deps.reads,
        cache: deps.cache,
        logger: deps.logger,
        now: deps.now,
        answers,
        failedCalls: takeOver(c.env.incoming)?.failedCalls ?? NO_CALLS,
        onFinished: (call, thrown) => {
          if (thrown !== null) observed.add(thrown);
          deps.observer.finished(call);
        },
      }),
      responseMeta: ({ errors, paths }) => {
        const state = cacheStateOf(answers);
        const isPublic =
          authorization === undefined &&
          errors.length === 0 &&
          answers.length === paths?.length &&
          state !== "STALE";
        outgoing.setHeader("x-cache", state);
        outgoing.setHeader(
          "cache-control",
          isPublic ? PUBLIC_CACHE_CONTROL : PRIVATE_CACHE_CONTROL,
        );
        const retryAfterSeconds = errors
          .map(({ cause }) => (cause instanceof AppError ? (cause.retryAfterSeconds ?? 0) : 0))
          .reduce((a, b) => Math.max(a, b), 0);
        if (retryAfterSeconds > 0) outgoing.setHeader("retry-after", retryAfterSeconds);
        return {};
      },
      onError: ({ error, ctx }) => {
        lacksRequestId ||= ctx === undefined;
        if (!observed.has(error)) deps.observer.finished(failedBefore(error, requestId));
      },
    });
    return lacksRequestId ? withRequestId(response, requestId) : response;
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
    if ("code" in error && error.code === "ECONNRESET") {
      // The caller went away in the middle of the body: nothing of ours failed, and nobody reads the answer.
      const gone = new TRPCError({ code: "BAD_REQUEST", message: "The body ended early." });
      deps.observer.finished(failedBefore(gone, c.get("requestId")));
      const { body, status } = trpcErrorBody("BAD_REQUEST", gone.message, c.get("requestId"));
      return c.json(body, status);
    }
    deps.observer.finished(failedBefore(error, c.get("requestId")));
    const { body, status } = trpcErrorBody(
      "INTERNAL_SERVER_ERROR",
      "Something went wrong on our side. Please try again.",
      c.get("requestId"),
    );
    return c.json(body, status);
  });
  return app;
}

/** The short way, beside the app; see `createHotPath`. */
export function createAppHotPath(deps: Deps): HotPath {
  const parts = { ...deps, trustedProxyHops: deps.config.trustedProxyHops };
  return createHotPath({
    ...deps,
    procedures: hotProcedures,
    batchMax: BATCH_MAX,
    admitAtOnce: (request, paths) => admitAtOnce(parts, arrivalOf(request), paths),
    admit: (request, paths) => admit(parts, arrivalOf(request), paths),
    onAnswer: (call) =>
      deps.observer.finished({ ...call, isWrite: false, code: "OK", error: null }),
  });
}
