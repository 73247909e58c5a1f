import { z } from "zod";
import type { Cache } from "../../cache/cache.ts";
import { withCache } from "../../cache/with-cache.ts";
import { STORE_TYPES } from "../../db/tables/vocabulary.ts";
import { cellBounds, cellIdOf, cellOf, radiusBucketMeters } from "../../geo/cell.ts";
import type { Position } from "../../geo/position.ts";
import { RecentMap } from "../../recent-map.ts";
import type { Answer, CachedFastQuery, FastCall, FastContext } from "../../trpc/fast-query.ts";
import { type Languages, languagesOf } from "../../trpc/languages.ts";
import {
  answerFrom,
  answerRanked,
  type CellAnswer,
  type CellQuestion,
  type FragmentKind,
  rankMatching,
  type StoreCandidates,
} from "./candidates.ts";
import { type AskedFilter, filterOf, isIndexed, passes, type StoreFilter } from "./filters.ts";
import { answerOpen } from "./open-nearby.ts";
import { type CellParameters, entryKey, SHARED_LIMIT, storesPolicy } from "./policies.ts";
import type { MarkersInput } from "./schemas.ts";
import type { StoreJson } from "./store-json.ts";

/** Answers from the entry of the caller's cell, exactly for the caller. */
export function around(
  kind: FragmentKind,
  input: z.ZodType<MarkersInput>,
): CachedFastQuery<MarkersInput> {
  const compiled = z.compile(input);
  const call = (asked: MarkersInput): FastCall => new AroundCall(kind, asked);
  return {
    // Each caller is somewhere else.
    isRepeated: false,
    call,
    parse(given) {
      const { data, success } = compiled.safeParse(given);
      return success ? call(data) : undefined;
    },
  };
}

function questionOf(
  { radiusKm, limit, locale }: MarkersInput,
  accepted: Languages,
  nowMs: number,
): CellQuestion {
  const languages = languagesOf(locale, accepted);
  return { radiusMeters: radiusKm * 1000, limit, languages, nowMs };
}

/** The last end of a state as a part of a tag: shops open and close at the same times. */
let lastEnd = { ms: Number.POSITIVE_INFINITY, text: "" };

/** Until the first of its states changes, a caller's answer from one value is the same; after it, another one. */
export function tagOf(
  etag: string,
  { untilMs }: CellAnswer,
  { languages }: Pick<CellQuestion, "languages">,
): string {
  if (untilMs !== lastEnd.ms)
    lastEnd = { ms: untilMs, text: Number.isFinite(untilMs) ? `~${untilMs.toString(36)}` : "" };
  return etag + languages.key + lastEnd.text;
}

/**
 * A call of the stores around its caller. The entry that all callers of the cell share answers if it is in memory and has
 * all that match. Else, for filters that it does not have, their own entry answers, which is loaded by one statement;
 * else, of the stores that are open now, the database, because no entry has all stores.
 */
class AroundCall implements FastCall {
  readonly #kind: FragmentKind;
  readonly #asked: MarkersInput;
  readonly #filter: StoreFilter;
  readonly #shared: CellParameters;
  /** The same as the shared entry without filters of its own. */
  readonly #own: CellParameters;

  constructor(kind: FragmentKind, asked: MarkersInput) {
    this.#kind = kind;
    this.#asked = asked;
    this.#filter = filterOf(asked);
    this.#shared = cellParameters(asked);
    this.#own = isIndexed(this.#filter)
      ? this.#shared
      : filteredParameters(this.#filter, this.#shared);
  }

  peek(cache: Cache, nowMs: number, accepted: Languages): Answer | undefined {
    const answer = this.#peekAt(this.#own, cache, nowMs, accepted);
    if (answer !== undefined || this.#own === this.#shared) return answer;
    return this.#peekAt(this.#shared, cache, nowMs, accepted);
  }

  #peekAt(
    parameters: CellParameters,
    cache: Cache,
    nowMs: number,
    accepted: Languages,
  ): Answer | undefined {
    const entry = cache.peek(storesPolicy, parameters.key);
    if (entry === undefined) return undefined;
    const question = questionOf(this.#asked, accepted, nowMs);
    const made = this.#answerFrom(entry.value, parameters, question);
    return made === null ? undefined : this.#finish(made, entry.etag, question);
  }

  async load(context: FastContext): Promise<Answer> {
    // Its part of the request is added where the answer rests on it.
    const cached = await withCache({ ...context, answers: [] }, storesPolicy, this.#own);
    const question = questionOf(this.#asked, context.languages, context.now().getTime());
    const made = this.#answerFrom(cached.value, this.#own, question);
    if (made === null) {
      const { bytes } = await answerOpen(context.reads, this.#kind, this.#asked, question);
      return { bytes, etag: "", isShared: false, cacheName: storesPolicy.name };
    }
    const answer = this.#finish(made, cached.etag, question);
    context.answers.push({ ...cached, etag: answer.etag });
    return answer;
  }

  #answerFrom(
    value: StoreCandidates,
    parameters: CellParameters,
    question: CellQuestion,
  ): CellAnswer | null {
    const isOwn = parameters === this.#own;
    const { openNow } = this.#asked;
    if (isOwn && !openNow) return answerFrom(value, this.#kind, this.#asked, question);
    const { nowMs } = question;
    let untilMs = Number.POSITIVE_INFINITY;
    const matches = (store: StoreJson) => {
      if (!isOwn && !passes(store.facts, this.#filter)) return false;
      if (!openNow) return true;
      const opening = store.schedule.at(nowMs);
      if (opening.untilMs < untilMs) untilMs = opening.untilMs;
      return opening.isOpen === true;
    };
    const position: Position = this.#asked;
    const ranking = rankMatching(value, position, question, parameters.limit, matches);
    if (ranking === null) return null;
    const made = answerRanked(value, this.#kind, ranking, question);
    return { bytes: made.bytes, untilMs: Math.min(made.untilMs, untilMs) };
  }

  #finish(made: CellAnswer, etag: string, question: CellQuestion): Answer {
    const { bytes } = made;
    const cacheName = storesPolicy.name;
    return { bytes, etag: tagOf(etag, made, question), isShared: false, cacheName };
  }
}

/** A caller of a cell's entry. */
export interface CellCaller
  extends Position, Pick<AskedFilter, "storeType" | "halalCertifiedOnly"> {
  readonly radiusKm: number;
  readonly limit: number;
}

const MARKERS_LIMIT = 500;
const REMEMBERED_MAX = 20_000;
const RADII_KM_MAX = 64;
const FILTERS = (STORE_TYPES.length + 1) * 2;
const remembered = new RecentMap<number, CellParameters>(REMEMBERED_MAX);

/** Which entry answers a caller but for the filters that it does not have, worked out once for the many calls from a cell. */
export function cellParameters(input: CellCaller): CellParameters {
  const { latitude, longitude, storeType, halalCertifiedOnly } = input;
  const radiusMeters = radiusBucketMeters(input.radiusKm);
  const limit = input.limit <= SHARED_LIMIT ? SHARED_LIMIT : MARKERS_LIMIT;
  const typePlace = storeType === undefined ? 0 : STORE_TYPES.indexOf(storeType) + 1;
  const filter = typePlace * 2 + (halalCertifiedOnly ? 1 : 0);
  const cellAndFilter = cellIdOf(latitude, longitude) * FILTERS + filter;
  const number =
    (cellAndFilter * RADII_KM_MAX + radiusMeters / 1000) * 2 + (limit === SHARED_LIMIT ? 0 : 1);
  let parameters = remembered.get(number);
  if (parameters === undefined) {
    const cell = cellBounds(cellOf(input));
    const entry = { cell, storeType, halalCertifiedOnly, radiusMeters, limit };
    parameters = { ...entry, key: entryKey(entry) };
    remembered.set(number, parameters);
  }
  return parameters;
}

/**
 * The entry with all of a caller's filters, `openNow` as far as hours are known. Of stores that may be closed it has many
 * more than anybody asks for.
 */
export function filteredParameters(
  filter: StoreFilter,
  { cell, radiusMeters, limit }: CellParameters,
): CellParameters {
  const entry = {
    ...filter,
    cell,
    radiusMeters,
    limit: filter.hasHours === true ? MARKERS_LIMIT : limit,
  };
  return { ...entry, key: entryKey(entry) };
}
