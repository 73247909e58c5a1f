import { type ResultBytes, ResultWriter } from "../../trpc/result-bytes.ts";
import type { Languages } from "../../trpc/languages.ts";
import type { Position } from "../../geo/position.ts";
import { rankNearest, type Ranking } from "../../geo/rank.ts";
import type { StoreCandidates } from "./candidates.ts";
import { OPENING_JSON_MAX } from "./schedule.ts";
import type { StoreJson } from "./store-json.ts";

/** Which of the two lists a fragment is for. */
export type FragmentKind = "nearby" | "marker";

/** A caller's question to an entry. */
export interface CellQuestion {
  readonly radiusMeters: number;
  readonly limit: number;
  /** Stores with a name in one of these are called by it. */
  readonly languages: Languages;
  /** For the opening states in rows. Units: Unix milliseconds. */
  readonly nowMs: number;
}

/** An answer, and until when its opening states hold. */
export interface CellAnswer {
  readonly bytes: ResultBytes;
  /** Units: Unix milliseconds, or infinity. */
  readonly untilMs: number;
}

const OPEN = Buffer.from('{"items":[');
const CLOSE = Buffer.from("]}");
const DISTANCE = Buffer.from(',"distance":');
const COMMA = 44;
const CLOSING_BRACE = 125;
/** A distance below 60 km to a tenth of a metre, comma and brace. */
const ROOM_EACH = 10;

/**
 * The stores of an entry that match, nearest first; null where the entry, which has only the `coveredLimit` nearest for
 * a caller, may lack some of them.
 */
export function rankMatching(
  { candidates, stores }: StoreCandidates,
  caller: Position,
  { radiusMeters, limit }: Pick<CellQuestion, "radiusMeters" | "limit">,
  coveredLimit: number,
  matches: (store: StoreJson) => boolean,
): Ranking | null {
  const all = rankNearest(candidates, caller, { radiusMeters, limit: coveredLimit });
  const indices: number[] = [];
  const distancesMeters: number[] = [];
  for (const [place, index] of all.indices.entries()) {
    const store = stores[index];
    if (store === undefined || !matches(store)) continue;
    indices.push(index);
    distancesMeters.push(all.distancesMeters[place] ?? 0);
    if (indices.length === limit) return { indices, distancesMeters };
  }
  return all.indices.length < coveredLimit ? { indices, distancesMeters } : null;
}

/** The answer for one caller, exact: `rankNearest` and `answerRanked`. */
export function answerFrom(
  value: StoreCandidates,
  kind: FragmentKind,
  caller: Position,
  question: CellQuestion,
): CellAnswer {
  return answerRanked(value, kind, rankNearest(value.candidates, caller, question), question);
}

/**
 * The ranked stores of an entry as a result in tRPC's envelope with `{"items":[…]}` as its data.
 * Units: `distance` in metres, rounded to 0.1.
 */
export function answerRanked(
  value: StoreCandidates,
  kind: FragmentKind,
  { indices, distancesMeters }: Ranking,
  { languages, nowMs }: Pick<CellQuestion, "languages" | "nowMs">,
): CellAnswer {
  const { table } = value;
  const isMarker = kind === "marker";
  const roomEach = isMarker ? DISTANCE.length + ROOM_EACH : OPENING_JSON_MAX + ROOM_EACH;
  const names =
    languages.key === ""
      ? undefined
      : Array.from(indices, (index) => value.stores[index]?.nameIn(languages));
  const until = { ms: Number.POSITIVE_INFINITY };
  let room = OPEN.length + CLOSE.length;
  for (const name of names ?? []) room += name?.json.length ?? 0;
  for (const index of indices) {
    room += (isMarker ? table.markerEnd(index) : table.end(index)) - table.start(index) + roomEach;
  }
  const result = new ResultWriter(room);
  result.append(OPEN, 0, OPEN.length);
  for (let place = 0; place < indices.length; place += 1) {
    const index = indices[place] ?? 0;
    const slab = table.slab(index);
    if (slab === undefined) continue;
    if (place > 0) result.appendByte(COMMA);
    const start = table.start(index);
    const end = isMarker ? table.markerEnd(index) : table.openedEnd(index, nowMs, until);
    const name = names?.[place];
    if (name === undefined) result.append(slab, start, end);
    else {
      result.append(slab, start, name.from);
      result.append(name.json, 0, name.json.length);
      result.append(slab, name.to, end);
    }
    if (isMarker) result.append(DISTANCE, 0, DISTANCE.length);
    result.appendTenths(Math.round((distancesMeters[place] ?? 0) * 10));
    result.appendByte(CLOSING_BRACE);
  }
  result.append(CLOSE, 0, CLOSE.length);
  return { bytes: result.finish(), untilMs: until.ms };
}
