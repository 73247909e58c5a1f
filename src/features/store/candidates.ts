import { type ResultBytes, ResultWriter } from "../../cache/result-bytes.ts";
import { type CandidateSet, makeCandidateSet, pickCandidates } from "../../geo/candidates.ts";
import type { Cell } from "../../geo/cell.ts";
import { coverCell } from "../../geo/cover.ts";
import type { Position } from "../../geo/position.ts";
import { rankNearest } from "../../geo/rank.ts";
import type { CellStore } from "./queries.ts";

/** Which of the two lists a fragment is for. */
export type FragmentKind = "nearby" | "marker";

/** A cell's entry: every store that some caller in the cell may be shown. */
export interface StoreCandidates {
  readonly candidates: CandidateSet;
  /** Nothing farther from the cell's centre can change any caller's answer. Units: metres. */
  readonly reachMeters: number;
  /** JSON of each candidate up to its distance, what a marker shows first, in one run of bytes. */
  readonly json: Buffer;
  /** Where each candidate's JSON begins; one more entry than candidates. */
  readonly starts: Uint32Array;
  /** Where in it that of a marker ends. */
  readonly markerEnds: Uint32Array;
  /** The whole of it as it lies in Redis. */
  readonly payload: Buffer;
}

const HEADER_NUMBERS = 5;
const NUMBERS_EACH = 6;
const INTEGERS_EACH = 3;

/** Chooses from the stores around a cell the ones that can be an answer within it, and lays them out for ranking. */
export function buildCandidates(
  cell: Cell,
  rows: readonly CellStore[],
  options: { readonly limit: number; readonly radiusMeters: number; readonly reachMeters: number },
): StoreCandidates {
  const all = makeCandidateSet(cell.center, rows);
  const kept = coverCell(all.candidates, cell, options.limit, options.radiusMeters);
  const candidates = pickCandidates(all.candidates, kept);
  const stores: CellStore[] = [];
  for (const index of kept) {
    const row = rows[all.order[index] ?? -1];
    if (row !== undefined) stores.push(row);
  }
  return assemble(candidates, options.reachMeters, stores);
}

/** The first key that a marker does not have; quoted like this it cannot stand in a text. */
const AFTER_MARKER = ',"address":';
const DISTANCE = ',"distance":';

function assemble(
  candidates: CandidateSet,
  reachMeters: number,
  stores: readonly CellStore[],
): StoreCandidates {
  const { count } = candidates;
  const texts = stores.map(({ json }) => json.slice(0, -1) + DISTANCE);
  const lengths = texts.map((text) => Buffer.byteLength(text));
  const jsonLength = lengths.reduce((sum, length) => sum + length, 0);
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
  let start = 0;
  texts.forEach((text, index) => {
    words[count + index] = start + Buffer.byteLength(text.slice(0, text.indexOf(AFTER_MARKER)));
    words[count * 2 + index] = start;
    payload.write(text, jsonStart + start);
    start += lengths[index] ?? 0;
  });
  words[count * 3] = start;
  return viewPayload(payload);
}

/** The bytes to keep in Redis. */
export function encodeCandidates(value: StoreCandidates): Buffer {
  return value.payload;
}

/** Reads what `encodeCandidates` gave. Errors: RangeError when the lengths do not fit. */
export function decodeCandidates(payload: Buffer): StoreCandidates {
  // A reply lies anywhere in a shared buffer; typed arrays want an aligned one of their own.
  const aligned = Buffer.from(new ArrayBuffer(payload.length));
  payload.copy(aligned);
  return viewPayload(aligned);
}

function viewPayload(payload: Buffer): StoreCandidates {
  const buffer = payload.buffer;
  const [count = -1, centerLatitude = 0, centerLongitude = 0, reachMeters = 0, jsonLength = -1] =
    new Float64Array(buffer, 0, HEADER_NUMBERS);
  const numbers = HEADER_NUMBERS + count * NUMBERS_EACH;
  const jsonStart = numbers * 8 + (count * INTEGERS_EACH + 1) * 4;
  if (!(count >= 0) || jsonStart + jsonLength !== payload.length) {
    throw new RangeError("not a cell's candidates");
  }
  const column = (place: number, width = 1) =>
    new Float64Array(buffer, (HEADER_NUMBERS + count * place) * 8, count * width);
  const words = (place: number, length: number) =>
    new Uint32Array(buffer, numbers * 8 + place * 4, length);
  const center = makeCandidateSet(
    { latitude: centerLatitude, longitude: centerLongitude },
    [],
  ).candidates;
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
    markerEnds: words(count, count),
    starts: words(count * 2, count + 1),
    json: payload.subarray(jsonStart),
    payload,
  };
}

const OPEN = Buffer.from('{"items":[');
const CLOSE = Buffer.from("]}");
const DISTANCE_BYTES = Buffer.from(DISTANCE);
const COMMA = 44;
const CLOSING_BRACE = 125;
/** A key for a marker, a distance below 60 km to a tenth of a metre, comma and brace. */
const ROOM_EACH = DISTANCE.length + 10;

/**
 * The answer for one caller, exact: a result in tRPC's envelope with `{"items":[…]}` as its data.
 * Units: `distance` in metres, rounded to 0.1.
 */
export function answerFrom(
  value: StoreCandidates,
  kind: FragmentKind,
  caller: Position,
  options: { readonly radiusMeters: number; readonly limit: number },
): ResultBytes {
  const { indices, distancesMeters } = rankNearest(value.candidates, caller, options);
  const { json, starts, markerEnds } = value;
  const isMarker = kind === "marker";
  let room = OPEN.length + CLOSE.length;
  for (const index of indices) {
    const end = isMarker ? markerEnds[index] : starts[index + 1];
    room += (end ?? 0) - (starts[index] ?? 0) + ROOM_EACH;
  }
  const result = new ResultWriter(room);
  result.append(OPEN, 0, OPEN.length);
  for (let place = 0; place < indices.length; place += 1) {
    const index = indices[place] ?? 0;
    if (place > 0) result.appendByte(COMMA);
    if (isMarker) {
      result.append(json, starts[index] ?? 0, markerEnds[index] ?? 0);
      result.append(DISTANCE_BYTES, 0, DISTANCE_BYTES.length);
    } else result.append(json, starts[index] ?? 0, starts[index + 1] ?? 0);
    result.appendTenths(Math.round((distancesMeters[place] ?? 0) * 10));
    result.appendByte(CLOSING_BRACE);
  }
  result.append(CLOSE, 0, CLOSE.length);
  return result.finish();
}
