import type { Languages } from "../../trpc/languages.ts";
import { type ResultBytes, ResultWriter } from "../../trpc/result-bytes.ts";
import { type CandidateSet, makeCandidateSet, pickCandidates } from "../../geo/candidates.ts";
import type { Cell } from "../../geo/cell.ts";
import { coverCell } from "../../geo/cover.ts";
import type { Position } from "../../geo/position.ts";
import { rankNearest } from "../../geo/rank.ts";
import type { CellStores } from "./queries.ts";
import { BEFORE_NAMES, idIn, type StoreJson, storeJsonOf, StoreJsonTable } from "./store-json.ts";

/** Which of the two lists a fragment is for. */
export type FragmentKind = "nearby" | "marker";

/** A cell's entry: every store that some caller in the cell may be shown. */
export interface StoreCandidates {
  readonly candidates: CandidateSet;
  /** Nothing farther from the cell's centre can change any caller's answer. Units: metres. */
  readonly reachMeters: number;
  /** One for each candidate. */
  readonly stores: readonly StoreJson[];
  /** Where their JSON is. */
  readonly table: StoreJsonTable;
}

const HEADER_NUMBERS = 5;
const NUMBERS_EACH = 6;
const INTEGERS_EACH = 4;
/** What a candidate takes in memory but for its JSON: its numbers, its id's rank, a reference, its place in the table. */
const OWN_BYTES_EACH = NUMBERS_EACH * 8 + 4 + 8 + StoreJsonTable.bytesEach;

/** Chooses from the stores around a cell the ones that can be an answer within it, and lays them out for ranking. */
export function buildCandidates(
  cell: Cell,
  { stores: rows, json, reachMeters }: CellStores,
  options: { readonly limit: number; readonly radiusMeters: number },
): StoreCandidates {
  const all = makeCandidateSet(cell.center, rows);
  const kept = coverCell(all.candidates, cell, options.limit, options.radiusMeters);
  const stores: StoreJson[] = [];
  for (const index of kept) {
    const row = rows[all.order[index] ?? -1];
    if (row === undefined) continue;
    const { id, start, end } = row;
    const markerEnd = json.indexOf(AFTER_MARKER, start);
    const namesAt = json.lastIndexOf(BEFORE_NAMES, end);
    // `{}` and the closing brace of the whole.
    const hasNames = end - namesAt > BEFORE_NAMES.length + 3;
    const namesEnd = hasNames ? end - 1 : namesAt;
    stores.push(storeJsonOf(id, json, { start, markerEnd, end: namesAt, namesEnd }));
  }
  const candidates = pickCandidates(all.candidates, kept);
  return { candidates, reachMeters, stores, table: new StoreJsonTable(stores) };
}

/** The first key that a marker does not have; quoted like this it cannot stand in a text. */
const AFTER_MARKER = Buffer.from(',"address":');

/** What the memory tier counts. */
export function candidatesInMemory({ candidates, stores }: StoreCandidates): {
  ownBytes: number;
  parts: readonly StoreJson[];
} {
  return { ownBytes: candidates.count * OWN_BYTES_EACH, parts: stores };
}

/** The bytes to keep in Redis: numbers, integers, and the stores' JSON in one run. */
export function encodeCandidates({ candidates, reachMeters, stores }: StoreCandidates): Buffer {
  const { count } = candidates;
  const jsonLength = stores.reduce((sum, { start, namesEnd }) => sum + namesEnd - start, 0);
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
  stores.forEach(({ slab, start, markerEnd, end, namesEnd }, index) => {
    words[count + index] = at + markerEnd - start;
    words[count * 2 + index] = at + end - start;
    words[count * 3 + index] = at;
    slab.copy(payload, jsonStart + at, start, namesEnd);
    at += namesEnd - start;
  });
  words[count * 4] = at;
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
  const starts = words(count * 3, count + 1);
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
      namesEnd: jsonStart + (starts[index + 1] ?? 0),
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

const OPEN = Buffer.from('{"items":[');
const CLOSE = Buffer.from("]}");
const DISTANCE = Buffer.from(',"distance":');
const COMMA = 44;
const CLOSING_BRACE = 125;
/** The key, a distance below 60 km to a tenth of a metre, comma and brace. */
const ROOM_EACH = DISTANCE.length + 10;

/**
 * The answer for one caller, exact: a result in tRPC's envelope with `{"items":[…]}` as its data.
 * Units: `distance` in metres, rounded to 0.1.
 */
export function answerFrom(
  value: StoreCandidates,
  kind: FragmentKind,
  caller: Position,
  options: {
    readonly radiusMeters: number;
    readonly limit: number;
    /** Stores with a name in one of these are called by it. */
    readonly languages: Languages;
  },
): ResultBytes {
  const { indices, distancesMeters } = rankNearest(value.candidates, caller, options);
  const { table } = value;
  const isMarker = kind === "marker";
  const { languages } = options;
  const names =
    languages.key === ""
      ? undefined
      : Array.from(indices, (index) => value.stores[index]?.nameIn(languages));
  let room = OPEN.length + CLOSE.length;
  for (const name of names ?? []) room += name?.json.length ?? 0;
  for (const index of indices) {
    room += (isMarker ? table.markerEnd(index) : table.end(index)) - table.start(index) + ROOM_EACH;
  }
  const result = new ResultWriter(room);
  result.append(OPEN, 0, OPEN.length);
  for (let place = 0; place < indices.length; place += 1) {
    const index = indices[place] ?? 0;
    const slab = table.slab(index);
    if (slab === undefined) continue;
    if (place > 0) result.appendByte(COMMA);
    const start = table.start(index);
    const end = isMarker ? table.markerEnd(index) : table.end(index);
    const name = names?.[place];
    if (name === undefined) result.append(slab, start, end);
    else {
      result.append(slab, start, name.from);
      result.append(name.json, 0, name.json.length);
      result.append(slab, name.to, end);
    }
    result.append(DISTANCE, 0, DISTANCE.length);
    result.appendTenths(Math.round((distancesMeters[place] ?? 0) * 10));
    result.appendByte(CLOSING_BRACE);
  }
  result.append(CLOSE, 0, CLOSE.length);
  return result.finish();
}
