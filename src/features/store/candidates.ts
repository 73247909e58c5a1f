import { type CandidateSet, makeCandidateSet, pickCandidates } from "../../geo/candidates.ts";
import type { Cell } from "../../geo/cell.ts";
import { coverCell } from "../../geo/cover.ts";
import type { Position } from "../../geo/position.ts";
import { rankNearest, type Ranking } from "../../geo/rank.ts";
import type { Languages } from "../../trpc/languages.ts";
import { type ResultBytes, resultOfBytes } from "../../trpc/result-bytes.ts";
import type { CellStores } from "./cell-queries.ts";
import { type StoreJson, storeJsonOf } from "./store-json.ts";

/** A cell's entry: every store that some caller in the cell may be shown. */
export interface StoreCandidates {
  readonly candidates: CandidateSet;
  /** Nothing farther from the cell's centre can change any caller's answer. Units: metres. */
  readonly reachMeters: number;
  /** One for each candidate. */
  readonly stores: readonly StoreJson[];
  /** For answers. */
  readonly rows: EntryRows;
}

const NEVER = Number.NEGATIVE_INFINITY;
/** Of a candidate's place, distance and point in space. */
const NUMBERS_EACH = 6;
/** Of a row: three texts and an instant. */
const ROW_BYTES = 32;
/** The memory of a candidate but for its JSON: its numbers, its id's rank, a reference, its row. */
const OWN_BYTES_EACH = NUMBERS_EACH * 8 + 4 + 8 + ROW_BYTES;

/** Chooses from the stores around a cell the ones that can be an answer within it, and lays them out for ranking. */
export function buildCandidates(
  cell: Cell,
  { stores: rows, json, reachMeters }: CellStores,
  options: { readonly limit: number; readonly radiusMeters: number },
): StoreCandidates {
  const all = makeCandidateSet(cell.center, rows);
  const kept = coverCell(all.candidates, cell, options.limit, options.radiusMeters);
  const order = Array.from(kept, (index) => all.order[index] ?? -1);
  const stores = storesOf(rows, json, order);
  const candidates = pickCandidates(all.candidates, kept);
  return { candidates, reachMeters, stores, rows: new EntryRows(stores) };
}

/** Lays all stores of an entry out for ranking. */
export function buildFound(
  center: Position,
  { stores: rows, json, reachMeters }: CellStores,
): StoreCandidates {
  const { candidates, order } = makeCandidateSet(center, rows);
  const stores = storesOf(rows, json, [...order]);
  return { candidates, reachMeters, stores, rows: new EntryRows(stores) };
}

function storesOf(rows: CellStores["stores"], json: Buffer, order: readonly number[]): StoreJson[] {
  return order.flatMap((index) => {
    const row = rows[index];
    return row === undefined ? [] : [storeJsonOf(row.id, json, row.start, row.end - 1)];
  });
}

/** The sizes that the memory tier counts. */
export function candidatesInMemory({ candidates, stores }: StoreCandidates): {
  ownBytes: number;
  parts: readonly StoreJson[];
} {
  return { ownBytes: candidates.count * OWN_BYTES_EACH, parts: stores };
}

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

const DISTANCE = ',"distance":';

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
 * The ranked stores of an entry as a result in tRPC's envelope with `{"items":[…]}` as its data, and `more` behind them.
 * Units: `distance` in metres, rounded to 0.1.
 */
export function answerRanked(
  { stores, rows }: StoreCandidates,
  kind: FragmentKind,
  { indices, distancesMeters }: Ranking,
  { languages, nowMs }: Pick<CellQuestion, "languages" | "nowMs">,
  more = "",
): CellAnswer {
  const isMarker = kind === "marker";
  const isNamed = languages.key !== "";
  let untilMs = Number.POSITIVE_INFINITY;
  rows.moveTo(nowMs);
  let text = '{"items":[';
  for (let place = 0; place < indices.length; place += 1) {
    const index = indices[place] ?? 0;
    text += isNamed ? (stores[index]?.markerIn(languages) ?? "") : rows.marker(index);
    if (isMarker) text += DISTANCE;
    else {
      text += rows.rest(index);
      text += rows.opening(index);
      untilMs = Math.min(untilMs, rows.untilMs(index));
    }
    const end = place + 1 < indices.length ? "}," : "}";
    text += tenths(Math.round((distancesMeters[place] ?? 0) * 10)) + end;
  }
  return { bytes: resultOfBytes(`${text}]${more}}`), untilMs };
}

/** A number as JSON has it. Units: tenths. */
function tenths(count: number): string {
  const whole = Math.floor(count / 10);
  const rest = count - whole * 10;
  // Shorter than the text of a fraction, which has to be found digit by digit.
  return rest === 0 ? `${whole}` : `${whole}.${rest}`;
}

/**
 * The rows of an entry's stores, column by column: an answer takes many of them, in no order, and each object on the way
 * to the text would be one more that the processor has to wait for.
 */
export class EntryRows {
  readonly #stores: readonly StoreJson[];
  readonly #markers: string[];
  readonly #rests: string[];
  readonly #openings: string[];
  readonly #untilMs: Float64Array;
  #nowMs = NEVER;

  constructor(stores: readonly StoreJson[]) {
    const { length } = stores;
    this.#stores = stores;
    this.#markers = Array.from<string>({ length }).fill("");
    this.#rests = Array.from<string>({ length }).fill("");
    this.#openings = Array.from<string>({ length }).fill("");
    this.#untilMs = new Float64Array(length).fill(NEVER);
  }

  /** Makes the opening states those of an instant. Units: Unix milliseconds. */
  moveTo(nowMs: number): void {
    // A clock may also go back: then no state is known to have begun.
    if (nowMs < this.#nowMs) this.#untilMs.fill(NEVER);
    this.#nowMs = nowMs;
  }

  /** The keys that a marker has, too, with its own name. */
  marker(index: number): string {
    return this.#markers[index] || this.#takeApart(index, this.#markers);
  }

  rest(index: number): string {
    return this.#rests[index] || this.#takeApart(index, this.#rests);
  }

  /** The opening state up to the distance's value. */
  opening(index: number): string {
    if (!((this.#untilMs[index] ?? NEVER) > this.#nowMs)) this.#lookUp(index);
    return this.#openings[index] ?? "";
  }

  /** Until when that state holds. Units: Unix milliseconds, or infinity. */
  untilMs(index: number): number {
    return this.#untilMs[index] ?? NEVER;
  }

  #takeApart(index: number, column: readonly string[]): string {
    const parts = this.#stores[index]?.parts;
    this.#markers[index] = parts?.marker ?? "";
    this.#rests[index] = parts?.rest ?? "";
    return column[index] ?? "";
  }

  #lookUp(index: number): void {
    const state = this.#stores[index]?.schedule.at(this.#nowMs);
    if (state === undefined) return;
    this.#openings[index] = state.json;
    this.#untilMs[index] = state.untilMs;
  }
}
