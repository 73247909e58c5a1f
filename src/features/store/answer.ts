import { type ResultBytes, resultOfBytes } from "../../trpc/result-bytes.ts";
import type { Languages } from "../../trpc/languages.ts";
import type { Position } from "../../geo/position.ts";
import { rankNearest, type Ranking } from "../../geo/rank.ts";
import type { StoreCandidates } from "./candidates.ts";
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
 * The ranked stores of an entry as a result in tRPC's envelope with `{"items":[…]}` as its data.
 * Units: `distance` in metres, rounded to 0.1.
 */
export function answerRanked(
  { stores, rows }: StoreCandidates,
  kind: FragmentKind,
  { indices, distancesMeters }: Ranking,
  { languages, nowMs }: Pick<CellQuestion, "languages" | "nowMs">,
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
  return { bytes: resultOfBytes(`${text}]}`), untilMs };
}

/** A number as JSON has it. Units: tenths. */
function tenths(count: number): string {
  const whole = Math.floor(count / 10);
  const rest = count - whole * 10;
  // Shorter than the text of a fraction, which has to be found digit by digit.
  return rest === 0 ? `${whole}` : `${whole}.${rest}`;
}
