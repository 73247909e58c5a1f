import { startOpenLoopGenerator } from "../load/open-loop-generator.ts";
import { startVarnish, type Varnish } from "../limits/varnish.ts";
import type { Row, RunOptions, ScenarioResult } from "../report/model.ts";
import type { BenchStack } from "../stack.ts";
import { type City, NGINX_PORT, startCity } from "./city-day/deployment.ts";
import { P95_MAX_MS, TARGET_RATE } from "./city-day/targets.ts";
import { type DayResult, runDay } from "./edge/day.ts";
import { runWrites, type WritesResult } from "./edge/writes.ts";

const EDGE_PORT = 4175;
const TOKEN = "the-purge-token-of-the-bench-7d31";
/** Of calls of the map, of what is near and of lists. */
const WITHOUT_ORIGIN_MIN = 0.95;
const AT_ORIGIN_MAX = 0.05;
const WRITES = 10_000;
const OLDEST_MAX_MS = 1_500;
const SECONDS = 40;
const QUICK_SECONDS = 20;

/**
 * Runs the city's phones with the library behind Varnish, then writes while clients of the edge read.
 * `--only day` and `--only writes` run one of the two.
 */
export async function runEdge(stack: BenchStack, options: RunOptions): Promise<ScenarioResult> {
  const { only } = options;
  const varnish = await startVarnish(EDGE_PORT, NGINX_PORT, TOKEN);
  const city = await startCity(stack, options, {
    EDGE_PURGE: "varnish",
    EDGE_PURGE_URLS: `http://127.0.0.1:${EDGE_PORT}`,
    EDGE_PURGE_TOKEN: TOKEN,
    // Varnish, and the edge that the phones' header stands for.
    TRUSTED_PROXY_HOPS: "3",
  });
  try {
    const day = "day".includes(only) ? await measureDay(city, varnish, options) : null;
    await city.meter.stop();
    const writes = "writes".includes(only) ? await measureWrites(city, varnish, options) : null;
    return {
      name: "edge",
      title: "The city day with the phone library and Varnish",
      rows: [
        ...(day === null ? [] : rowsOfDay(day)),
        ...(writes === null ? [] : rowsOfWrites(writes)),
      ],
      plots: [],
      notes: [
        "Screens make the calls of the city day. The library's rules decide what a phone asks: what it keeps is used for a minute and then confirmed by its ETag, cells ahead of it are fetched. The phones' ranking is not part of these figures.",
        "Before people come, the edge is filled with what the first of them ask for; all else of the day is new to it. Phones begin with nothing.",
        "Calls that are not equal for everybody (scans, favourites, unread alerts) and searches go to the origin whatever the edge keeps.",
      ],
      figures: { day, writes },
    };
  } finally {
    await city.stop();
    await varnish.stop();
  }
}

async function measureDay(city: City, edge: Varnish, options: RunOptions): Promise<DayResult> {
  const { say, quick } = options;
  const generator = startOpenLoopGenerator();
  try {
    return await runDay(city, generator, edge, { say, seconds: quick ? QUICK_SECONDS : SECONDS });
  } finally {
    await generator.stop();
  }
}

async function measureWrites(
  city: City,
  edge: Varnish,
  options: RunOptions,
): Promise<WritesResult> {
  const { say, quick } = options;
  say("writes");
  const [first] = city.instances;
  const writes = await runWrites(city.world, city.instances, edge, {
    writes: quick ? WRITES / 5 : WRITES,
    kill: () => first?.process.kill("SIGKILL"),
  });
  say(JSON.stringify(writes));
  return writes;
}

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

function row(what: string, ours: string, target: string, reached: boolean | null): Row {
  return { what, ours, limit: "", ratio: "", target, reached };
}

function rowsOfDay(day: DayResult): readonly Row[] {
  const { atOrigin, screenCalls, listCalls, publicCalls, failedRequests, p95Ms } = day;
  const lists = 1 - atOrigin.lists / listCalls;
  const everything = 1 - (atOrigin.lists + atOrigin.pages) / publicCalls;
  const ofAll = atOrigin.all / screenCalls;
  const least = `at least ${percent(WITHOUT_ORIGIN_MIN)}`;
  const personal = (screenCalls - publicCalls) / screenCalls;
  return [
    row(
      "calls of map, nearby and lists without the origin",
      percent(lists),
      least,
      lists >= WITHOUT_ORIGIN_MIN,
    ),
    row(
      "the same with pages of stores and products: all that is equal for everybody",
      percent(everything),
      least,
      everything >= WITHOUT_ORIGIN_MIN,
    ),
    row("of all calls on the device", percent(day.onDevice / screenCalls), "", null),
    row(
      "of all calls at the origin",
      percent(ofAll),
      `at most ${percent(AT_ORIGIN_MAX)}`,
      ofAll <= AT_ORIGIN_MAX,
    ),
    row("of all calls a user's own, or searches", percent(personal), "", null),
    row(
      `p95 of requests at ${TARGET_RATE} screen calls a second`,
      `${p95Ms.toFixed(1)} ms`,
      `below ${P95_MAX_MS} ms`,
      p95Ms < P95_MAX_MS,
    ),
    row("requests that failed", String(failedRequests), "none", failedRequests === 0),
  ];
}

function rowsOfWrites({ writes, oldestMs, failedReads }: WritesResult): readonly Row[] {
  return [
    row(
      `oldest answer at the edge after ${writes} writes on three instances, one killed`,
      `${oldestMs.toFixed(0)} ms`,
      `at most ${OLDEST_MAX_MS} ms`,
      oldestMs <= OLDEST_MAX_MS,
    ),
    row("reads that failed meanwhile", String(failedReads), "none", failedReads === 0),
  ];
}
