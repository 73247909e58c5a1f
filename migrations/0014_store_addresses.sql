-- Stores that were there before their streets were searched, a few thousand at a time: nobody waits for a row for long.
DO $$
DECLARE
  after uuid := '00000000-0000-0000-0000-000000000000';
  last uuid;
BEGIN
  LOOP
    SELECT id INTO last FROM (
      SELECT id FROM stores WHERE id > after ORDER BY id LIMIT 5000
    ) AS batch ORDER BY id DESC LIMIT 1;
    EXIT WHEN last IS NULL;
    UPDATE stores SET search_text = store_search_text(name, address, city, names, other_names)
    WHERE id > after AND id <= last AND address IS NOT NULL
      AND search_text <> store_search_text(name, address, city, names, other_names);
    COMMIT;
    after := last;
  END LOOP;
END $$;
--> statement-breakpoint
-- Administrators list all stores, the newest first, and search among the removed ones, too.
CREATE INDEX CONCURRENTLY stores_created_at_id_idx ON stores USING btree (created_at DESC, id DESC);
--> statement-breakpoint
CREATE INDEX CONCURRENTLY stores_removed_search_terms_idx ON stores USING gin (search_terms(search_text)) WITH (fastupdate = off) WHERE removed_at IS NOT NULL;
--> statement-breakpoint
ANALYZE stores, store_words;
