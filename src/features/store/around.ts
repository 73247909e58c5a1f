import { z } from "zod";
import type { Cache } from "../../cache/cache.ts";
import { withCache } from "../../cache/with-cache.ts";
import type { Position } from "../../geo/position.ts";
import {
  type Answer,
  type CachedFastQuery,
  cachedQuery,
  type FastCall,
  type FastContext,
} from "../../trpc/fast-query.ts";
import { type Languages, languagesOf } from "../../trpc/languages.ts";
import {
  answerFrom,
  answerRanked,
  type CellAnswer,
  type CellQuestion,
  type FragmentKind,
  rankMatching,
} from "./answer.ts";
import type { StoreCandidates } from "./candidates.ts";
import { cellParameters, filteredParameters } from "./cells.ts";
import { filterOf, isIndexed, passes, type StoreFilter } from "./filters.ts";
import { answerOpen } from "./open-nearby.ts";
import { type CellParameters, storesPolicy } from "./policies.ts";
import type { MarkersInput } from "./schemas.ts";
import type { StoreJson } from "./store-json.ts";

/** Answers from the entry of the caller's cell, exactly for the caller. */
export function around(
  kind: FragmentKind,
  input: z.ZodType<MarkersInput>,
): CachedFastQuery<MarkersInput> {
  const unfiltered = cachedQuery({
    input,
    policy: storesPolicy,
    // Each caller is somewhere else.
    isRepeated: false,
    parameters: cellParameters,
    answer: (value, { input: caller, etag, nowMs, languages }) => {
      const question = questionOf(caller, languages, nowMs);
      const made = answerFrom(value, kind, caller, question);
      return { bytes: made.bytes, etag: tagOf(etag, made, question), isShared: false };
    },
  });
  const compiled = z.compile(input);
  const call = (asked: MarkersInput): FastCall =>
    isIndexed(filterOf(asked)) ? unfiltered.call(asked) : new FilteredCall(kind, asked);
  return {
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
function tagOf(etag: string, { untilMs }: CellAnswer, { languages }: CellQuestion): string {
  if (untilMs !== lastEnd.ms)
    lastEnd = { ms: untilMs, text: Number.isFinite(untilMs) ? `~${untilMs.toString(36)}` : "" };
  return etag + languages.key + lastEnd.text;
}

/**
 * A call with filters that the entry for everybody does not have. That entry answers if it is in memory and has all that
 * match; else the filters' own entry, which is loaded by one statement; else, of the stores that are open now, the
 * database, because no entry has all stores.
 */
class FilteredCall implements FastCall {
  readonly #kind: FragmentKind;
  readonly #asked: MarkersInput;
  readonly #own: CellParameters;
  readonly #filter: StoreFilter;

  constructor(kind: FragmentKind, asked: MarkersInput) {
    this.#kind = kind;
    this.#asked = asked;
    this.#own = filteredParameters(asked);
    this.#filter = filterOf(asked);
  }

  peek(cache: Cache, nowMs: number, accepted: Languages): Answer | undefined {
    const question = questionOf(this.#asked, accepted, nowMs);
    for (const parameters of [this.#own, cellParameters(this.#asked)]) {
      const entry = cache.peek(storesPolicy, parameters.key);
      const made = entry && this.#answerFrom(entry.value, parameters, question);
      if (made) return this.#finish(made, entry.etag, question);
    }
    return undefined;
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
