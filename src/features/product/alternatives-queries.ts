import { type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client/database.ts";
import type { Madhab } from "../../db/tables/vocabulary.ts";
import { BRAND_KEYS } from "../../verdict/barcode-query.ts";
import {
  hasTerms,
  isSampled,
  lexeme,
  LISTED_JOINS,
  listedColumns,
  type ListedRow,
  MANY_SAMPLED,
} from "./listed-queries.ts";

/** The product and the caller for whom alternatives are sought. */
export interface AlternativesQuestion {
  readonly gtin14: string;
  readonly madhab: Madhab | null;
  readonly now: Date;
  readonly limit: number;
}

/** A product's alternatives, and its own categories, the most general first; null for a product that nobody knows. */
export interface FoundAlternatives {
  readonly categories: readonly string[] | null;
  readonly items: readonly ListedRow[];
}

/** Of one category, so many products are compared with the one asked about. */
const COMPARED_MAX = 200;
/** Of one word. */
const COMPARED_BY_WORD_MAX = 100;
/** With so many, no more general category is looked at. */
const ENOUGH = 60;
/** Words of a name that are looked for where no category helps. */
const WORDS_MAX = 4;

/** The ids of products that have a term, from the sample where there are many; without the one asked about. */
function idsWith(term: SQL, isHalal: string, limit: number): SQL {
  const found = hasTerms(
    sql`(${lexeme(term)} || ' & ' || ${lexeme(sql`${isHalal}::text`)})::tsquery`,
  );
  return sql`(
    select case when cardinality(sampled) >= ${MANY_SAMPLED} then sampled else array(
      select id from products where ${found} and id <> asked.id limit ${limit}) end as ids
    from (select array(
      select id from products where ${isSampled} and ${found} and id <> asked.id limit ${limit}) as sampled
    ) as few)`;
}

/**
 * Products that are halal by the statuses that are kept for lists, in the most specific category of the product that has
 * enough of them; where it has no category, those whose names share a word with its own. Neither boycotted nor recalled.
 * The most alike first: by shared categories, by the names' likeness, and by language.
 */
export async function findAlternatives(
  db: Db,
  { gtin14, madhab, now, limit }: AlternativesQuestion,
): Promise<FoundAlternatives> {
  const isHalal = madhab === null ? "=halal" : `+${madhab}`;
  const [row] = await db.execute<{
    categories: string[] | null;
    items: ListedRow[];
  }>(sql`
    with recursive asked as materialized (
      select id, categories, language, brand, left(search_text, 80) as text, normalize_text(name) as name
      from products where barcode = ${gtin14}::char(14)
    ), steps(place, ids) as (
      select cardinality(categories) + 1, '{}'::uuid[] from asked
      union all
      select place - 1, ${idsWith(sql`'#' || left(asked.categories[place - 1], 400)`, isHalal, COMPARED_MAX)}
      from steps, asked where place > 1 and cardinality(ids) < ${ENOUGH}
    ), by_category as materialized (
      select distinct unnest(ids) as id from steps
    ), words as materialized (
      select word from asked, unnest(string_to_array(asked.name, ' ')) with ordinality as split(word, place)
      where not exists (select from by_category) and length(word) > 2 and word !~ '[0-9]'
        and word <> all (string_to_array(normalize_text(coalesce(brand, '')), ' '))
      order by length(word) desc, place limit ${WORDS_MAX}
    ), by_word as (
      select distinct unnest(${idsWith(sql`words.word`, isHalal, COMPARED_BY_WORD_MAX)}) as id from asked, words
    ), ranked as materialized (
      select p.id,
        (select count(*) from unnest(p.categories) as category where category = any (asked.categories))
          + similarity(asked.text, left(p.search_text, 80))
          + case when p.language = asked.language then 0.1 else 0 end as score
      from (select id from by_category union all select id from by_word) as candidate
      join products p on p.id = candidate.id cross join asked
    ), kept as (
      select id, score from (select id, score from ranked order by score desc, id offset 0) as sorted
      where coalesce((
        select not exists (
            select from boycott_targets t where t.active and t.match_keys && ${sql.raw(BRAND_KEYS)})
          and not exists (
            select from alerts r
            where r.is_active and r.recall_barcodes @> array[p.barcode::text]
              and r.published_at <= ${now.toISOString()}::timestamptz
              and (r.expires_at is null or r.expires_at > ${now.toISOString()}::timestamptz))
        from products p where p.id = sorted.id), false)
      order by score desc, id limit ${limit}
    )
    select (select array_to_json(categories) from asked) as "categories", coalesce((
      select json_agg(listed order by score desc, id) from (
        select ${listedColumns}, kept.score from kept join products p on p.id = kept.id ${LISTED_JOINS}
      ) as listed
    ), '[]') as "items"`);
  if (row === undefined) throw new Error("the alternatives' query gave no row");
  return row;
}
