CREATE TABLE "app_config" (
	"id" text PRIMARY KEY DEFAULT 'app' NOT NULL,
	"ios_minimum_version" text,
	"ios_latest_version" text,
	"ios_store_url" text,
	"android_minimum_version" text,
	"android_latest_version" text,
	"android_store_url" text,
	"maintenance_message" jsonb,
	"maintenance_until" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "app_config_one_row" CHECK ("app_config"."id" = 'app'),
	CONSTRAINT "app_config_versions" CHECK ("app_config"."ios_minimum_version" ~ '^[0-9]{1,6}([.][0-9]{1,6}){2}$' and "app_config"."ios_latest_version" ~ '^[0-9]{1,6}([.][0-9]{1,6}){2}$' and "app_config"."android_minimum_version" ~ '^[0-9]{1,6}([.][0-9]{1,6}){2}$' and "app_config"."android_latest_version" ~ '^[0-9]{1,6}([.][0-9]{1,6}){2}$'),
	CONSTRAINT "app_config_ios_order" CHECK (string_to_array("app_config"."ios_latest_version", '.')::int[] >= string_to_array("app_config"."ios_minimum_version", '.')::int[]),
	CONSTRAINT "app_config_android_order" CHECK (string_to_array("app_config"."android_latest_version", '.')::int[] >= string_to_array("app_config"."android_minimum_version", '.')::int[]),
	CONSTRAINT "app_config_links" CHECK ("app_config"."ios_store_url" ~ '^https://' and "app_config"."android_store_url" ~ '^https://'),
	CONSTRAINT "app_config_maintenance" CHECK ("app_config"."maintenance_until" is null or "app_config"."maintenance_message" is not null)
);
--> statement-breakpoint
-- Nothing is required of any app until an administrator says so.
INSERT INTO app_config (id) VALUES ('app');
--> statement-breakpoint
CREATE TRIGGER touch BEFORE UPDATE ON app_config FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
--> statement-breakpoint
CREATE TRIGGER journal_insert AFTER INSERT ON app_config REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION journal_rows('app_config', 'id');
--> statement-breakpoint
CREATE TRIGGER journal_update AFTER UPDATE ON app_config REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION journal_rows('app_config', 'id');
--> statement-breakpoint
CREATE TRIGGER journal_delete AFTER DELETE ON app_config REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION journal_rows('app_config', 'id');
--> statement-breakpoint
CREATE TRIGGER journal_truncate AFTER TRUNCATE ON app_config
FOR EACH STATEMENT EXECUTE FUNCTION journal_rows('app_config', 'id');
--> statement-breakpoint
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON app_config FOR EACH ROW
WHEN (coalesce(current_setting('audit.actor', true), '') <> '' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION audit_row('app_config', 'id');
