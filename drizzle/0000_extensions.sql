CREATE EXTENSION IF NOT EXISTS postgis;
--> statement-breakpoint
CREATE EXTENSION IF NOT EXISTS btree_gist;
--> statement-breakpoint
CREATE EXTENSION IF NOT EXISTS pg_trgm;
--> statement-breakpoint
CREATE EXTENSION IF NOT EXISTS unaccent;
--> statement-breakpoint
-- One normal form for search and for matching names: without case, accents, punctuation or Arabic marks
-- (tashkeel and tatweel dropped; alef, ta marbuta and alef maqsura forms made one).
CREATE FUNCTION normalize_text(input text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN btrim(regexp_replace(
  lower(public.unaccent('public.unaccent'::regdictionary, translate(
    regexp_replace(normalize(input, NFKC), U&'[\0640\064B-\065F\0670]', '', 'g'),
    U&'\0623\0625\0622\0671\0629\0649', U&'\0627\0627\0627\0627\0647\064A')) COLLATE pg_catalog.pg_c_utf8),
  '[^[:alnum:]]+' COLLATE pg_catalog.pg_c_utf8, ' ', 'g'));
--> statement-breakpoint
CREATE FUNCTION normalize_texts(input text[]) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN ARRAY(SELECT DISTINCT public.normalize_text(item) FROM unnest(input) AS item ORDER BY 1);
