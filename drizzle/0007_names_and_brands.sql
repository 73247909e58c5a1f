ALTER TABLE "stores" ADD COLUMN "names" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "stores" ADD COLUMN "other_names" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "stores" ADD COLUMN "hidden_by_source" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "stores" ADD CONSTRAINT "stores_halal_claim_known" CHECK ("stores"."halal_claim" in ('only', 'yes', 'limited', 'no'));--> statement-breakpoint
-- A trigger writes the text from here on: a new expression would write the whole table again, and all stores that are
-- there have no other names.
ALTER TABLE "stores" ALTER COLUMN "search_text" DROP EXPRESSION;--> statement-breakpoint
ALTER TABLE "stores" ALTER COLUMN "search_text" SET DEFAULT '';--> statement-breakpoint
CREATE FUNCTION store_search_text(name text, city text, names jsonb, other_names text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN public.normalize_text(concat_ws(' ', name, city, (
  SELECT string_agg(other, ' ' ORDER BY other) FROM (
    SELECT value AS other FROM jsonb_each_text(names) UNION SELECT unnest(other_names)
  ) AS others WHERE other <> name)));
--> statement-breakpoint
CREATE FUNCTION fill_store_search_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.search_text := store_search_text(NEW.name, NEW.city, NEW.names, NEW.other_names);
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER fill_search_text BEFORE INSERT OR UPDATE OF name, city, names, other_names ON stores
FOR EACH ROW EXECUTE FUNCTION fill_store_search_text();
--> statement-breakpoint
-- Of its own, as a function with a query in it is not inlined into the searches that call it for each row.
CREATE FUNCTION long_search_terms(normal text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN array_to_tsvector(ARRAY(
  SELECT left(word, 400) FROM unnest(string_to_array(rtrim(left(normal, 8000)), ' ')) AS word));
--> statement-breakpoint
-- A text's words, as an index of names keeps them. A store with names in many languages has a long text; what is longer
-- than any store's names counts only with its beginning, as words have a longest length there.
CREATE OR REPLACE FUNCTION search_terms(normal text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN length(normal) <= 400 THEN array_to_tsvector(string_to_array(rtrim(normal), ' '))
  ELSE public.long_search_terms(normal) END;
--> statement-breakpoint
-- A brand's or company's name in small plain words: without accents, marks of registration, Arabic and Hebrew vowel
-- signs; letters that people write for one another made one (ة for ه, Persian ک for Arabic ك, ß for ss); digits 0–9;
-- `&` for itself and for a plus between words.
CREATE FUNCTION brand_words(input text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
DECLARE
  words text := regexp_replace(input, '[™℠®©℗]|ᵀᴹ|\((r|R|tm|TM|sm|SM|c|C)\)', ' ', 'g');
BEGIN
  IF words ~ '[^\x01-\x7f]' THEN
    words := translate(normalize(regexp_replace(
      lower(normalize(words, NFKD) COLLATE pg_catalog.pg_c_utf8),
      '[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u08d3-\u08ff\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]',
      '', 'g'), NFKC),
      'ıøłđðħŧςٱةہھەۃىیېےکڪگڭݣپچژڤۆۇۋ٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९০১২৩৪৫৬৭৮৯ء',
      'iolddhtσاهههههييييكككككبجزفووو0123456789012345678901234567890123456789');
    words := replace(replace(replace(replace(words, 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th');
  END IF;
  words := regexp_replace(lower(words COLLATE pg_catalog.pg_c_utf8), '&|\s[+]\s', ' & ', 'g');
  RETURN btrim(regexp_replace(words, '[^[:alnum:]&]+' COLLATE pg_catalog.pg_c_utf8, ' ', 'g'), ' &');
END $$;
--> statement-breakpoint
-- Words of `brand_words` with "and" in the languages of packages made `&`, where it stands between two words.
CREATE FUNCTION brand_ands(words text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN regexp_replace(words, ' (?:and|n|et|und|y|en|og|och|ve|oraz|и|і|та|και|و|اند|اور|और) (?=[^ ])', ' & ', 'g');
--> statement-breakpoint
-- Words of `brand_words` without the company's form and a leading "the", unless nothing else is there. Single letters
-- in a row are one word here, as in S.A. and A/S.
CREATE FUNCTION brand_core(words text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
DECLARE
  before CONSTANT text[] := '{the, pt, ооо, оао, зао, ао, пао, ип, тов, شركه, مؤسسه, مجموعه, 株, 주}';
  after_it CONSTANT text[] := '{
    inc, incorporated, corp, corporation, co, company, companies, cie, cia, ltd, limited, ltda, limitada, llc, l.l.c, llp, l.l.p, lp, plc, p.l.c, pllc,
    gmbh, g.m.b.h, mbh, m.b.h, ges, gesmbh, ag, a.g, kg, k.g, kgaa, ohg, o.h.g, ug, se, s.e, sce,
    sa, s.a, sas, s.a.s, sasu, sau, s.a.u, sarl, s.a.r.l, s.a.r.l.s, sae, s.a.e, sal, s.a.l, de, cv, c.v, spa, s.p.a, srl, s.r.l, srls, snc, s.n.c, sca, s.c.a, sl, s.l, slu, s.l.u, sro, s.r.o, eurl, e.u.r.l, eireli,
    bv, b.v, nv, n.v, ab, a.b, as, a.s, asa, a.s.a, aps, oy, oyj, sp, z.o.o, doo, d.o.o, dd, d.d, ad, a.d, ead, eood, e.o.o.d, ood, o.o.d, kft, k.f.t, zrt, nyrt, rt, r.t, uab,
    pty, proprietary, pte, pvt, private, sdn, bhd, berhad, tbk, persero, kk, k.k, jsc, pjsc, ojsc, cjsc, wll, w.l.l, fze, fzco, psc, p.s.c, saog, s.a.o.g, ksc, k.s.c, qsc, q.s.c, qpsc, bsc, b.s.c,
    san, sanayi, tic, ticaret, sti, sirketi, anonim, ve,
    ооо, оао, зао, ао, пао, тоо, тов, ип, ش.م.م, ش.م.ع, ش.م.ك, ش.م.س, ذ.م.م, ش.ذ.م.م, المحدوده, المساهمه,
    &, and, et, und}';
  part text[];
  last integer;
BEGIN
  IF words ~ '[\u3400-\u9fff\uac00-\ud7a3]' THEN
    words := regexp_replace(regexp_replace(words, '^(?:株式会社|有限会社|주식회사) ?(?=[^ ])', ''),
      '(?<=[^ ])(?: ?(?:株式会社|有限会社|股份有限公司|有限公司|公司|주식회사|유한회사))+$', '');
  END IF;
  IF position(' ' IN words) = 0 THEN
    RETURN words;
  END IF;
  part := string_to_array(regexp_replace(words, '(?<=(?:^| )[[:alnum:]]) (?=[[:alnum:]](?: |$))' COLLATE pg_catalog.pg_c_utf8, '.', 'g'), ' ');
  last := array_length(part, 1);
  WHILE last > 1 AND part[last] = ANY (after_it) LOOP
    last := last - 1;
  END LOOP;
  RETURN array_to_string(part[CASE WHEN last > 1 AND part[1] = ANY (before) THEN 2 ELSE 1 END : last], ' ');
END $$;
--> statement-breakpoint
-- A name's words as one.
CREATE FUNCTION brand_joined(words text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN translate(replace(words, '&', 'and'), ' .', '');
--> statement-breakpoint
-- The one key of a company's name, by which two targets are the same: Coca-Cola® is The Coca-Cola Company, and CocaCola.
CREATE FUNCTION brand_key(input text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN public.brand_joined(public.brand_core(public.brand_ands(public.brand_words(input))));
--> statement-breakpoint
-- Generated columns are made again with their function, which is another one now.
ALTER TABLE "boycott_targets" DROP COLUMN "match_keys";--> statement-breakpoint
ALTER TABLE "boycott_targets" DROP COLUMN "company_key";--> statement-breakpoint
-- All keys of some names. Two names are the same when they share a key: whole and without the company's form (PepsiCo
-- and Pepsi Co share the first, Nestlé S.A. and Nestle the second), with "and" as it is written and as `&`, and with
-- the words apart where `&` is left out (H M is H&M, HM is not). A key is a whole name, never a part of one.
CREATE OR REPLACE FUNCTION normalize_texts(input text[]) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
DECLARE
  keys text[] := '{}';
  item text;
  words text;
  ands text;
BEGIN
  FOREACH item IN ARRAY input LOOP
    words := public.brand_words(item);
    CONTINUE WHEN words IS NULL OR words = '';
    ands := public.brand_ands(words);
    keys := keys || replace(words, ' & ', ' ') || public.brand_joined(words) || public.brand_joined(public.brand_core(words));
    IF ands <> words THEN
      keys := keys || public.brand_joined(ands) || public.brand_joined(public.brand_core(ands));
    END IF;
  END LOOP;
  RETURN ARRAY(SELECT DISTINCT key FROM unnest(keys) AS key WHERE key <> '' ORDER BY 1);
END $$;
--> statement-breakpoint
-- The keys of the brands on a package: of the text as a whole, and of each brand of a list.
CREATE FUNCTION brand_keys(written text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN public.normalize_texts(written || regexp_split_to_array(written, '[,;|،؛、，；]'));
--> statement-breakpoint
-- Targets that were two by their spelling become one: the active one that was changed last, with what the others of
-- the same state have besides.
WITH grouped AS (
  SELECT t.*, first_value(id) OVER same AS kept_id, first_value(active) OVER same AS kept_active
  FROM boycott_targets t
  WINDOW same AS (PARTITION BY coalesce(nullif(brand_key(company_name), ''), company_name) ORDER BY active DESC, updated_at DESC, id)
), kept AS (
  UPDATE boycott_targets t SET
    brands = ARRAY(
      SELECT DISTINCT brand FROM grouped g, unnest(g.brands || g.company_name) AS brand
      WHERE g.kept_id = t.id AND g.active = t.active AND brand <> t.company_name),
    reasons = ARRAY(
      SELECT DISTINCT reason FROM grouped g, unnest(g.reasons) AS reason WHERE g.kept_id = t.id AND g.active = t.active),
    gtin_prefixes = ARRAY(
      SELECT DISTINCT prefix FROM grouped g, unnest(g.gtin_prefixes) AS prefix WHERE g.kept_id = t.id AND g.active = t.active),
    parent_company = coalesce(t.parent_company, (
      SELECT max(g.parent_company) FROM grouped g WHERE g.kept_id = t.id AND g.active = t.active))
  WHERE t.id IN (SELECT kept_id FROM grouped WHERE id <> kept_id)
)
DELETE FROM boycott_targets t USING grouped g WHERE t.id = g.id AND g.id <> g.kept_id;
--> statement-breakpoint
ALTER TABLE "boycott_targets" ADD COLUMN "company_key" text GENERATED ALWAYS AS ((coalesce(nullif(brand_key(company_name), ''), company_name))) STORED NOT NULL;--> statement-breakpoint
ALTER TABLE "boycott_targets" ADD COLUMN "match_keys" text[] GENERATED ALWAYS AS ((normalize_texts(brands || array[company_name] || array_remove(array[parent_company], null)))) STORED NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX "boycott_targets_company_key_key" ON "boycott_targets" USING btree ("company_key");--> statement-breakpoint
CREATE INDEX "boycott_targets_match_keys_idx" ON "boycott_targets" USING gin ("match_keys") WHERE active;--> statement-breakpoint
-- What their source says are not halal were listed so far.
UPDATE stores SET removed_at = now(), hidden_by_source = true WHERE halal_claim = 'no' AND removed_at IS NULL;
