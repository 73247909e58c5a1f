import { sql } from "drizzle-orm";
import type { Db } from "../../db/client/database.ts";
import { askedWords } from "../../db/search-fragments.ts";
import { type AdditiveRow, additiveJson } from "./queries.ts";
import type { SearchCursor } from "./schemas.ts";

/** The search. */
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
 * How alike a text is whose words are all in a name, each with at most one typo.
 * Units: `word_similarity`, 0–1.
 */
const MISSPELLED_SIMILARITY = 0.8;

/**
 * The additives whose code or names in any language are like a text, the likest first, then by code.
 * Units: `score` 0–11,000 by likeness, 20,000 for a code that begins so, 40,000 for the code itself.
 */
export async function searchAdditives(
  db: Db,
  { text, codePrefix, after, limit }: AdditiveSearch,
): Promise<FoundAdditive[]> {
  const likeness = sql`
    round(10000 * greatest(word_similarity(asked.text, a.search_text),
      case when is_misspelled then ${MISSPELLED_SIMILARITY}::real end))
    + round(1000 * similarity(asked.text, a.search_text))`;
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
    with ${askedWords(text)}, misspelled as (
      select a.code
      from spelled join additives a on search_forms(a.search_text) && array_append(search_slips(word), word)
      group by a.code
      having count(distinct position) filter (where length(word) > 3)
        >= (select count(*) from asked_words where length(word) > 3)
    ), candidates as (
      select code, bool_or(is_misspelled) as is_misspelled from (
        select a.code, false as is_misspelled
        from asked join additives a on a.search_text %> asked.text or ${byCode.found}
        union all
        select code, true from misspelled
      ) as by_either group by code
    ), found as (
      select a.code, (${byCode.score})::int as score
      from asked cross join candidates join additives a using (code)
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
