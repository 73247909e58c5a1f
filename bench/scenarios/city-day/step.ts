import { LatencyHistogram } from "../../load/histogram.ts";
import type { OpenLoopGenerator } from "../../load/open-loop-generator.ts";
import type { KindResult, SecondResult } from "../../load/open-loop.ts";
import type { Schedule } from "../../load/schedule.ts";
import type { Nginx } from "../../limits/nginx.ts";
import type { City } from "./deployment.ts";
import { cacheAnswers } from "./meter.ts";
import { type Action, MIX } from "./mix.ts";
import type { Phones } from "./phones.ts";
import { ERRORS_MAX_SHARE, P95_MAX_MS } from "./targets.ts";

const CONNECTIONS = 1_000;
const DRAIN_SECONDS = 6;

/** The results of requests that were sent for some seconds. */
export interface SentRequests {
  /** The results by action. */
  readonly kinds: Readonly<Record<string, KindResult>>;
  readonly perSecond: readonly SecondResult[];
  readonly calls: number;
  readonly errors: number;
  readonly unanswered: number;
}

/** The result of a rate that was kept for some seconds. */
export interface StepResult extends SentRequests {
  readonly fromRate: number;
  /** Units: calls a second. */
  readonly rate: number;
  readonly seconds: number;
  /** When the step began, on the meter's clock. Units: seconds. */
  readonly beganAtSeconds: number;
  /** The share of hits among cacheable calls, 0–1; stale answers during a refresh count as hits. */
  readonly hitRate: number;
  /** The share of hits among all calls, 0–1. */
  readonly hitsOfAll: number;
  readonly cacheAnswers: Readonly<Record<string, number>>;
  /** The average number of cores that each part used. */
  readonly cores: Readonly<Record<string, number>>;
  readonly connectionsMax: number;
  readonly activeConnectionsMax: number;
  readonly instanceMegabytesMax: number;
}

/** Sends the scheduled requests when they are due. Units: seconds. */
export async function sendRequests(
  generator: OpenLoopGenerator,
  { host, port }: Pick<Nginx, "host" | "port">,
  schedule: Schedule,
  seconds: number,
): Promise<SentRequests> {
  const result = await generator.run({
    host,
    port,
    connections: CONNECTIONS,
    schedule,
    kinds: MIX.length,
    seconds,
    drainSeconds: DRAIN_SECONDS,
  });
  const sum = (figure: (kind: KindResult) => number) =>
    result.kinds.reduce((total, kind) => total + figure(kind), 0);
  return {
    kinds: Object.fromEntries(result.kinds.map((kind, i) => [MIX[i]?.action ?? "", kind])),
    perSecond: result.seconds,
    calls: sum(({ calls }) => calls),
    errors: sum(({ errors }) => errors),
    unanswered: result.unanswered,
  };
}

/** Runs the phones at a steady or rising rate and measures the deployment. Units: calls a second, seconds. */
export async function runStep(
  city: City,
  phones: Phones,
  generator: OpenLoopGenerator,
  load: { readonly fromRate: number; readonly rate: number; readonly seconds: number },
): Promise<StepResult> {
  const { meter, nginx, instances } = city;
  const schedule = phones.schedule(load.fromRate, load.rate, load.seconds);
  const answersBefore = await cacheAnswers(instances);
  const samplesBefore = meter.samples.length;
  const beganAtSeconds = meter.samples.at(-1)?.atSeconds ?? 0;
  meter.cores();
  const sent = await sendRequests(generator, nginx, schedule, load.seconds);
  const cores = meter.cores();
  const samples = meter.samples.slice(samplesBefore);
  const answersAfter = await cacheAnswers(instances);
  const answers = Object.fromEntries(
    Object.entries(answersAfter).map(([state, n]) => [state, n - (answersBefore[state] ?? 0)]),
  );
  const cached = Object.values(answers).reduce((total, n) => total + n, 0);
  const hits = cached - (answers["MISS"] ?? 0) - (answers["BYPASS memory"] ?? 0);
  const most = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b), 0);
  return {
    ...load,
    ...sent,
    beganAtSeconds,
    hitRate: hits / cached,
    hitsOfAll: hits / sent.calls,
    cacheAnswers: answers,
    cores,
    connectionsMax: most(samples.map(({ connections }) => connections)),
    activeConnectionsMax: most(samples.map(({ activeConnections }) => activeConnections)),
    instanceMegabytesMax: most(samples.map(({ instanceMegabytes }) => instanceMegabytes)),
  };
}

/** Merges the latencies of some actions. */
export function latenciesOf(
  step: SentRequests,
  isMeant: (action: Action) => boolean,
): LatencyHistogram {
  const together = new LatencyHistogram();
  for (const { action } of MIX) {
    const kind = step.kinds[action];
    if (kind !== undefined && isMeant(action)) together.add(new LatencyHistogram(kind.latencies));
  }
  return together;
}

/** Returns the 95th percentile of `store.nearby`, for which the target is set. Units: milliseconds. */
export function nearbyP95Ms(step: SentRequests): number {
  return latenciesOf(step, (action) => action === "store.nearby").quantile(0.95);
}

/** Whether `store.nearby` reached its target with few errors; rejected calls are fast, but not answers. */
export function keptUp(step: StepResult): boolean {
  return nearbyP95Ms(step) < P95_MAX_MS && step.errors < step.calls * ERRORS_MAX_SHARE;
}
