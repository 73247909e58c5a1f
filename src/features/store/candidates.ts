import { ResultBuffer } from "../../cache/hot-answer.ts";
import { type CandidateSet, makeCandidateSet, pickCandidates } from "../../geo/candidates.ts";
import type { Cell } from "../../geo/cell.ts";
import { coverCell } from "../../geo/cover.ts";
import type { Position } from "../../geo/position.ts";
import { rankNearest } from "../../geo/rank.ts";
import type { StoreSummary } from "./schemas.ts";

/** Which of the two lists a fragment is for. */
export type FragmentKind = "nearby" | "marker";

/** JSON of each candidate up to its distance, in one run of bytes. */
interface Fragments {
  readonly bytes: Buffer;
  /** Where each begins; one more entry than candidates. */
  readonly offsets: Uint32Array;
}

/** A cell's entry: every store that some caller in the cell may be shown. */
export interface StoreCandidates {
  readonly candidates: CandidateSet;
  /** Nothing farther from the cell's centre can change any caller's answer. Units: metres. */
  readonly reachMeters: number;
  readonly nearby: Fragments;
  readonly marker: Fragments;
  /** The whole of it as it lies in Redis. */
  readonly payload: Buffer;
}

const HEADER_NUMBERS = 6;
const NUMBERS_EACH = 6;

/** Chooses from the stores around a cell the ones that can be an answer within it, and lays them out for ranking. */
export function buildCandidates(
  cell: Cell,
  rows: readonly StoreSummary[],
  options: { readonly limit: number; readonly radiusMeters: number; readonly reachMeters: number },
): StoreCandidates {
  const all = makeCandidateSet(cell.center, rows);
  const kept = coverCell(all.candidates, cell, options.limit, options.radiusMeters);
  const candidates = pickCandidates(all.candidates, kept);
  const stores: StoreSummary[] = [];
  for (const index of kept) {
    const row = rows[all.order[index] ?? -1];
    if (row !== undefined) stores.push(row);
  }
  return assemble(
    candidates,
    options.reachMeters,
    stores.map(nearbyFragment),
    stores.map(markerFragment),
  );
}

function nearbyFragment(store: StoreSummary): Buffer {
  return Buffer.from(`${JSON.stringify(store).slice(0, -1)},"distance":`);
}

function markerFragment({
  id,
  name,
  latitude,
  longitude,
  storeType,
  halalCertified,
}: StoreSummary): Buffer {
  const marker = { id, name, latitude, longitude, storeType, halalCertified };
  return Buffer.from(`${JSON.stringify(marker).slice(0, -1)},"distance":`);
}

function assemble(
  candidates: CandidateSet,
  reachMeters: number,
  nearby: readonly Buffer[],
  marker: readonly Buffer[],
): StoreCandidates {
  const { count } = candidates;
  const nearbyBytes = Buffer.concat(nearby);
  const markerBytes = Buffer.concat(marker);
  const numbers = HEADER_NUMBERS + count * NUMBERS_EACH;
  const integers = count + 2 * (count + 1);
  const payload = Buffer.from(
    new ArrayBuffer(numbers * 8 + integers * 4 + nearbyBytes.length + markerBytes.length),
  );
  const doubles = new Float64Array(payload.buffer, 0, numbers);
  doubles.set([
    count,
    candidates.centerLatitude,
    candidates.centerLongitude,
    reachMeters,
    nearbyBytes.length,
    markerBytes.length,
  ]);
  doubles.set(candidates.latitudes, HEADER_NUMBERS);
  doubles.set(candidates.longitudes, HEADER_NUMBERS + count);
  doubles.set(candidates.centerDistances, HEADER_NUMBERS + count * 2);
  doubles.set(candidates.ecef, HEADER_NUMBERS + count * 3);
  const words = new Uint32Array(payload.buffer, numbers * 8, integers);
  words.set(candidates.idRanks);
  writeOffsets(words.subarray(count, count * 2 + 1), nearby);
  writeOffsets(words.subarray(count * 2 + 1), marker);
  nearbyBytes.copy(payload, numbers * 8 + integers * 4);
  markerBytes.copy(payload, numbers * 8 + integers * 4 + nearbyBytes.length);
  return viewPayload(payload);
}

function writeOffsets(offsets: Uint32Array, fragments: readonly Buffer[]): void {
  let end = 0;
  fragments.forEach((fragment, index) => {
    end += fragment.length;
    offsets[index + 1] = end;
  });
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
  const [
    count = -1,
    centerLatitude = 0,
    centerLongitude = 0,
    reachMeters = 0,
    nearbyLength = -1,
    markerLength = -1,
  ] = new Float64Array(buffer, 0, HEADER_NUMBERS);
  const numbers = HEADER_NUMBERS + count * NUMBERS_EACH;
  const integers = count + 2 * (count + 1);
  const jsonStart = numbers * 8 + integers * 4;
  if (!(count >= 0) || jsonStart + nearbyLength + markerLength !== payload.length) {
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
    nearby: {
      bytes: payload.subarray(jsonStart, jsonStart + nearbyLength),
      offsets: words(count, count + 1),
    },
    marker: {
      bytes: payload.subarray(jsonStart + nearbyLength),
      offsets: words(count * 2 + 1, count + 1),
    },
    payload,
  };
}

const OPEN = Buffer.from('{"items":[');
const CLOSE = Buffer.from("]}");
const COMMA = 44;
const CLOSING_BRACE = 125;
/** A distance below 60 km to a tenth of a metre, comma and brace. */
const ROOM_EACH = 10;

/**
 * The answer for one caller, exact: a result in tRPC's envelope with `{"items":[…]}` as its data.
 * Units: `distance` in metres, rounded to 0.1.
 */
export function answerFrom(
  value: StoreCandidates,
  kind: FragmentKind,
  caller: Position,
  options: { readonly radiusMeters: number; readonly limit: number },
): Buffer {
  const { indices, distancesMeters } = rankNearest(value.candidates, caller, options);
  const { bytes, offsets } = value[kind];
  let room = OPEN.length + CLOSE.length;
  for (const index of indices) {
    room += (offsets[index + 1] ?? 0) - (offsets[index] ?? 0) + ROOM_EACH;
  }
  const result = new ResultBuffer(room);
  result.append(OPEN, 0, OPEN.length);
  for (let place = 0; place < indices.length; place += 1) {
    const index = indices[place] ?? 0;
    if (place > 0) result.appendByte(COMMA);
    result.append(bytes, offsets[index] ?? 0, offsets[index + 1] ?? 0);
    result.appendTenths(Math.round((distancesMeters[place] ?? 0) * 10));
    result.appendByte(CLOSING_BRACE);
  }
  result.append(CLOSE, 0, CLOSE.length);
  return result.finish();
}
