import { performance } from "node:perf_hooks";
import { LatencyHistogram } from "../load/histogram.ts";
import { startOpenLoopGenerator } from "../load/open-loop-generator.ts";
import { startVarnish } from "../limits/varnish.ts";
import type { RunOptions, ScenarioResult } from "../report/model.ts";
import type { BenchStack } from "../stack.ts";
import type { Instance } from "../instance.ts";
import { NGINX_PORT, startCity } from "./city-day/deployment.ts";
import { MIX } from "./city-day/mix.ts";
import { Phones } from "./city-day/phones.ts";
import { P95_MAX_MS, TARGET_RATE } from "./city-day/targets.ts";
import { createLibrary, type LibraryCounts, SHARED } from "./edge/library.ts";
import { runWrites } from "./edge/writes.ts";

const EDGE_PORT = 4175;
const TOKEN = "the-purge-token-of-the-bench-7d31";
const SEED = 11;
const CONNECTIONS = 1_000;
const DRAIN_SECONDS = 6;
/** Of calls of the map, of what is near and of lists. */
const WITHOUT_ORIGIN_MIN = 0.95;
const AT_ORIGIN_MAX = 0.05;
const WRITES = 10_000;
const OLDEST_MAX_MS = 1_500;

/** Runs the city's phones with the library behind Varnish, then writes while clients of the edge read. */
export async function runEdge(stack: BenchStack, options: RunOptions): Promise<ScenarioResult> {
  const { say, quick } = options;
  const varnish = await startVarnish(EDGE_PORT, NGINX_PORT, TOKEN);
  const city = await startCity(stack, options, {
    EDGE_PURGE: "varnish",
    EDGE_PURGE_URLS: `http://127.0.0.1:${EDGE_PORT}`,
    EDGE_PURGE_TOKEN: TOKEN,
    // Varnish, and the edge that the phones' header stands for.
    TRUSTED_PROXY_HOPS: "3",
  });
  const generator = startOpenLoopGenerator();
  try {
    const additives = await fetch(`http://${varnish.host}:${varnish.port}/lists/additives`);
    const { snapshot } = (await additives.json()) as { readonly snapshot: string };
    const counts: LibraryCounts = { screenCalls: 0, sharedCalls: 0, onDevice: 0 };
    const phones = new Phones(city.world, SEED, createLibrary(snapshot, counts));
    const run = async (fromRate: number, rate: number, seconds: number) => {
      Object.assign(counts, { screenCalls: 0, sharedCalls: 0, onDevice: 0 });
      const schedule = phones.schedule(fromRate, rate, seconds);
      const requests = schedule.dueMs.length;
      const before = await originCalls(city.instances);
      city.meter.cores();
      const result = await generator.run({
        host: varnish.host,
        port: varnish.port,
        connections: CONNECTIONS,
        schedule,
        kinds: MIX.length + 1,
        seconds,
        drainSeconds: DRAIN_SECONDS,
      });
      const after = await originCalls(city.instances);
      const atOrigin = after.all - before.all;
      const sharedAtOrigin = after.shared - before.shared;
      const all = new LatencyHistogram();
      for (const { latencies } of result.kinds) all.add(new LatencyHistogram(latencies));
      const step = {
        rate,
        seconds,
        ...counts,
        requests,
        atOrigin,
        sharedAtOrigin,
        errors: result.kinds.reduce((sum, { errors }) => sum + errors, 0),
        failedRequests: result.kinds.reduce(
          (sum, { requests: sent, statuses }) => sum + sent - (statuses["200"] ?? 0),
          0,
        ),
        unanswered: result.unanswered,
        p95Ms: all.quantile(0.95),
        p50Ms: all.quantile(0.5),
        cores: city.meter.cores(),
      };
      say(JSON.stringify(step));
      return step;
    };
    say("people come");
    await run(500, quick ? 4_000 : TARGET_RATE, quick ? 20 : 60);
    const day = await run(TARGET_RATE, TARGET_RATE, quick ? 20 : 40);
    await city.meter.stop();
    say("writes");
    const [first] = city.instances;
    const writes = await runWrites(city.world, city.instances, varnish, {
      writes: quick ? WRITES / 5 : WRITES,
      kill: () => first?.process.kill("SIGKILL"),
    });
    say(JSON.stringify(writes));
    const withoutOrigin = 1 - day.sharedAtOrigin / day.sharedCalls;
    const atOrigin = day.atOrigin / day.screenCalls;
    const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
    const row = (what: string, ours: string, target: string, reached: boolean | null) => ({
      what,
      ours,
      limit: "",
      ratio: "",
      target,
      reached,
    });
    return {
      name: "edge",
      title: "The city day with the phone library and Varnish",
      rows: [
        row(
          "calls of map, nearby and lists without the origin",
          percent(withoutOrigin),
          `at least ${percent(WITHOUT_ORIGIN_MIN)}`,
          withoutOrigin >= WITHOUT_ORIGIN_MIN,
        ),
        row("of all calls on the device", percent(day.onDevice / day.screenCalls), "", null),
        row(
          "of all calls at the origin",
          percent(atOrigin),
          `at most ${percent(AT_ORIGIN_MAX)}`,
          atOrigin <= AT_ORIGIN_MAX,
        ),
        row(
          `p95 of requests at ${TARGET_RATE} screen calls a second`,
          `${day.p95Ms.toFixed(1)} ms`,
          `below ${P95_MAX_MS} ms`,
          day.p95Ms < P95_MAX_MS,
        ),
        row("requests that failed", String(day.failedRequests), "none", day.failedRequests === 0),
        row(
          `oldest answer at the edge after ${writes.writes} writes on three instances, one killed`,
          `${writes.oldestMs.toFixed(0)} ms`,
          `at most ${OLDEST_MAX_MS} ms`,
          writes.oldestMs <= OLDEST_MAX_MS,
        ),
        row("reads that failed meanwhile", String(writes.failedReads), "", null),
      ],
      plots: [],
      notes: [
        "Screens make the calls of the city day. The library's rules decide what a phone asks: what it keeps is used for a minute, cells ahead of it are fetched, filtered lists are the server's. The phones' ranking is not part of these figures.",
        "Calls that are not equal for everybody (a store's page, searches, scans, favourites, alerts) go to the origin whatever the edge keeps; in this mix they are about a fifth.",
      ],
      figures: { day, writes, at: performance.timeOrigin },
    };
  } finally {
    await generator.stop();
    await city.stop();
    await varnish.stop();
  }
}

/** The calls that instances have answered, all of them and those that phones could have kept. */
async function originCalls(
  instances: readonly Instance[],
): Promise<{ readonly all: number; readonly shared: number }> {
  let all = 0;
  let shared = 0;
  for (const { host, port } of instances) {
    const text = await (await fetch(`http://${host}:${port}/metrics`)).text();
    for (const [, procedure = "", value] of text.matchAll(
      /^halal_calls_total\{procedure="([^"]+)".*\} (\S+)$/gm,
    )) {
      all += Number(value);
      if (SHARED.has(procedure) || procedure === "cells" || procedure === "lists.additives")
        shared += Number(value);
    }
  }
  return { all, shared };
}
