import { Redis } from "ioredis";
import { findBusyCells, loadAmounts, loadDemo } from "../data.ts";
import { startBare, startNaive } from "../limits/servers.ts";
import { type LoadGenerator, startGenerator } from "../load/generator.ts";
import type { RequestSpec } from "../load/job.ts";
import type { Row, RunOptions, ScenarioResult } from "../report/model.ts";
import { type Instance, startInstance } from "../instance.ts";
import { profileClock, profileOptions, topFunctions } from "../profile.ts";
import { interleave, median, ratioOf, type Sample, sampleLoad } from "../rounds.ts";
import type { BenchStack } from "../stack.ts";
import { batchPath, callPath, type HotCall, hotCalls } from "./hot-calls.ts";

const DATABASE = "bench_hits";
const CELLS = 200;
const CONNECTIONS = 64;
const BATCH_OF = 4;
const PORT = 4101;

interface Subject {
  readonly name: string;
  readonly procedure: string;
  readonly form: "single" | "batch of 1" | "batch of 4" | "gzip";
  readonly requests: readonly RequestSpec[];
  readonly bodyBytes: number;
}

/** Measures hits of each cached procedure, single and batched, beside bare `node:http` and the usual pattern. */
export async function runHits(stack: BenchStack, options: RunOptions): Promise<ScenarioResult> {
  const { say, rounds, seconds } = options;
  await stack.createDatabase(DATABASE);
  say("loading data");
  await loadDemo(stack, DATABASE);
  await loadAmounts(stack, DATABASE, { stores: options.quick ? 20_000 : 100_000 });
  await stack.pin("1");
  const sql = stack.superuser(DATABASE);
  const cells = await findBusyCells(sql, CELLS);
  const calls = hotCalls(cells, await firstCodes(sql), await firstBarcodes(sql));
  await sql.end();

  const generator = startGenerator();
  const instance = await startInstance(stack, {
    database: DATABASE,
    port: PORT,
    nodeOptions: options.profile ? profileOptions() : [],
  });
  let measuredFrom = 0;
  let measuredUntil = 0;
  try {
    const subjects: Subject[] = [];
    for (const { procedure, inputs } of calls) {
      for (const form of ["single", "batch of 1", "batch of 4", "gzip"] as const) {
        if (form === "gzip" && procedure !== "store.nearby") continue;
        const name = `${procedure}, ${form}`;
        if (!name.includes(options.only)) continue;
        const requests = requestsOf(procedure, inputs, form);
        const bodyBytes = await warmUp(instance, generator, requests);
        subjects.push({ name, procedure, form, requests, bodyBytes });
      }
    }
    say("filling the usual pattern's cache");
    const naiveRedisUrl = `${stack.redisUrl}/1`;
    const compared = calls.filter((call) => subjects.some((s) => s.procedure === call.procedure));
    await fillNaive(instance, naiveRedisUrl, compared);
    const sizes = [...new Set(subjects.map(({ bodyBytes }) => bodyBytes))];
    const bare = await startBare(sizes);
    const naive = await startNaive(naiveRedisUrl);
    try {
      const turn = (requests: readonly RequestSpec[], port: number, pid: number | undefined) => {
        const job = { host: "127.0.0.1", port, connections: CONNECTIONS, requests };
        return async () => {
          // Warmed up again, because caches got cold or entries expired during the other turns.
          await generator.run({ ...job, seconds: 5, once: true });
          if (port === PORT) measuredFrom = profileClock();
          const sample = await sampleLoad(pid, () =>
            generator.run({ ...job, seconds, once: false, staysAwake: true }),
          );
          if (port === PORT) measuredUntil = profileClock();
          return sample;
        };
      };
      const [anyRequests = []] = subjects.map(({ requests }) => requests);
      const samples = await interleave(
        rounds,
        [
          ...subjects.map(({ name, requests }) => ({
            name,
            run: turn(requests, PORT, instance.pid),
          })),
          ...sizes.map((bytes, i) => ({
            name: `bare ${bytes}`,
            run: turn(anyRequests, bare.ports[i] ?? 0, bare.pid),
          })),
          ...subjects
            .filter(({ form }) => form === "single")
            .map(({ procedure, requests }) => ({
              name: `naive ${procedure}`,
              run: turn(requests, naive.ports[0] ?? 0, naive.pid),
            })),
        ],
        say,
      );
      return report(subjects, samples);
    } finally {
      await bare.stop();
      await naive.stop();
    }
  } finally {
    await instance.stop();
    if (options.profile) for (const line of topFunctions(measuredFrom, measuredUntil)) say(line);
    await generator.stop();
    await stack.dropDatabase(DATABASE);
  }
}

async function firstCodes(sql: ReturnType<BenchStack["superuser"]>): Promise<string[]> {
  const rows = await sql<{ code: string }[]>`select code from additives order by code limit 100`;
  return rows.map(({ code }) => code);
}

async function firstBarcodes(sql: ReturnType<BenchStack["superuser"]>): Promise<string[]> {
  const rows = await sql<{ barcode: string }[]>`
    select barcode from products order by barcode limit 100`;
  return rows.map(({ barcode }) => barcode);
}

function requestsOf(
  procedure: string,
  inputs: readonly unknown[],
  form: Subject["form"],
): RequestSpec[] {
  if (form === "batch of 4") {
    return inputs.map((_, i) => ({
      path: batchPath(
        Array.from({ length: BATCH_OF }, (_each, k) => ({
          procedure,
          input: inputs[(i * BATCH_OF + k) % inputs.length],
        })),
      ),
    }));
  }
  return inputs.map((input) => ({
    path:
      form === "batch of 1" ? batchPath([{ procedure, input }]) : callPath({ procedure, input }),
    ...(form === "gzip" ? { headers: { "accept-encoding": "gzip" } } : {}),
  }));
}

/** Sends every request and returns the median size of the answers. Errors: when a repetition is not a hit. Units: bytes. */
async function warmUp(
  { host, port }: Instance,
  generator: LoadGenerator,
  requests: readonly RequestSpec[],
): Promise<number> {
  const job = { host, port, connections: 16, requests, seconds: 120, once: true };
  await generator.run(job);
  const { answers, errors, cacheStates } = await generator.run(job);
  const hits = (cacheStates["HIT"] ?? 0) / answers;
  if (errors > 0 || !(hits > 0.99)) {
    throw new Error(`not warm: ${errors} errors, hits ${hits}, ${requests[0]?.path ?? ""}`);
  }
  const bytes: number[] = [];
  for (const { path, headers } of requests.slice(0, 200)) {
    const response = await fetch(`http://${host}:${port}${path}`, {
      headers: { "accept-encoding": "identity", ...headers },
    });
    // fetch decompresses bodies, so the length on the wire is read from the header.
    bytes.push(Number(response.headers.get("content-length")));
    await response.arrayBuffer();
  }
  return Math.round(median(bytes) / 10) * 10;
}

async function fillNaive(
  { host, port }: Instance,
  redisUrl: string,
  calls: readonly HotCall[],
): Promise<void> {
  const redis = new Redis(redisUrl, { protocol: 2 });
  for (const { procedure, inputs, naiveKey } of calls) {
    for (const input of inputs) {
      const response = await fetch(`http://${host}:${port}${callPath({ procedure, input })}`);
      const { result } = (await response.json()) as { result: { data: unknown } };
      await redis.set(naiveKey(input), JSON.stringify(result.data));
    }
  }
  redis.disconnect();
}

const perSecond = ({ perSecond }: Sample) => perSecond;
const figure = (samples: readonly Sample[]) =>
  `${Math.round(median(samples.map(perSecond))).toLocaleString("en")}/s (${median(samples.map(({ cpuMicrosEach }) => cpuMicrosEach)).toFixed(0)} µs)`;

function report(
  subjects: readonly Subject[],
  samples: ReadonlyMap<string, Sample[]>,
): ScenarioResult {
  const of = (name: string) => samples.get(name) ?? [];
  const rows: Row[] = [];
  const compare = (what: string, ours: string, limit: string, target: number) => {
    const ratio = ratioOf(of(ours), of(limit), perSecond);
    const byCpu = 1 / ratioOf(of(ours), of(limit), ({ cpuMicrosEach }) => cpuMicrosEach);
    // Rows with a smaller answer for the same work, or with twice the work, have no target.
    const hasTarget = target > 0;
    rows.push({
      what,
      ours: figure(of(ours)),
      limit: figure(of(limit)),
      ratio: `${ratio.toFixed(2)} × (${byCpu.toFixed(2)} × by processor time)`,
      target: hasTarget ? `≥ ${target} ×` : "",
      reached: hasTarget ? ratio >= target : null,
    });
  };
  for (const { name, procedure, form, bodyBytes } of subjects) {
    const isNearby = procedure === "store.nearby";
    const bareTarget = form === "single" ? (isNearby ? 0.45 : 0.55) : 0;
    compare(`${name} / bare node:http, ${bodyBytes} bytes`, name, `bare ${bodyBytes}`, bareTarget);
    if (form === "single") {
      compare(`${name} / usual pattern`, name, `naive ${procedure}`, isNearby ? 3.5 : 0);
    } else if (form === "batch of 1") {
      compare(`${name} / single call`, name, `${procedure}, single`, 0.9);
    }
  }
  const all = [...samples.entries()];
  return {
    name: "hits",
    title: "Hits",
    rows,
    plots: [
      {
        title: "store.nearby, single: how many answers took at most so long",
        xLabel: "ms",
        yLabel: "share",
        logarithmicX: true,
        series: ["store.nearby, single", "naive store.nearby"].map((name) => {
          const [first, ...others] = of(name);
          for (const { latencies } of others) first?.latencies.add(latencies);
          const points = first?.latencies.curve() ?? [];
          return { name, points: points.map(({ ms, share }) => [ms, share] as const) };
        }),
      },
    ],
    notes: [
      `Closed loop over ${CONNECTIONS} connections; one instance on core 0, the generator on core 1; ${CELLS} warm cells, 20 positions each.`,
      `The instance's core was busy: ours ${busy(all, (name) => !/^(?:bare|naive)/.test(name))}, bare ${busy(all, (name) => name.startsWith("bare"))}, usual pattern ${busy(all, (name) => name.startsWith("naive"))}. Well below 100 % means that the generator or the machine was the limit.`,
      "Ratios are medians of the rounds' ratios. `gzip` is what phones get: the same answers, compressed for each caller.",
    ],
    figures: Object.fromEntries(
      all.map(([name, list]) => [
        name,
        list.map(({ latencies, ...rest }) => ({ ...rest, p99Ms: latencies.quantile(0.99) })),
      ]),
    ),
  };
}

function busy(all: readonly [string, Sample[]][], isMeant: (name: string) => boolean): string {
  const shares = all
    .filter(([name]) => isMeant(name))
    .flatMap(([, list]) => list.map((s) => s.busy));
  return `${Math.round(median(shares) * 100)} %`;
}
