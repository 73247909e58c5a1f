CREATE TABLE "journal_consumers" (
	"name" text PRIMARY KEY NOT NULL,
	"database_id" text NOT NULL,
	"seen" pg_snapshot NOT NULL,
	"seen_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "recall_feeds" (
	"url" text PRIMARY KEY NOT NULL,
	"etag" text,
	"last_modified" text,
	"failures" integer DEFAULT 0 NOT NULL,
	"last_error" text,
	"next_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"succeeded_at" timestamp (3) with time zone
);
--> statement-breakpoint
-- Of products to read and judge again one job waits, and one more may run: a change that comes during a run is not in it.
SELECT pgboss.create_queue('products-analyse', '{"policy": "short"}');
--> statement-breakpoint
-- As before, and a line in the journal, from which the worker learns it.
CREATE OR REPLACE FUNCTION count_change() RETURNS trigger LANGUAGE plpgsql AS $$
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
    INSERT INTO cache_events (topic) VALUES ('analysis');
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
-- A notification whose planning has ended needs no place, and the place is somebody's phone.
UPDATE push_notifications SET planned_user = NULL, planned_token = NULL WHERE state <> 'planning' AND planned_user IS NOT NULL;
--> statement-breakpoint
-- Forgets what is still planned for a phone that leaves its user. The place of a notification that is being planned
-- moves to the phone before it, between which and this one there is none.
CREATE FUNCTION forget_device() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM deliveries WHERE user_id = OLD.user_id AND token = OLD.token AND state = 'planned';
  UPDATE push_notifications SET (planned_user, planned_token) = (
    SELECT d.user_id, d.token FROM devices d WHERE (d.user_id, d.token) < (OLD.user_id, OLD.token)
    ORDER BY d.user_id DESC, d.token DESC LIMIT 1)
  WHERE state = 'planning' AND planned_user = OLD.user_id AND planned_token = OLD.token;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER forget AFTER DELETE ON devices FOR EACH ROW EXECUTE FUNCTION forget_device();
--> statement-breakpoint
-- Six batches of 100 within any second are all that Expo takes: each is sent in one of six slots.
CREATE TABLE "push_slots" (
	"number" smallint PRIMARY KEY NOT NULL,
	"free_at" timestamp with time zone DEFAULT now() NOT NULL,
	"holder" uuid,
	"held_until" timestamp with time zone
);
--> statement-breakpoint
INSERT INTO push_slots (number) SELECT generate_series(1, 6);
--> statement-breakpoint
-- At least so many users: two of them may have one bit.
ALTER TABLE "scan_rollups" ADD COLUMN "certain" smallint GENERATED ALWAYS AS (bit_count("users")::smallint) STORED NOT NULL;
--> statement-breakpoint
DROP MATERIALIZED VIEW trending_products;
--> statement-breakpoint
-- As before, but days are first merged by what is short: users of a week are no more than those of its days together, so
-- that the sets of nearly all products, which few have scanned, need not be joined.
CREATE MATERIALIZED VIEW trending_products AS
  WITH last_day AS MATERIALIZED (
    SELECT max(day) AS day FROM scan_rollup_days HAVING max(day) >= (now() AT TIME ZONE 'UTC')::date - 3
  ), candidates AS MATERIALIZED (
    SELECT cell5, barcode FROM (
      SELECT cell5, barcode, certain FROM scan_rollups WHERE day = (SELECT day FROM last_day)
      UNION ALL SELECT cell5, barcode, certain FROM scan_rollups WHERE day = (SELECT day - 1 FROM last_day)
      UNION ALL SELECT cell5, barcode, certain FROM scan_rollups WHERE day = (SELECT day - 2 FROM last_day)
      UNION ALL SELECT cell5, barcode, certain FROM scan_rollups WHERE day = (SELECT day - 3 FROM last_day)
      UNION ALL SELECT cell5, barcode, certain FROM scan_rollups WHERE day = (SELECT day - 4 FROM last_day)
      UNION ALL SELECT cell5, barcode, certain FROM scan_rollups WHERE day = (SELECT day - 5 FROM last_day)
      UNION ALL SELECT cell5, barcode, certain FROM scan_rollups WHERE day = (SELECT day - 6 FROM last_day)
    ) AS days
    GROUP BY cell5, barcode HAVING sum(certain) >= 20
  ), week AS MATERIALIZED (
    SELECT c.cell5, c.barcode, joined.users FROM last_day, candidates c, LATERAL (
      SELECT bit_or(r.users) AS users FROM scan_rollups r
      WHERE r.day = ANY (ARRAY[last_day.day, last_day.day - 1, last_day.day - 2, last_day.day - 3, last_day.day - 4, last_day.day - 5, last_day.day - 6]) AND r.cell5 = c.cell5 AND r.barcode = c.barcode
    ) AS joined
    WHERE bit_count(joined.users) >= 20
  ), noisy AS (
    SELECT w.cell5, w.barcode, bit_count(w.users) AS certain, estimate_users(w.users) AS estimate,
      trend_noise(w.cell5, w.barcode, last_day.day, s.seed) AS noise, last_day.day
    FROM week w, last_day, trend_seed s
  )
  SELECT cell5, barcode, greatest(20, round((estimate + noise) / 10) * 10)::int AS users, day AS until
  FROM noisy WHERE certain + noise >= 32;
--> statement-breakpoint
CREATE UNIQUE INDEX trending_products_cell5_barcode_key ON trending_products (cell5, barcode);
--> statement-breakpoint
CREATE INDEX trending_products_cell5_users_idx ON trending_products (cell5, users DESC, barcode);
