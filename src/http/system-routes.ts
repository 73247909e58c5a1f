import type { HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import { mayReadMetrics, type Metrics } from "../observability/metrics.ts";
import { PRIVATE_CACHE_CONTROL } from "./headers.ts";
import { type Probe, readiness, type Readiness } from "./health.ts";
import { computedOnceASecond, sharedForASecond } from "./once-a-second.ts";
import { PAGE_POLICY } from "./page.ts";

interface Env {
  Bindings: HttpBindings;
}

/** The facts that health and metrics show of a process. */
export interface SystemFacts {
  readonly probes: readonly Probe[];
  readonly metrics: Pick<Metrics, "registry">;
  readonly metricsToken: string | null;
  /** Makes the page at `/`, where there is one. */
  readonly page?: (status: Readiness["status"]) => string;
  isDraining(): boolean;
}

/** Health, metrics and the page; instances and workers have the first two alike. */
export function systemRoutes(facts: SystemFacts): Hono<Env> {
  const { page } = facts;
  const routes = new Hono<Env>();
  const ready = sharedForASecond(() => readiness(facts.probes, false));
  const stateNow = async () => {
    const state = await ready();
    return facts.isDraining() ? { ...state, status: "draining" as const } : state;
  };
  const metrics = computedOnceASecond(() => facts.metrics.registry.metrics());
  for (const path of ["/", "/metrics", "/health/*"]) {
    routes.use(path, async ({ env: { outgoing } }, next) => {
      outgoing.setHeader("cache-control", PRIVATE_CACHE_CONTROL);
      outgoing.setHeader("content-security-policy", PAGE_POLICY);
      await next();
    });
  }
  routes.get("/health/live", (c) => c.json({ status: "live" }));
  routes.get("/health/ready", async (c) => {
    const state = await stateNow();
    return c.json(state, state.status === "ready" || state.status === "degraded" ? 200 : 503);
  });
  routes.get("/metrics", async (c) => {
    if (!mayReadMetrics(c.req.header("authorization"), facts.metricsToken))
      return c.text("a token is needed", 401, { "www-authenticate": "Bearer" });
    return c.text(await metrics(), 200, { "content-type": facts.metrics.registry.contentType });
  });
  if (page !== undefined) routes.get("/", async (c) => c.html(page((await stateNow()).status)));
  return routes;
}
