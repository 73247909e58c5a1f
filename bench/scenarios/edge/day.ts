import { LatencyHistogram } from "../../load/histogram.ts";
import type { OpenLoopGenerator } from "../../load/open-loop-generator.ts";
import type { OpenLoopResult } from "../../load/open-loop.ts";
import type { Schedule } from "../../load/schedule.ts";
import type { Instance } from "../../instance.ts";
import type { City } from "../city-day/deployment.ts";
import { MIX } from "../city-day/mix.ts";
import { Phones } from "../city-day/phones.ts";
import { TARGET_RATE } from "../city-day/targets.ts";
import { createLibrary, type KnownAtEdge, type LibraryCounts, LISTS } from "./library.ts";

const SEED = 11;
const CONNECTIONS = 1_000;
const DRAIN_SECONDS = 6;
const FROM_RATE = 500;
/** Addresses that are fetched at once before people come. */
const WARMED_AT_ONCE = 16;

/** The calls of addresses of their own, by their names in metrics. */
const OF_LISTS: ReadonlySet<string> = new Set([...LISTS, "cells", "lists.additives"]);
const OF_PAGES: ReadonlySet<string> = new Set([
  "store.byId",
  "stores",
  "boycott.check",
  "products",
]);

/** The calls that instances have answered. */
interface OriginCalls {
  readonly all: number;
  readonly lists: number;
  readonly pages: number;
}

/** A step of the day. */
export interface DayResult extends LibraryCounts {
  /** Units: calls of screens a second. */
  readonly rate: number;
  readonly seconds: number;
  readonly requests: number;
  /** Of the step, as phones and the edge have them: each is asked for again when its 300 s are over. */
  readonly addresses: number;
  readonly atOrigin: OriginCalls;
  readonly statuses: Readonly<Record<string, number>>;
  /** Requests without an answer, or with another one than 200 and 304. */
  readonly failedRequests: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** Of `store.nearby`, on the way to the edge or the server. */
  readonly nearbyP95Ms: number;
  readonly cores: Readonly<Record<string, number>>;
}

/** Fills the edge with what the first phones ask for, has them come, and measures the day. */
export async function runDay(
  city: City,
  generator: OpenLoopGenerator,
  edge: { readonly host: string; readonly port: number },
  options: { readonly say: (line: string) => void; readonly seconds: number },
): Promise<DayResult> {
  const { say, seconds } = options;
  const base = `http://${edge.host}:${edge.port}`;
  const list = await (await fetch(`${base}/lists/additives?locale=en`)).json();
  const { snapshot } = list as { readonly snapshot: string };
  const counts: LibraryCounts = { screenCalls: 0, listCalls: 0, publicCalls: 0, onDevice: 0 };
  const known: KnownAtEdge = { addresses: new Set(), etags: new Map() };
  const phones = new Phones(city.world, SEED, createLibrary(snapshot, counts, known));
  const coming = phones.schedule(FROM_RATE, TARGET_RATE, seconds);
  const comingCounts = { ...counts };
  say(`filling the edge with ${known.addresses.size} addresses`);
  await fill(base, known);
  const run = async (schedule: Schedule, fromRate: number, made: LibraryCounts) => {
    const addresses = known.addresses.size;
    const requests = schedule.dueMs.length;
    const before = await originCalls(city.instances);
    city.meter.cores();
    const result = await generator.run({
      host: edge.host,
      port: edge.port,
      connections: CONNECTIONS,
      schedule,
      kinds: MIX.length + 1,
      seconds,
      drainSeconds: DRAIN_SECONDS,
    });
    const after = await originCalls(city.instances);
    const statuses = statusesOf(result);
    const all = new LatencyHistogram();
    for (const { latencies } of result.kinds) all.add(new LatencyHistogram(latencies));
    const step: DayResult = {
      rate: fromRate,
      seconds,
      ...made,
      requests,
      addresses,
      atOrigin: {
        all: after.all - before.all,
        lists: after.lists - before.lists,
        pages: after.pages - before.pages,
      },
      statuses,
      failedRequests: requests - (statuses["200"] ?? 0) - (statuses["304"] ?? 0),
      p50Ms: all.quantile(0.5),
      p95Ms: all.quantile(0.95),
      nearbyP95Ms: new LatencyHistogram(result.kinds[0]?.latencies ?? []).quantile(0.95),
      cores: city.meter.cores(),
    };
    say(JSON.stringify(step));
    return step;
  };
  say("people come");
  await run(coming, FROM_RATE, comingCounts);
  Object.assign(counts, { screenCalls: 0, listCalls: 0, publicCalls: 0, onDevice: 0 });
  known.addresses.clear();
  const day = phones.schedule(TARGET_RATE, TARGET_RATE, seconds);
  say("the day");
  return await run(day, TARGET_RATE, { ...counts });
}

/** Fetches every address through the edge, as people of the day before did, and notes the ETags. */
async function fill(base: string, { addresses, etags }: KnownAtEdge): Promise<void> {
  const left = [...addresses];
  const worker = async () => {
    for (let path = left.pop(); path !== undefined; path = left.pop()) {
      const response = await fetch(`${base}${path}`, {
        // Each from a caller of its own, because a caller may not ask so much.
        headers: { "accept-encoding": "gzip", "x-forwarded-for": callerOf(left.length) },
      });
      await response.arrayBuffer();
      const etag = response.headers.get("etag");
      if (!response.ok) throw new Error(`${path}: ${response.status}`);
      if (etag !== null) etags.set(path, etag);
    }
  };
  await Promise.all(Array.from({ length: WARMED_AT_ONCE }, worker));
}

/** The address of a caller. */
export function callerOf(number: number): string {
  return `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`;
}

function statusesOf({ kinds }: OpenLoopResult): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const { statuses } of kinds)
    for (const [status, count] of Object.entries(statuses))
      sums[status] = (sums[status] ?? 0) + count;
  return sums;
}

async function originCalls(instances: readonly Instance[]): Promise<OriginCalls> {
  const sums = { all: 0, lists: 0, pages: 0 };
  for (const { host, port } of instances) {
    const text = await (await fetch(`http://${host}:${port}/metrics`)).text();
    for (const [, procedure = "", value] of text.matchAll(
      /^halal_calls_total\{procedure="([^"]+)".*\} (\S+)$/gm,
    )) {
      const calls = Number(value);
      sums.all += calls;
      if (OF_LISTS.has(procedure)) sums.lists += calls;
      if (OF_PAGES.has(procedure)) sums.pages += calls;
    }
  }
  return sums;
}
