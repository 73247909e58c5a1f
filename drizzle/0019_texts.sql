-- Alerts and explanations in the languages of their readers: the language in which each was written, and translations.
ALTER TABLE "additive_rulings" ADD COLUMN "explanation_language" text;
--> statement-breakpoint
ALTER TABLE "additive_rulings" ADD COLUMN "explanation_texts" jsonb DEFAULT '{}'::jsonb NOT NULL;
--> statement-breakpoint
ALTER TABLE "additives" ADD COLUMN "explanation_language" text;
--> statement-breakpoint
ALTER TABLE "additives" ADD COLUMN "explanation_texts" jsonb DEFAULT '{}'::jsonb NOT NULL;
--> statement-breakpoint
ALTER TABLE "alerts" ADD COLUMN "language" text;
--> statement-breakpoint
ALTER TABLE "alerts" ADD COLUMN "texts" jsonb DEFAULT '{}'::jsonb NOT NULL;
--> statement-breakpoint
ALTER TABLE "additive_rulings" ADD CONSTRAINT "additive_rulings_explanation_language_known" CHECK ("additive_rulings"."explanation_language" in ('en', 'fr', 'ar'));
--> statement-breakpoint
ALTER TABLE "additives" ADD CONSTRAINT "additives_explanation_language_known" CHECK ("additives"."explanation_language" in ('en', 'fr', 'ar'));
--> statement-breakpoint
ALTER TABLE "alerts" ADD CONSTRAINT "alerts_language_known" CHECK ("alerts"."language" in ('en', 'fr', 'ar'));
--> statement-breakpoint
ALTER TABLE "alerts" ADD CONSTRAINT "alerts_texts_of_others" CHECK (not jsonb_exists("alerts"."texts", "alerts"."language"));
--> statement-breakpoint
-- The demo data's explanations are English.
UPDATE "additives" SET "explanation_language" = 'en' WHERE "source" = 'demo' AND NOT "status_locked" AND "explanation" IS NOT NULL;
--> statement-breakpoint
-- The first of a user's languages that texts are in, or NULL. Units: BCP 47.
CREATE FUNCTION spoken_language(tags text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT split_part(lower(tag), '-', 1) FROM unnest(tags) WITH ORDINALITY AS wanted(tag, place)
  WHERE split_part(lower(tag), '-', 1) IN ('en', 'fr', 'ar') ORDER BY place LIMIT 1
$$;
--> statement-breakpoint
-- Reasons of verdicts name substances by their words, which are kept in memory with the rulings.
CREATE TRIGGER journal_insert AFTER INSERT ON substance_words REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION journal_rows('ruling', 'substance');
--> statement-breakpoint
CREATE TRIGGER journal_update AFTER UPDATE ON substance_words REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION journal_rows('ruling', 'substance');
--> statement-breakpoint
CREATE TRIGGER journal_delete AFTER DELETE ON substance_words REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION journal_rows('ruling', 'substance');
--> statement-breakpoint
CREATE TRIGGER journal_truncate AFTER TRUNCATE ON substance_words
FOR EACH STATEMENT EXECUTE FUNCTION journal_rows('ruling', 'substance');
