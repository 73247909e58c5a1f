import { Counter, Gauge, type Registry } from "prom-client";

/** Labels and their current value. */
export type Sample = readonly [Record<string, string>, number];

/** Adds a counter whose counts are read at each scrape. */
export function addCounter(
  registry: Registry,
  name: string,
  help: string,
  labelNames: string[],
  samples: () => Iterable<Sample>,
): void {
  const counter: Counter = new Counter({
    name,
    help,
    labelNames,
    registers: [registry],
    collect() {
      counter.reset();
      for (const [labels, value] of samples()) counter.inc(labels, value);
    },
  });
}

/** Adds a gauge whose values are read at each scrape. */
export function addGauge(
  registry: Registry,
  name: string,
  help: string,
  labelNames: string[],
  samples: () => Iterable<Sample>,
): void {
  const gauge: Gauge = new Gauge({
    name,
    help,
    labelNames,
    registers: [registry],
    collect() {
      gauge.reset();
      for (const [labels, value] of samples()) gauge.set(labels, value);
    },
  });
}
