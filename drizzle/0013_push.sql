-- Which user a token of Expo belongs to. Not a users' table: its key is the phone, which goes from user to user.
CREATE TABLE "push_tokens" (
	"token" text PRIMARY KEY NOT NULL,
	"owner" uuid NOT NULL
);
--> statement-breakpoint
CREATE INDEX "push_tokens_owner_idx" ON "push_tokens" USING btree ("owner");
--> statement-breakpoint
CREATE TABLE "devices" (
	"user_id" uuid NOT NULL,
	"token" text NOT NULL,
	"platform" text NOT NULL,
	"time_zone" text NOT NULL,
	"cell5" text,
	"is_enabled" boolean DEFAULT true NOT NULL,
	"registered_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"seen_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "devices_user_id_token_pk" PRIMARY KEY("user_id","token"),
	CONSTRAINT "devices_platform_known" CHECK ("devices"."platform" in ('ios', 'android')),
	CONSTRAINT "devices_cell5_is_coarse" CHECK ("devices"."cell5" ~ '^[0-9b-hjkmnp-z]{5}$')
);
--> statement-breakpoint
CREATE TABLE "push_preferences" (
	"user_id" uuid PRIMARY KEY NOT NULL,
	"kinds" text[] DEFAULT '{recall,alert}' NOT NULL,
	"quiet_from" smallint,
	"quiet_until" smallint,
	"by_area" boolean DEFAULT true NOT NULL,
	"by_favorites" boolean DEFAULT true NOT NULL,
	"by_scans" boolean DEFAULT true NOT NULL,
	CONSTRAINT "push_preferences_kinds_known" CHECK ("push_preferences"."kinds" <@ array['recall', 'alert']),
	CONSTRAINT "push_preferences_quiet_hours" CHECK (("quiet_from" is null) = ("quiet_until" is null) and "quiet_from" between 0 and 1439 and "quiet_until" between 0 and 1439)
);
--> statement-breakpoint
CREATE TABLE "push_notifications" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"alert_id" uuid,
	"kind" text NOT NULL,
	"is_gravest" boolean DEFAULT false NOT NULL,
	"title" text NOT NULL,
	"body" text NOT NULL,
	"audience" jsonb NOT NULL,
	"state" text DEFAULT 'planning' NOT NULL,
	"planned_user" uuid,
	"planned_token" text,
	"starts_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "push_notifications_kind_known" CHECK ("push_notifications"."kind" in ('recall', 'alert')),
	CONSTRAINT "push_notifications_state_known" CHECK ("push_notifications"."state" in ('planning', 'planned', 'cancelled'))
);
--> statement-breakpoint
CREATE UNIQUE INDEX "push_notifications_alert_id_key" ON "push_notifications" USING btree ("alert_id");
--> statement-breakpoint
CREATE TABLE "deliveries" (
	"user_id" uuid NOT NULL,
	"notification_id" uuid NOT NULL,
	"token" text NOT NULL,
	"state" text DEFAULT 'planned' NOT NULL,
	"is_gravest" boolean NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL,
	"claim" uuid,
	"sending_at" timestamp (3) with time zone,
	"tries" smallint DEFAULT 0 NOT NULL,
	"ticket_id" text,
	"ticket_at" timestamp (3) with time zone,
	"error" text,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "deliveries_user_id_notification_id_token_pk" PRIMARY KEY("user_id","notification_id","token"),
	CONSTRAINT "deliveries_state_known" CHECK ("deliveries"."state" in ('planned', 'sending', 'ticket', 'delivered', 'unknown', 'dead'))
);
--> statement-breakpoint
-- One row: when the next batch may go to Expo, and whether sending was stopped.
CREATE TABLE "push_rate" (
	"id" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"next_at" timestamp with time zone DEFAULT now() NOT NULL,
	"halted_at" timestamp (3) with time zone,
	"halted_because" text,
	CONSTRAINT "push_rate_one_row" CHECK ("push_rate"."id")
);
--> statement-breakpoint
INSERT INTO push_rate DEFAULT VALUES;
--> statement-breakpoint
-- The publisher's transaction puts a job into it, also where no worker has run yet.
SELECT pgboss.create_queue('push-plan', '{"policy": "exclusive"}');
--> statement-breakpoint
-- Registers a phone, which leaves the user who had it before. Of more than 20 phones of a user, those that were not seen
-- for longest are forgotten.
CREATE FUNCTION register_device(owner uuid, device_token text, device_platform text, zone text, cell text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  previous uuid;
  forgotten text[];
BEGIN
  -- An unknown zone is refused here and not when a notification is sent.
  PERFORM now() AT TIME ZONE zone;
  PERFORM pg_advisory_xact_lock(hashtextextended(register_device.owner::text, 0));
  SELECT t.owner INTO previous FROM push_tokens t WHERE t.token = device_token FOR UPDATE;
  INSERT INTO push_tokens AS t (token, owner) VALUES (device_token, register_device.owner)
  ON CONFLICT (token) DO UPDATE SET owner = excluded.owner;
  IF previous <> register_device.owner THEN
    DELETE FROM devices d WHERE d.user_id = previous AND d.token = device_token;
  END IF;
  INSERT INTO devices AS d (user_id, token, platform, time_zone, cell5)
  VALUES (register_device.owner, device_token, device_platform, zone, cell)
  ON CONFLICT (user_id, token) DO UPDATE
  SET platform = excluded.platform, time_zone = excluded.time_zone, cell5 = excluded.cell5, is_enabled = true, seen_at = now();
  SELECT array_agg(o.token) INTO forgotten FROM (
    SELECT d.token FROM devices d WHERE d.user_id = register_device.owner
    ORDER BY d.token = device_token DESC, d.seen_at DESC, d.token OFFSET 20
  ) AS o;
  IF forgotten IS NOT NULL THEN
    -- First, as whoever takes such a phone over locks it there before the other row.
    DELETE FROM push_tokens t WHERE t.token = ANY (forgotten) AND t.owner = register_device.owner;
    DELETE FROM devices d WHERE d.user_id = register_device.owner AND d.token = ANY (forgotten);
  END IF;
END $$;
--> statement-breakpoint
-- Forgets one of a user's phones; tells whether it was there.
CREATE FUNCTION unregister_device(owner uuid, device_token text) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  was_there boolean;
BEGIN
  DELETE FROM push_tokens t WHERE t.token = device_token AND t.owner = unregister_device.owner;
  DELETE FROM devices d WHERE d.user_id = unregister_device.owner AND d.token = device_token;
  was_there := FOUND;
  RETURN was_there;
END $$;
--> statement-breakpoint
-- When quiet hours that hold at "moment" end; NULL outside of them. Units: minutes of the day.
CREATE FUNCTION quiet_end(moment timestamptz, zone text, quiet_from int, quiet_until int) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN quiet_from < quiet_until AND minute >= quiet_from AND minute < quiet_until THEN (midnight + make_interval(mins => quiet_until)) AT TIME ZONE zone
    WHEN quiet_from > quiet_until AND minute >= quiet_from THEN (midnight + interval '1 day' + make_interval(mins => quiet_until)) AT TIME ZONE zone
    WHEN quiet_from > quiet_until AND minute < quiet_until THEN (midnight + make_interval(mins => quiet_until)) AT TIME ZONE zone
  END
  FROM (
    SELECT date_trunc('day', local) AS midnight, extract(hour FROM local)::int * 60 + extract(minute FROM local)::int AS minute
    FROM (SELECT moment AT TIME ZONE zone AS local) AS here
  ) AS today
$$;
--> statement-breakpoint
-- Plans a notification of an alert that is published, in the publisher's transaction and whoever that is; takes one back
-- with its alert. Recalls concern those who scanned or saved one of their products; critical alerts concern everybody.
-- What was published long ago, as an import may bring it, is no news.
CREATE FUNCTION plan_alert_push() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  barcodes CONSTANT jsonb := nullif(to_jsonb(NEW) -> 'recall_barcodes', 'null');
  notification uuid;
BEGIN
  IF NOT NEW.is_active THEN
    UPDATE push_notifications SET state = 'cancelled' WHERE alert_id = NEW.id AND state <> 'cancelled';
    RETURN NULL;
  END IF;
  IF (NEW.severity <> 'critical' AND barcodes IS NULL) OR NEW.published_at < now() - interval '2 days' OR NEW.expires_at <= now() THEN
    RETURN NULL;
  END IF;
  INSERT INTO push_notifications (alert_id, kind, is_gravest, title, body, audience, starts_at, expires_at)
  VALUES (NEW.id, CASE WHEN barcodes IS NULL THEN 'alert' ELSE 'recall' END, NEW.severity = 'critical', NEW.title, NEW.summary,
    CASE WHEN barcodes IS NULL THEN '{"to": "everybody"}' ELSE jsonb_build_object('to', 'products', 'barcodes', barcodes) END,
    NEW.published_at, coalesce(NEW.expires_at, NEW.published_at + interval '3 days'))
  ON CONFLICT (alert_id) DO NOTHING
  RETURNING id INTO notification;
  IF notification IS NOT NULL THEN
    PERFORM enqueue_job('push-plan', jsonb_build_object('notification', notification), notification::text,
      greatest(NEW.published_at - now(), interval '0'));
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER plan_push AFTER INSERT OR UPDATE ON alerts FOR EACH ROW EXECUTE FUNCTION plan_alert_push();
