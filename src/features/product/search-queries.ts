import { type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client/database.ts";
import { askedWords } from "../../db/search-fragments.ts";
import type { HalalStatus } from "../../db/tables/vocabulary.ts";
import {
  hasTerms,
  isSampled,
  lexeme,
  LISTED_JOINS,
  listedColumns,
  type ListedRow,
  MANY_SAMPLED,
} from "./listed-queries.ts";

/** Where a page of search results ended: the sort key's number and the product's id. */
export type SearchPlace = readonly [sortKey: number, id: string];

/** A search result, with the number it was sorted by. */
export interface FoundProduct extends ListedRow {
  readonly sortKey: number;
}

/** The conditions of a search. */
export interface ProductSearch {
  readonly query: string;
  /** The verdict in general. */
  readonly halalStatus: HalalStatus | undefined;
  readonly category: string | undefined;
  readonly after: SearchPlace | null;
  readonly limit: number;
}

/** Of more products that have all words, so many are compared. */
const EXACT_MAX = 5_000;
/** Of more products that are only like the query, so many are compared. */
const MEANT_MAX = 2_000;
/** Words in `product_words` that one word is taken to be a misspelling of. */
const SPELLINGS_MAX = 50;
/** Shorter beginnings are in too many words. Units: letters. */
const BEGINNING_MIN = 3;
/** The beginning of the text, with the name and the brand, is what is compared. Units: characters. */
const COMPARED_LENGTH = 80;

/**
 * Steps that make of the query's words what `product_terms` can be asked: `wanted.exact`, all of them as they are, and
 * `wanted.meant`, each of them as it is or one typo away, and the last one also as the beginning of another.
 */
function wantedTerms({ query, halalStatus, category }: ProductSearch): SQL {
  const filters = [
    ...(halalStatus === undefined ? [] : [`=${halalStatus}`]),
    ...(category === undefined ? [] : [`#${category}`]),
  ];
  return sql`${askedWords(query)}, filters as materialized (
      select coalesce(string_agg(' & ' || ${lexeme(sql`value`)}, ''), '') as terms
      from jsonb_array_elements_text(${JSON.stringify(filters)}::jsonb)
    ), terms as (
      select position, format('%L', word) as term from spelled
      union all
      select position, format('%L:*', word) from spelled
      where length(word) >= ${BEGINNING_MIN} and position = (select max(position) from asked_words)
      union all
      select position, format('%L', known.word)
      from spelled cross join lateral (
        select word from product_words where search_forms(word) && search_slips(spelled.word) limit ${SPELLINGS_MAX}
      ) as known
    ), wanted as materialized (
      select ((select string_agg(format('%L', word), ' & ') from asked_words) || filters.terms)::tsquery as exact,
        ((
          select string_agg(any_term, ' & ') from (
            select format('(%s)', string_agg(term, ' | ')) as any_term from terms group by position
          ) as by_word
        ) || filters.terms)::tsquery as meant
      from filters
    )`;
}

/**
 * Products that have all words of the query in their names or brand, the shortest name first, and after these the ones
 * that have words which begin so or are one typo away, the most alike first; `limit` of them after a place. Where about
 * five thousand match or more, a sample of them is all there is.
 */
export async function searchProducts(db: Db, search: ProductSearch): Promise<FoundProduct[]> {
  const { after, limit } = search;
  const isAfter =
    after === null ? sql`true` : sql`(sort_key, id) > (${after[0]}::float8, ${after[1]}::uuid)`;
  const isExact = hasTerms(sql`(select exact from wanted)`);
  const isMeant = hasTerms(sql`(select meant from wanted)`);
  const isSparse = (sample: SQL) => sql`(select count(*) from ${sample}) < ${MANY_SAMPLED}`;
  const shortness = sql`least(length(concat_ws(' ', name, brand)), 999) / 1000::float8`;
  const unlikeness = sql`2 - round(similarity((select text from asked), left(search_text, ${COMPARED_LENGTH}))::numeric, 4)::float8`;
  const needsMore = sql`(select count(*) from exact_page) < ${limit} and ${isSparse(sql`exact_sample`)}`;
  return db.execute<FoundProduct & Record<string, unknown>>(sql`
    with ${wantedTerms(search)}, exact_sample as materialized (
      select id, ${shortness} as sort_key from products where ${isSampled} and ${isExact} limit ${EXACT_MAX}
    ), exact as materialized (
      select * from exact_sample where not ${isSparse(sql`exact_sample`)}
      union all
      (select id, ${shortness} from products where ${isExact} and ${isSparse(sql`exact_sample`)} limit ${EXACT_MAX})
    ), exact_page as materialized (
      select id, sort_key from exact where ${isAfter} order by sort_key, id limit ${limit}
    ), meant_sample as materialized (
      select id, ${unlikeness} as sort_key from products
      where ${isSampled} and ${isMeant} and ${needsMore} and not exists (select from exact where exact.id = products.id)
      limit ${MEANT_MAX}
    ), meant as materialized (
      select * from meant_sample where not ${isSparse(sql`meant_sample`)}
      union all
      (select id, ${unlikeness} from products
      where ${isMeant} and ${needsMore} and ${isSparse(sql`meant_sample`)}
        and not exists (select from exact where exact.id = products.id)
      limit ${MEANT_MAX})
    ), page as materialized (
      select id, sort_key from (
        select * from exact_page union all select * from meant where ${isAfter}
      ) as both_kinds order by sort_key, id limit ${limit}
    )
    select ${listedColumns}, page.sort_key as "sortKey"
    from page join products p on p.id = page.id ${LISTED_JOINS}
    order by page.sort_key, p.id`);
}
