-- Users' tables refer to no other table and are named by no SQL function (see docs/decisions): lists skip what is gone,
-- and the job `retention-orphans` deletes what is left of it.
ALTER TABLE "favorites" DROP CONSTRAINT "favorites_store_id_stores_id_fk";
--> statement-breakpoint
ALTER TABLE "alert_reads" DROP CONSTRAINT "alert_reads_alert_id_alerts_id_fk";
--> statement-breakpoint
-- Of instances that are older than the limit of scans a day.
DROP FUNCTION record_scans(uuid, jsonb);
--> statement-breakpoint
DROP FUNCTION record_scans(uuid, jsonb, int);
--> statement-breakpoint
-- A scan as `record_scans` gives it. A type of its own, because the table `scans` may be replaced by another.
CREATE TYPE recorded_scan AS (
  id uuid, barcode char(14), scanned_at timestamptz, latitude float8, longitude float8, halal_status text,
  confidence float8, reasons jsonb, basis text, madhab text, by_school jsonb);
--> statement-breakpoint
-- Records scans, each once, and none that its user has removed, but no more than "daily_max" new ones in 24 hours: what
-- was removed in that time counts, too, as it leaves a row. A row for each scan that was sent: "recorded", also one that
-- was there before, with the row that is there; "removed"; or "too_many". Those before in the list come first.
CREATE FUNCTION record_scans(owner uuid, sent jsonb, daily_max int)
RETURNS TABLE (sent_id uuid, outcome text, recorded recorded_scan)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  room int;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(owner::text, 0));
  room := daily_max - (SELECT count(*) FROM scans WHERE user_id = owner AND recorded_at > now() - interval '24 hours')
    - (SELECT count(*) FROM scan_removals WHERE user_id = owner AND removed_at > now() - interval '24 hours');
  RETURN QUERY
  WITH named AS MATERIALIZED (
    SELECT n.*, EXISTS (SELECT FROM scan_removals r WHERE r.user_id = owner AND r.id = n.id) AS is_removed,
      EXISTS (SELECT FROM scans s WHERE s.user_id = owner AND s.id = n.id) AS is_known
    FROM ROWS FROM (jsonb_to_recordset(sent) AS (
      id uuid, barcode char(14), "scannedAt" timestamptz, latitude float8, longitude float8,
      "halalStatus" text, confidence float8, reasons jsonb, basis text, madhab text, "bySchool" jsonb)) WITH ORDINALITY
      AS n(id, barcode, scanned_at, latitude, longitude, halal_status, confidence, reasons, basis, madhab, by_school, place)
  ), judged AS MATERIALIZED (
    SELECT n.*, NOT n.is_removed AND NOT n.is_known
      AND count(*) FILTER (WHERE NOT n.is_removed AND NOT n.is_known) OVER (ORDER BY n.place) > room AS is_over
    FROM named n
  ), inserted AS (
    -- An update that changes nothing: unlike DO NOTHING it gives the row that is there.
    INSERT INTO scans AS s (user_id, id, barcode, scanned_at, latitude, longitude, halal_status, confidence, reasons,
      basis, madhab, by_school)
    SELECT owner, j.id, j.barcode, j.scanned_at, j.latitude, j.longitude, j.halal_status, j.confidence, j.reasons,
      coalesce(j.basis, 'none'), j.madhab, j.by_school
    FROM judged j WHERE NOT j.is_removed AND NOT j.is_over ORDER BY j.id
    ON CONFLICT (user_id, id) DO UPDATE SET barcode = s.barcode
    RETURNING s.id, s.barcode, s.scanned_at, s.latitude, s.longitude, s.halal_status, s.confidence, s.reasons, s.basis,
      s.madhab, s.by_school
  )
  SELECT j.id, CASE WHEN j.is_over THEN 'too_many' WHEN j.is_removed THEN 'removed' ELSE 'recorded' END,
    CASE WHEN i.id IS NOT NULL THEN ROW(i.id, i.barcode, i.scanned_at, i.latitude, i.longitude, i.halal_status,
      i.confidence, i.reasons, i.basis, i.madhab, i.by_school)::recorded_scan END
  FROM judged j LEFT JOIN inserted i ON i.id = j.id;
END $$;
--> statement-breakpoint
-- Removes a scan for good, also one that has yet to arrive; tells whether it was there. Of those that are not there,
-- no more than 5,000 in 24 hours are remembered.
CREATE OR REPLACE FUNCTION remove_scan(owner uuid, scan uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(owner::text, 0));
  DELETE FROM scan_removals WHERE user_id = owner AND removed_at < now() - interval '6 months';
  DELETE FROM scans WHERE user_id = owner AND id = scan;
  IF FOUND THEN
    INSERT INTO scan_removals (user_id, id) VALUES (owner, scan) ON CONFLICT DO NOTHING;
    RETURN true;
  END IF;
  IF (SELECT count(*) FROM scan_removals WHERE user_id = owner AND removed_at > now() - interval '24 hours') < 5000 THEN
    INSERT INTO scan_removals (user_id, id) VALUES (owner, scan) ON CONFLICT DO NOTHING;
  END IF;
  RETURN false;
END $$;
--> statement-breakpoint
-- As before, but what is known of products and stores is read first, and what to write is decided before it is written:
-- each statement names either users' tables or others, and none writes and computes a time.
CREATE OR REPLACE FUNCTION change_favorites(owner uuid, changes jsonb, favorites_max int DEFAULT 10000, removals_max int DEFAULT 5000)
RETURNS TABLE (kind text, id uuid, barcode text, target uuid, is_known boolean, was_favorite boolean, is_favorite boolean, over_limit boolean)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  favorites_room int;
  removals_room int;
  known_products jsonb;
  known_stores jsonb;
  asked jsonb;
  decided jsonb;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(owner::text, 0));
  DELETE FROM favorite_removals WHERE user_id = owner AND recorded_at < now() - interval '6 months';
  favorites_room := favorites_max - (SELECT count(*) FROM favorites WHERE user_id = owner);
  removals_room := removals_max
    - (SELECT count(*) FROM favorite_removals WHERE user_id = owner AND recorded_at > now() - interval '24 hours');
  known_products := (
    SELECT jsonb_agg(jsonb_build_object('id', k.id, 'barcode', k.barcode)) FROM (
      SELECT p.id, p.barcode::text AS barcode FROM products p
      WHERE p.id IN (SELECT s.id FROM jsonb_to_recordset(changes) AS s(kind text, id uuid) WHERE s.kind = 'product')
      UNION
      SELECT p.id, p.barcode::text FROM products p
      WHERE p.barcode IN (SELECT s.barcode FROM jsonb_to_recordset(changes) AS s(barcode char(14)) WHERE s.barcode IS NOT NULL)
    ) AS k);
  known_stores := (
    SELECT jsonb_agg(jsonb_build_object('id', p.id, 'isShown', p.removed_at IS NULL)) FROM stores p
    WHERE p.id IN (SELECT s.id FROM jsonb_to_recordset(changes) AS s(kind text, id uuid) WHERE s.kind = 'store'));
  WITH named AS MATERIALIZED (
    SELECT s.*, p.id AS product_id, coalesce(s.barcode, p.barcode) AS gtin, t."isShown" AS store_is_shown, t.id AS store_id
    FROM jsonb_to_recordset(changes) AS s(
      kind text, id uuid, barcode text, "createdAt" timestamptz, "lastAddedAt" timestamptz, "addsNow" boolean,
      "removedAt" timestamptz, "removesNow" boolean)
    LEFT JOIN jsonb_to_recordset(known_products) AS p(id uuid, barcode text) ON s.kind = 'product' AND (p.id = s.id OR p.barcode = s.barcode)
    LEFT JOIN jsonb_to_recordset(known_stores) AS t(id uuid, "isShown" boolean) ON s.kind = 'store' AND t.id = s.id
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
      g.user_id IS NOT NULL AS is_remembered,
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
  ), counted AS MATERIALIZED (
    SELECT m.*,
      m.last_added_at IS NOT NULL AND m.is_shown AND NOT m.was_favorite
        AND count(*) FILTER (WHERE m.last_added_at IS NOT NULL AND m.is_shown AND NOT m.was_favorite)
          OVER (ORDER BY m.created_at, m.kind, m.target)
        > favorites_room + count(*) FILTER (WHERE m.last_added_at IS NULL AND m.was_favorite) OVER () AS over_limit,
      m.is_removal AND (m.is_remembered
        OR count(*) FILTER (WHERE m.is_removal AND NOT m.is_remembered) OVER (ORDER BY m.kind, m.target) <= removals_room
      ) AS is_kept
    FROM merged m
  )
  SELECT
    (SELECT jsonb_agg(jsonb_build_object('kind', p.kind, 'id', p.id, 'barcode', p.barcode, 'target', p.target)) FROM placed p),
    (SELECT jsonb_agg(to_jsonb(m)) FROM counted m)
  INTO asked, decided;
  INSERT INTO favorites (user_id, kind, target_id, barcode, created_at, last_added_at)
  SELECT owner, m.kind, m.target, m.gtin, m.created_at, m.last_added_at
  FROM jsonb_to_recordset(decided) AS m(
    kind text, target uuid, gtin char(14), created_at timestamptz, last_added_at timestamptz, is_shown boolean,
    is_changed boolean, over_limit boolean)
  WHERE m.last_added_at IS NOT NULL AND m.is_shown AND m.is_changed AND NOT m.over_limit
  ORDER BY m.kind, m.target
  ON CONFLICT (user_id, kind, target_id) DO UPDATE
  SET created_at = excluded.created_at, last_added_at = excluded.last_added_at;
  DELETE FROM favorites f
  USING jsonb_to_recordset(decided) AS m(kind text, target uuid, last_added_at timestamptz)
  WHERE f.user_id = owner AND f.kind = m.kind AND f.target_id = m.target AND m.last_added_at IS NULL;
  INSERT INTO favorite_removals (user_id, kind, target_id, removed_at)
  SELECT owner, m.kind, m.target, m.removed_at
  FROM jsonb_to_recordset(decided) AS m(kind text, target uuid, removed_at timestamptz, is_kept boolean) WHERE m.is_kept
  ORDER BY m.kind, m.target
  ON CONFLICT (user_id, kind, target_id) DO UPDATE
  SET removed_at = excluded.removed_at, recorded_at = excluded.recorded_at;
  RETURN QUERY
  SELECT p.kind, p.id, p.barcode, m.target, m.is_shown, m.was_favorite, m.last_added_at IS NOT NULL AND NOT m.over_limit, m.over_limit
  FROM jsonb_to_recordset(asked) AS p(kind text, id uuid, barcode text, target uuid)
  JOIN jsonb_to_recordset(decided) AS m(
    kind text, target uuid, is_shown boolean, was_favorite boolean, last_added_at timestamptz, over_limit boolean)
    ON m.kind = p.kind AND m.target = p.target;
END $$;
--> statement-breakpoint
-- Marks alerts as read at "moment": those of "wanted", a list of ids of which none need exist, or, when it is null, all
-- that are shown then.
CREATE FUNCTION mark_alerts_read(owner uuid, moment timestamptz, wanted jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  found_ids uuid[];
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(owner::text, 0));
  IF wanted IS NULL THEN
    found_ids := ARRAY(SELECT a.id FROM alerts a
      WHERE a.is_active AND a.published_at <= moment AND (a.expires_at IS NULL OR a.expires_at > moment));
  ELSE
    found_ids := ARRAY(SELECT a.id FROM alerts a
      WHERE a.id IN (SELECT w.value::uuid FROM jsonb_array_elements_text(wanted) AS w));
  END IF;
  INSERT INTO alert_reads (user_id, alert_id, read_at)
  SELECT owner, i.id, moment FROM unnest(found_ids) AS i(id) ORDER BY i.id
  ON CONFLICT DO NOTHING;
END $$;
--> statement-breakpoint
-- Deletes everything that is kept about a user; gives how much that was. The lock is a statement of its own: it waits for
-- a write of many rows that is still running, and the next statements see what that has left.
CREATE FUNCTION erase_user(owner uuid, OUT scans int, OUT favorites int, OUT alert_reads int, OUT reports int)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(owner::text, 0));
  DELETE FROM scan_removals WHERE user_id = owner;
  DELETE FROM favorite_removals WHERE user_id = owner;
  DELETE FROM push_tokens t WHERE t.owner = erase_user.owner;
  DELETE FROM devices WHERE user_id = owner;
  DELETE FROM push_preferences WHERE user_id = owner;
  DELETE FROM deliveries WHERE user_id = owner;
  DELETE FROM profiles WHERE user_id = owner;
  DELETE FROM scans WHERE user_id = owner;
  GET DIAGNOSTICS scans = ROW_COUNT;
  DELETE FROM favorites WHERE user_id = owner;
  GET DIAGNOSTICS favorites = ROW_COUNT;
  DELETE FROM alert_reads WHERE user_id = owner;
  GET DIAGNOSTICS alert_reads = ROW_COUNT;
  DELETE FROM reports WHERE user_id = owner;
  GET DIAGNOSTICS reports = ROW_COUNT;
END $$;
