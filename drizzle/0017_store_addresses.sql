-- Stores are found by their street, too. It stands last, so that a long list of names is not pushed out of the words.
CREATE FUNCTION store_search_text(name text, address text, city text, names jsonb, other_names text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN public.normalize_text(concat_ws(' ', name, city, (
  SELECT string_agg(other, ' ' ORDER BY other) FROM (
    SELECT value AS other FROM jsonb_each_text(names) UNION SELECT unnest(other_names)
  ) AS others WHERE other <> name), address));
--> statement-breakpoint
CREATE OR REPLACE FUNCTION fill_store_search_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.search_text := store_search_text(NEW.name, NEW.address, NEW.city, NEW.names, NEW.other_names);
  RETURN NEW;
END $$;
--> statement-breakpoint
DROP TRIGGER fill_search_text ON stores;
--> statement-breakpoint
CREATE TRIGGER fill_search_text BEFORE INSERT OR UPDATE OF name, address, city, names, other_names ON stores
FOR EACH ROW EXECUTE FUNCTION fill_store_search_text();
--> statement-breakpoint
DROP FUNCTION store_search_text(text, text, jsonb, text[]);
