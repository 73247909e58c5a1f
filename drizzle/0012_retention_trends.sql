-- False: the position is the middle of its geohash cell of five characters (about 5 km), because the scan is old.
ALTER TABLE "scans" ADD COLUMN "position_is_exact" boolean DEFAULT true NOT NULL;
--> statement-breakpoint
CREATE TABLE "scan_rollups" (
	"day" date NOT NULL,
	"cell5" text NOT NULL,
	"barcode" char(14) NOT NULL,
	"users" bit(1024) NOT NULL,
	CONSTRAINT "scan_rollups_day_cell5_barcode_pk" PRIMARY KEY("day","cell5","barcode")
);
--> statement-breakpoint
CREATE TABLE "scan_rollup_days" (
	"day" date PRIMARY KEY NOT NULL,
	"rolled_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
-- One row: what makes users' bits and the noise of trends unpredictable to those who know ids and barcodes.
CREATE TABLE "trend_seed" (
	"seed" bigint NOT NULL
);
--> statement-breakpoint
INSERT INTO trend_seed (seed) VALUES (hashtextextended(gen_random_uuid()::text || gen_random_uuid()::text, 0));
--> statement-breakpoint
-- A user as one of 1,024 bits: 64 slots in each of 16 levels, of which each has half the users of the one before.
-- Sets of users are then joined by OR, and never count more users than there are.
CREATE FUNCTION user_bit(owner uuid, seed bigint) RETURNS bit(1024) LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT set_bit(repeat('0', 1024)::bit(1024),
    (hashtextextended(owner::text, seed) & 63)::int + 64 * (coalesce(nullif(strpos(
      reverse(((hashtextextended(owner::text, seed) >> 6) & 65535)::int::bit(16)::text), '1'), 0), 16) - 1), 1)
$$;
--> statement-breakpoint
-- Estimates how many users a set has, by linear counting from the first level that is not nearly full.
CREATE FUNCTION estimate_users(users bit(1024)) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  WITH levels AS (
    SELECT level, bit_count(substring(users FROM level * 64 + 1 FOR 64))::float8 AS filled FROM generate_series(0, 15) AS level
  ), first AS (
    SELECT coalesce(min(level) FILTER (WHERE filled <= 48), 15) AS level FROM levels
  )
  SELECT 2 ^ first.level * sum(-64 * ln(1 - least(levels.filled, 63) / 64))
  FROM levels, first WHERE levels.level >= first.level GROUP BY first.level
$$;
--> statement-breakpoint
-- Noise of Laplace's distribution with scale 4, cut at 12; the same for the same product, cell and day.
CREATE FUNCTION trend_noise(cell5 text, barcode text, day date, seed bigint) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT greatest(-12, least(12, -4 * sign(u) * ln(1 - 2 * least(abs(u), 0.4999999))))
  FROM (
    SELECT (hashtextextended(cell5 || '/' || barcode || '/' || day, seed) & 9007199254740991) / 9007199254740992::float8 - 0.5 AS u
  ) AS uniform
$$;
--> statement-breakpoint
-- What was scanned most within the last seven days that are rolled up; whole days only, so that an answer changes once
-- a day, with another noise. A product is shown where its users and the noise are 32 at least, hence 20 users or more.
CREATE MATERIALIZED VIEW trending_products AS
  WITH last_day AS MATERIALIZED (
    SELECT max(day) AS day FROM scan_rollup_days HAVING max(day) >= (now() AT TIME ZONE 'UTC')::date - 3
  ), week AS MATERIALIZED (
    SELECT r.cell5, r.barcode, bit_or(r.users) AS users FROM scan_rollups r, last_day
    WHERE r.day > last_day.day - 7 AND r.day <= last_day.day
    GROUP BY r.cell5, r.barcode HAVING bit_count(bit_or(r.users)) >= 20
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
--> statement-breakpoint
-- Runs as the owner of the view: the role of the service owns nothing.
CREATE FUNCTION refresh_trending_products() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  REFRESH MATERIALIZED VIEW CONCURRENTLY trending_products;
END $$;
