import { type CacheContext, withCache } from "../../cache/with-cache.ts";
import type { CacheState } from "../../cache/policy.ts";
import { cellBounds } from "../../geo/cell.ts";
import type { StoreCandidates } from "./candidates.ts";
import { cellParameters } from "./cells.ts";
import { SHARED_LIMIT, storesPolicy } from "./policies.ts";

/** The shape of an entry; a shape that older phones cannot read has another number. */
const VERSION = 1;

/** A cell's stores as phones and the edge keep them. */
export interface CellEntry {
  /** JSON; the same object each time, because its compressed forms are kept with it. */
  readonly body: Buffer;
  readonly etag: string;
  readonly state: CacheState;
}

/**
 * Every store that can be in an answer to a caller within a cell, who asks for at most 100 without a filter.
 * Units: kilometres, 5 or 50.
 * Errors: RangeError when it is no geohash of six characters; SERVICE_UNAVAILABLE.
 */
export async function cellEntry(
  context: CacheContext,
  geohash: string,
  radiusKm: 5 | 50,
): Promise<CellEntry> {
  const { center } = cellBounds(geohash);
  const everything = { storeType: undefined, halalCertifiedOnly: false, limit: SHARED_LIMIT };
  const parameters = cellParameters({ ...center, ...everything, radiusKm });
  const { value, etag, state } = await withCache(context, storesPolicy, parameters);
  return { body: bodyOf(value, geohash, radiusKm), etag: `${etag}-${VERSION}`, state };
}

const bodies = new WeakMap<StoreCandidates, Buffer>();
const COMMA = Buffer.from(",");
const CLOSING_BRACE = Buffer.from("}");
const CLOSE = Buffer.from("]}");

function bodyOf(value: StoreCandidates, geohash: string, radiusKm: number): Buffer {
  const known = bodies.get(value);
  if (known !== undefined) return known;
  const head = JSON.stringify({ version: VERSION, cell: geohash, radiusKm, limit: SHARED_LIMIT });
  const body = Buffer.concat([
    Buffer.from(`${head.slice(0, -1)},"stores":[`),
    // Ends before the closing brace: an answer adds the distance.
    ...value.stores.flatMap(({ slab, start, namesEnd }, place) => [
      ...(place === 0 ? [] : [COMMA]),
      slab.subarray(start, namesEnd),
      CLOSING_BRACE,
    ]),
    CLOSE,
  ]);
  bodies.set(value, body);
  return body;
}
