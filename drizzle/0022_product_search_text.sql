-- Most products have no names in other languages. The planner inlines `normalize_text` in this expression, but calls
-- `product_search_text` for each row, which took half of the time of an import.
CREATE OR REPLACE FUNCTION fill_product_search_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.names = '{}' THEN
    NEW.search_text := rtrim(left(coalesce(public.normalize_text(concat_ws(' ', NEW.name, NEW.brand)), ''), 1000));
  ELSE
    NEW.search_text := product_search_text(NEW.name, NEW.brand, NEW.names);
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
-- A session keeps the plans of its first call, when the table of words may be empty. The known words are looked up by a
-- list, because that plan stays linear; a join became a nested loop over all words.
CREATE OR REPLACE FUNCTION learn_product_words() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  written text[];
  words text[];
BEGIN
  IF TG_OP = 'INSERT' THEN
    written := ARRAY(SELECT DISTINCT search_text FROM new_rows);
  ELSE
    written := ARRAY(SELECT search_text FROM new_rows EXCEPT SELECT search_text FROM old_rows);
  END IF;
  words := ARRAY(
    SELECT DISTINCT word FROM unnest(written) AS text, unnest(string_to_array(text, ' ')) AS word
    WHERE length(word) BETWEEN 4 AND 40 AND word !~ '[0-9]');
  INSERT INTO product_words (word)
  SELECT unnest(words) EXCEPT SELECT word FROM product_words WHERE word = ANY (words);
  RETURN NULL;
END $$;
