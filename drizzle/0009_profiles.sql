CREATE TABLE "profiles" (
	"user_id" uuid PRIMARY KEY NOT NULL,
	"madhab" text,
	"languages" text[] DEFAULT '{}' NOT NULL,
	"allergens" text[] DEFAULT '{}' NOT NULL,
	"avoid_boycotted" boolean DEFAULT true NOT NULL,
	"avoid_additives" text[] DEFAULT '{}' NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "profiles_madhab_known" CHECK ("profiles"."madhab" in ('hanafi', 'shafii', 'maliki', 'hanbali')),
	CONSTRAINT "profiles_sizes" CHECK (cardinality("profiles"."languages") <= 10 and cardinality("profiles"."allergens") <= 50 and cardinality("profiles"."avoid_additives") <= 200)
);
--> statement-breakpoint
ALTER TABLE "favorites" DROP CONSTRAINT "favorites_product_id_products_id_fk";
--> statement-breakpoint
ALTER TABLE "favorites" ADD COLUMN "barcode" char(14);
--> statement-breakpoint
-- The id of a favourite that was saved by its barcode. Units: canonical GTIN-14.
CREATE FUNCTION barcode_favorite_id(barcode text) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN md5('favourite ' || barcode)::uuid;
--> statement-breakpoint
DROP FUNCTION change_favorites(uuid, jsonb);
--> statement-breakpoint
-- Changes of a user's favourites, merged with those that were told before, in whatever order they come: of a
-- favourite's additions and removals the latest counts, a removal where two have the same time. "addsNow" and
-- "removesNow" are later than everything before. An item has an id or, a product, a barcode; one product by both is one
-- favourite, under the id that it has already. A row for each item.
CREATE FUNCTION change_favorites(owner uuid, changes jsonb)
RETURNS TABLE (kind text, id uuid, barcode text, target uuid, is_known boolean, was_favorite boolean, is_favorite boolean)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(owner::text, 0));
  DELETE FROM favorite_removals WHERE user_id = owner AND recorded_at < now() - interval '6 months';
  RETURN QUERY
  WITH sent AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(changes) AS c(
      kind text, id uuid, barcode text, "createdAt" timestamptz, "lastAddedAt" timestamptz, "addsNow" boolean,
      "removedAt" timestamptz, "removesNow" boolean)
  ), known_products AS MATERIALIZED (
    SELECT p.id, p.barcode::text AS barcode FROM products p
    WHERE p.id IN (SELECT s.id FROM sent s WHERE s.kind = 'product')
    UNION
    SELECT p.id, p.barcode::text FROM products p
    WHERE p.barcode IN (SELECT s.barcode::char(14) FROM sent s WHERE s.barcode IS NOT NULL)
  ), known_stores AS MATERIALIZED (
    -- Locked against deletion until the favourite that names it is there.
    SELECT p.id, p.removed_at IS NULL AS is_shown FROM stores p WHERE p.id IN (SELECT s.id FROM sent s WHERE s.kind = 'store')
    FOR KEY SHARE
  ), named AS MATERIALIZED (
    SELECT s.*, p.id AS product_id, coalesce(s.barcode, p.barcode) AS gtin, t.is_shown AS store_is_shown, t.id AS store_id
    FROM sent s
    LEFT JOIN known_products p ON s.kind = 'product' AND (p.id = s.id OR p.barcode = s.barcode)
    LEFT JOIN known_stores t ON s.kind = 'store' AND t.id = s.id
  ), placed AS MATERIALIZED (
    SELECT n.*, CASE
      WHEN n.gtin IS NULL THEN n.id
      WHEN n.product_id IS NULL
        OR EXISTS (SELECT FROM favorites f WHERE f.user_id = owner AND f.kind = 'product' AND f.target_id = barcode_favorite_id(n.gtin))
        OR EXISTS (SELECT FROM favorite_removals g WHERE g.user_id = owner AND g.kind = 'product' AND g.target_id = barcode_favorite_id(n.gtin))
      THEN barcode_favorite_id(n.gtin) ELSE n.product_id END AS target
    FROM named n
  ), summed AS MATERIALIZED (
    SELECT n.kind, n.target, max(n.gtin) AS gtin,
      bool_or(n.product_id IS NOT NULL OR n.barcode IS NOT NULL OR n.store_id IS NOT NULL) AS exists,
      bool_or(n.product_id IS NOT NULL OR n.barcode IS NOT NULL OR coalesce(n.store_is_shown, false)) AS is_shown,
      min(n."createdAt") AS "createdAt", max(n."lastAddedAt") AS "lastAddedAt", bool_or(n."addsNow") AS "addsNow",
      max(n."removedAt") AS "removedAt", bool_or(n."removesNow") AS "removesNow"
    FROM placed n GROUP BY n.kind, n.target
  ), merged AS MATERIALIZED (
    SELECT s.kind, s.target, s."removedAt" IS NOT NULL AND e.exists AS is_removal, e.is_shown,
      f.user_id IS NOT NULL AS was_favorite,
      (f.created_at, f.last_added_at) IS DISTINCT FROM (a.created_at, a.last_added_at) AS is_changed,
      CASE WHEN s.kind = 'product' AND s.target = barcode_favorite_id(s.gtin) THEN s.gtin END AS gtin,
      r.removed_at, a.created_at, a.last_added_at
    FROM summed s
    LEFT JOIN favorites f ON f.user_id = owner AND f.kind = s.kind AND f.target_id = s.target
    LEFT JOIN favorite_removals g ON g.user_id = owner AND g.kind = s.kind AND g.target_id = s.target
    -- A favourite that was saved by its barcode is named by its own id, too.
    CROSS JOIN LATERAL (
      SELECT s.exists OR f.barcode IS NOT NULL AS exists, s.is_shown OR f.barcode IS NOT NULL AS is_shown
    ) AS e
    CROSS JOIN LATERAL (
      SELECT greatest(g.removed_at, s."removedAt",
        CASE WHEN s."removesNow" THEN coalesce(f.last_added_at, f.created_at) END) AS removed_at
    ) AS r
    CROSS JOIN LATERAL (
      SELECT min(added.at) AS created_at, max(added.at) AS last_added_at
      FROM (VALUES (f.created_at), (coalesce(f.last_added_at, f.created_at)),
        (CASE WHEN e.is_shown THEN s."createdAt" END),
        (CASE WHEN e.is_shown THEN
          greatest(s."lastAddedAt", CASE WHEN s."addsNow" THEN r.removed_at + interval '1 ms' END) END)) AS added(at)
      WHERE (added.at > r.removed_at) IS NOT FALSE
    ) AS a
  ), inserted AS (
    INSERT INTO favorites (user_id, kind, target_id, barcode, created_at, last_added_at)
    SELECT owner, m.kind, m.target, m.gtin, m.created_at, m.last_added_at FROM merged m
    WHERE m.last_added_at IS NOT NULL AND m.is_shown AND m.is_changed
    ORDER BY m.kind, m.target
    ON CONFLICT (user_id, kind, target_id) DO UPDATE
    SET created_at = excluded.created_at, last_added_at = excluded.last_added_at
  ), deleted AS (
    DELETE FROM favorites f USING merged m
    WHERE f.user_id = owner AND f.kind = m.kind AND f.target_id = m.target AND m.last_added_at IS NULL
  ), removed AS (
    INSERT INTO favorite_removals (user_id, kind, target_id, removed_at)
    SELECT owner, m.kind, m.target, m.removed_at FROM merged m WHERE m.is_removal
    ORDER BY m.kind, m.target
    ON CONFLICT (user_id, kind, target_id) DO UPDATE
    SET removed_at = excluded.removed_at, recorded_at = excluded.recorded_at
  )
  SELECT p.kind, p.id, p.barcode, m.target, m.is_shown, m.was_favorite, m.last_added_at IS NOT NULL
  FROM placed p JOIN merged m ON m.kind = p.kind AND m.target = p.target;
END $$;
--> statement-breakpoint
-- As before, and without what a trigger derives for searching.
CREATE OR REPLACE FUNCTION audit_row() RETURNS trigger LANGUAGE plpgsql AS $$
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
