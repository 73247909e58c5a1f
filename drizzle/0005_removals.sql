CREATE TABLE "favorite_removals" (
	"user_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"target_id" uuid NOT NULL,
	"removed_at" timestamp (3) with time zone NOT NULL,
	"recorded_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "favorite_removals_user_id_kind_target_id_pk" PRIMARY KEY("user_id","kind","target_id"),
	CONSTRAINT "favorite_removals_kind_known" CHECK ("favorite_removals"."kind" in ('product', 'store'))
);
--> statement-breakpoint
CREATE TABLE "scan_removals" (
	"user_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"removed_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "scan_removals_user_id_id_pk" PRIMARY KEY("user_id","id")
);
--> statement-breakpoint
ALTER TABLE "favorites" ADD COLUMN "last_added_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "favorite_removals_user_id_recorded_at_idx" ON "favorite_removals" USING btree ("user_id","recorded_at");--> statement-breakpoint
CREATE INDEX "scan_removals_user_id_removed_at_idx" ON "scan_removals" USING btree ("user_id","removed_at");;
--> statement-breakpoint
-- Changes of a user's favourites, merged with those that were told before, in whatever order they come: of a
-- favourite's additions and removals the latest counts, a removal where two have the same time. "addsNow" and
-- "removesNow" are later than everything before. Every statement of such a function sees what was committed before it
-- began, so that all of them see what an earlier holder of the user's lock has left.
CREATE FUNCTION change_favorites(owner uuid, changes jsonb)
RETURNS TABLE (kind text, id uuid, is_known boolean, was_favorite boolean, is_favorite boolean)
LANGUAGE sql VOLATILE AS $$
  SELECT pg_advisory_xact_lock(hashtextextended(owner::text, 0));
  DELETE FROM favorite_removals WHERE user_id = owner AND recorded_at < now() - interval '6 months';
  WITH sent AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(changes) AS c(
      kind text, id uuid, "createdAt" timestamptz, "lastAddedAt" timestamptz, "addsNow" boolean,
      "removedAt" timestamptz, "removesNow" boolean)
  ), known_products AS MATERIALIZED (
    -- Locked against deletion until the favourite that names it is there.
    SELECT p.id, true AS is_shown FROM products p WHERE p.id IN (SELECT s.id FROM sent s WHERE s.kind = 'product')
    FOR KEY SHARE
  ), known_stores AS MATERIALIZED (
    SELECT p.id, p.removed_at IS NULL AS is_shown FROM stores p WHERE p.id IN (SELECT s.id FROM sent s WHERE s.kind = 'store')
    FOR KEY SHARE
  ), targets AS (
    SELECT 'product' AS kind, p.* FROM known_products p UNION ALL SELECT 'store', p.* FROM known_stores p
  ), merged AS MATERIALIZED (
    SELECT s.kind, s.id, s."removedAt" IS NOT NULL AND t.id IS NOT NULL AS is_removal,
      coalesce(t.is_shown, false) AS is_shown, f.user_id IS NOT NULL AS was_favorite,
      (f.created_at, f.last_added_at) IS DISTINCT FROM (a.created_at, a.last_added_at) AS is_changed,
      r.removed_at, a.created_at, a.last_added_at
    FROM sent s
    LEFT JOIN targets t ON t.kind = s.kind AND t.id = s.id
    LEFT JOIN favorites f ON f.user_id = owner AND f.kind = s.kind AND f.target_id = s.id
    LEFT JOIN favorite_removals g ON g.user_id = owner AND g.kind = s.kind AND g.target_id = s.id
    CROSS JOIN LATERAL (
      SELECT greatest(g.removed_at, s."removedAt",
        CASE WHEN s."removesNow" THEN coalesce(f.last_added_at, f.created_at) END) AS removed_at
    ) AS r
    CROSS JOIN LATERAL (
      SELECT min(added.at) AS created_at, max(added.at) AS last_added_at
      FROM (VALUES (f.created_at), (coalesce(f.last_added_at, f.created_at)),
        (CASE WHEN t.is_shown THEN s."createdAt" END),
        (CASE WHEN t.is_shown THEN
          greatest(s."lastAddedAt", CASE WHEN s."addsNow" THEN r.removed_at + interval '1 ms' END) END)) AS added(at)
      WHERE (added.at > r.removed_at) IS NOT FALSE
    ) AS a
  ), inserted AS (
    INSERT INTO favorites (user_id, kind, target_id, created_at, last_added_at)
    SELECT owner, m.kind, m.id, m.created_at, m.last_added_at FROM merged m
    WHERE m.last_added_at IS NOT NULL AND m.is_shown AND m.is_changed
    ORDER BY m.kind, m.id
    ON CONFLICT (user_id, kind, target_id) DO UPDATE
    SET created_at = excluded.created_at, last_added_at = excluded.last_added_at
  ), deleted AS (
    DELETE FROM favorites f USING merged m
    WHERE f.user_id = owner AND f.kind = m.kind AND f.target_id = m.id AND m.last_added_at IS NULL
  ), removed AS (
    INSERT INTO favorite_removals (user_id, kind, target_id, removed_at)
    SELECT owner, m.kind, m.id, m.removed_at FROM merged m WHERE m.is_removal
    ORDER BY m.kind, m.id
    ON CONFLICT (user_id, kind, target_id) DO UPDATE
    SET removed_at = excluded.removed_at, recorded_at = excluded.recorded_at
  )
  SELECT m.kind, m.id, m.is_shown, m.was_favorite, m.last_added_at IS NOT NULL FROM merged m
$$;
--> statement-breakpoint
-- Records scans, each once, and none that its user has removed; gives the rows that are there.
CREATE FUNCTION record_scans(owner uuid, sent jsonb) RETURNS SETOF scans
LANGUAGE sql VOLATILE AS $$
  SELECT pg_advisory_xact_lock(hashtextextended(owner::text, 0));
  -- An update that changes nothing: unlike DO NOTHING it gives the row that is there.
  INSERT INTO scans AS s (user_id, id, barcode, scanned_at, latitude, longitude, halal_status, confidence, reasons)
  SELECT owner, n.id, n.barcode, n."scannedAt", n.latitude, n.longitude, n."halalStatus", n.confidence, n.reasons
  FROM jsonb_to_recordset(sent) AS n(
    id uuid, barcode char(14), "scannedAt" timestamptz, latitude float8, longitude float8,
    "halalStatus" text, confidence float8, reasons jsonb)
  WHERE NOT EXISTS (SELECT FROM scan_removals r WHERE r.user_id = owner AND r.id = n.id)
  ORDER BY n.id
  ON CONFLICT (user_id, id) DO UPDATE SET barcode = s.barcode
  RETURNING s.*
$$;
--> statement-breakpoint
-- Removes a scan for good, also one that has yet to arrive; tells whether it was there.
CREATE FUNCTION remove_scan(owner uuid, scan uuid) RETURNS boolean
LANGUAGE sql VOLATILE AS $$
  SELECT pg_advisory_xact_lock(hashtextextended(owner::text, 0));
  DELETE FROM scan_removals WHERE user_id = owner AND removed_at < now() - interval '6 months';
  INSERT INTO scan_removals (user_id, id) VALUES (owner, scan) ON CONFLICT DO NOTHING;
  WITH gone AS (DELETE FROM scans WHERE user_id = owner AND id = scan RETURNING 1) SELECT EXISTS (SELECT FROM gone)
$$;
