/** Durations by name in plain counters, which cost an observation next to nothing. */
export class DurationHistogram {
  readonly bounds: readonly number[];
  readonly series = new Map<
    string,
    { readonly buckets: number[]; count: number; sumSeconds: number }
  >();

  /** Units: seconds. */
  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
  }

  /** Units: seconds. */
  observe(name: string, seconds: number): void {
    let times = this.series.get(name);
    if (times === undefined) {
      times = { buckets: this.bounds.map(() => 0), count: 0, sumSeconds: 0 };
      this.series.set(name, times);
    }
    times.count += 1;
    times.sumSeconds += seconds;
    for (let i = 0; i < this.bounds.length; i += 1) {
      if (seconds <= (this.bounds[i] ?? Infinity)) {
        times.buckets[i] = (times.buckets[i] ?? 0) + 1;
        return;
      }
    }
  }
}
