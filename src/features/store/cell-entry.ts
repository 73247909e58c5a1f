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
  nowMs: number,
): Promise<CellEntry> {
  const { center } = cellBounds(geohash);
  const everything = { storeType: undefined, halalCertifiedOnly: false, limit: SHARED_LIMIT };
  const parameters = cellParameters({ ...center, ...everything, radiusKm });
  const { value, etag, state } = await withCache(context, storesPolicy, parameters);
  const { body, untilMs } = bodyOf(value, { cell: geohash, radiusKm }, nowMs);
  return { body, etag: `${etag}-${VERSION}-${untilMs.toString(36)}`, state };
}

/** A body, and the time in which its opening states hold. Units: Unix milliseconds. */
interface Body {
  readonly body: Buffer;
  readonly sinceMs: number;
  readonly untilMs: number;
}

const bodies = new WeakMap<StoreCandidates, Body>();

function bodyOf(
  value: StoreCandidates,
  asked: { readonly cell: string; readonly radiusKm: number },
  nowMs: number,
): Body {
  const known = bodies.get(value);
  if (known !== undefined && nowMs >= known.sinceMs && nowMs < known.untilMs) return known;
  const head = JSON.stringify({ version: VERSION, ...asked, limit: SHARED_LIMIT });
  let untilMs = Number.POSITIVE_INFINITY;
  let text = `${head.slice(0, -1)},"stores":[`;
  for (const [place, store] of value.stores.entries()) {
    const { names, schedule } = store;
    const { marker, rest } = store.parts;
    const opening = schedule.at(nowMs);
    untilMs = Math.min(untilMs, opening.untilMs);
    const states = opening.keys + stateUntil(opening.untilMs);
    text += `${place > 0 ? "," : ""}${marker}${rest}${states}${names}}`;
  }
  const made = { body: Buffer.from(`${text}]}`, "latin1"), sinceMs: nowMs, untilMs };
  bodies.set(value, made);
  return made;
}

/** The key that tells a phone until when the opening state of a store holds; null for ever. */
function stateUntil(untilMs: number): string {
  const until = Number.isFinite(untilMs) ? new Date(untilMs).toISOString() : null;
  return `,"stateUntil":${JSON.stringify(until)}`;
}
