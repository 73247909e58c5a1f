import { Counter, Histogram, type Registry } from "prom-client";
import { addGauge } from "./metrics-registry.ts";

/** The state of this process's purger. */
export interface PurgerState {
  readonly isHolder: boolean;
  /** How long the oldest write waits for its first purge. */
  readonly waitingSeconds: number;
}

/** The metrics of purges at the edge. */
export interface EdgeMetrics {
  /** Counts a purge; `lagSeconds` since the oldest write that it is the first for, null for a repetition. */
  purged(purge: {
    readonly kind: "tags" | "everything";
    readonly isDone: boolean;
    readonly lagSeconds: number | null;
  }): void;
}

const LAG_BUCKETS_SECONDS = [0.1, 0.2, 0.3, 0.5, 1, 1.5, 3, 10, 30, 60, 300];

/** Adds the metrics of the purger to the registry of a process. */
export function addEdgeMetrics(registry: Registry, state: () => PurgerState): EdgeMetrics {
  const purges = new Counter({
    name: "halal_edge_purges_total",
    help: "Purges at the edge, of tags or of everything",
    labelNames: ["kind", "outcome"],
    registers: [registry],
  });
  const lags = new Histogram({
    name: "halal_edge_purge_lag_seconds",
    help: "From the oldest write of a purge until the edge has confirmed it",
    buckets: LAG_BUCKETS_SECONDS,
    registers: [registry],
  });
  addGauge(registry, "halal_edge_purger", "Whether this process purges", [], function* () {
    yield [{}, state().isHolder ? 1 : 0];
  });
  addGauge(
    registry,
    "halal_edge_purge_waiting_seconds",
    "How long the oldest write waits for its first purge",
    [],
    function* () {
      yield [{}, state().waitingSeconds];
    },
  );
  return {
    purged({ kind, isDone, lagSeconds }) {
      purges.inc({ kind, outcome: isDone ? "done" : "failed" });
      if (lagSeconds !== null) lags.observe(lagSeconds);
    },
  };
}
