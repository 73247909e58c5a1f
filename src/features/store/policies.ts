import type { CachedQuery, Loaded } from "../../cache/policy.ts";
import type { CacheEvent } from "../../db/cache-events.ts";
import type { Db } from "../../db/client/database.ts";
import { type Cell, distanceToCellMeters } from "../../geo/cell.ts";
import { geodesicMeters } from "../../geo/distance.ts";
import { buildCandidates, candidatesInMemory, type StoreCandidates } from "./candidates.ts";
import { decodeCandidates, encodeCandidates } from "./candidates-codec.ts";
import { listCellStores } from "./cell-queries.ts";
import { filterKey, type StoreFilter } from "./filters.ts";
import { findStore, type StoreRow } from "./queries.ts";

/** The question that a cell's entry answers. */
export interface CellParameters extends StoreFilter {
  readonly cell: Cell;
  /** The radius asked for, rounded up: it is exact only per caller. */
  readonly radiusMeters: number;
  /** For how many stores a caller may ask of this entry. */
  readonly limit: number;
  readonly key: string;
}

/** Callers of `store.nearby` and most of `store.markers` share an entry; more markers than this have their own. */
export const SHARED_LIMIT = 100;

/** The name of an entry, made once as every hit needs it. */
export function entryKey(parameters: Omit<CellParameters, "key">): string {
  const { cell, storeType, halalCertifiedOnly, radiusMeters, limit } = parameters;
  const certified = halalCertifiedOnly ? "certified" : "all";
  const most = limit === SHARED_LIMIT ? "" : `:${limit}`;
  return `stores:nearby:${cell.geohash}:${storeType ?? "any"}:${certified}:${radiusMeters / 1000}${most}${filterKey(parameters)}`;
}

async function loadCell(db: Db, parameters: CellParameters): Promise<Loaded<StoreCandidates>> {
  const { cell, radiusMeters, limit } = parameters;
  const area = { padMeters: cell.padMeters, radiusMeters, limit };
  const { value, snapshot } = await listCellStores(db, cell.center, area, parameters);
  return { value: buildCandidates(cell, value, { limit, radiusMeters }), snapshot };
}

/** Entries of `store.nearby` and `store.markers`: one a cell, filter and radius. An event does not say by how a store passes its filters. */
export const storesPolicy: CachedQuery<CellParameters, StoreCandidates> = {
  name: "stores",
  shape: "stores-6",
  key: ({ key }) => key,
  isAffected: (event, { cell, storeType, halalCertifiedOnly, radiusMeters }, value) => {
    if (event.topic === "certifier")
      return value?.stores.some((store) => store.isCertifiedBy(event.ref)) ?? true;
    if (event.topic !== "store") return false;
    if (event.latitude === null || event.longitude === null) return true;
    if (storeType !== undefined && event.storeType !== storeType) return false;
    if (halalCertifiedOnly && event.halalCertified !== true) return false;
    const place = { latitude: event.latitude, longitude: event.longitude };
    if (distanceToCellMeters(cell, place) > radiusMeters) return false;
    return value === undefined || geodesicMeters(cell.center, place) <= value.reachMeters;
  },
  query: loadCell,
  encode: encodeCandidates,
  decode: decodeCandidates,
  memory: candidatesInMemory,
};

/** Entries of `store.byId`; null is cached, too: an id that does not exist costs one query. */
export const storePolicy: CachedQuery<{ readonly id: string }, StoreRow | null> = {
  name: "store",
  shape: "store-2",
  key: ({ id }) => `store:${id}`,
  isAffected: (event: CacheEvent, { id }, value) => {
    switch (event.topic) {
      case "store":
        return event.ref === null || event.ref === id;
      case "certifier":
        return (
          value === undefined ||
          (value !== null && (event.ref === null || value.certifierId === event.ref))
        );
      case "source":
        return value === undefined || (value !== null && value.source === event.ref);
      default:
        return false;
    }
  },
  query: (db, { id }) => findStore(db, id),
  encode: (value) => Buffer.from(JSON.stringify(value)),
  decode: (payload) => JSON.parse(payload.toString()) as StoreRow | null,
};
