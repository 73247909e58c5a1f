import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { signToken } from "../../../src/http/token.ts";
import { cellOf } from "../../../src/geo/cell.ts";
import type { Instance } from "../../instance.ts";
import { JWT_SECRET } from "../../stack.ts";
import type { World } from "../city-day/phones.ts";

/** The answers of the edge to its clients while stores were written. */
export interface WritesResult {
  readonly writes: number;
  readonly reads: number;
  readonly failedReads: number;
  /** The oldest answer: how long after a write that it did not show it was asked for. Units: milliseconds. */
  readonly oldestMs: number;
  readonly seconds: number;
}

const STORES = 40;
const WRITERS = 6;
const READERS = 6;
/** After the last write, for the last purges. Units: milliseconds. */
const SETTLED_MS = 3_500;

/**
 * Renames stores on all instances, of which one is killed half-way, and reads their cells at the edge all the time.
 * Units: `writes` in calls of `store.update`.
 */
export async function runWrites(
  world: World,
  instances: readonly Instance[],
  edge: { readonly host: string; readonly port: number },
  options: { readonly writes: number; readonly kill: () => void },
): Promise<WritesResult> {
  const stores = (world.cities[0] ?? []).flat().slice(0, STORES);
  const token = await signToken(
    JWT_SECRET,
    { id: randomUUID(), isAdmin: true },
    { lifetimeSeconds: 3_600, issuer: null, audience: null },
  );
  /** When each number of a store was written for sure, by the number. */
  const writtenAt = new Map(stores.map(({ id }) => [id, [] as number[]]));
  const beganAt = performance.now();
  let begun = 0;
  let done = 0;
  let reads = 0;
  let failedReads = 0;
  let oldestMs = 0;
  const run = { isOver: false };
  let killed: Instance | null = null;
  const write = async (place: number) => {
    const { id } = stores[place % stores.length] ?? { id: "" };
    const times = writtenAt.get(id) ?? [];
    const alive = instances.filter((one) => one !== killed);
    const { host, port } = alive[begun % alive.length] ?? { host: "", port: 0 };
    const response = await fetch(`http://${host}:${port}/trpc/store.update`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({ id, name: `#${times.length}` }),
    }).catch(() => null);
    await response?.arrayBuffer();
    // A write on the killed instance may have been made: its number is never expected.
    times.push(response?.ok === true ? performance.now() : Number.POSITIVE_INFINITY);
    done += 1;
  };
  const writer = async (number: number) => {
    // Each store has one writer, so that its numbers are in order.
    const own = stores.map((_, place) => place).filter((place) => place % WRITERS === number);
    while (begun < options.writes)
      for (const place of own) {
        begun += 1;
        if (begun === Math.floor(options.writes / 2)) {
          [killed = null] = instances;
          options.kill();
        }
        await write(place);
      }
  };
  const reader = async (number: number) => {
    for (let n = number; !run.isOver; n += READERS) {
      const store = stores[n % stores.length];
      if (store === undefined) return;
      const askedAt = performance.now();
      const response = await fetch(`http://${edge.host}:${edge.port}/cells/${cellOf(store)}`).catch(
        () => null,
      );
      reads += 1;
      if (response?.ok !== true) {
        failedReads += 1;
        await pause(5);
        continue;
      }
      const { stores: shown } = (await response.json()) as {
        readonly stores: readonly { readonly id: string; readonly name: string }[];
      };
      for (const { id, name } of shown) {
        const times = writtenAt.get(id);
        const seen = /^#(\d+)$/.exec(name)?.[1];
        if (times === undefined) continue;
        // The first write that the answer does not show.
        const missed = times.slice(seen === undefined ? 0 : Number(seen) + 1).find(Number.isFinite);
        if (missed !== undefined) oldestMs = Math.max(oldestMs, askedAt - missed);
      }
    }
  };
  const readers = Array.from({ length: READERS }, (_, number) => reader(number));
  await Promise.all(Array.from({ length: WRITERS }, (_, number) => writer(number)));
  await pause(SETTLED_MS);
  run.isOver = true;
  await Promise.all(readers);
  return {
    writes: done,
    reads,
    failedReads,
    oldestMs,
    seconds: (performance.now() - beganAt) / 1000,
  };
}
