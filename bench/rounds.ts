import { LatencyHistogram } from "./load/histogram.ts";
import type { LoadResult } from "./load/job.ts";
import { cpuSeconds } from "./processes.ts";

/** The figures of one turn of one contender. */
export interface Sample {
  readonly perSecond: number;
  /** Units: milliseconds. */
  readonly p50Ms: number;
  /** Processor time of the measured process for each answer; NaN when unknown. Units: microseconds. */
  readonly cpuMicrosEach: number;
  /** The share of its core that the process used, 0–1; well below 1 means that the generator was the limit. */
  readonly busy: number;
  readonly errors: number;
  readonly latencies: LatencyHistogram;
}

/** A process that is measured in turn with others. */
export interface Contender {
  readonly name: string;
  readonly run: () => Promise<Sample>;
}

/** Returns the median, or NaN without values. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1
    ? (sorted[Math.floor(middle)] ?? Number.NaN)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

/** Runs all contenders in turn, round after round, because other load on the machine then affects all of them. */
export async function interleave(
  rounds: number,
  contenders: readonly Contender[],
  say: (line: string) => void,
): Promise<Map<string, Sample[]>> {
  const samples = new Map<string, Sample[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 1; round <= rounds; round += 1) {
    say(`round ${round} of ${rounds}`);
    for (const { name, run } of contenders) samples.get(name)?.push(await run());
  }
  return samples;
}

/** Returns the median over the rounds of a figure of `ours` divided by that of `theirs` in the same round. */
export function ratioOf(
  ours: readonly Sample[],
  theirs: readonly Sample[],
  figure: (sample: Sample) => number,
): number {
  return median(ours.map((sample, i) => figure(sample) / figure(theirs[i] ?? sample)));
}

/** Runs load against a process and measures the process. */
export async function sampleLoad(
  pid: number | undefined,
  run: () => Promise<LoadResult>,
): Promise<Sample> {
  const cpuBefore = cpuSeconds(pid);
  const result = await run();
  const cpu = cpuSeconds(pid) - cpuBefore;
  const latencies = new LatencyHistogram(result.latencies);
  return {
    perSecond: result.answers / result.seconds,
    p50Ms: latencies.quantile(0.5),
    cpuMicrosEach: (cpu * 1e6) / result.answers,
    busy: cpu / result.seconds,
    errors: result.errors,
    latencies,
  };
}
