import { makeCandidateSet } from "../../geo/candidates.ts";
import type { StoreCandidates } from "./candidates.ts";
import { idIn, type StoreJson, storeJsonOf, StoreJsonTable } from "./store-json.ts";

const HEADER_NUMBERS = 5;
const NUMBERS_EACH = 6;
const INTEGERS_EACH = 5;

/** How long a store's JSON is without its opening state. */
function lengthOf({ start, end, namesStart, hoursEnd }: StoreJson): number {
  return end - start + hoursEnd - namesStart;
}

/** The bytes to keep in Redis: numbers, integers, and the stores' JSON in one run. */
export function encodeCandidates({ candidates, reachMeters, stores }: StoreCandidates): Buffer {
  const { count } = candidates;
  const jsonLength = stores.reduce((sum, store) => sum + lengthOf(store), 0);
  const numbers = HEADER_NUMBERS + count * NUMBERS_EACH;
  const integers = count * INTEGERS_EACH + 1;
  const jsonStart = numbers * 8 + integers * 4;
  const payload = Buffer.from(new ArrayBuffer(jsonStart + jsonLength));
  const doubles = new Float64Array(payload.buffer, 0, numbers);
  doubles.set([
    count,
    candidates.centerLatitude,
    candidates.centerLongitude,
    reachMeters,
    jsonLength,
  ]);
  doubles.set(candidates.latitudes, HEADER_NUMBERS);
  doubles.set(candidates.longitudes, HEADER_NUMBERS + count);
  doubles.set(candidates.centerDistances, HEADER_NUMBERS + count * 2);
  doubles.set(candidates.ecef, HEADER_NUMBERS + count * 3);
  const words = new Uint32Array(payload.buffer, numbers * 8, integers);
  words.set(candidates.idRanks);
  let at = 0;
  stores.forEach((store, index) => {
    const { slab, start, markerEnd, end, namesStart, namesEnd, hoursEnd } = store;
    words[count + index] = at + markerEnd - start;
    words[count * 2 + index] = at + end - start;
    words[count * 3 + index] = at + end - start + namesEnd - namesStart;
    words[count * 4 + index] = at;
    slab.copy(payload, jsonStart + at, start, end);
    slab.copy(payload, jsonStart + at + end - start, namesStart, hoursEnd);
    at += lengthOf(store);
  });
  words[count * 5] = at;
  return payload;
}

/** Reads what `encodeCandidates` gave. Errors: RangeError when the lengths do not fit. */
export function decodeCandidates(payload: Buffer): StoreCandidates {
  const count = payload.length < 8 ? -1 : payload.readDoubleLE(0);
  const numbers = HEADER_NUMBERS + count * NUMBERS_EACH;
  const jsonStart = numbers * 8 + (count * INTEGERS_EACH + 1) * 4;
  if (!(count >= 0) || jsonStart > payload.length) throw new RangeError("not a cell's candidates");
  // A reply lies anywhere in a shared buffer; typed arrays want an aligned one of their own.
  const buffer = new ArrayBuffer(jsonStart);
  payload.copy(Buffer.from(buffer), 0, 0, jsonStart);
  const [, centerLatitude = 0, centerLongitude = 0, reachMeters = 0, jsonLength = -1] =
    new Float64Array(buffer, 0, HEADER_NUMBERS);
  if (jsonStart + jsonLength !== payload.length) throw new RangeError("not a cell's candidates");
  const column = (place: number, width = 1) =>
    new Float64Array(buffer, (HEADER_NUMBERS + count * place) * 8, count * width);
  const words = (place: number, length: number) =>
    new Uint32Array(buffer, numbers * 8 + place * 4, length);
  const markerEnds = words(count, count);
  const ends = words(count * 2, count);
  const namesEnds = words(count * 3, count);
  const starts = words(count * 4, count + 1);
  const center = makeCandidateSet(
    { latitude: centerLatitude, longitude: centerLongitude },
    [],
  ).candidates;
  const stores = Array.from(markerEnds, (markerEnd, index) => {
    const start = jsonStart + (starts[index] ?? 0);
    return storeJsonOf(idIn(payload, start), payload, {
      start,
      markerEnd: jsonStart + markerEnd,
      end: jsonStart + (ends[index] ?? 0),
      namesEnd: jsonStart + (namesEnds[index] ?? 0),
      hoursEnd: jsonStart + (starts[index + 1] ?? 0),
    });
  });
  return {
    candidates: {
      ...center,
      count,
      latitudes: column(0),
      longitudes: column(1),
      centerDistances: column(2),
      ecef: column(3, 3),
      idRanks: words(0, count),
    },
    reachMeters,
    stores,
    table: new StoreJsonTable(stores),
  };
}
