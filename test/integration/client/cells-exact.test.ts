import { afterAll, beforeAll, expect, it } from "vitest";
import {
  createHalalClient,
  type FetchLike,
  memoryStorage,
} from "../../../packages/client/src/index.ts";
import { type Cell, cellBounds, cellOf } from "../../../src/geo/cell.ts";
import type { Position } from "../../../src/geo/position.ts";
import { createProcedureTable } from "../../../src/trpc/procedure-table.ts";
import { NO_LANGUAGES } from "../../../src/trpc/languages.ts";
import { appRouter } from "../../../src/trpc/router.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { insertStores, type StoreSeed } from "../../support/store-rows.ts";

/** Both poles, both sides of ±180°, where the axes cross, and cities near and far from the equator. */
const REGIONS: readonly Position[] = [
  { latitude: 89.99, longitude: 45 },
  { latitude: -89.995, longitude: -120 },
  { latitude: -16.8, longitude: 179.999 },
  { latitude: 66.1, longitude: -179.999 },
  { latitude: 0.001, longitude: -0.001 },
  { latitude: 48.8566, longitude: 2.3522 },
  { latitude: 69.65, longitude: 18.96 },
  { latitude: -33.92, longitude: 18.42 },
  { latitude: 3.14, longitude: 101.69 },
  { latitude: 51.51, longitude: -0.001 },
];
const CELLS_EACH = 10;
const POSITIONS_EACH = 100;
const STORES_EACH = 400;
/** A Friday noon, for phone and server alike: some stores are open, and some open later. */
const NOW = new Date("2026-11-27T12:00:00Z");
const SEED = 20_261_127;

let stack: Stack;
let instance: Instance;

/** Numbers from 0 to 1, the same in each run. Source: Mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
const random = randomOf(SEED);
const oneOf = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;

/** A position some kilometres away, on whichever side of ±180° that is. */
function near({ latitude, longitude }: Position, spreadKm: number): Position {
  const squeezed = Math.max(0.001, Math.cos((latitude * Math.PI) / 180));
  const east = longitude + ((spreadKm / 111) * (random() * 2 - 1)) / squeezed;
  return {
    latitude: Math.max(-90, Math.min(90, latitude + (spreadKm / 111) * (random() * 2 - 1))),
    longitude: ((((east + 180) % 360) + 360) % 360) - 180,
  };
}

/** A position within a cell, now and then on an edge or in a corner that belongs to it. */
function within({ minLatitude, maxLatitude, minLongitude, maxLongitude, geohash }: Cell): Position {
  for (;;) {
    const along = () => (random() < 0.1 ? 1 : random());
    const position = {
      latitude: minLatitude + (maxLatitude - minLatitude) * along(),
      longitude: minLongitude + (maxLongitude - minLongitude) * along(),
    };
    if (cellOf(position) === geohash) return position;
  }
}

function cellsAround(region: Position): readonly Cell[] {
  const cells = new Map<string, Cell>();
  while (cells.size < CELLS_EACH) {
    const geohash = cellOf(near(region, 3));
    cells.set(geohash, cellBounds(geohash));
  }
  return [...cells.values()];
}

beforeAll(async () => {
  stack = await openStack();
  await insertStores(
    stack.sql,
    REGIONS.flatMap((region) =>
      Array.from({ length: STORES_EACH }, (_, n): StoreSeed => ({
        // Some at the very same point, where ids decide.
        ...(n % 20 === 0 ? region : near(region, n % 3 === 0 ? 40 : 4)),
        name: `Store ${n} "ü"`,
        halalCertified: n % 4 === 0,
        ...(n % 5 === 0 ? { openingHours: oneOf(["Mo-Fr 09:00-18:00", "Sa,Su", "24/7"]) } : {}),
      })),
    ),
  );
  await stack.sql`update stores set names = '{"fr": "Boucherie"}' where halal_certified`;
  instance = await stack.startInstance({ now: () => NOW });
});
afterAll(() => stack.close());

it("a phone's lists are the server's, byte for byte, for 10,000 positions in 100 cells, online and offline", async () => {
  const procedures = createProcedureTable(appRouter);
  /** The server's answer as its one path of requests sends it, in this process. */
  const onServer = async (path: string, input: object): Promise<string> => {
    const call = procedures.get(path)?.fast?.parse(input);
    if (call === undefined)
      throw new Error(`${path} has no fast query for ${JSON.stringify(input)}`);
    const { cache } = instance.deps;
    const answer =
      call.peek(cache, NOW.getTime(), NO_LANGUAGES) ??
      (await call.load({ ...instance.deps, answers: [], languages: NO_LANGUAGES }));
    return answer.bytes.data.toString();
  };
  // Every cell stays: a device keeps the latest 200, and here all are as old as each other.
  const storage = { ...memoryStorage(), trim: () => Promise.resolve() };
  let isOn = true;
  let asked = 0;
  const network: FetchLike = (url, init) => {
    asked += 1;
    return isOn ? fetch(url, init) : Promise.reject(new TypeError("Network request failed"));
  };
  const options = { url: instance.url, storage, fetch: network, nowMs: () => NOW.getTime() };
  const online = createHalalClient(options);
  const questions: { readonly latitude: number; readonly longitude: number }[] = [];
  const truth: string[] = [];
  const different: object[] = [];
  for (const region of REGIONS)
    for (const cell of cellsAround(region))
      for (let n = 0; n < POSITIONS_EACH; n += 1) {
        // A device keeps 200 cells: those of the wide radius are asked for in some.
        const radiusKm = cell.geohash.endsWith("0") ? 50 : oneOf([0.5, 1, 5, 5]);
        const question = { ...within(cell), radiusKm, limit: oneOf([1, 20, 100]) };
        questions.push(question);
        const expected = await onServer("store.nearby", question);
        truth.push(expected);
        const { items, isExact, answeredBy } = await online.stores.nearby(question);
        const isSame = isExact && answeredBy === "device" && JSON.stringify({ items }) === expected;
        if (!isSame) different.push({ ...question, isExact, answeredBy });
        if (n % 10 !== 0) continue;
        const markers = await online.stores.markers(question);
        if (
          JSON.stringify({ items: markers.items }) !== (await onServer("store.markers", question))
        )
          different.push({ ...question, procedure: "store.markers" });
      }
  expect(different).toEqual([]);
  expect(questions).toHaveLength(REGIONS.length * CELLS_EACH * POSITIONS_EACH);
  expect(truth.filter((answer) => answer.includes('"isOpenNow":true')).length).toBeGreaterThan(
    1_000,
  );
  await online.close();
  isOn = false;
  const askedOnline = asked;
  // Another run of the app, which has the cells from storage alone.
  const offline = createHalalClient(options);
  for (const [place, question] of questions.entries()) {
    const { items, answeredBy } = await offline.stores.nearby(question);
    if (answeredBy !== "device" || JSON.stringify({ items }) !== truth[place])
      different.push({ ...question, isOffline: true });
  }
  await offline.close();
  expect(different).toEqual([]);
  expect(asked).toBeGreaterThanOrEqual(askedOnline);
}, 180_000);
