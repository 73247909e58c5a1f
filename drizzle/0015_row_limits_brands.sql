-- Records scans, each once, and none that its user has removed, but no more than "daily_max" new ones in 24 hours: what
-- was removed in that time counts, too, as it leaves a row. A row for each scan that was sent: "recorded", also one that
-- was there before, with the row that is there; "removed"; or "too_many". Those before in the list come first.
CREATE FUNCTION record_scans(owner uuid, sent jsonb, daily_max int)
RETURNS TABLE (sent_id uuid, outcome text, recorded scans)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  room int;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(owner::text, 0));
  SELECT daily_max - (SELECT count(*) FROM scans WHERE user_id = owner AND recorded_at > now() - interval '24 hours')
    - (SELECT count(*) FROM scan_removals WHERE user_id = owner AND removed_at > now() - interval '24 hours')
  INTO room;
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
    RETURNING s
  )
  SELECT j.id, CASE WHEN j.is_over THEN 'too_many' WHEN j.is_removed THEN 'removed' ELSE 'recorded' END, i.s
  FROM judged j LEFT JOIN inserted i ON (i.s).id = j.id;
END $$;
--> statement-breakpoint
-- Removes a scan for good, also one that has yet to arrive; tells whether it was there. Of those that are not there,
-- no more than 5,000 in 24 hours are remembered.
CREATE OR REPLACE FUNCTION remove_scan(owner uuid, scan uuid) RETURNS boolean
LANGUAGE sql VOLATILE AS $$
  SELECT pg_advisory_xact_lock(hashtextextended(owner::text, 0));
  DELETE FROM scan_removals WHERE user_id = owner AND removed_at < now() - interval '6 months';
  INSERT INTO scan_removals (user_id, id) SELECT owner, scan
  WHERE EXISTS (SELECT FROM scans WHERE user_id = owner AND id = scan)
    OR (SELECT count(*) FROM scan_removals WHERE user_id = owner AND removed_at > now() - interval '24 hours') < 5000
  ON CONFLICT DO NOTHING;
  WITH gone AS (DELETE FROM scans WHERE user_id = owner AND id = scan RETURNING 1) SELECT EXISTS (SELECT FROM gone)
$$;
--> statement-breakpoint
DROP FUNCTION change_favorites(uuid, jsonb);
--> statement-breakpoint
-- Changes of a user's favourites, merged with those that were told before, in whatever order they come: of a
-- favourite's additions and removals the latest counts, a removal where two have the same time. "addsNow" and
-- "removesNow" are later than everything before. An item has an id or, a product, a barcode; one product by both is one
-- favourite, under the id that it has already. A row for each item.
-- A user has no more than "favorites_max" favourites: one too many is "over_limit" and not added. Removals that are
-- new are remembered for six months, no more than "removals_max" of 24 hours.
CREATE FUNCTION change_favorites(owner uuid, changes jsonb, favorites_max int DEFAULT 10000, removals_max int DEFAULT 5000)
RETURNS TABLE (kind text, id uuid, barcode text, target uuid, is_known boolean, was_favorite boolean, is_favorite boolean, over_limit boolean)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  favorites_room int;
  removals_room int;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(owner::text, 0));
  DELETE FROM favorite_removals WHERE user_id = owner AND recorded_at < now() - interval '6 months';
  favorites_room := favorites_max - (SELECT count(*) FROM favorites WHERE user_id = owner);
  removals_room := removals_max
    - (SELECT count(*) FROM favorite_removals WHERE user_id = owner AND recorded_at > now() - interval '24 hours');
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
  ), inserted AS (
    INSERT INTO favorites (user_id, kind, target_id, barcode, created_at, last_added_at)
    SELECT owner, m.kind, m.target, m.gtin, m.created_at, m.last_added_at FROM counted m
    WHERE m.last_added_at IS NOT NULL AND m.is_shown AND m.is_changed AND NOT m.over_limit
    ORDER BY m.kind, m.target
    ON CONFLICT (user_id, kind, target_id) DO UPDATE
    SET created_at = excluded.created_at, last_added_at = excluded.last_added_at
  ), deleted AS (
    DELETE FROM favorites f USING merged m
    WHERE f.user_id = owner AND f.kind = m.kind AND f.target_id = m.target AND m.last_added_at IS NULL
  ), removed AS (
    INSERT INTO favorite_removals (user_id, kind, target_id, removed_at)
    SELECT owner, m.kind, m.target, m.removed_at FROM counted m WHERE m.is_kept
    ORDER BY m.kind, m.target
    ON CONFLICT (user_id, kind, target_id) DO UPDATE
    SET removed_at = excluded.removed_at, recorded_at = excluded.recorded_at
  )
  SELECT p.kind, p.id, p.barcode, m.target, m.is_shown, m.was_favorite, m.last_added_at IS NOT NULL AND NOT m.over_limit, m.over_limit
  FROM placed p JOIN counted m ON m.kind = p.kind AND m.target = p.target;
END $$;
--> statement-breakpoint
-- Generated columns are made again with their function, which is another one now.
ALTER TABLE "boycott_targets" DROP COLUMN "match_keys";
--> statement-breakpoint
-- All keys of some names. Two names are the same when they share a key: whole and without the company's form (PepsiCo
-- and Pepsi Co share the first, Nestlé S.A. and Nestle the second), with "and" as it is written and as `&`, and with
-- the words apart where `&` is left out (H M is H&M, HM is not), in longer names also together (ProcterGamble is
-- Procter & Gamble). A key is a whole name, never a part of one.
CREATE OR REPLACE FUNCTION normalize_texts(input text[]) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
DECLARE
  keys text[] := '{}';
  item text;
  words text;
  ands text;
  together text;
BEGIN
  FOREACH item IN ARRAY input LOOP
    words := public.brand_words(item);
    CONTINUE WHEN words IS NULL OR words = '';
    ands := public.brand_ands(words);
    keys := keys || replace(words, ' & ', ' ') || public.brand_joined(words) || public.brand_joined(public.brand_core(words));
    IF ands <> words THEN
      keys := keys || public.brand_joined(ands) || public.brand_joined(public.brand_core(ands));
    END IF;
    FOREACH together IN ARRAY ARRAY[ands, public.brand_core(ands)] LOOP
      CONTINUE WHEN together NOT LIKE '%&%';
      together := public.brand_joined(replace(together, '&', ''));
      -- Fewer letters are too soon somebody else's.
      IF length(together) >= 8 THEN
        keys := keys || together;
      END IF;
    END LOOP;
  END LOOP;
  RETURN ARRAY(SELECT DISTINCT key FROM unnest(keys) AS key WHERE key <> '' ORDER BY 1);
END $$;
--> statement-breakpoint
ALTER TABLE "boycott_targets" ADD COLUMN "match_keys" text[] GENERATED ALWAYS AS ((normalize_texts(brands || array[company_name] || array_remove(array[parent_company], null)))) STORED NOT NULL;
--> statement-breakpoint
CREATE INDEX "boycott_targets_match_keys_idx" ON "boycott_targets" USING gin ("match_keys") WHERE active;
