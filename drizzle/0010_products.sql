ALTER TABLE "products" ADD COLUMN "search_text" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "products" ADD COLUMN "base_source" text;--> statement-breakpoint
ALTER TABLE "products" ADD CONSTRAINT "products_base_source_data_sources_id_fk" FOREIGN KEY ("base_source") REFERENCES "public"."data_sources"("id") ON DELETE no action ON UPDATE no action NOT VALID;--> statement-breakpoint
CREATE TABLE "product_removals" (
	"barcode" char(14) PRIMARY KEY NOT NULL,
	"removed_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "product_words" (
	"word" text NOT NULL
);
--> statement-breakpoint
CREATE INDEX "product_words_word_idx" ON "product_words" USING btree ("word");--> statement-breakpoint
-- A product's name, its brand and its names in other languages, normalised.
CREATE FUNCTION product_search_text(name text, brand text, names jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN rtrim(left(public.normalize_text(concat_ws(' ', name, brand, (
  SELECT string_agg(other, ' ' ORDER BY other)
  FROM (SELECT DISTINCT value AS other FROM jsonb_each_text(names)) AS others
  WHERE other IS DISTINCT FROM name))), 1000));
--> statement-breakpoint
CREATE FUNCTION fill_product_search_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.search_text := product_search_text(NEW.name, NEW.brand, NEW.names);
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER fill_search_text BEFORE INSERT OR UPDATE OF name, brand, names ON products
FOR EACH ROW EXECUTE FUNCTION fill_product_search_text();
--> statement-breakpoint
-- Everything that products are looked up by, in one index, because it then meets the lists of all of them: the words,
-- `#` and each category, `=` and the verdict in general, `+` and each school for which the verdict is halal.
CREATE FUNCTION product_terms(search_text text, categories text[], general text, hanafi text, shafii text, maliki text, hanbali text)
RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN array_to_tsvector(
  string_to_array(search_text, ' ')
  || ARRAY(SELECT '#' || left(category, 400) FROM unnest(categories) AS category)
  || ARRAY['=' || general]
  || CASE WHEN hanafi = 'halal' THEN ARRAY['+hanafi'] ELSE '{}' END
  || CASE WHEN shafii = 'halal' THEN ARRAY['+shafii'] ELSE '{}' END
  || CASE WHEN maliki = 'halal' THEN ARRAY['+maliki'] ELSE '{}' END
  || CASE WHEN hanbali = 'halal' THEN ARRAY['+hanbali'] ELSE '{}' END);
--> statement-breakpoint
-- The words that can be meant by a misspelled one: as long as those that `search_forms` knows.
CREATE FUNCTION learn_product_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO product_words (word)
    SELECT word FROM (
      SELECT DISTINCT unnest(string_to_array(search_text, ' ')) AS word FROM new_rows
    ) AS words
    WHERE length(word) BETWEEN 4 AND 40 AND word !~ '[0-9]'
      AND NOT EXISTS (SELECT FROM product_words AS known WHERE known.word = words.word);
  ELSE
    INSERT INTO product_words (word)
    SELECT word FROM (
      SELECT DISTINCT unnest(string_to_array(search_text, ' ')) AS word
      FROM (SELECT search_text FROM new_rows EXCEPT SELECT search_text FROM old_rows) AS changed
    ) AS words
    WHERE length(word) BETWEEN 4 AND 40 AND word !~ '[0-9]'
      AND NOT EXISTS (SELECT FROM product_words AS known WHERE known.word = words.word);
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER learn_words_insert AFTER INSERT ON products REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION learn_product_words();
--> statement-breakpoint
CREATE TRIGGER learn_words_update AFTER UPDATE ON products REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION learn_product_words();
--> statement-breakpoint
-- A line of the journal names up to 200 barcodes; a statement that changes more than a thousand products leaves one
-- line for all of them. What only lists show (the statuses that are computed for them) is in no cached answer.
CREATE FUNCTION journal_products() RETURNS trigger LANGUAGE plpgsql
-- The plan is kept from the first statement, whatever its size.
SET enable_nestloop = off
AS $$
DECLARE
  barcodes text[];
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    INSERT INTO cache_events (topic) VALUES ('product');
    RETURN NULL;
  ELSIF TG_OP = 'INSERT' THEN
    barcodes := ARRAY(SELECT barcode FROM new_rows LIMIT 1001);
  ELSIF TG_OP = 'DELETE' THEN
    barcodes := ARRAY(SELECT barcode FROM old_rows LIMIT 1001);
  ELSE
    barcodes := ARRAY(
      SELECT unnest(CASE WHEN n.barcode = o.barcode THEN ARRAY[n.barcode] ELSE ARRAY[o.barcode, n.barcode] END)
      FROM old_rows o JOIN new_rows n ON n.id = o.id
      WHERE (o.barcode, o.name, o.names, o.brand, o.image_url, o.halal_status, o.confidence_score, o.reasons, o.additives,
          o.ingredients, o.language, o.labels, o.categories, o.allergens, o.findings, o.name_finding, o.certifier_id,
          o.source, o.base_source)
        IS DISTINCT FROM (n.barcode, n.name, n.names, n.brand, n.image_url, n.halal_status, n.confidence_score, n.reasons, n.additives,
          n.ingredients, n.language, n.labels, n.categories, n.allergens, n.findings, n.name_finding, n.certifier_id,
          n.source, n.base_source)
      LIMIT 1001);
  END IF;
  IF cardinality(barcodes) > 1000 THEN
    INSERT INTO cache_events (topic) VALUES ('product');
  ELSIF cardinality(barcodes) > 0 THEN
    INSERT INTO cache_events (topic, ref)
    SELECT 'product', string_agg(barcode, ',' ORDER BY place)
    FROM unnest(barcodes) WITH ORDINALITY AS changed(barcode, place)
    GROUP BY (place - 1) / 200;
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER journal_insert AFTER INSERT ON products REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION journal_products();
--> statement-breakpoint
CREATE TRIGGER journal_update AFTER UPDATE ON products REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION journal_products();
--> statement-breakpoint
CREATE TRIGGER journal_delete AFTER DELETE ON products REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION journal_products();
--> statement-breakpoint
CREATE TRIGGER journal_truncate AFTER TRUNCATE ON products
FOR EACH STATEMENT EXECUTE FUNCTION journal_products();
--> statement-breakpoint
-- A product's answer depends on the names of targets that are not its own yet: a line names all keys of a target, before
-- and after the change, each between two bars.
CREATE FUNCTION journal_boycott_keys() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  changed CONSTANT text := CASE TG_OP
    WHEN 'INSERT' THEN 'SELECT match_keys, gtin_prefixes FROM new_rows'
    WHEN 'DELETE' THEN 'SELECT match_keys, gtin_prefixes FROM old_rows'
    ELSE 'SELECT match_keys, gtin_prefixes FROM old_rows UNION SELECT match_keys, gtin_prefixes FROM new_rows'
  END;
  touched bigint;
BEGIN
  IF TG_OP <> 'TRUNCATE' THEN
    EXECUTE format('SELECT count(*) FROM (%s) AS changed', changed) INTO touched;
  END IF;
  IF touched IS NULL OR touched > 100 THEN
    INSERT INTO cache_events (topic) VALUES ('boycott_keys');
  ELSE
    EXECUTE format($sql$
      INSERT INTO cache_events (topic, ref)
      SELECT 'boycott_keys', '|' || array_to_string(match_keys || gtin_prefixes, '|') || '|' FROM (%s) AS changed
    $sql$, changed);
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER journal_keys_insert AFTER INSERT ON boycott_targets REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION journal_boycott_keys();
--> statement-breakpoint
CREATE TRIGGER journal_keys_update AFTER UPDATE ON boycott_targets REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION journal_boycott_keys();
--> statement-breakpoint
CREATE TRIGGER journal_keys_delete AFTER DELETE ON boycott_targets REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION journal_boycott_keys();
--> statement-breakpoint
CREATE TRIGGER journal_keys_truncate AFTER TRUNCATE ON boycott_targets
FOR EACH STATEMENT EXECUTE FUNCTION journal_boycott_keys();
