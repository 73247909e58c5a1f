import { Counter, Gauge, type Registry } from "prom-client";

/** Labels and the value they have now. */
export type Sample = readonly [Record<string, string>, number];

/** Adds a counter whose counts are kept elsewhere and read when asked for. */
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

/** Adds a gauge that is read when asked for. */
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

/**
 * Adds a histogram whose buckets are kept elsewhere: prom-client's own hashes its labels for every observation.
 * Units: `bounds` in seconds; buckets are not cumulative.
 */
export function addHistogram(
  registry: Registry,
  { name, help, label }: { readonly name: string; readonly help: string; readonly label: string },
  bounds: readonly number[],
  series: ReadonlyMap<
    string,
    { readonly buckets: readonly number[]; readonly count: number; readonly sumSeconds: number }
  >,
): void {
  const metric = {
    name,
    help,
    get: () =>
      Promise.resolve({ name, help, type: "histogram", aggregator: "sum", values: values() }),
    reset: () => {},
  };
  function* samples() {
    for (const [value, times] of series) {
      const labels = { [label]: value };
      let below = 0;
      for (const [i, bound] of bounds.entries()) {
        below += times.buckets[i] ?? 0;
        yield { metricName: `${name}_bucket`, labels: { ...labels, le: bound }, value: below };
      }
      yield { metricName: `${name}_bucket`, labels: { ...labels, le: "+Inf" }, value: times.count };
      yield { metricName: `${name}_sum`, labels, value: times.sumSeconds };
      yield { metricName: `${name}_count`, labels, value: times.count };
    }
  }
  const values = () => [...samples()];
  // The registry calls nothing of a metric but `get`, `reset` and its name.
  registry.registerMetric(metric as unknown as Gauge);
}
