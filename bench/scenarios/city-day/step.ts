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

/** What came of the requests of some seconds, whoever answered them. */
export interface SentRequests {
  /** By the name of what the phone did. */
  readonly kinds: Readonly<Record<string, KindResult>>;
  readonly perSecond: readonly SecondResult[];
  readonly calls: number;
  readonly errors: number;
  readonly unanswered: number;
}

/** What a rate, kept for some seconds, did to the city. */
export interface StepResult extends SentRequests {
  readonly fromRate: number;
  /** Units: calls a second. */
  readonly rate: number;
  readonly seconds: number;
  /** On the meter's clock. Units: seconds. */
  readonly beganAtSeconds: number;
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

/** Sends what phones mean to ask, when they mean to. Units: seconds. */
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
  const sent = await sendRequests(generator, nginx, schedule, load.seconds);
  const cores = meter.cores();
  const samples = meter.samples.slice(samplesBefore);
  const answersAfter = await cacheAnswers(replicas);
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
    replicaMegabytesMax: most(samples.map(({ replicaMegabytes }) => replicaMegabytes)),
  };
}

/** The latencies of some kinds of request together. */
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

/** What the issue asks of: the 95th percentile of `store.nearby` alone. Units: milliseconds. */
export function nearbyP95Ms(step: SentRequests): number {
  return latenciesOf(step, (action) => action === "store.nearby").quantile(0.95);
}

/** Whether `store.nearby` was as fast as it should be; calls turned away are fast, too, and no answers. */
export function keptUp(step: StepResult): boolean {
  return nearbyP95Ms(step) < P95_MAX_MS && step.errors < step.calls * ERRORS_MAX_SHARE;
}
