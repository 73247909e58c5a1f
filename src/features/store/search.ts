import { z } from "zod";
import type { Cache } from "../../cache/cache.ts";
import { withCache } from "../../cache/with-cache.ts";
import { AppError } from "../../errors.ts";
import { cellBounds, cellOf, wideCell } from "../../geo/cell.ts";
import { rankEverywhere } from "../../geo/rank-everywhere.ts";
import type { Position } from "../../geo/position.ts";
import type { Answer, CachedFastQuery, FastCall, FastContext } from "../../trpc/fast-query.ts";
import { type Languages, languagesOf, nameIn } from "../../trpc/languages.ts";
import { cutPage, decodeCursor, encodeCursor, listId } from "../../trpc/list.ts";
import { resultOf } from "../../trpc/result-bytes.ts";
import { tagOf } from "./around.ts";
import { answerRanked, type StoreCandidates } from "./candidates.ts";
import { filterOf } from "./filters.ts";
import { openAmong } from "./open-queries.ts";
import { openingTimes, scheduleOf } from "./schedule.ts";
import { SearchInput, SearchOutput } from "./schemas.ts";
import {
  CACHED_LIMIT,
  searchParameters,
  type SearchParameters,
  searchPolicy,
} from "./search-policy.ts";
import { listHoursFound, searchStores } from "./search-queries.ts";

const { name: cacheName } = searchPolicy;
const SearchPlace = z.tuple([z.number(), z.uuid()]);
const compiled = z.compile(SearchInput);

/**
 * `store.search`. Its first page near a position comes from the entry of the query in the caller's cell: that of five
 * characters, or where too many stores match there, that of six. All else comes from a statement of its own.
 */
export const search: CachedFastQuery<SearchInput> = {
  isRepeated: false,
  call: (input) => new SearchCall(input),
  parse(given) {
    const { data, success } = compiled.safeParse(given);
    if (!success) return undefined;
    try {
      return new SearchCall(data);
    } catch (error) {
      if (error instanceof AppError) return undefined;
      throw error;
    }
  },
};

class SearchCall implements FastCall {
  readonly #input: SearchInput;
  readonly #after: z.infer<typeof SearchPlace> | null;
  /** The entries that may answer; null without a position, and for what no entry has. */
  readonly #entries: { readonly near: Position; readonly each: readonly SearchParameters[] } | null;

  /** Errors: BAD_REQUEST, for a cursor that is not of this search. */
  constructor(input: SearchInput) {
    const { query, near, cursor, openNow, limit } = input;
    this.#input = input;
    const isFirst = cursor === null || cursor === undefined;
    this.#after = isFirst ? null : decodeCursor(cursor, SearchPlace, listOf(input));
    const isCached = isFirst && !openNow && limit <= CACHED_LIMIT;
    this.#entries =
      near === undefined || !isCached
        ? null
        : {
            near,
            each: [wideCell(near), cellBounds(cellOf(near))].map((cell) =>
              searchParameters(query, cell, filterOf(input)),
            ),
          };
  }

  peek(cache: Cache, nowMs: number, accepted: Languages): Answer | undefined {
    if (this.#entries === null) return undefined;
    for (const { key } of this.#entries.each) {
      const entry = cache.peek(searchPolicy, key);
      if (entry === undefined) return undefined;
      if (entry.value !== null)
        return this.#answer(entry.value, entry.etag, this.#entries.near, nowMs, accepted);
    }
    return undefined;
  }

  async load(context: FastContext): Promise<Answer> {
    const nowMs = context.now().getTime();
    if (this.#entries !== null) {
      for (const parameters of this.#entries.each) {
        const cached = await withCache({ ...context, answers: [] }, searchPolicy, parameters);
        if (cached.value === null) continue;
        const { near } = this.#entries;
        const answer = this.#answer(cached.value, cached.etag, near, nowMs, context.languages);
        context.answers.push({ ...cached, etag: answer.etag });
        return answer;
      }
    }
    const page = SearchOutput.parse(await this.#fromStatement(context, nowMs));
    return { bytes: resultOf(JSON.stringify(page)), etag: "", isShared: false, cacheName };
  }

  #answer(
    value: StoreCandidates,
    etag: string,
    near: Position,
    nowMs: number,
    accepted: Languages,
  ): Answer {
    const { limit, locale } = this.#input;
    const languages = languagesOf(locale, accepted);
    const ranking = rankEverywhere(value.candidates, near, limit + 1);
    const isMore = ranking.indices.length > limit;
    const shown = {
      indices: ranking.indices.slice(0, limit),
      distancesMeters: ranking.distancesMeters.slice(0, limit),
    };
    const last = limit - 1;
    const id = value.stores[shown.indices[last] ?? -1]?.id ?? "";
    const nextCursor = isMore
      ? `"${encodeCursor(listOf(this.#input), [shown.distancesMeters[last] ?? 0, id])}"`
      : "null";
    const more = `,"nextCursor":${nextCursor}`;
    const made = answerRanked(value, "nearby", shown, { languages, nowMs }, more);
    const tag = tagOf(etag, made, { languages });
    return { bytes: made.bytes, etag: tag, isShared: false, cacheName };
  }

  async #fromStatement({ reads, languages: accepted }: FastContext, nowMs: number) {
    const { limit, locale, query, near, openNow } = this.#input;
    const languages = languagesOf(locale, accepted);
    const filter = filterOf(this.#input);
    const asked = { ...filter, query, near, after: this.#after, limit: limit + 1, open: null };
    const open = openNow
      ? await openAmong(await reads.readPublic((db) => listHoursFound(db, asked)), nowMs)
      : null;
    const rows = await reads.readPublic((db) => searchStores(db, { ...asked, open }));
    const shown = rows.map((row) => ({
      ...row,
      ...openingTimes(scheduleOf(row).at(nowMs)),
      name: nameIn(row.names, languages) ?? row.name,
    }));
    // The output's schema leaves the sort key, the hours and the other names out.
    return cutPage(shown, limit, listOf(this.#input), ({ sortKey, id }) => [sortKey, id]);
  }
}

function listOf(input: SearchInput): string {
  return listId("store.search", input);
}
