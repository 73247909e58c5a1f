import type { Plot, Row, ScenarioResult } from "../../report/model.ts";
import type { City } from "./deployment.ts";
import type { LimitStep } from "./limit.ts";
import {
  type Action,
  CALLS_PER_PHONE_MINUTE,
  MIX,
  SESSION_REQUESTS,
  SIGNED_IN_SHARE,
} from "./mix.ts";
import { keptUp, latenciesOf, nearbyP95Ms, type SentRequests, type StepResult } from "./step.ts";
import {
  CONNECTIONS_MAX,
  HIT_RATE_MIN,
  P95_MAX_MS,
  INSTANCE_MEGABYTES_MAX,
  TARGET_RATE,
} from "./targets.ts";

const CACHED: ReadonlySet<Action> = new Set([
  "store.nearby",
  "store.markers",
  "store.byId",
  "additive.byCode",
]);
const QUANTILES = [
  ["p50", 0.5],
  ["p95", 0.95],
  ["p99", 0.99],
] as const;

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
const number = (value: number) => value.toLocaleString("en");

/** Reports a city day in tables, plots and notes. */
export function cityReport(
  city: City,
  warmUp: StepResult,
  steps: readonly StepResult[],
  limit: readonly LimitStep[],
): ScenarioResult {
  const byRate = steps.toSorted((a, b) => a.rate - b.rate);
  const aimed = byRate.find(({ rate }) => rate === TARGET_RATE);
  if (aimed === undefined) throw new Error("the rate of the target was not tried");
  const limitAt = (wanted: number) => limit.find(({ rate }) => rate === wanted);
  return {
    name: "city-day",
    title: "City day",
    rows: [
      ...targetRows(aimed, steps, limitAt(TARGET_RATE)),
      highestRow(byRate),
      ...byRate.map((step) => rateRow(step, limitAt(step.rate))),
    ],
    plots: plotsOf(city, aimed, byRate, [warmUp, ...steps]),
    notes: notesOf(city, warmUp, aimed),
    figures: { warmUp, steps, samples: city.meter.samples, limit },
  };
}

function targetRows(
  aimed: StepResult,
  steps: readonly StepResult[],
  limit: LimitStep | undefined,
): Row[] {
  const at = `at ${number(TARGET_RATE)} calls/s`;
  const nearby = nearbyP95Ms(aimed);
  const upTo = steps.filter(({ rate }) => rate <= TARGET_RATE);
  const most = (figure: (step: StepResult) => number) =>
    upTo.reduce((greatest, step) => Math.max(greatest, figure(step)), 0);
  const connections = most((step) => step.connectionsMax);
  const megabytes = most((step) => step.instanceMegabytesMax);
  return [
    row(
      `store.nearby ${at}, p95`,
      `${nearby.toFixed(1)} ms`,
      `< ${P95_MAX_MS} ms`,
      nearby < P95_MAX_MS,
      limit === undefined ? "" : `${nearbyP95Ms(limit).toFixed(1)} ms`,
    ),
    row(
      `hits ${at}, of the calls that have a cache`,
      percent(aimed.hitRate),
      `≥ ${HIT_RATE_MIN * 100} %`,
      aimed.hitRate >= HIT_RATE_MIN,
    ),
    row(
      `database connections up to ${number(TARGET_RATE)} calls/s, at most`,
      number(connections),
      `≤ ${CONNECTIONS_MAX}`,
      connections <= CONNECTIONS_MAX,
    ),
    row(
      `errors ${at}, of ${number(aimed.calls)} calls`,
      number(aimed.errors),
      "0",
      aimed.errors === 0,
      limit === undefined ? "" : number(limit.errors),
    ),
    row(
      `memory of an instance up to ${number(TARGET_RATE)} calls/s, at most`,
      `${megabytes.toFixed(0)} MB`,
      `≤ ${INSTANCE_MEGABYTES_MAX} MB`,
      megabytes <= INSTANCE_MEGABYTES_MAX,
    ),
  ];
}

function row(
  what: string,
  ours: string,
  target = "",
  reached: boolean | null = null,
  limit = "",
): Row {
  return { what, ours, limit, ratio: "", target, reached };
}

function highestRow(byRate: readonly StepResult[]): Row {
  const good = byRate.findLast(keptUp);
  return row(
    `highest rate tried with store.nearby p95 < ${P95_MAX_MS} ms and errors < 1 %`,
    good === undefined ? "none" : `${number(good.rate)} calls/s`,
  );
}

function rateRow(step: StepResult, limit: LimitStep | undefined): Row {
  return row(
    `store.nearby at ${number(step.rate)} calls/s: p50, p95, p99; hits; errors`,
    `${quantilesOf(step)}; ${percent(step.hitRate)}; ${number(step.errors)}`,
    "",
    null,
    limit === undefined ? "" : `${quantilesOf(limit)}; ${number(limit.errors)}`,
  );
}

function quantilesOf(sent: SentRequests): string {
  const nearby = latenciesOf(sent, (action) => action === "store.nearby");
  return `${QUANTILES.map(([, share]) => nearby.quantile(share).toFixed(1)).join(", ")} ms`;
}

function plotsOf(
  city: City,
  aimed: StepResult,
  byRate: readonly StepResult[],
  inTime: readonly StepResult[],
): Plot[] {
  const distribution = (name: string, isMeant: (action: Action) => boolean) => ({
    name,
    points: latenciesOf(aimed, isMeant)
      .curve()
      .map(({ ms, share }) => [ms, share] as const),
  });
  const overTime = (figure: (second: StepResult["perSecond"][number]) => number) =>
    inTime.flatMap(({ perSecond, beganAtSeconds }) =>
      perSecond.map((second, i) => [beganAtSeconds + i, figure(second)] as const),
    );
  const { samples } = city.meter;
  const parts = Object.keys(aimed.cores);
  return [
    {
      title: `How many answers took at most so long, at ${number(TARGET_RATE)} calls/s`,
      xLabel: "ms, from when the phone meant to ask",
      yLabel: "share",
      logarithmicX: true,
      series: [
        distribution("store.nearby", (action) => action === "store.nearby"),
        distribution(
          "other cached reads",
          (action) => action !== "store.nearby" && CACHED.has(action),
        ),
        distribution("app start, five calls", (action) => action === "app start"),
        distribution(
          "the rest: never cached",
          (action) => action !== "app start" && !CACHED.has(action),
        ),
      ],
    },
    {
      title: "store.nearby by rate",
      xLabel: "calls/s",
      yLabel: "ms",
      logarithmicY: true,
      series: QUANTILES.map(([name, share]) => ({
        name,
        points: byRate.map((step) => [
          step.rate,
          latenciesOf(step, (action) => action === "store.nearby").quantile(share),
        ]),
      })),
    },
    {
      title: "Hit rate over time",
      xLabel: "s, from the first phone",
      yLabel: "share of cacheable requests",
      series: [{ name: "hits", points: overTime(({ hits, cacheable }) => hits / cacheable) }],
    },
    {
      title: "Calls over time",
      xLabel: "s, from the first phone",
      yLabel: "calls/s",
      series: [
        { name: "due", points: overTime(({ calls }) => calls) },
        { name: "failed", points: overTime(({ errors }) => errors) },
      ],
    },
    {
      title: "Database connections over time",
      xLabel: "s, from the first phone",
      yLabel: "connections",
      series: [
        {
          name: "open",
          points: samples.map(({ atSeconds, connections }) => [atSeconds, connections]),
        },
        {
          name: "at work",
          points: samples.map(({ atSeconds, activeConnections }) => [atSeconds, activeConnections]),
        },
      ],
    },
    {
      title: "Memory of the biggest instance over time",
      xLabel: "s, from the first phone",
      yLabel: "MB",
      series: [
        {
          name: "resident",
          points: samples.map(({ atSeconds, instanceMegabytes }) => [atSeconds, instanceMegabytes]),
        },
      ],
    },
    {
      title: "What the machine spends by rate",
      xLabel: "calls/s",
      yLabel: "cores",
      series: parts.map((name) => ({
        name,
        points: byRate.map((step) => [step.rate, step.cores[name] ?? Number.NaN]),
      })),
    },
  ];
}

function notesOf(city: City, warmUp: StepResult, aimed: StepResult): string[] {
  const cores = Object.entries(aimed.cores)
    .map(([name, used]) => `${name} ${used.toFixed(2)}`)
    .join(", ");
  const shares = MIX.map(({ action }) => {
    const calls = aimed.kinds[action]?.calls ?? 0;
    return `${action} ${percent(calls / aimed.calls)}`;
  }).join(", ");
  const { stores, products, users } = city.amounts;
  return [
    `Open loop: requests arrive as a Poisson process and are timed from when they were due, so that waiting for a free connection counts. 1,000 kept-alive connections to nginx (deploy/nginx.conf), three instances as shipped (100 calls a minute for each user or address, log level info), PgBouncer with 25 server connections, PostGIS and Redis; everything and the load generator on this one machine, nothing pinned.`,
    `${number(stores)} stores, ${number(products)} products, ${number(users)} users with scans and favourites. Phones live in the five biggest cities: a city by its shops, a neighbourhood in it after Zipf's law; they walk or drive, pan the map, open shops nearby; ${percent(SIGNED_IN_SHARE)} have an account and send its token with every call, each phone comes from an address of its own, ${CALLS_PER_PHONE_MINUTE} calls a minute, ${SESSION_REQUESTS} requests a session. No answer is compressed: an edge does that.`,
    "Beside it: the same phones, nginx and load generator on the same machine, but for instances three bare `node:http` servers that answer everything at once with the same 7 KB: no database, no cache, nothing looked at.",
    `Before: ${warmUp.seconds} s in which people come, up to ${number(warmUp.rate)} calls/s, on cold caches.`,
    `Calls at ${number(TARGET_RATE)} calls/s: ${shares}. Hits of all calls: ${percent(aimed.hitsOfAll)}.`,
    `Cores at ${number(TARGET_RATE)} calls/s: ${cores}; everything else is the kernel's own work, and whatever else ran on the machine.`,
    aimed.unanswered === 0
      ? "Every request was answered."
      : `${number(aimed.unanswered)} requests had no answer 6 s after the last was due; they count as errors, and with the time they had waited by then.`,
  ];
}
