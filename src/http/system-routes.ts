import { Hono } from "hono";
import { mayReadMetrics, type Metrics } from "../observability/metrics.ts";
import { type Probe, readiness } from "./health.ts";

/** What health and metrics show of a process. */
export interface SystemFacts {
  readonly probes: readonly Probe[];
  readonly metrics: Metrics;
  readonly metricsToken: string | null;
  isDraining(): boolean;
}

/** Health and metrics, which instances and workers have alike. */
export function systemRoutes(facts: SystemFacts): Hono {
  const routes = new Hono();
  routes.get("/health/live", (c) => c.json({ status: "live" }));
  routes.get("/health/ready", async (c) => {
    const state = await readiness(facts.probes, facts.isDraining());
    return c.json(state, state.status === "ready" || state.status === "degraded" ? 200 : 503);
  });
  routes.get("/metrics", async (c) => {
    if (!mayReadMetrics(c.req.header("authorization"), facts.metricsToken))
      return c.text("a token is needed", 401, { "www-authenticate": "Bearer" });
    const { registry } = facts.metrics;
    return c.text(await registry.metrics(), 200, { "content-type": registry.contentType });
  });
  return routes;
}
