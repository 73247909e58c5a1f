import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { docker, startContainer } from "../docker.ts";
import { LatencyHistogram } from "../load/histogram.ts";
import { RESULTS_DIR, TARGET_CPUS } from "../processes.ts";
import type { Sample } from "../rounds.ts";
import { APP_PASSWORD, type BenchStack } from "../stack.ts";

const PGBENCH = "/usr/lib/postgresql/17/bin/pgbench";
const SCRIPTS = "pgbench";
const MOUNT = "/scripts";

/** The statements of one call; each runs in its own transaction. */
export type CallStatements = readonly string[];

/** PostgreSQL's load generator, which connects through PgBouncer and runs on the core of the instances. */
export interface Pgbench {
  /** Runs each call once, distributed over the connections. Errors: when a statement fails. */
  run(database: string, calls: readonly CallStatements[], connections: number): Promise<Sample>;
}

/** Starts the container for pgbench, which is removed with the stack. */
export async function startPgbench(stack: BenchStack): Promise<Pgbench> {
  const directory = resolve(RESULTS_DIR, SCRIPTS);
  mkdirSync(directory, { recursive: true });
  const { id } = await startContainer({
    image: "postgis/postgis:17-3.5",
    network: stack.network,
    environment: { PGPASSWORD: APP_PASSWORD },
    mounts: [`${directory}:${MOUNT}:ro`],
    extra: ["--cpuset-cpus", TARGET_CPUS],
    command: ["sleep", "infinity"],
  });
  return {
    async run(database, calls, connections) {
      const dealt = Array.from({ length: connections }, (_, client) =>
        calls.filter((_call, place) => place % connections === client),
      );
      const name = `${randomUUID()}.sql`;
      const file = join(directory, name);
      writeFileSync(file, scriptOf(dealt));
      try {
        const options =
          `--no-vacuum --protocol=extended --report-per-command --transactions=1 --jobs=1 ` +
          `--client=${connections} --host=pgbouncer --port=6432 --username=app --file=${MOUNT}/${name}`;
        const output = await docker("exec", id, PGBENCH, ...options.split(" "), database);
        return readReport(output, dealt);
      } finally {
        rmSync(file);
      }
    },
  };
}

/** Writes a section for each client, because each statement then runs once and its mean duration is its duration. */
function scriptOf(dealt: readonly (readonly CallStatements[])[]): string {
  return dealt
    .map(
      (calls, client) =>
        `\\if :client_id = ${client}\n${calls
          .flat()
          .map((statement) => `${statement.trim()};\n`)
          .join("")}\\endif\n`,
    )
    .join("");
}

/** Reads the durations of calls; a call's duration is the sum of its statements' durations. */
function readReport(output: string, dealt: readonly (readonly CallStatements[])[]): Sample {
  const durations = [...output.matchAll(/^ +(\d+\.\d+) +\d+ +(?!\\)\S/gm)].map((m) => Number(m[1]));
  const clientsPerSecond = Number(/^tps = ([\d.]+)/m.exec(output)?.[1]);
  const calls = dealt.flat();
  const latencies = new LatencyHistogram();
  let place = 0;
  for (const statements of calls) {
    const own = durations.slice(place, place + statements.length);
    place += statements.length;
    latencies.record(own.reduce((sum, ms) => sum + ms, 0));
  }
  if (place !== durations.length || !(clientsPerSecond > 0)) {
    throw new Error(`pgbench ran ${durations.length} statements of ${place}:\n${output}`);
  }
  return {
    perSecond: (calls.length * clientsPerSecond) / dealt.length,
    p50Ms: latencies.quantile(0.5),
    cpuMicrosEach: Number.NaN,
    busy: Number.NaN,
    errors: 0,
    latencies,
  };
}
