-- The same terms as before. A function with a query starts that query for every row of an import; a loop costs a third.
CREATE OR REPLACE FUNCTION product_terms(search_text text, categories text[], general text, hanafi text, shafii text, maliki text, hanbali text)
RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
  terms text[] := string_to_array(search_text, ' ');
  category text;
BEGIN
  FOREACH category IN ARRAY categories LOOP
    terms := terms || ('#' || left(category, 400));
  END LOOP;
  terms := terms || ('=' || general);
  IF hanafi = 'halal' THEN
    terms := terms || '+hanafi'::text;
  END IF;
  IF shafii = 'halal' THEN
    terms := terms || '+shafii'::text;
  END IF;
  IF maliki = 'halal' THEN
    terms := terms || '+maliki'::text;
  END IF;
  IF hanbali = 'halal' THEN
    terms := terms || '+hanbali'::text;
  END IF;
  RETURN array_to_tsvector(terms);
END $$;
