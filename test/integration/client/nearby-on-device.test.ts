import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  createHalalClient,
  type FetchLike,
  type HalalClient,
  type HalalClientOptions,
  memoryStorage,
  type RouterInputs,
} from "../../../packages/client/src/index.ts";
import { CellEntry } from "../../../packages/client/src/cells/cell-entry.ts";
import { cellsAhead } from "../../../packages/client/src/cells/cells.ts";
import { STORE_TYPES } from "../../../src/db/tables/vocabulary.ts";
import { cellBounds, cellOf } from "../../../src/geo/cell.ts";
import type { Position } from "../../../src/geo/position.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { insertStores, type StoreSeed } from "../../support/store-rows.ts";

type NearbyInput = RouterInputs["store"]["nearby"];

/** Places with many stores: a city, both sides of ±180°, both poles, and where the axes cross. */
const PLACES: readonly Position[] = [
  { latitude: 48.8566, longitude: 2.3522 },
  { latitude: -16.8, longitude: 179.995 },
  { latitude: -16.8, longitude: -179.995 },
  { latitude: 89.99, longitude: 45 },
  { latitude: -89.995, longitude: -120 },
  { latitude: 0.001, longitude: -0.001 },
];
const STORES_EACH = 300;
const QUESTIONS_EACH = 60;

let stack: Stack;
let instance: Instance;
const clients: HalalClient[] = [];

/** A position some kilometres away, on whichever side of ±180° and the pole that is. */
function near({ latitude, longitude }: Position, spreadKm: number): Position {
  const degrees = (spreadKm / 111) * (Math.random() * 2 - 1);
  const squeezed = Math.max(0.01, Math.cos((latitude * Math.PI) / 180));
  const east = longitude + ((spreadKm / 111) * (Math.random() * 2 - 1)) / squeezed;
  return {
    latitude: Math.max(-90, Math.min(90, latitude + degrees)),
    longitude: ((((east + 180) % 360) + 360) % 360) - 180,
  };
}

const oneOf = <T>(all: readonly T[]): T => all[Math.floor(Math.random() * all.length)] as T;

beforeAll(async () => {
  stack = await openStack();
  const seeds: StoreSeed[] = PLACES.flatMap((place) =>
    Array.from({ length: STORES_EACH }, (_, n) => ({
      // Some at the very same point, where ids decide.
      ...(n % 10 === 0 ? place : near(place, n % 3 === 0 ? 40 : 4)),
      name: `Store ${n} "ü"`,
      storeType: oneOf(STORE_TYPES),
      halalCertified: n % 4 === 0,
    })),
  );
  await insertStores(stack.sql, seeds);
  await stack.sql`
    update stores set names = '{"fr": "Boucherie", "zh-Hant": "清真"}', average_rating = 4.25
    where halal_certified`;
  instance = await stack.startInstance();
});

afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
});
afterAll(() => stack.close());

function phone(options: Partial<HalalClientOptions> = {}) {
  const network = { isOn: true };
  const asked: string[] = [];
  const watched: FetchLike = async (url, init) => {
    asked.push(url.slice(instance.url.length));
    if (!network.isOn) throw new TypeError("Network request failed");
    return fetch(url, init);
  };
  const client = createHalalClient({ url: instance.url, fetch: watched, ...options });
  clients.push(client);
  return { client, network, asked };
}

/** The server's answer as it comes over the wire, without its envelope. */
async function onTheWire(procedure: string, input: object): Promise<string> {
  const query = encodeURIComponent(JSON.stringify(input));
  const response = await fetch(`${instance.url}/trpc/store.${procedure}?input=${query}`);
  const text = await response.text();
  expect(response.status).toBe(200);
  return text.slice('{"result":{"data":'.length, -"}}".length);
}

describe("stores.nearby on the device", () => {
  it("is the server's answer, byte for byte, online and offline, for random callers at the poles, at ±180° and in between", async () => {
    let exact = 0;
    for (const place of PLACES) {
      const questions = Array.from({ length: QUESTIONS_EACH }, (): NearbyInput => ({
        ...near(place, 3),
        radiusKm: oneOf([0.5, 1, 5, 5, 20, 50]),
        limit: oneOf([1, 20, 100]),
        ...(Math.random() < 0.3 ? { storeType: oneOf(STORE_TYPES) } : {}),
        ...(Math.random() < 0.2 ? { halalCertifiedOnly: true } : {}),
        ...(Math.random() < 0.3 ? { locale: oneOf(["fr-CA", "zh-hant-tw", "ar"]) } : {}),
      }));
      const { client, network } = phone({ storage: memoryStorage() });
      for (const input of questions) {
        const { items } = await client.stores.nearby(input);
        expect(JSON.stringify({ items })).toBe(await onTheWire("nearby", input));
        const markers = await client.stores.markers(input);
        expect(JSON.stringify({ items: markers.items })).toBe(await onTheWire("markers", input));
      }
      network.isOn = false;
      for (const input of questions) {
        const answer = await client.stores.nearby(input);
        expect(answer.answeredBy).toBe("device");
        if (!answer.isExact) continue;
        exact += 1;
        const { items } = answer;
        expect(JSON.stringify({ items })).toBe(await onTheWire("nearby", input));
      }
    }
    // A filter may reach beyond what a cell has; without one every answer is exact.
    expect(exact).toBeGreaterThan((PLACES.length * QUESTIONS_EACH) / 2);
  }, 120_000);

  it("asks for a cell once, then only whether it still holds, and says how old it is", async () => {
    let nowMs = Date.now();
    const storage = memoryStorage();
    const middle = cellBounds(cellOf(PLACES[0] as Position)).center;
    const { client, network, asked } = phone({ storage, nowMs: () => nowMs });
    for (let n = 0; n < 5; n += 1)
      expect(await client.stores.nearby(middle)).toMatchObject({
        answeredBy: "device",
        ageSeconds: 0,
      });
    expect(asked).toEqual([`/cells/${cellOf(middle)}`]);
    nowMs += 61_000;
    expect(await client.stores.nearby(middle)).toMatchObject({ ageSeconds: 0, isExact: true });
    expect(asked).toHaveLength(2);
    network.isOn = false;
    nowMs += 600_000;
    expect(await client.stores.nearby(middle)).toMatchObject({
      answeredBy: "device",
      ageSeconds: 600,
    });
    const after = phone({ storage, nowMs: () => nowMs });
    after.network.isOn = false;
    expect(await after.client.stores.nearby(middle)).toMatchObject({ ageSeconds: 600 });
  });

  it("shows a change of a store when the cell is asked for again", async () => {
    let nowMs = Date.now();
    const { client } = phone({ nowMs: () => nowMs });
    const place = PLACES[0] as Position;
    const [first] = (await client.stores.nearby({ ...place, limit: 1 })).items;
    const admin = await instance.as({ isAdmin: true });
    await admin.store.update.mutate({ id: first?.id ?? "", name: "Renamed" });
    nowMs += 61_000;
    const [again] = (await client.stores.nearby({ ...place, limit: 1 })).items;
    expect([again?.id, again?.name]).toEqual([first?.id, "Renamed"]);
  });

  it("leaves to the server what a cell cannot answer, and says what is wrong with an input as the server does", async () => {
    const place = PLACES[0] as Position;
    const { client, network } = phone();
    const many = await client.stores.markers({ ...place, radiusKm: 50, limit: 250 });
    expect([many.answeredBy, many.items.length]).toEqual(["server", 250]);
    for (const wrong of [
      { ...place, latitude: 91 },
      { ...place, limit: 0 },
    ])
      await expect(client.stores.nearby(wrong)).rejects.toMatchObject({
        data: { code: "BAD_REQUEST" },
      });
    const unknown = { ...place, openNowOrSo: true } as NearbyInput;
    await expect(client.stores.nearby(unknown)).rejects.toMatchObject({
      data: { reason: "unknown_input" },
    });
    network.isOn = false;
    await expect(client.stores.nearby({ latitude: 10, longitude: 10 })).rejects.toThrow("Network");
  });
});

it("cellsAhead names the neighbours of a caller at an edge, across ±180° and not beyond a pole", () => {
  const entryAt = (position: Position) =>
    CellEntry.read(
      JSON.stringify({ version: 1, cell: cellOf(position), radiusKm: 5, limit: 100, stores: [] }),
    ) as CellEntry;
  const ahead = (position: Position) => cellsAhead(position, entryAt(position));
  const { center, maxLongitude } = cellBounds("u09tvw");
  expect(ahead(center)).toEqual([]);
  const [east, ...others] = ahead({ ...center, longitude: maxLongitude - 1e-4 });
  expect(others).toEqual([]);
  expect(cellBounds(east ?? "").minLongitude).toBe(maxLongitude);
  const [wrapped] = ahead({ latitude: center.latitude, longitude: 179.9999 });
  expect(cellBounds(wrapped ?? "").minLongitude).toBe(-180);
  for (const geohash of ahead({ latitude: 89.9999, longitude: 0.005 }))
    expect(cellBounds(geohash).maxLatitude).toBe(90);
});
