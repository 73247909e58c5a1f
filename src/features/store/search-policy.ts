import type { CachedQuery } from "../../cache/policy.ts";
import { geodesicMeters } from "../../geo/distance.ts";
import type { Cell } from "../../geo/cell.ts";
import { buildFound, candidatesInMemory, type StoreCandidates } from "./candidates.ts";
import { decodeCandidates, encodeCandidates } from "./candidates-codec.ts";
import { filterKey, type StoreFilter } from "./filters.ts";
import { type FoundInCell, listFoundInCell } from "./search-cell-queries.ts";

/** The largest `limit` that an entry answers, the one by default. */
export const CACHED_LIMIT = 20;

/** The question that an entry of `store.search` answers. */
export interface SearchParameters extends FoundInCell {
  readonly key: string;
}

const ASCII = /^[\x20-\x7e]*$/;

/** A query in the form in which entries are named; of other letters, small and capital ones are not told apart here. */
function keyedQuery(query: string): string {
  return ASCII.test(query) ? query.toLowerCase().trim().replaceAll(/ +/g, " ") : query;
}

/** The entry that answers a query of anybody in a cell. */
export function searchParameters(asked: string, cell: Cell, filter: StoreFilter): SearchParameters {
  const query = keyedQuery(asked);
  const { storeType, halalCertifiedOnly } = filter;
  const certified = halalCertifiedOnly ? "certified" : "all";
  const key = `stores:search:${cell.geohash}:${storeType ?? "any"}:${certified}${filterKey(filter)}:${query}`;
  // One more than is shown tells whether there is a next page.
  return { ...filter, query, cell, limit: CACHED_LIMIT + 1, key };
}

/** Entries of `store.search`: one a query, cell and filter; null where each caller has to be answered by a statement. */
export const searchPolicy: CachedQuery<SearchParameters, StoreCandidates | null> = {
  name: "search",
  shape: "search-1",
  key: ({ key }) => key,
  isAffected: (event, { cell, storeType, halalCertifiedOnly }, value) => {
    if (event.topic === "certifier")
      return value?.stores.some((store) => store.isCertifiedBy(event.ref)) ?? true;
    if (event.topic !== "store") return false;
    const { latitude, longitude } = event;
    if (latitude === null || longitude === null) return true;
    if (storeType !== undefined && event.storeType !== storeType) return false;
    if (halalCertifiedOnly && event.halalCertified !== true) return false;
    return !value || geodesicMeters(cell.center, { latitude, longitude }) <= value.reachMeters;
  },
  query: async (db, parameters) => {
    const { value, snapshot } = await listFoundInCell(db, parameters);
    return { value: value && buildFound(parameters.cell.center, value), snapshot };
  },
  encode: (value) => (value === null ? Buffer.alloc(0) : encodeCandidates(value)),
  decode: (payload) => (payload.length === 0 ? null : decodeCandidates(payload)),
  memory: (value) => (value === null ? { ownBytes: 0, parts: [] } : candidatesInMemory(value)),
};
