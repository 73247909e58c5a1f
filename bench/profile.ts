import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { RESULTS_DIR } from "./processes.ts";

const DIR = join(RESULTS_DIR, "profiles");
const LINES = 30;

interface CpuProfile {
  /** Units: microseconds of the monotonic clock. */
  readonly startTime: number;
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: {
      readonly functionName: string;
      readonly url: string;
      readonly lineNumber: number;
    };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Returns the options with which Node writes a CPU profile when the process ends. */
export function profileOptions(): string[] {
  rmSync(DIR, { recursive: true, force: true });
  return ["--cpu-prof", "--cpu-prof-dir", DIR, "--cpu-prof-interval", "250"];
}

/** Returns the current time on the clock of profiles. Units: microseconds. */
export function profileClock(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

/** Returns the functions with the most self time between two moments of the last profile, without idle time. */
export function topFunctions(from: number, until: number): string[] {
  const [file] = readdirSync(DIR).filter((name) => name.endsWith(".cpuprofile"));
  if (file === undefined) return [];
  const { nodes, samples, timeDeltas, startTime } = JSON.parse(
    readFileSync(join(DIR, file), "utf8"),
  ) as CpuProfile;
  const names = new Map(
    nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => [
      id,
      `${functionName || "(anonymous)"} ${url.replace(/^.*\/(?=src\/|node_modules\/)/, "")}:${lineNumber + 1}`,
    ]),
  );
  const selfMicros = new Map<string, number>();
  let total = 0;
  let at = startTime;
  samples.forEach((id, i) => {
    const name = names.get(id) ?? "";
    at += timeDeltas[i] ?? 0;
    if (at < from || at > until || name.startsWith("(idle)") || name.startsWith("(program)"))
      return;
    const micros = timeDeltas[i] ?? 0;
    total += micros;
    selfMicros.set(name, (selfMicros.get(name) ?? 0) + micros);
  });
  return [...selfMicros]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, LINES)
    .map(([name, micros]) => `${((micros / total) * 100).toFixed(1).padStart(5)} %  ${name}`);
}
