ALTER TABLE products VALIDATE CONSTRAINT products_base_source_data_sources_id_fk;
--> statement-breakpoint
-- Products that were there before the trigger that fills it, a few thousand at a time: nobody waits for a row for long.
DO $$
DECLARE
  after char(14) := '';
  last char(14);
BEGIN
  LOOP
    SELECT max(barcode) INTO last FROM (
      SELECT barcode FROM products WHERE barcode > after ORDER BY barcode LIMIT 5000
    ) AS batch;
    EXIT WHEN last IS NULL;
    UPDATE products SET search_text = product_search_text(name, brand, names)
    WHERE barcode > after AND barcode <= last AND search_text = '';
    COMMIT;
    after := last;
  END LOOP;
END $$;
--> statement-breakpoint
-- A short list of pending entries: imports write a page of the index once for many products, and searches read little.
CREATE INDEX CONCURRENTLY products_terms_idx ON products USING gin (product_terms(search_text, categories, computed_status, computed_hanafi, computed_shafii, computed_maliki, computed_hanbali)) WITH (gin_pending_list_limit = 256);
--> statement-breakpoint
-- One product in 64, as ids are random: tells in a millisecond whether thousands would be found.
CREATE INDEX CONCURRENTLY products_sample_terms_idx ON products USING gin (product_terms(search_text, categories, computed_status, computed_hanafi, computed_shafii, computed_maliki, computed_hanbali)) WITH (gin_pending_list_limit = 64) WHERE id < '04000000-0000-0000-0000-000000000000';
--> statement-breakpoint
CREATE INDEX CONCURRENTLY product_words_forms_idx ON product_words USING gin (search_forms(word)) WITH (gin_pending_list_limit = 256);
--> statement-breakpoint
ANALYZE products, product_words;
