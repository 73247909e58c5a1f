CREATE FUNCTION touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.updated_at := now();
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER touch BEFORE UPDATE ON certifiers FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
--> statement-breakpoint
CREATE TRIGGER touch BEFORE UPDATE ON stores FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
--> statement-breakpoint
CREATE TRIGGER touch BEFORE UPDATE ON boycott_targets FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
--> statement-breakpoint
CREATE TRIGGER touch BEFORE UPDATE ON additives FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
--> statement-breakpoint
CREATE TRIGGER touch BEFORE UPDATE ON products FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
--> statement-breakpoint
CREATE TRIGGER touch BEFORE UPDATE ON alerts FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
--> statement-breakpoint
-- The journal behind the cache: whoever writes, procedure, import or psql, leaves in the same transaction
-- a line for every row that cached answers may show. A statement that touches very many rows leaves one
-- line for the whole topic instead.
CREATE FUNCTION journal_stores() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  touched bigint;
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    touched := NULL;
  ELSIF TG_OP = 'DELETE' THEN
    SELECT count(*) INTO touched FROM old_rows;
  ELSE
    SELECT count(*) INTO touched FROM new_rows;
  END IF;
  IF touched = 0 THEN
    RETURN NULL;
  ELSIF touched IS NULL OR touched > 1000 THEN
    INSERT INTO cache_events (topic) VALUES ('store');
  ELSIF TG_OP = 'INSERT' THEN
    INSERT INTO cache_events (topic, ref, latitude, longitude, store_type, halal_certified)
    SELECT 'store', id, latitude, longitude, store_type, halal_certified FROM new_rows;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO cache_events (topic, ref, latitude, longitude, store_type, halal_certified)
    SELECT 'store', id, latitude, longitude, store_type, halal_certified FROM old_rows;
  ELSE
    -- A store that moved, or changed its kind, is in the way at its old place and at its new one.
    INSERT INTO cache_events (topic, ref, latitude, longitude, store_type, halal_certified)
    SELECT 'store', id, latitude, longitude, store_type, halal_certified FROM old_rows
    UNION
    SELECT 'store', id, latitude, longitude, store_type, halal_certified FROM new_rows;
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER journal_insert AFTER INSERT ON stores REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION journal_stores();
--> statement-breakpoint
CREATE TRIGGER journal_update AFTER UPDATE ON stores REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION journal_stores();
--> statement-breakpoint
CREATE TRIGGER journal_delete AFTER DELETE ON stores REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION journal_stores();
--> statement-breakpoint
CREATE TRIGGER journal_truncate AFTER TRUNCATE ON stores
FOR EACH STATEMENT EXECUTE FUNCTION journal_stores();
--> statement-breakpoint
-- Arguments: topic, key column.
CREATE FUNCTION journal_rows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  topic CONSTANT text := TG_ARGV[0];
  changed CONSTANT text := CASE TG_OP
    WHEN 'INSERT' THEN format('SELECT %I::text AS ref FROM new_rows', TG_ARGV[1])
    WHEN 'DELETE' THEN format('SELECT %I::text AS ref FROM old_rows', TG_ARGV[1])
    ELSE format('SELECT %1$I::text AS ref FROM old_rows UNION SELECT %1$I::text FROM new_rows', TG_ARGV[1])
  END;
  touched bigint;
BEGIN
  IF TG_OP <> 'TRUNCATE' THEN
    EXECUTE format('SELECT count(*) FROM (%s) AS changed', changed) INTO touched;
  END IF;
  IF touched IS NULL OR touched > 1000 THEN
    INSERT INTO cache_events (topic) VALUES (topic);
  ELSIF touched > 0 THEN
    EXECUTE format('INSERT INTO cache_events (topic, ref) SELECT DISTINCT $1, ref FROM (%s) AS changed', changed) USING topic;
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER journal_insert AFTER INSERT ON certifiers REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION journal_rows('certifier', 'id');
--> statement-breakpoint
CREATE TRIGGER journal_update AFTER UPDATE ON certifiers REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION journal_rows('certifier', 'id');
--> statement-breakpoint
CREATE TRIGGER journal_delete AFTER DELETE ON certifiers REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION journal_rows('certifier', 'id');
--> statement-breakpoint
CREATE TRIGGER journal_truncate AFTER TRUNCATE ON certifiers
FOR EACH STATEMENT EXECUTE FUNCTION journal_rows('certifier', 'id');
--> statement-breakpoint
CREATE TRIGGER journal_insert AFTER INSERT ON boycott_targets REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION journal_rows('boycott', 'id');
--> statement-breakpoint
CREATE TRIGGER journal_update AFTER UPDATE ON boycott_targets REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION journal_rows('boycott', 'id');
--> statement-breakpoint
CREATE TRIGGER journal_delete AFTER DELETE ON boycott_targets REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION journal_rows('boycott', 'id');
--> statement-breakpoint
CREATE TRIGGER journal_truncate AFTER TRUNCATE ON boycott_targets
FOR EACH STATEMENT EXECUTE FUNCTION journal_rows('boycott', 'id');
--> statement-breakpoint
CREATE TRIGGER journal_insert AFTER INSERT ON additives REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION journal_rows('additive', 'code');
--> statement-breakpoint
CREATE TRIGGER journal_update AFTER UPDATE ON additives REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION journal_rows('additive', 'code');
--> statement-breakpoint
CREATE TRIGGER journal_delete AFTER DELETE ON additives REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION journal_rows('additive', 'code');
--> statement-breakpoint
CREATE TRIGGER journal_truncate AFTER TRUNCATE ON additives
FOR EACH STATEMENT EXECUTE FUNCTION journal_rows('additive', 'code');
--> statement-breakpoint
CREATE TRIGGER journal_insert AFTER INSERT ON additive_rulings REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION journal_rows('additive', 'additive_code');
--> statement-breakpoint
CREATE TRIGGER journal_update AFTER UPDATE ON additive_rulings REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION journal_rows('additive', 'additive_code');
--> statement-breakpoint
CREATE TRIGGER journal_delete AFTER DELETE ON additive_rulings REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION journal_rows('additive', 'additive_code');
--> statement-breakpoint
CREATE TRIGGER journal_truncate AFTER TRUNCATE ON additive_rulings
FOR EACH STATEMENT EXECUTE FUNCTION journal_rows('additive', 'additive_code');
--> statement-breakpoint
-- Attribution is part of a store's answer; when it was last imported is not.
CREATE FUNCTION journal_source() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO cache_events (topic, ref) VALUES ('source', NEW.id);
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER journal_update AFTER UPDATE OF name, licence, attribution, url ON data_sources
FOR EACH ROW EXECUTE FUNCTION journal_source();
