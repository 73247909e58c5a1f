import { Counter, Histogram, type Registry } from "prom-client";
import { addGauge } from "./metrics-registry.ts";

/** The jobs of one queue; `oldestSeconds` is null when no job waits. Units: seconds. */
export interface QueueDepth {
  readonly queue: string;
  readonly waiting: number;
  readonly active: number;
  readonly failed: number;
  readonly oldestSeconds: number | null;
}

/** The state of a feed of recalls. Units: seconds since the last success, null before the first one. */
export interface FeedFigures {
  readonly feed: string;
  readonly failures: number;
  readonly ageSeconds: number | null;
}

/** The metrics of a worker. */
export interface JobMetrics {
  /** Counts a run with its duration. Units: seconds. */
  ran(queue: string, outcome: "done" | "failed", seconds: number): void;
  /** Sets the current depths of the queues. */
  seen(depths: readonly QueueDepth[]): void;
  /** Counts deliveries that this process moved to a state. */
  delivered(state: string, count: number): void;
  /** Notes how long a batch was let go and not yet sent. Units: seconds. */
  sent(window: { readonly fromAsking: number; readonly fromAnswer: number }): void;
  /** Sets the numbers of unfinished deliveries by state. */
  sawDeliveries(counts: ReadonlyMap<string, number>): void;
  /** Sets the states of the feeds of recalls. */
  sawFeeds(feeds: readonly FeedFigures[]): void;
  /** Sets whether sending was stopped because Expo reported too many dead tokens. */
  sawHalt(isHalted: boolean): void;
}

const RUN_BUCKETS_SECONDS = [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 1800];
const WINDOW_BUCKETS_SECONDS = [
  0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5,
];

/** Adds the metrics of jobs to the registry of a process. */
export function addJobMetrics(registry: Registry): JobMetrics {
  const runs = new Histogram({
    name: "halal_job_duration_seconds",
    help: "Duration of runs of jobs",
    labelNames: ["queue", "outcome"],
    buckets: RUN_BUCKETS_SECONDS,
    registers: [registry],
  });
  const outcomes = new Counter({
    name: "halal_push_outcomes_total",
    help: "Deliveries by the state they came into; planned: sent again",
    labelNames: ["state"],
    registers: [registry],
  });
  const windows = new Histogram({
    name: "halal_push_unsure_seconds",
    help: "How long batches were let go and not yet sent, from asking the database or from its answer",
    labelNames: ["from"],
    buckets: WINDOW_BUCKETS_SECONDS,
    registers: [registry],
  });
  let depths: readonly QueueDepth[] = [];
  let deliveries: ReadonlyMap<string, number> = new Map();
  let feeds: readonly FeedFigures[] = [];
  let halted = false;
  const figure = (name: string, help: string, read: (depth: QueueDepth) => number) =>
    addGauge(registry, name, help, ["queue"], function* () {
      for (const depth of depths) yield [{ queue: depth.queue }, read(depth)];
    });
  figure("halal_jobs_waiting", "Jobs that are due and wait for a worker", (d) => d.waiting);
  figure("halal_jobs_active", "Jobs that a worker has in hand", (d) => d.active);
  figure("halal_jobs_failed", "Jobs that failed for good and are kept", (d) => d.failed);
  figure(
    "halal_jobs_oldest_seconds",
    "How long the oldest due job waits",
    (d) => d.oldestSeconds ?? 0,
  );
  addGauge(
    registry,
    "halal_push_deliveries",
    "Deliveries on their way, by state",
    ["state"],
    function* () {
      for (const [state, count] of deliveries) yield [{ state }, count];
    },
  );
  addGauge(
    registry,
    "halal_recall_feed_failures",
    "Failures of a feed of recalls in a row",
    ["feed"],
    function* () {
      for (const { feed, failures } of feeds) yield [{ feed }, failures];
    },
  );
  addGauge(
    registry,
    "halal_recall_feed_age_seconds",
    "Since a feed of recalls was read last",
    ["feed"],
    function* () {
      for (const { feed, ageSeconds } of feeds)
        if (ageSeconds !== null) yield [{ feed }, ageSeconds];
    },
  );
  addGauge(registry, "halal_push_halted", "Whether sending was stopped", [], function* () {
    yield [{}, halted ? 1 : 0];
  });
  return {
    ran: (queue, outcome, seconds) => runs.observe({ queue, outcome }, seconds),
    seen: (now) => {
      depths = now;
    },
    delivered: (state, count) => outcomes.inc({ state }, count),
    sent: ({ fromAsking, fromAnswer }) => {
      windows.observe({ from: "asking" }, fromAsking);
      windows.observe({ from: "answer" }, fromAnswer);
    },
    sawDeliveries: (counts) => {
      deliveries = counts;
    },
    sawFeeds: (now) => {
      feeds = now;
    },
    sawHalt: (isHalted) => {
      halted = isHalted;
    },
  };
}
