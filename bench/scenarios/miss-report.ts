import type { Plot, Row, ScenarioResult } from "../report/model.ts";
import { median, ratioOf, type Sample } from "../rounds.ts";
import { CITY_STORES, type Place } from "./miss-places.ts";

/** A measured query, with the names of its samples. */
export interface MissSubject {
  readonly question: string;
  readonly kind: Place["kind"];
  readonly stores: number;
  readonly connections: number;
  /** The names of our samples and of pgbench's samples of the same SQL. */
  readonly ours: string;
  readonly sql: string;
}

interface Measured {
  readonly subjects: readonly MissSubject[];
  readonly samples: ReadonlyMap<string, Sample[]>;
  /** Processor time of the database's container for each call. Units: microseconds. */
  readonly databaseCpuMicros: ReadonlyMap<string, readonly number[]>;
  readonly quick: boolean;
}

const P50_TARGET = 1.5;
const MAIN = "store.nearby";
const p50 = ({ p50Ms }: Sample) => p50Ms;
const perSecond = ({ perSecond }: Sample) => perSecond;
const ms = (value: number) => `${value.toFixed(value < 10 ? 2 : 1)} ms`;
const rate = (value: number) => `${Math.round(value).toLocaleString("en")}/s`;
const cpuMs = (micros: number) => `${(micros / 1000).toFixed(1)} ms`;

/** Reports the figures of misses in rows and plots. */
export function reportMisses(measured: Measured): ScenarioResult {
  const { subjects, samples, databaseCpuMicros, quick } = measured;
  const of = (name: string) => samples.get(name) ?? [];
  const middle = (name: string, figure: (sample: Sample) => number) => median(of(name).map(figure));
  const p95 = (name: string) => median(of(name).map((s) => s.latencies.quantile(0.95)));
  const databaseCpu = (name: string) => cpuMs(median(databaseCpuMicros.get(name) ?? []));
  const largest = Math.max(...subjects.map(({ stores }) => stores));
  const smallest = Math.min(...subjects.map(({ stores }) => stores));

  const single = subjects.filter(({ connections }) => connections === 1);
  const rows: Row[] = single.map(({ question, kind, stores, ours, sql }) => {
    const ratio = ratioOf(of(ours), of(sql), p50);
    const isTarget = question === MAIN && kind === "dense" && stores === largest && !quick;
    const ownCpu = cpuMs(middle(ours, ({ cpuMicrosEach }) => cpuMicrosEach));
    return {
      what: `${question}, miss among ${stores.toLocaleString("en")} stores, ${kind}: p50 / the SQL alone`,
      ours: `${ms(middle(ours, p50))}, p95 ${ms(p95(ours))} (processor: instance ${ownCpu}, database ${databaseCpu(ours)})`,
      limit: `${ms(middle(sql, p50))}, p95 ${ms(p95(sql))} (processor: database ${databaseCpu(sql)})`,
      ratio: `${ratio.toFixed(2)} ×`,
      target: isTarget ? `≤ ${P50_TARGET} ×` : "",
      reached: isTarget ? ratio <= P50_TARGET : null,
    };
  });
  for (const kind of ["dense", "spread"] as const) {
    const at = (stores: number) =>
      single.find((s) => s.question === MAIN && s.kind === kind && s.stores === stores);
    const [few, many] = [at(smallest), at(largest)];
    if (few === undefined || many === undefined) continue;
    const growth = ratioOf(of(many.ours), of(few.ours), p50);
    const isTarget = kind === "dense" && !quick;
    rows.push({
      what: `${MAIN}, miss, ${kind}: growth of p50 from ${smallest.toLocaleString("en")} to ${largest.toLocaleString("en")} stores`,
      ours: `${ms(middle(few.ours, p50))} → ${ms(middle(many.ours, p50))}`,
      limit: `${ms(middle(few.sql, p50))} → ${ms(middle(many.sql, p50))} (${ratioOf(of(many.sql), of(few.sql), p50).toFixed(2)} ×)`,
      ratio: `${growth.toFixed(2)} ×`,
      target: isTarget ? `≤ ${P50_TARGET} ×` : "",
      reached: isTarget ? growth <= P50_TARGET : null,
    });
  }
  for (const { question, kind, stores, connections, ours, sql } of subjects) {
    if (connections === 1) continue;
    rows.push({
      what: `${question}, miss among ${stores.toLocaleString("en")} stores, ${kind}: throughput, ${connections} connections`,
      ours: `${rate(middle(ours, perSecond))}, p95 ${ms(p95(ours))}`,
      limit: `${rate(middle(sql, perSecond))}, p95 ${ms(p95(sql))}`,
      ratio: `${ratioOf(of(ours), of(sql), perSecond).toFixed(2)} ×`,
      target: "",
      reached: null,
    });
  }
  const asked = subjects.flatMap(({ ours }) => of(ours));
  const failed = asked.reduce((sum, { errors }) => sum + errors, 0);
  const total = asked.reduce((sum, { latencies }) => sum + latencies.total, 0);
  return {
    name: "misses",
    title: "Misses",
    rows,
    plots: plotsOf(measured, largest),
    notes: [
      "Each request of a turn asks another cell, and memory and Redis are emptied before each turn: every answer is a MISS, or the run fails. The first round does not count.",
      `${failed} of ${total.toLocaleString("en")} requests failed.`,
      `“dense” asks within a city of ${CITY_STORES.toLocaleString("en")} stores (normally distributed, one sigma about 10 km) that every database holds; the other stores are spread over the world's cities and towns, where “spread” asks.`,
      "The limit is the very statement that the instance sends, taken from its code, for the same cells through the same PgBouncer: `pgbench --protocol=extended`, one network round trip where postgres-js without prepared statements needs two.",
      "Instance and pgbench run on core 0, one at a time; PostGIS, PgBouncer, Redis and our (light) generator on core 1. Ratios are medians of the rounds' ratios.",
      `\`store.markers\` for up to 100 shops loads the same entry by the same statement as \`store.nearby\`; only for more does it load an entry of its own.`,
    ],
    figures: Object.fromEntries(
      subjects.flatMap(({ ours, sql, ...asked }) => [
        [ours, figuresOf(ours, asked)],
        [`${ours}, sql`, figuresOf(sql, asked)],
      ]),
    ),
  };

  function figuresOf(name: string, asked: object) {
    return {
      ...asked,
      rounds: of(name).map(({ latencies, ...rest }, round) => ({
        ...rest,
        p95Ms: latencies.quantile(0.95),
        p99Ms: latencies.quantile(0.99),
        databaseCpuMicros: databaseCpuMicros.get(name)?.[round],
      })),
    };
  }
}

function plotsOf({ subjects, samples }: Measured, largest: number): Plot[] {
  const of = (name: string) => samples.get(name) ?? [];
  const byStores = (connections: number, figure: (sample: Sample) => number) =>
    (["dense", "spread"] as const).flatMap((kind) => {
      const chosen = subjects.filter(
        (s) => s.question === MAIN && s.kind === kind && s.connections === connections,
      );
      const line = (name: string, pick: (subject: MissSubject) => string) => ({
        name: `${name}, ${kind}`,
        points: chosen.map((s) => [s.stores, median(of(pick(s)).map(figure))] as const),
      });
      return [line(MAIN, ({ ours }) => ours), line("the SQL alone", ({ sql }) => sql)];
    });
  const many = Math.max(...subjects.map(({ connections }) => connections));
  const shown = subjects.find(
    (s) => s.question === MAIN && s.kind === "dense" && s.connections === 1 && s.stores === largest,
  );
  const curve = (name: string, samplesOfName: readonly Sample[]) => {
    const [first, ...others] = samplesOfName;
    for (const { latencies } of others) first?.latencies.add(latencies);
    const points = first?.latencies.curve() ?? [];
    return { name, points: points.map(({ ms, share }) => [ms, share] as const) };
  };
  return [
    {
      title: `Misses: throughput by store count, ${many} connections`,
      xLabel: "stores",
      yLabel: "answers/s",
      logarithmicX: true,
      series: byStores(many, perSecond),
    },
    {
      title: "Misses: p50 by store count, one connection",
      xLabel: "stores",
      yLabel: "ms",
      logarithmicX: true,
      series: byStores(1, p50),
    },
    {
      title: `${MAIN}, miss in the dense city: how many answers took at most so long`,
      xLabel: "ms",
      yLabel: "share",
      logarithmicX: true,
      series:
        shown === undefined
          ? []
          : [curve(MAIN, of(shown.ours)), curve("the SQL alone", of(shown.sql))],
    },
  ];
}
