CREATE TABLE "analysis_state" (
	"is_only" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"lexicon_version" integer DEFAULT 1 NOT NULL,
	"rulings_version" integer DEFAULT 1 NOT NULL,
	"own_content" text,
	"loaded_at" timestamp (3) with time zone,
	CONSTRAINT "analysis_state_is_only" CHECK ("analysis_state"."is_only")
);
--> statement-breakpoint
CREATE TABLE "lexicon_phrases" (
	"role" text NOT NULL,
	"language" text NOT NULL,
	"words" text[] NOT NULL,
	"source" text NOT NULL,
	CONSTRAINT "lexicon_phrases_role_language_source_pk" PRIMARY KEY("role","language","source"),
	CONSTRAINT "lexicon_phrases_role_known" CHECK ("lexicon_phrases"."role" in ('heading', 'modifier', 'noise'))
);
--> statement-breakpoint
CREATE TABLE "substance_rulings" (
	"substance" text NOT NULL,
	"madhab" text,
	"halal_status" text NOT NULL,
	"confidence" double precision NOT NULL,
	"reason_code" text NOT NULL,
	"source_name" text NOT NULL,
	"source_ref" text,
	"note" text,
	"is_locked" boolean DEFAULT false NOT NULL,
	"source" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "substance_rulings_substance_madhab_key" UNIQUE NULLS NOT DISTINCT("substance","madhab"),
	CONSTRAINT "substance_rulings_substance_form" CHECK ("substance_rulings"."substance" ~ '^[a-z]{1,3}:.'),
	CONSTRAINT "substance_rulings_madhab_known" CHECK ("substance_rulings"."madhab" in ('hanafi', 'shafii', 'maliki', 'hanbali')),
	CONSTRAINT "substance_rulings_halal_status_known" CHECK ("substance_rulings"."halal_status" in ('halal', 'haram', 'doubtful', 'unknown')),
	CONSTRAINT "substance_rulings_confidence_range" CHECK ("substance_rulings"."confidence" between 0 and 1),
	CONSTRAINT "substance_rulings_source_named" CHECK ("substance_rulings"."source_name" ~ '\S')
);
--> statement-breakpoint
CREATE TABLE "substance_words" (
	"substance" text NOT NULL,
	"language" text NOT NULL,
	"words" text[] NOT NULL,
	"source" text NOT NULL,
	CONSTRAINT "substance_words_substance_language_source_pk" PRIMARY KEY("substance","language","source"),
	CONSTRAINT "substance_words_language_form" CHECK ("substance_words"."language" ~ '^[a-z]{2,3}$')
);
--> statement-breakpoint
CREATE TABLE "substances" (
	"id" text PRIMARY KEY NOT NULL,
	"parents" text[] DEFAULT '{}' NOT NULL,
	"kind" text,
	"additive" text,
	"vegan" text,
	"vegetarian" text,
	"source" text NOT NULL,
	CONSTRAINT "substances_id_form" CHECK ("substances"."id" ~ '^[a-z]{1,3}:.' and octet_length("substances"."id") <= 300),
	CONSTRAINT "substances_kind_known" CHECK ("substances"."kind" in ('animal', 'dairy', 'egg', 'fish', 'insect', 'plant', 'fungus', 'mineral', 'water', 'synthetic', 'microbial', 'alcohol', 'mixed', 'function')),
	CONSTRAINT "substances_vegan_known" CHECK ("substances"."vegan" in ('yes', 'no', 'maybe')),
	CONSTRAINT "substances_vegetarian_known" CHECK ("substances"."vegetarian" in ('yes', 'no', 'maybe'))
);
--> statement-breakpoint
ALTER TABLE "products" ADD COLUMN "ingredient_texts" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "products" ADD COLUMN "language" text;--> statement-breakpoint
ALTER TABLE "products" ADD COLUMN "categories" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "products" ADD COLUMN "allergens" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "products" ADD COLUMN "findings" text;--> statement-breakpoint
ALTER TABLE "products" ADD COLUMN "name_finding" jsonb;--> statement-breakpoint
ALTER TABLE "products" ADD COLUMN "analysis_version" integer;--> statement-breakpoint
ALTER TABLE "products" ADD COLUMN "computed_status" text DEFAULT 'unknown' NOT NULL;--> statement-breakpoint
ALTER TABLE "products" ADD COLUMN "computed_hanafi" text DEFAULT 'unknown' NOT NULL;--> statement-breakpoint
ALTER TABLE "products" ADD COLUMN "computed_shafii" text DEFAULT 'unknown' NOT NULL;--> statement-breakpoint
ALTER TABLE "products" ADD COLUMN "computed_maliki" text DEFAULT 'unknown' NOT NULL;--> statement-breakpoint
ALTER TABLE "products" ADD COLUMN "computed_hanbali" text DEFAULT 'unknown' NOT NULL;--> statement-breakpoint
ALTER TABLE "products" ADD COLUMN "computed_version" integer;--> statement-breakpoint
ALTER TABLE "scans" ADD COLUMN "basis" text DEFAULT 'none' NOT NULL;--> statement-breakpoint
ALTER TABLE "scans" ADD COLUMN "madhab" text;--> statement-breakpoint
ALTER TABLE "scans" ADD COLUMN "by_school" jsonb;--> statement-breakpoint
ALTER TABLE "lexicon_phrases" ADD CONSTRAINT "lexicon_phrases_source_data_sources_id_fk" FOREIGN KEY ("source") REFERENCES "public"."data_sources"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "substance_rulings" ADD CONSTRAINT "substance_rulings_source_data_sources_id_fk" FOREIGN KEY ("source") REFERENCES "public"."data_sources"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "substance_words" ADD CONSTRAINT "substance_words_substance_substances_id_fk" FOREIGN KEY ("substance") REFERENCES "public"."substances"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "substance_words" ADD CONSTRAINT "substance_words_source_data_sources_id_fk" FOREIGN KEY ("source") REFERENCES "public"."data_sources"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "substances" ADD CONSTRAINT "substances_source_data_sources_id_fk" FOREIGN KEY ("source") REFERENCES "public"."data_sources"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "products" ADD CONSTRAINT "products_language_form" CHECK ("products"."language" ~ '^[a-z]{2,3}$') NOT VALID;--> statement-breakpoint
ALTER TABLE "products" ADD CONSTRAINT "products_findings_length" CHECK (octet_length("products"."findings") <= 2048) NOT VALID;--> statement-breakpoint
ALTER TABLE "products" ADD CONSTRAINT "products_computed_known" CHECK (array["products"."computed_status", "products"."computed_hanafi", "products"."computed_shafii", "products"."computed_maliki", "products"."computed_hanbali"] <@ array['halal', 'haram', 'doubtful', 'unknown']) NOT VALID;--> statement-breakpoint
ALTER TABLE "scans" ADD CONSTRAINT "scans_basis_known" CHECK ("scans"."basis" in ('certified', 'claimed', 'ingredients', 'none')) NOT VALID;--> statement-breakpoint
ALTER TABLE "scans" ADD CONSTRAINT "scans_madhab_known" CHECK ("scans"."madhab" in ('hanafi', 'shafii', 'maliki', 'hanbali')) NOT VALID;
--> statement-breakpoint
INSERT INTO analysis_state DEFAULT VALUES;
--> statement-breakpoint
CREATE TRIGGER touch BEFORE UPDATE ON substance_rulings FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
--> statement-breakpoint
CREATE TRIGGER journal_insert AFTER INSERT ON substance_rulings REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION journal_rows('ruling', 'substance');
--> statement-breakpoint
CREATE TRIGGER journal_update AFTER UPDATE ON substance_rulings REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION journal_rows('ruling', 'substance');
--> statement-breakpoint
CREATE TRIGGER journal_delete AFTER DELETE ON substance_rulings REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION journal_rows('ruling', 'substance');
--> statement-breakpoint
CREATE TRIGGER journal_truncate AFTER TRUNCATE ON substance_rulings
FOR EACH STATEMENT EXECUTE FUNCTION journal_rows('ruling', 'substance');
--> statement-breakpoint
CREATE TRIGGER journal_insert AFTER INSERT ON substances REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION journal_rows('ruling', 'id');
--> statement-breakpoint
CREATE TRIGGER journal_update AFTER UPDATE ON substances REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION journal_rows('ruling', 'id');
--> statement-breakpoint
CREATE TRIGGER journal_delete AFTER DELETE ON substances REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION journal_rows('ruling', 'id');
--> statement-breakpoint
CREATE TRIGGER journal_truncate AFTER TRUNCATE ON substances
FOR EACH STATEMENT EXECUTE FUNCTION journal_rows('ruling', 'id');
--> statement-breakpoint
-- Counts the changes of what products are read with ("lexicon") and of what verdicts rest on ("rulings"): products with
-- an older number are read, or judged, again. Arguments: which of the two, or both.
CREATE FUNCTION count_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  has_changed boolean := true;
BEGIN
  IF TG_OP = 'DELETE' THEN
    SELECT EXISTS (SELECT FROM old_rows) INTO has_changed;
  ELSIF TG_OP <> 'TRUNCATE' THEN
    SELECT EXISTS (SELECT FROM new_rows) INTO has_changed;
  END IF;
  IF has_changed THEN
    UPDATE analysis_state SET
      lexicon_version = lexicon_version + ('lexicon' = ANY (TG_ARGV))::int,
      rulings_version = rulings_version + ('rulings' = ANY (TG_ARGV))::int;
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER count_insert AFTER INSERT ON substances REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION count_change('lexicon', 'rulings');
--> statement-breakpoint
CREATE TRIGGER count_update AFTER UPDATE ON substances REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION count_change('lexicon', 'rulings');
--> statement-breakpoint
CREATE TRIGGER count_delete AFTER DELETE ON substances REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION count_change('lexicon', 'rulings');
--> statement-breakpoint
CREATE TRIGGER count_truncate AFTER TRUNCATE ON substances
FOR EACH STATEMENT EXECUTE FUNCTION count_change('lexicon', 'rulings');
--> statement-breakpoint
CREATE TRIGGER count_insert AFTER INSERT ON substance_words REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION count_change('lexicon');
--> statement-breakpoint
CREATE TRIGGER count_update AFTER UPDATE ON substance_words REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION count_change('lexicon');
--> statement-breakpoint
CREATE TRIGGER count_delete AFTER DELETE ON substance_words REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION count_change('lexicon');
--> statement-breakpoint
CREATE TRIGGER count_truncate AFTER TRUNCATE ON substance_words
FOR EACH STATEMENT EXECUTE FUNCTION count_change('lexicon');
--> statement-breakpoint
CREATE TRIGGER count_insert AFTER INSERT ON lexicon_phrases REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION count_change('lexicon');
--> statement-breakpoint
CREATE TRIGGER count_update AFTER UPDATE ON lexicon_phrases REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION count_change('lexicon');
--> statement-breakpoint
CREATE TRIGGER count_delete AFTER DELETE ON lexicon_phrases REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION count_change('lexicon');
--> statement-breakpoint
CREATE TRIGGER count_truncate AFTER TRUNCATE ON lexicon_phrases
FOR EACH STATEMENT EXECUTE FUNCTION count_change('lexicon');
--> statement-breakpoint
CREATE TRIGGER count_insert AFTER INSERT ON substance_rulings REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION count_change('rulings');
--> statement-breakpoint
CREATE TRIGGER count_update AFTER UPDATE ON substance_rulings REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION count_change('rulings');
--> statement-breakpoint
CREATE TRIGGER count_delete AFTER DELETE ON substance_rulings REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION count_change('rulings');
--> statement-breakpoint
CREATE TRIGGER count_truncate AFTER TRUNCATE ON substance_rulings
FOR EACH STATEMENT EXECUTE FUNCTION count_change('rulings');
--> statement-breakpoint
CREATE TRIGGER count_insert AFTER INSERT ON additives REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION count_change('rulings');
--> statement-breakpoint
CREATE TRIGGER count_update AFTER UPDATE ON additives REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION count_change('rulings');
--> statement-breakpoint
CREATE TRIGGER count_delete AFTER DELETE ON additives REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION count_change('rulings');
--> statement-breakpoint
CREATE TRIGGER count_truncate AFTER TRUNCATE ON additives
FOR EACH STATEMENT EXECUTE FUNCTION count_change('rulings');
--> statement-breakpoint
CREATE TRIGGER count_insert AFTER INSERT ON additive_rulings REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION count_change('rulings');
--> statement-breakpoint
CREATE TRIGGER count_update AFTER UPDATE ON additive_rulings REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION count_change('rulings');
--> statement-breakpoint
CREATE TRIGGER count_delete AFTER DELETE ON additive_rulings REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION count_change('rulings');
--> statement-breakpoint
CREATE TRIGGER count_truncate AFTER TRUNCATE ON additive_rulings
FOR EACH STATEMENT EXECUTE FUNCTION count_change('rulings');
--> statement-breakpoint
CREATE TRIGGER count_insert AFTER INSERT ON certifiers REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION count_change('rulings');
--> statement-breakpoint
CREATE TRIGGER count_update AFTER UPDATE ON certifiers REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION count_change('rulings');
--> statement-breakpoint
CREATE TRIGGER count_delete AFTER DELETE ON certifiers REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION count_change('rulings');
--> statement-breakpoint
CREATE TRIGGER count_truncate AFTER TRUNCATE ON certifiers
FOR EACH STATEMENT EXECUTE FUNCTION count_change('rulings');
--> statement-breakpoint
-- Records scans, each once, and none that its user has removed; gives the rows that are there.
CREATE OR REPLACE FUNCTION record_scans(owner uuid, sent jsonb) RETURNS SETOF scans
LANGUAGE sql VOLATILE AS $$
  SELECT pg_advisory_xact_lock(hashtextextended(owner::text, 0));
  -- An update that changes nothing: unlike DO NOTHING it gives the row that is there.
  INSERT INTO scans AS s (user_id, id, barcode, scanned_at, latitude, longitude, halal_status, confidence, reasons,
    basis, madhab, by_school)
  SELECT owner, n.id, n.barcode, n."scannedAt", n.latitude, n.longitude, n."halalStatus", n.confidence, n.reasons,
    coalesce(n.basis, 'none'), n.madhab, n."bySchool"
  FROM jsonb_to_recordset(sent) AS n(
    id uuid, barcode char(14), "scannedAt" timestamptz, latitude float8, longitude float8,
    "halalStatus" text, confidence float8, reasons jsonb, basis text, madhab text, "bySchool" jsonb)
  WHERE NOT EXISTS (SELECT FROM scan_removals r WHERE r.user_id = owner AND r.id = n.id)
  ORDER BY n.id
  ON CONFLICT (user_id, id) DO UPDATE SET barcode = s.barcode
  RETURNING s.*
$$;
