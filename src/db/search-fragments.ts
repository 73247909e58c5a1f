import { type SQL, sql } from "drizzle-orm";

/**
 * What part of a text's trigrams must be found where none of its words are.
 * Units: `word_similarity`, 0–1.
 */
const SIMILAR_FROM = 0.4;
const WORDS_MAX = 8;
/** Leaves room in the database's longest word for what normalising can make of one letter. */
const WORD_LETTERS_MAX = 100;

/**
 * Three steps of a statement: `asked`, the normalised text, with the threshold of `<%` set for the statement's own
 * transaction (behind PgBouncer a plain SET would stay with a connection that others use next); `asked_words`, its words
 * but for those of one or two letters where there are longer ones; `spelled`, these with and without the Arabic article.
 */
export function askedWords(text: string): SQL {
  return sql`
    asked as materialized (
      select normalize_text(${text}) as text,
        set_config('pg_trgm.word_similarity_threshold', ${String(SIMILAR_FROM)}, true)
    ), asked_words as materialized (
      select position, word from (
        select position, left(word, ${WORD_LETTERS_MAX}) as word, is_long, bool_or(is_long) over () as some_are_long
        from asked, unnest(string_to_array(text, ' ')) with ordinality as split(word, position),
          lateral (select length(word) > 2 or word ~ '[^a-zء-ي]' as is_long) as measured
      ) as words
      where is_long or not some_are_long
      order by position limit ${WORDS_MAX}
    ), spelled as materialized (
      select position, word from asked_words
      union all
      select position, case when word ~ '^ال.{3}' then substr(word, 3) else 'ال' || word end
      from asked_words where word ~ '^[ء-ي]{3,}$'
    )`;
}
