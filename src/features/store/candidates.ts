import { type CandidateSet, makeCandidateSet, pickCandidates } from "../../geo/candidates.ts";
import type { Cell } from "../../geo/cell.ts";
import { coverCell } from "../../geo/cover.ts";
import type { CellStores } from "./cell-queries.ts";
import { EntryRows } from "./entry-rows.ts";
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

/** Of a candidate's place, distance and point in space. */
const NUMBERS_EACH = 6;
/** The memory of a candidate but for its JSON: its numbers, its id's rank, a reference, its row. */
const OWN_BYTES_EACH = NUMBERS_EACH * 8 + 4 + 8 + EntryRows.bytesEach;

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
    stores.push(storeJsonOf(row.id, json, row.start, row.end - 1));
  }
  const candidates = pickCandidates(all.candidates, kept);
  return { candidates, reachMeters, stores, rows: new EntryRows(stores) };
}

/** The sizes that the memory tier counts. */
export function candidatesInMemory({ candidates, stores }: StoreCandidates): {
  ownBytes: number;
  parts: readonly StoreJson[];
} {
  return { ownBytes: candidates.count * OWN_BYTES_EACH, parts: stores };
}
