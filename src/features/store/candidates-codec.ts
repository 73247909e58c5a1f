import { makeCandidateSet } from "../../geo/candidates.ts";
import { EntryRows, type StoreCandidates } from "./candidates.ts";
import { idIn, type StoreJson, storeJsonOf } from "./store-json.ts";

const HEADER_NUMBERS = 5;
const NUMBERS_EACH = 6;
const INTEGERS_EACH = 2;

/** The bytes to keep in Redis: numbers, integers, and the stores' JSON in one run. */
export function encodeCandidates({ candidates, reachMeters, stores }: StoreCandidates): Buffer {
  const { count } = candidates;
  const jsonLength = stores.reduce((sum, { json }) => sum + json.length, 0);
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
  stores.forEach(({ json }, index) => {
    words[count + index] = at;
    payload.write(json, jsonStart + at, "latin1");
    at += json.length;
  });
  words[count * 2] = at;
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
  const starts = words(count, count + 1);
  const center = makeCandidateSet(
    { latitude: centerLatitude, longitude: centerLongitude },
    [],
  ).candidates;
  const stores: StoreJson[] = [];
  for (let index = 0; index < count; index += 1) {
    const start = jsonStart + (starts[index] ?? 0);
    const end = jsonStart + (starts[index + 1] ?? 0);
    stores.push(storeJsonOf(idIn(payload, start), payload, start, end));
  }
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
    rows: new EntryRows(stores),
  };
}
