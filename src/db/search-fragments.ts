import { type SQL, sql } from "drizzle-orm";

/**
 * The least similarity of a misspelled word to a stored one.
 * Units: `word_similarity`, 0–1.
 */
const SIMILAR_FROM = 0.4;
const WORDS_MAX = 8;
/** Shorter than PostgreSQL's longest word, because normalising can turn one letter into several. */
const WORD_LETTERS_MAX = 100;

/**
 * Returns three common table expressions of a search: `asked` has the normalised text, `asked_words` its words (without
 * those of one or two letters, if there are longer ones), `spelled` these words with and without the Arabic article.
 * `asked` also sets the threshold of `<%` for the transaction, because behind PgBouncer a plain SET would stay on a
 * connection that other clients use next.
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
