import { once } from "node:events";
import { findBusyCells, loadAmounts, loadDemo } from "../data.ts";
import { startBare } from "../limits/servers.ts";
import { startGenerator } from "../load/generator.ts";
import { residentMegabytes, spawnNode, TARGET_CPUS } from "../processes.ts";
import type { Row, RunOptions, ScenarioResult } from "../report/model.ts";
import { startInstance } from "../instance.ts";
import { median } from "../rounds.ts";
import type { BenchStack } from "../stack.ts";
import { callPath, hotCalls } from "./hot-calls.ts";
import { compareMemory } from "./memory-growth.ts";

const DATABASE = "bench_start";
const PORT = 4180;
const READY_MAX_MS = 1_000;
const STARTS = 10;
const REST_MS = 5_000;
const STORES = 20_000;
const CELLS = 200;
const CONNECTIONS = 64;

/** The figures of a loaded instance. */
interface Load {
  /** Units: megabytes. */
  readonly most: number;
  readonly answers: number;
  readonly errors: number;
}

/**
 * Measures the time from exec to ready, beside Node alone, and memory at rest and after hits and misses; beside
 * another checkout also how much more memory an instance takes than that one's.
 */
export async function runStart(stack: BenchStack, options: RunOptions): Promise<ScenarioResult> {
  const { say, quick } = options;
  const [checkout] = options.files;
  const growth = checkout === undefined ? [] : await compareMemory(stack, checkout, options);
  await stack.createDatabase(DATABASE);
  try {
    say("loading data");
    await loadDemo(stack, DATABASE);
    await loadAmounts(stack, DATABASE, { stores: STORES });
    await stack.pin("1");
    const start = () => startInstance(stack, { database: DATABASE, port: PORT });
    const times = { instance: [] as number[], bare: [] as number[], node: [] as number[] };
    const starts = quick ? 3 : STARTS;
    for (let i = 1; i <= starts; i += 1) {
      say(`start ${i} of ${starts}`);
      times.node.push(await timeOf(runNothing));
      times.bare.push(await timeOf(answerOnce));
      const instance = await start();
      times.instance.push(instance.readyMs);
      await instance.stop();
    }

    const instance = await start();
    try {
      await new Promise((resolve) => setTimeout(resolve, REST_MS));
      const atRest = residentMegabytes(instance.pid);
      say("load");
      const load = await loadInstance(stack, instance.pid, quick ? 3 : 15);
      return report(times, atRest, load, growth);
    } finally {
      await instance.stop();
    }
  } finally {
    await stack.dropDatabase(DATABASE);
  }
}

async function timeOf(work: () => Promise<() => Promise<void>>): Promise<number> {
  const beganAt = performance.now();
  const undo = await work();
  const took = performance.now() - beganAt;
  await undo();
  return took;
}

async function runNothing(): Promise<() => Promise<void>> {
  await once(spawnNode(["-e", "0"], { cpus: TARGET_CPUS, logFile: null }), "exit");
  return () => Promise.resolve();
}

/** Starts a bare Node server and requests one answer. */
async function answerOnce(): Promise<() => Promise<void>> {
  const bare = await startBare([100]);
  await (await fetch(`http://127.0.0.1:${bare.ports[0]}/`)).arrayBuffer();
  return () => bare.stop();
}

/** Requests each cached procedure, first uncached, then from the cache, and returns the peak of memory. */
async function loadInstance(
  stack: BenchStack,
  pid: number | undefined,
  seconds: number,
): Promise<Load> {
  const sql = stack.superuser(DATABASE);
  const stores = await findBusyCells(sql, CELLS);
  const codes = await sql<{ code: string }[]>`select code from additives order by code limit 100`;
  const products = await sql<{ barcode: string }[]>`
    select barcode from products order by barcode limit 100`;
  await sql.end();
  const requests = hotCalls(
    stores,
    codes.map(({ code }) => code),
    products.map(({ barcode }) => barcode),
  ).flatMap(({ procedure, inputs }) =>
    inputs.map((input) => ({ path: callPath({ procedure, input }) })),
  );
  const generator = startGenerator();
  let most = 0;
  const timer = setInterval(() => {
    most = Math.max(most, residentMegabytes(pid));
  }, 100);
  try {
    const job = { host: "127.0.0.1", port: PORT, connections: CONNECTIONS, requests, seconds };
    const { errors, answers } = await generator.run({ ...job, once: false });
    return { most, errors, answers };
  } finally {
    clearInterval(timer);
    await generator.stop();
  }
}

function report(
  times: Readonly<Record<"instance" | "bare" | "node", readonly number[]>>,
  atRest: number,
  load: Load,
  growth: readonly Row[],
): ScenarioResult {
  const ms = (values: readonly number[]) => `${median(values).toFixed(0)} ms`;
  const ready = median(times.instance);
  const memory = (what: string, megabytes: number) => ({
    what,
    ours: `${megabytes.toFixed(0)} MB`,
    limit: "",
    ratio: "",
    target: "",
    reached: null,
  });
  const beside = (name: string, values: readonly number[], target: string) => ({
    what: `from exec to ready / ${name}`,
    ours: ms(times.instance),
    limit: ms(values),
    ratio: `${(ready / median(values)).toFixed(1)} ×`,
    target,
    reached: target === "" ? null : ready <= READY_MAX_MS,
  });
  return {
    name: "start",
    title: "Start",
    rows: [
      beside("bare node:http, from exec to its first answer", times.bare, `≤ ${READY_MAX_MS} ms`),
      beside("node -e 0", times.node, ""),
      memory(`memory at rest, ${REST_MS / 1000} s after it was ready`, atRest),
      memory("memory under load of misses and hits, at most", load.most),
      ...growth,
    ],
    plots: [
      {
        title: "Each start",
        xLabel: "start",
        yLabel: "ms",
        series: [
          { name: "instance, ready", values: times.instance },
          { name: "bare node:http, first answer", values: times.bare },
          { name: "node -e 0", values: times.node },
        ].map(({ name, values }) => ({
          name,
          points: values.map((value, i) => [i + 1, value] as const),
        })),
      },
    ],
    notes: [
      `Medians of ${times.instance.length} starts in turn, on core 0, migrated database with ${STORES.toLocaleString("en")} stores; ready is the first 200 of /health/ready, asked every 10 ms.`,
      `Load: ${CONNECTIONS} connections asking every cached procedure around ${CELLS} cells, which nobody had asked before: ${load.answers.toLocaleString("en")} answers, ${load.errors.toLocaleString("en")} of them turned away.`,
    ],
    figures: { times, atRestMegabytes: atRest, load },
  };
}
