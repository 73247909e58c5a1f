import { type CandidateSet, makeCandidateSet } from "../../../../src/geo/candidates.ts";
import { type Cell, cellBounds } from "../../../../src/geo/cell.ts";
import type { Position } from "../../../../src/geo/position.ts";
import { rankNearest } from "../../../../src/geo/rank.ts";
import type { RouterOutputs } from "../app-router.ts";

/** A row of `store.nearby`. */
export type NearbyStore = RouterOutputs["store"]["nearby"]["items"][number];
/** A row of `store.markers`. */
export type StoreMarker = RouterOutputs["store"]["markers"]["items"][number];

/** A store as an entry has it. */
interface EntryStore extends Omit<NearbyStore, "distance"> {
  /** Until when `isOpenNow`, `opensAt` and `closesAt` hold; null: for ever. Units: ISO 8601. */
  readonly stateUntil: string | null;
  /** In other languages, by BCP 47 tag. */
  readonly names?: Readonly<Record<string, string>>;
}

/** An entry as the server sends it. */
interface SentEntry {
  readonly version: number;
  readonly cell: string;
  readonly radiusKm: number;
  /** The entry has this many nearest stores of every caller in the cell, if they are within the radius. */
  readonly limit: number;
  readonly stores: readonly EntryStore[];
}

/** Which stores a caller wants. */
export interface NearbyFilter {
  readonly storeType?: NearbyStore["storeType"] | null | undefined;
  readonly halalCertifiedOnly?: boolean | null | undefined;
}

/** A caller's question to an entry. */
export interface NearbyQuestion extends Position, NearbyFilter {
  readonly radiusKm: number;
  readonly limit: number;
  /** The languages that names are wanted in, the preferred first. */
  readonly languages: readonly string[];
  /** For the opening states of the rows. Units: Unix milliseconds. */
  readonly nowMs: number;
}

/** An answer from an entry. */
export interface EntryAnswer {
  readonly items: NearbyStore[];
  /** Whether it has the server's stores; with a filter some of them may lie beyond what the entry has. */
  readonly isExact: boolean;
  /** Whether the opening state of every row still holds; where it does not, the row says that it is not known. */
  readonly isStateKnown: boolean;
}

/** The version that this code reads. */
const VERSION = 1;

/** A cell's stores, ready to be ranked for any caller in the cell. */
export class CellEntry {
  readonly cell: Cell;
  readonly radiusKm: number;
  readonly #limit: number;
  /** In the order of the candidates. */
  readonly #stores: readonly EntryStore[];
  readonly #candidates: CandidateSet;

  private constructor(sent: SentEntry) {
    this.cell = cellBounds(sent.cell);
    this.radiusKm = sent.radiusKm;
    this.#limit = sent.limit;
    const { candidates, order } = makeCandidateSet(this.cell.center, sent.stores);
    this.#candidates = candidates;
    this.#stores = Array.from(order, (index) => sent.stores[index] as EntryStore);
  }

  /** Reads an entry; null for one of a version that is not known, or that is damaged. */
  static read(text: string): CellEntry | null {
    try {
      const sent = JSON.parse(text) as SentEntry;
      return sent.version === VERSION ? new CellEntry(sent) : null;
    } catch {
      return null;
    }
  }

  /** Ranks the stores for a caller in the cell, as the server does. */
  nearby(question: NearbyQuestion): EntryAnswer {
    const { storeType, halalCertifiedOnly } = question;
    const radiusMeters = question.radiusKm * 1000;
    const limit = Math.min(question.limit, this.#limit);
    if (!storeType && halalCertifiedOnly !== true) {
      const { indices, distancesMeters } = rankNearest(this.#candidates, question, {
        radiusMeters,
        limit,
      });
      const found = indices.map((index) => this.#stores[index] as EntryStore);
      return {
        ...rowsOf(found, distancesMeters, question),
        isExact: question.limit <= this.#limit,
      };
    }
    const wanted = this.#stores.filter(
      (store) =>
        (!storeType || store.storeType === storeType) &&
        (halalCertifiedOnly !== true || store.halalCertified),
    );
    const { candidates, order } = makeCandidateSet(this.cell.center, wanted);
    const { indices, distancesMeters } = rankNearest(candidates, question, { radiusMeters, limit });
    const found = indices.map((index) => wanted[order[index] ?? -1] as EntryStore);
    const lastMeters = distancesMeters.at(-1) ?? 0;
    const isFull = found.length === limit && lastMeters < this.#completeMeters(question);
    const isExact = isFull || this.#completeMeters(question) >= radiusMeters;
    return { ...rowsOf(found, distancesMeters, question), isExact };
  }

  /** Nearer than this to a caller, the entry has every store. Units: metres, a step of rounding less. */
  #completeMeters(caller: Position): number {
    const everything = this.radiusKm * 1000;
    const all = rankNearest(this.#candidates, caller, {
      radiusMeters: everything,
      limit: this.#limit,
    });
    const last = all.distancesMeters.at(-1);
    return all.indices.length < this.#limit || last === undefined ? everything : last - STEP_METERS;
  }
}

/** Distances are rounded to it. */
const STEP_METERS = 0.1;

/** The rows of a list, and whether their opening states still hold. */
function rowsOf(
  stores: readonly EntryStore[],
  distances: readonly number[],
  { languages, nowMs }: NearbyQuestion,
): Pick<EntryAnswer, "items" | "isStateKnown"> {
  let isStateKnown = true;
  const items = stores.map((store, place) => {
    const holds = store.stateUntil === null || nowMs < Date.parse(store.stateUntil);
    isStateKnown &&= holds;
    const state = holds ? {} : { isOpenNow: null, opensAt: null, closesAt: null };
    return shown({ ...store, ...state }, languages, distances[place] ?? 0);
  });
  return { items, isStateKnown };
}

/** A store as a list shows it: called by its name in the first language that it has one in, with its distance last. */
function shown(store: EntryStore, languages: readonly string[], distance: number): NearbyStore {
  const { names, stateUntil: _, ...row } = store;
  const name = names === undefined ? undefined : nameIn(names, languages);
  return { ...row, ...(name === undefined ? {} : { name }), distance };
}

/** Source: RFC 4647, lookup, as the server's `tagOfName`. */
export function nameIn(
  names: Readonly<Record<string, string>>,
  languages: readonly string[],
): string | undefined {
  for (const wanted of languages)
    for (let tag = wanted; tag !== ""; tag = tag.slice(0, Math.max(tag.lastIndexOf("-"), 0)))
      if (Object.hasOwn(names, tag)) return names[tag];
  return undefined;
}

/** The columns of a marker, in the server's order. */
export function markerOf(store: NearbyStore): StoreMarker {
  const { id, name, latitude, longitude, storeType, halalCertified, distance } = store;
  return { id, name, latitude, longitude, storeType, halalCertified, distance };
}
