import { LatencyHistogram } from "../../load/histogram.ts";
import type { OpenLoopGenerator } from "../../load/open-loop-generator.ts";
import type { KindResult, SecondResult } from "../../load/open-loop.ts";
import type { City } from "./deployment.ts";
import { cacheAnswers } from "./meter.ts";
import { type Action, MIX } from "./mix.ts";
import type { Phones } from "./phones.ts";
import { ERRORS_MAX_SHARE, P95_MAX_MS } from "./targets.ts";

/** From all the phones to nginx. */
export const CONNECTIONS = 1_000;
/** How long answers may still come after the last request. */
export const DRAIN_SECONDS = 6;

/** What a rate, kept for some seconds, did to the city. */
export interface StepResult {
  readonly fromRate: number;
  /** Units: calls a second. */
  readonly rate: number;
  readonly seconds: number;
  /** On the meter's clock. Units: seconds. */
  readonly beganAtSeconds: number;
  readonly kinds: Readonly<Record<string, KindResult>>;
  readonly perSecond: readonly SecondResult[];
  readonly calls: number;
  readonly errors: number;
  readonly unanswered: number;
  /** Of the calls that have a cache, 0–1; answers that are past their time while loaded anew count as hits. */
  readonly hitRate: number;
  /** Hits of all calls, 0–1. */
  readonly hitsOfAll: number;
  readonly cacheAnswers: Readonly<Record<string, number>>;
  /** Cores that each part used, on average. */
  readonly cores: Readonly<Record<string, number>>;
  readonly connectionsMax: number;
  readonly activeConnectionsMax: number;
  readonly replicaMegabytesMax: number;
}

/** Lets the phones call at a rate, steady or rising, and sees what comes of it. Units: calls a second, seconds. */
export async function runStep(
  city: City,
  phones: Phones,
  generator: OpenLoopGenerator,
  load: { readonly fromRate: number; readonly rate: number; readonly seconds: number },
): Promise<StepResult> {
  const { meter, nginx, replicas } = city;
  const schedule = phones.schedule(load.fromRate, load.rate, load.seconds);
  const answersBefore = await cacheAnswers(replicas);
  const samplesBefore = meter.samples.length;
  const beganAtSeconds = meter.samples.at(-1)?.atSeconds ?? 0;
  meter.cores();
  const { kinds, seconds, unanswered } = await generator.run({
    host: nginx.host,
    port: nginx.port,
    connections: CONNECTIONS,
    schedule,
    kinds: MIX.length,
    seconds: load.seconds,
    drainSeconds: DRAIN_SECONDS,
  });
  const cores = meter.cores();
  const samples = meter.samples.slice(samplesBefore);
  const answersAfter = await cacheAnswers(replicas);
  const answers = Object.fromEntries(
    Object.entries(answersAfter).map(([state, n]) => [state, n - (answersBefore[state] ?? 0)]),
  );
  const sum = (figure: (kind: KindResult) => number) =>
    kinds.reduce((total, kind) => total + figure(kind), 0);
  const calls = sum((kind) => kind.calls);
  const cached = Object.values(answers).reduce((total, n) => total + n, 0);
  const hits = cached - (answers["MISS"] ?? 0) - (answers["BYPASS memory"] ?? 0);
  const most = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b), 0);
  return {
    ...load,
    beganAtSeconds,
    kinds: Object.fromEntries(kinds.map((kind, i) => [MIX[i]?.action ?? "", kind])),
    perSecond: seconds,
    calls,
    errors: sum((kind) => kind.errors),
    unanswered,
    hitRate: hits / cached,
    hitsOfAll: hits / calls,
    cacheAnswers: answers,
    cores,
    connectionsMax: most(samples.map(({ connections }) => connections)),
    activeConnectionsMax: most(samples.map(({ activeConnections }) => activeConnections)),
    replicaMegabytesMax: most(samples.map(({ replicaMegabytes }) => replicaMegabytes)),
  };
}

/** The latencies of some kinds of request together. */
export function latenciesOf(
  step: StepResult,
  isMeant: (action: Action) => boolean,
): LatencyHistogram {
  const together = new LatencyHistogram();
  for (const { action } of MIX) {
    const kind = step.kinds[action];
    if (kind !== undefined && isMeant(action)) together.add(new LatencyHistogram(kind.latencies));
  }
  return together;
}

/** What the issue asks of: the 95th percentile of `store.nearby` alone. Units: milliseconds. */
export function nearbyP95Ms(step: StepResult): number {
  return latenciesOf(step, (action) => action === "store.nearby").quantile(0.95);
}

/** Whether `store.nearby` was as fast as it should be; calls turned away are fast, too, and no answers. */
export function keptUp(step: StepResult): boolean {
  return nearbyP95Ms(step) < P95_MAX_MS && step.errors < step.calls * ERRORS_MAX_SHARE;
}
