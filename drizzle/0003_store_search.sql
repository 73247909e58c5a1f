-- Rows that administrators make name this source.
INSERT INTO data_sources (id, name, licence, attribution)
VALUES ('admin', 'Own editors', 'proprietary', 'Entered by the editors of this service')
ON CONFLICT DO NOTHING;
--> statement-breakpoint
-- Stores whose name or city holds something like the query. The threshold is lower than pg_trgm's own, so that
-- one typo in a word of five letters is forgiven; it is set here because a pooled session cannot keep settings.
CREATE FUNCTION similar_stores(query text) RETURNS TABLE (store_id uuid, score real)
LANGUAGE sql STABLE PARALLEL SAFE STRICT
SET pg_trgm.word_similarity_threshold = 0.4
AS $$
  SELECT id, public.word_similarity(public.normalize_text(query), search_text)
  FROM stores
  WHERE removed_at IS NULL AND public.normalize_text(query) <% search_text
$$;
