import type { Row, ScenarioResult } from "../report/model.ts";
import { median, ratioOf, type Sample } from "../rounds.ts";
import type { ScanAmounts } from "../scan-data.ts";

/** A measured procedure, with the names of our samples and of pgbench's samples of the same SQL. */
export interface ScanSubject {
  readonly procedure: "scans.record" | "scans.history";
  readonly connections: number;
  readonly ours: string;
  readonly sql: string;
}

const RECORD_TARGET = 2;
const p50 = ({ p50Ms }: Sample) => p50Ms;
const perSecond = ({ perSecond }: Sample) => perSecond;
const p95 = ({ latencies }: Sample) => latencies.quantile(0.95);
const ms = (value: number) => `${value.toFixed(2)} ms`;

/** Reports the figures of scans in rows and plots. */
export function reportScans({
  subjects,
  samples,
  amounts,
  quick,
}: {
  readonly subjects: readonly ScanSubject[];
  readonly samples: ReadonlyMap<string, Sample[]>;
  readonly amounts: ScanAmounts;
  readonly quick: boolean;
}): ScenarioResult {
  const of = (name: string) => samples.get(name) ?? [];
  const middle = (name: string, figure: (sample: Sample) => number) => median(of(name).map(figure));
  const rows = subjects.map(({ procedure, connections, ours, sql }): Row => {
    if (connections > 1) {
      const rate = (name: string) =>
        `${Math.round(middle(name, perSecond)).toLocaleString("en")}/s, p95 ${ms(middle(name, p95))}`;
      return {
        what: `${procedure}: throughput, ${connections} connections`,
        ours: rate(ours),
        limit: rate(sql),
        ratio: `${ratioOf(of(ours), of(sql), perSecond).toFixed(2)} ×`,
        target: "",
        reached: null,
      };
    }
    const ratio = ratioOf(of(ours), of(sql), p50);
    const isTarget = procedure === "scans.record" && !quick;
    const cpu = middle(ours, ({ cpuMicrosEach }) => cpuMicrosEach) / 1000;
    return {
      what: `${procedure}: p50 / the SQL alone`,
      ours: `${ms(middle(ours, p50))}, p95 ${ms(middle(ours, p95))} (processor: instance ${ms(cpu)})`,
      limit: `${ms(middle(sql, p50))}, p95 ${ms(middle(sql, p95))}`,
      ratio: `${ratio.toFixed(2)} ×`,
      target: isTarget ? `≤ ${RECORD_TARGET} ×` : "",
      reached: isTarget ? ratio <= RECORD_TARGET : null,
    };
  });
  const asked = subjects.flatMap(({ ours }) => of(ours));
  const failed = asked.reduce((sum, { errors }) => sum + errors, 0);
  const total = asked.reduce((sum, { latencies }) => sum + latencies.total, 0);
  return {
    name: "scans",
    title: "Scans",
    rows,
    plots: [
      {
        title: "Scans, one connection: how many answers took at most so long",
        xLabel: "ms",
        yLabel: "share",
        logarithmicX: true,
        series: subjects
          .filter(({ connections }) => connections === 1)
          .flatMap(({ procedure, ours, sql }) => [
            { name: procedure, points: curveOf(of(ours)) },
            { name: `${procedure}, the SQL alone`, points: curveOf(of(sql)) },
          ]),
      },
    ],
    notes: [
      `${amounts.products.toLocaleString("en")} products and about ${amounts.scans.toLocaleString("en")} scans; a user has from 10 to 2,000 of them over two years, users with many are met more often. Each \`scans.record\` is a new scan of a product that the user has scanned before; \`scans.history\` is the first page.`,
      "The limit is the very statements that the instance sends, taken by running its code in a transaction that is rolled back, for the same users and products through the same PgBouncer: two for `scans.record`, one for `scans.history`; a call's time is their sum. One network round trip each, where postgres-js without prepared statements needs two.",
      "Instance and pgbench run on core 0, one at a time; PostGIS, PgBouncer, Redis and our (light) generator on core 1. The first round does not count. Ratios are medians of the rounds' ratios.",
      `${failed} of ${total.toLocaleString("en")} requests failed.`,
    ],
    figures: Object.fromEntries(
      [...samples].map(([name, list]) => [
        name,
        list.map(({ latencies, ...rest }) => ({
          ...rest,
          p95Ms: latencies.quantile(0.95),
          p99Ms: latencies.quantile(0.99),
        })),
      ]),
    ),
  };
}

function curveOf([first, ...others]: readonly Sample[]): (readonly [number, number])[] {
  for (const { latencies } of others) first?.latencies.add(latencies);
  return (first?.latencies.curve() ?? []).map(({ ms, share }) => [ms, share] as const);
}
