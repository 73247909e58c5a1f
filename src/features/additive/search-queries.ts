import { sql } from "drizzle-orm";
import type { Db } from "../../db/database.ts";
import { type AdditiveRow, additiveJson } from "./queries.ts";
import type { SearchCursor } from "./schemas.ts";

/** What is looked for. */
export interface AdditiveSearch {
  readonly text: string;
  /** The beginning of a code, lower case, where the text is one: `e47`. */
  readonly codePrefix: string | null;
  readonly after: SearchCursor | null;
  readonly limit: number;
}

/** An additive that was found, with the place it has in the order. */
export interface FoundAdditive {
  readonly additive: AdditiveRow;
  readonly score: number;
}

/**
 * What part of the words looked for must be found; at the extension's own 0.6, two typos in a short name find nothing.
 * Units: `word_similarity`, 0–1.
 */
const SIMILARITY_MIN = 0.4;

/**
 * The additives whose code or names in any language are like a text, the likest first, then by code.
 * The threshold is set inside the statement, for its own transaction only: behind PgBouncer a plain SET would stay
 * with a connection that others use next. The text comes out of the same step, so that step is done first.
 * Units: `score` 0–11,000 by likeness, 20,000 for a code that begins so, 40,000 for the code itself.
 */
export async function searchAdditives(
  db: Db,
  { text, codePrefix, after, limit }: AdditiveSearch,
): Promise<FoundAdditive[]> {
  const likeness = sql`round(10000 * word_similarity(asked.words, a.search_text))
    + round(1000 * similarity(asked.words, a.search_text))`;
  const byCode =
    codePrefix === null
      ? { found: sql`false`, score: likeness }
      : {
          found: sql`a.search_text like ${`${codePrefix}%`}`,
          score: sql`case when lower(a.code) = ${codePrefix} then 40000
            when starts_with(lower(a.code), ${codePrefix}) then 20000 else ${likeness} end`,
        };
  const [afterScore, afterCode] = after ?? [null, null];
  const rows = await db.execute<{ additive: AdditiveRow; score: number }>(sql`
    with asked as materialized (
      select normalize_text(${text}) as words,
        set_config('pg_trgm.word_similarity_threshold', ${String(SIMILARITY_MIN)}, true)
    ), found as (
      select a.code, (${byCode.score})::int as score
      from asked join additives a on a.search_text %> asked.words or ${byCode.found}
    ), page as (
      select code, score from found
      where ${afterScore}::int is null or score < ${afterScore}::int
        or score = ${afterScore}::int and code collate "C" > ${afterCode}::text
      order by score desc, code collate "C" limit ${limit}
    )
    select ${additiveJson()} as "additive", page.score as "score"
    from page join additives a on a.code = page.code
    order by page.score desc, page.code collate "C"`);
  return [...rows];
}
