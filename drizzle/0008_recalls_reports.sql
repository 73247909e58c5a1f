CREATE TABLE "audit_log" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "audit_log_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"at" timestamp (3) with time zone DEFAULT clock_timestamp() NOT NULL,
	"actor" uuid NOT NULL,
	"procedure" text NOT NULL,
	"request_id" text,
	"target" text NOT NULL,
	"target_id" text NOT NULL,
	"action" text NOT NULL,
	"before" jsonb,
	"after" jsonb
);
--> statement-breakpoint
CREATE TABLE "report_cases" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"kind" text NOT NULL,
	"barcode" char(14),
	"store_id" uuid,
	"state" text DEFAULT 'open' NOT NULL,
	"revision" integer DEFAULT 1 NOT NULL,
	"note" text,
	"resolved_by" uuid,
	"resolved_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "report_cases_kind_known" CHECK ("report_cases"."kind" in ('wrong_status', 'wrong_ingredients', 'missing_product', 'wrong_store', 'closed_store', 'verdict_feedback')),
	CONSTRAINT "report_cases_state_known" CHECK ("report_cases"."state" in ('open', 'accepted', 'rejected')),
	CONSTRAINT "report_cases_one_target" CHECK (("report_cases"."barcode" is null) <> ("report_cases"."store_id" is null)),
	CONSTRAINT "report_cases_barcode_gtin14" CHECK ("report_cases"."barcode" ~ '^[0-9]{14}$')
);
--> statement-breakpoint
CREATE TABLE "reports" (
	"user_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"is_guest" boolean NOT NULL,
	"case_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"barcode" char(14),
	"store_id" uuid,
	"text" text,
	"proposed" jsonb,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "reports_user_id_id_pk" PRIMARY KEY("user_id","id"),
	CONSTRAINT "reports_kind_known" CHECK ("reports"."kind" in ('wrong_status', 'wrong_ingredients', 'missing_product', 'wrong_store', 'closed_store', 'verdict_feedback')),
	CONSTRAINT "reports_text_length" CHECK (length("reports"."text") between 1 and 2000)
);
--> statement-breakpoint
CREATE TABLE "signing_secrets" (
	"name" text PRIMARY KEY NOT NULL,
	"secret" "bytea" NOT NULL
);
--> statement-breakpoint
ALTER TABLE "alerts" ADD COLUMN "is_held" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "alerts" ADD COLUMN "is_locked" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "alerts" ADD COLUMN "recall_barcodes" text[];--> statement-breakpoint
ALTER TABLE "alerts" ADD COLUMN "recall_lots" text[];--> statement-breakpoint
ALTER TABLE "alerts" ADD COLUMN "recall_brand" text;--> statement-breakpoint
ALTER TABLE "alerts" ADD COLUMN "recall_risk" text;--> statement-breakpoint
ALTER TABLE "alerts" ADD COLUMN "recall_what_to_do" text;--> statement-breakpoint
ALTER TABLE "alerts" ADD COLUMN "recall_countries" text[];--> statement-breakpoint
ALTER TABLE "alerts" ADD COLUMN "source" text;--> statement-breakpoint
ALTER TABLE "alerts" ADD COLUMN "source_ref" text;--> statement-breakpoint
ALTER TABLE "alerts" ADD COLUMN "source_version" integer;--> statement-breakpoint
CREATE INDEX "audit_log_target_idx" ON "audit_log" USING btree ("target","target_id","id");--> statement-breakpoint
CREATE INDEX "audit_log_actor_idx" ON "audit_log" USING btree ("actor","id");--> statement-breakpoint
CREATE UNIQUE INDEX "report_cases_open_product_key" ON "report_cases" USING btree ("barcode","kind") WHERE state = 'open' and barcode is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "report_cases_open_store_key" ON "report_cases" USING btree ("store_id","kind") WHERE state = 'open' and store_id is not null;--> statement-breakpoint
CREATE INDEX "report_cases_state_created_at_idx" ON "report_cases" USING btree ("state","created_at","id");--> statement-breakpoint
CREATE INDEX "reports_case_id_idx" ON "reports" USING btree ("case_id");--> statement-breakpoint
CREATE INDEX "reports_user_id_created_at_idx" ON "reports" USING btree ("user_id","created_at","id");--> statement-breakpoint
ALTER TABLE "alerts" ADD CONSTRAINT "alerts_source_data_sources_id_fk" FOREIGN KEY ("source") REFERENCES "public"."data_sources"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "alerts_source_ref_key" ON "alerts" USING btree ("source","source_ref");--> statement-breakpoint
ALTER TABLE "alerts" ADD CONSTRAINT "alerts_held_is_inactive" CHECK (not ("alerts"."is_held" and "alerts"."is_active"));--> statement-breakpoint
ALTER TABLE "alerts" ADD CONSTRAINT "alerts_recall_whole" CHECK (("alerts"."recall_barcodes" is null) = ("alerts"."recall_lots" is null) and ("alerts"."recall_barcodes" is null) = ("alerts"."recall_countries" is null)
        and ("alerts"."recall_barcodes" is not null or coalesce("alerts"."recall_brand", "alerts"."recall_risk", "alerts"."recall_what_to_do") is null));--> statement-breakpoint
ALTER TABLE "alerts" ADD CONSTRAINT "alerts_recall_size" CHECK (cardinality("alerts"."recall_barcodes") <= 1000);
--> statement-breakpoint
-- Two random UUIDs: 244 random bits.
INSERT INTO signing_secrets (name, secret)
VALUES ('guest', decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'));
--> statement-breakpoint
CREATE TRIGGER touch BEFORE UPDATE ON report_cases FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
--> statement-breakpoint
-- Answers by barcode show its recalls: a line for each barcode that a changed alert names, before or after.
CREATE FUNCTION journal_recalls() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  barcodes text[];
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    INSERT INTO cache_events (topic) VALUES ('recall');
    RETURN NULL;
  ELSIF TG_OP = 'INSERT' THEN
    SELECT array_agg(DISTINCT barcode) INTO barcodes FROM new_rows, unnest(recall_barcodes) AS barcode;
  ELSIF TG_OP = 'DELETE' THEN
    SELECT array_agg(DISTINCT barcode) INTO barcodes FROM old_rows, unnest(recall_barcodes) AS barcode;
  ELSE
    SELECT array_agg(DISTINCT barcode) INTO barcodes
    FROM (SELECT recall_barcodes FROM old_rows UNION ALL SELECT recall_barcodes FROM new_rows) AS changed,
      unnest(recall_barcodes) AS barcode;
  END IF;
  IF cardinality(barcodes) > 1000 THEN
    INSERT INTO cache_events (topic) VALUES ('recall');
  ELSE
    INSERT INTO cache_events (topic, ref) SELECT 'recall', barcode FROM unnest(barcodes) AS barcode;
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER journal_insert AFTER INSERT ON alerts REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION journal_recalls();
--> statement-breakpoint
CREATE TRIGGER journal_update AFTER UPDATE ON alerts REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION journal_recalls();
--> statement-breakpoint
CREATE TRIGGER journal_delete AFTER DELETE ON alerts REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION journal_recalls();
--> statement-breakpoint
CREATE TRIGGER journal_truncate AFTER TRUNCATE ON alerts
FOR EACH STATEMENT EXECUTE FUNCTION journal_recalls();
--> statement-breakpoint
-- Records a report once, whatever is sent again, and adds it to the open case of its target. "status" is "recorded",
-- "known" (sent before; the row is what was recorded then), "too_many" or "no_store". The caller's own lock comes first,
-- so that of two that are sent at once the second finds the first.
CREATE FUNCTION create_report(
  owner uuid, guest boolean, report uuid, report_kind text, report_barcode char(14), report_store uuid,
  report_text text, report_proposed jsonb, daily_max int)
RETURNS TABLE (status text, recorded_kind text, recorded_barcode text, recorded_store uuid, recorded_at timestamptz)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  found_row reports%ROWTYPE;
  open_case uuid;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(owner::text, 0));
  SELECT * INTO found_row FROM reports WHERE user_id = owner AND id = report;
  IF FOUND THEN
    RETURN QUERY SELECT 'known'::text, found_row.kind, found_row.barcode::text, found_row.store_id, found_row.created_at;
    RETURN;
  END IF;
  IF (SELECT count(*) FROM reports WHERE user_id = owner AND created_at > now() - interval '1 day') >= daily_max THEN
    RETURN QUERY SELECT 'too_many'::text, NULL::text, NULL::text, NULL::uuid, NULL::timestamptz;
    RETURN;
  END IF;
  IF report_store IS NOT NULL THEN
    PERFORM FROM stores WHERE id = report_store;
    IF NOT FOUND THEN
      RETURN QUERY SELECT 'no_store'::text, NULL::text, NULL::text, NULL::uuid, NULL::timestamptz;
      RETURN;
    END IF;
    INSERT INTO report_cases AS c (kind, store_id) VALUES (report_kind, report_store)
    ON CONFLICT (store_id, kind) WHERE state = 'open' AND store_id IS NOT NULL DO UPDATE SET revision = c.revision + 1
    RETURNING c.id INTO open_case;
  ELSE
    INSERT INTO report_cases AS c (kind, barcode) VALUES (report_kind, report_barcode)
    ON CONFLICT (barcode, kind) WHERE state = 'open' AND barcode IS NOT NULL DO UPDATE SET revision = c.revision + 1
    RETURNING c.id INTO open_case;
  END IF;
  INSERT INTO reports (user_id, id, is_guest, case_id, kind, barcode, store_id, text, proposed)
  VALUES (owner, report, guest, open_case, report_kind, report_barcode, report_store, report_text, report_proposed)
  RETURNING * INTO found_row;
  RETURN QUERY SELECT 'recorded'::text, found_row.kind, found_row.barcode::text, found_row.store_id, found_row.created_at;
END $$;
--> statement-breakpoint
-- Writes what an administrator changed in one row. Arguments: what the API calls such a row, and its key column.
-- Generated columns, and what a trigger derives for searching, say nothing that the others do not.
CREATE FUNCTION audit_row() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  hidden CONSTANT text[] := ARRAY(
    SELECT attname::text FROM pg_attribute WHERE attrelid = TG_RELID AND attgenerated <> '') || ARRAY['updated_at', 'search_text'];
  was jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) - hidden END;
  became jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) - hidden END;
  key CONSTANT text := coalesce(became, was) ->> TG_ARGV[1];
BEGIN
  IF TG_OP = 'UPDATE' THEN
    SELECT coalesce(jsonb_object_agg(o.key, o.value), '{}'), coalesce(jsonb_object_agg(o.key, became -> o.key), '{}')
    INTO was, became
    FROM jsonb_each(was) AS o WHERE became -> o.key IS DISTINCT FROM o.value;
  END IF;
  INSERT INTO audit_log (actor, procedure, request_id, target, target_id, action, before, after)
  VALUES (current_setting('audit.actor')::uuid, current_setting('audit.procedure'),
    nullif(current_setting('audit.request', true), ''), TG_ARGV[0], key, lower(TG_OP), was, became);
  RETURN NULL;
END $$;
--> statement-breakpoint
-- Only inside a transaction that names an administrator (see src/db/audited-transaction.ts), and not for what the
-- database itself writes to other rows because of it.
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON stores FOR EACH ROW
WHEN (coalesce(current_setting('audit.actor', true), '') <> '' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION audit_row('store', 'id');
--> statement-breakpoint
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON products FOR EACH ROW
WHEN (coalesce(current_setting('audit.actor', true), '') <> '' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION audit_row('product', 'barcode');
--> statement-breakpoint
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON certifiers FOR EACH ROW
WHEN (coalesce(current_setting('audit.actor', true), '') <> '' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION audit_row('certifier', 'id');
--> statement-breakpoint
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON boycott_targets FOR EACH ROW
WHEN (coalesce(current_setting('audit.actor', true), '') <> '' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION audit_row('boycott', 'id');
--> statement-breakpoint
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON additives FOR EACH ROW
WHEN (coalesce(current_setting('audit.actor', true), '') <> '' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION audit_row('additive', 'code');
--> statement-breakpoint
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON additive_rulings FOR EACH ROW
WHEN (coalesce(current_setting('audit.actor', true), '') <> '' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION audit_row('additive', 'additive_code');
--> statement-breakpoint
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON substance_rulings FOR EACH ROW
WHEN (coalesce(current_setting('audit.actor', true), '') <> '' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION audit_row('ruling', 'substance');
--> statement-breakpoint
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON alerts FOR EACH ROW
WHEN (coalesce(current_setting('audit.actor', true), '') <> '' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION audit_row('alert', 'id');
--> statement-breakpoint
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON report_cases FOR EACH ROW
WHEN (coalesce(current_setting('audit.actor', true), '') <> '' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION audit_row('report', 'id');
