-- A store as the entry of a cell wants it: a `StoreSummary` but for the certifier's name, which is in another table, and
-- then its names in other languages, its hours and its time zone. Made with each write, because making it took half of
-- the time of a cell's query. The numbers are spelled by `extra_float_digits`, which nobody sets.
CREATE FUNCTION store_summary(id uuid, name text, latitude float8, longitude float8, store_type text,
  halal_certified boolean, address text, city text, postal_code text, country text, phone text, website text,
  image_url text, certifier_id text, average_rating real, halal_claim text, review_count int, names jsonb,
  opening_hours text, time_zone text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
  SELECT row_to_json(summary)::text FROM (
    SELECT id, name, latitude, longitude, store_type AS "storeType", halal_certified AS "halalCertified", address, city,
      postal_code AS "postalCode", country, phone, website, image_url AS "imageUrl", certifier_id AS "certifierId",
      average_rating AS "averageRating", halal_claim AS "halalClaim", review_count AS "reviewCount", names,
      opening_hours AS "openingHours", time_zone AS "timeZone"
  ) AS summary
);
--> statement-breakpoint
ALTER TABLE "stores" ADD COLUMN "summary" text GENERATED ALWAYS AS ((store_summary(id, name, latitude, longitude, store_type, halal_certified, address, city, postal_code, country, phone, website, image_url, certifier_id, average_rating, halal_claim, review_count, names, opening_hours, time_zone))) STORED NOT NULL;
--> statement-breakpoint
-- The planner takes one user's partition for so much cheaper than all of them that it plans anew at each call, which
-- took longer than the work: a kept plan finds the partition when it runs.
ALTER FUNCTION record_scans(uuid, jsonb, int) SET plan_cache_mode = force_generic_plan;
--> statement-breakpoint
ALTER FUNCTION remove_scan(uuid, uuid) SET plan_cache_mode = force_generic_plan;
--> statement-breakpoint
ALTER FUNCTION change_favorites(uuid, jsonb, int, int) SET plan_cache_mode = force_generic_plan;
