-- The words of the stores that were there before the trigger that adds them.
INSERT INTO store_words (word)
SELECT word FROM (
  SELECT DISTINCT unnest(tsvector_to_array(search_terms(search_text))) AS word FROM stores
) AS words
WHERE NOT EXISTS (SELECT FROM store_words AS known WHERE known.word = words.word);
--> statement-breakpoint
-- Without a list of pending entries, which each search after an import would read from end to end.
CREATE INDEX CONCURRENTLY store_words_forms_idx ON store_words USING gin (search_forms(word)) WITH (fastupdate = off);
--> statement-breakpoint
CREATE INDEX CONCURRENTLY stores_search_terms_idx ON stores USING gin (search_terms(search_text)) WITH (fastupdate = off) WHERE removed_at IS NULL;
--> statement-breakpoint
ANALYZE store_words;
