import ngeohash from "ngeohash";
import type { PlacedStore } from "../data.ts";

/** A procedure that answers from the cache, with inputs. */
export interface HotCall {
  readonly procedure: string;
  readonly inputs: readonly unknown[];
  /** The key under which the usual pattern stores the answer. */
  readonly naiveKey: (input: unknown) => string;
}

/** One tRPC call. */
export interface Call {
  readonly procedure: string;
  readonly input: unknown;
}

const POSITIONS_PER_CELL = 20;
const DECIMALS = 1e6;

/** Returns a generator of numbers from 0 to 1 that are the same in every run. Source: mulberry32. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Shuffles items in the same way in every run. */
export function shuffle<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, place: random() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

/** Returns the path of one call as `httpLink` sends it. */
export function callPath({ procedure, input }: Call): string {
  return input === undefined
    ? `/trpc/${procedure}`
    : `/trpc/${procedure}?input=${encodeURIComponent(JSON.stringify(input))}`;
}

/** Returns the path of several calls as `httpBatchLink` sends them. */
export function batchPath(calls: readonly Call[]): string {
  const inputs = Object.fromEntries(calls.map(({ input }, i) => [i, input]));
  const names = calls.map(({ procedure }) => procedure).join(",");
  return `/trpc/${names}?batch=1&input=${encodeURIComponent(JSON.stringify(inputs))}`;
}

/** Returns calls of each cached procedure; those around stores have another position in every request. */
export function hotCalls(
  stores: readonly PlacedStore[],
  codes: readonly string[],
  barcodes: readonly string[],
): HotCall[] {
  const random = createRandom(1);
  const positions = shuffle(
    stores.flatMap(({ latitude, longitude }) => {
      const [south, west, north, east] = ngeohash.decode_bbox(
        ngeohash.encode(latitude, longitude, 6),
      );
      return Array.from({ length: POSITIONS_PER_CELL }, () => ({
        latitude: Math.round((south + (north - south) * random()) * DECIMALS) / DECIMALS,
        longitude: Math.round((west + (east - west) * random()) * DECIMALS) / DECIMALS,
      }));
    }),
    random,
  );
  const cellKey = (procedure: string) => (input: unknown) => {
    const { latitude, longitude } = input as { latitude: number; longitude: number };
    return `${procedure}:${ngeohash.encode(latitude, longitude, 6)}`;
  };
  return [
    { procedure: "store.nearby", inputs: positions, naiveKey: cellKey("store.nearby") },
    { procedure: "store.markers", inputs: positions, naiveKey: cellKey("store.markers") },
    {
      procedure: "store.byId",
      inputs: stores.map(({ id }) => ({ id })),
      naiveKey: (input) => `store.byId:${(input as { id: string }).id}`,
    },
    { procedure: "certifier.list", inputs: [undefined], naiveKey: () => "certifier.list:" },
    { procedure: "boycott.list", inputs: [undefined], naiveKey: () => "boycott.list:" },
    {
      procedure: "additive.byCode",
      inputs: codes.map((code) => ({ code })),
      naiveKey: (input) => `additive.byCode:${(input as { code: string }).code}`,
    },
    {
      procedure: "product.byBarcode",
      inputs: barcodes.map((barcode) => ({ barcode })),
      naiveKey: (input) => `product.byBarcode:${(input as { barcode: string }).barcode}`,
    },
  ];
}
