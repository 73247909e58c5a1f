import { withCache } from "../../cache/with-cache.ts";
import { inputError } from "../../errors.ts";
import { cellBounds } from "../../geo/cell.ts";
import { text } from "../../texts/text.ts";
import type { Answer, FastCall } from "../../trpc/fast-query.ts";
import { resultOfBytes, type ResultBytes } from "../../trpc/result-bytes.ts";
import { cellParameters } from "./around.ts";
import type { StoreCandidates } from "./candidates.ts";
import { type CellParameters, SHARED_LIMIT, storesPolicy } from "./policies.ts";

/** The shape of an entry; a shape that older phones cannot read has another number. */
const VERSION = 1;

/**
 * A cell's stores as phones and the edge keep them: every store that can be in an answer to a caller within the cell, who
 * asks for at most 100 without a filter.
 * Units: kilometres, 5 or 50.
 * Errors, of the answer: BAD_REQUEST when it is no geohash of six characters or another radius; SERVICE_UNAVAILABLE.
 */
export function cellCall(geohash: string, radius = "5"): FastCall {
  let asked: Asked;
  try {
    asked = readAsked(geohash, radius);
  } catch (error) {
    return { peek: () => undefined, load: () => Promise.reject(error) };
  }
  const { parameters } = asked;
  return {
    peek(cache, nowMs) {
      const entry = cache.peek(storesPolicy, parameters.key);
      return entry === undefined ? undefined : answerOf(entry.value, entry.etag, asked, nowMs);
    },
    async load(context) {
      const cached = await withCache(context, storesPolicy, parameters);
      const answer = answerOf(cached.value, cached.etag, asked, context.now().getTime());
      cached.etag = answer.etag;
      return answer;
    },
  };
}

interface Asked {
  readonly geohash: string;
  readonly radiusKm: 5 | 50;
  readonly parameters: CellParameters;
}

function readAsked(geohash: string, radius: string): Asked {
  if (radius !== "5" && radius !== "50") throw inputError("radius", text("radius_of_cell"));
  const radiusKm = radius === "5" ? 5 : 50;
  try {
    const { center } = cellBounds(geohash);
    const everything = { storeType: undefined, halalCertifiedOnly: false, limit: SHARED_LIMIT };
    return {
      geohash,
      radiusKm,
      parameters: cellParameters({ ...center, ...everything, radiusKm }),
    };
  } catch (cause) {
    throw inputError("geohash", text("geohash6"), { cause });
  }
}

function answerOf(value: StoreCandidates, etag: string, asked: Asked, nowMs: number): Answer {
  const { bytes, untilMs } = bodyOf(value, asked, nowMs);
  const tag = `${etag}-${VERSION}-${untilMs.toString(36)}`;
  return { bytes, etag: tag, isShared: true, cacheName: storesPolicy.name };
}

/** A body, and the time in which its opening states hold. Units: Unix milliseconds. */
interface Body {
  /** The same object each time, because its compressed forms are kept with it. */
  readonly bytes: ResultBytes;
  readonly sinceMs: number;
  readonly untilMs: number;
}

const bodies = new WeakMap<StoreCandidates, Body>();

function bodyOf(value: StoreCandidates, { geohash, radiusKm }: Asked, nowMs: number): Body {
  const known = bodies.get(value);
  if (known !== undefined && nowMs >= known.sinceMs && nowMs < known.untilMs) return known;
  const head = JSON.stringify({ version: VERSION, cell: geohash, radiusKm, limit: SHARED_LIMIT });
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
  const made = { bytes: resultOfBytes(`${text}]}`), sinceMs: nowMs, untilMs };
  bodies.set(value, made);
  return made;
}

/** The key that tells a phone until when the opening state of a store holds; null for ever. */
function stateUntil(untilMs: number): string {
  const until = Number.isFinite(untilMs) ? new Date(untilMs).toISOString() : null;
  return `,"stateUntil":${JSON.stringify(until)}`;
}
