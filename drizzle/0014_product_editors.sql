-- A row that an administrator changes keeps the attribution of those whose row it was.
CREATE FUNCTION keep_base_source() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.base_source := coalesce(NEW.base_source, OLD.source);
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER keep_base_source BEFORE UPDATE OF source ON products
FOR EACH ROW WHEN (NEW.source = 'admin' AND OLD.source <> 'admin') EXECUTE FUNCTION keep_base_source();
--> statement-breakpoint
-- What is derived from a row's other columns is not the administrator's word, and leaves no line alone.
CREATE OR REPLACE FUNCTION audit_row() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  hidden CONSTANT text[] := ARRAY(
    SELECT attname::text FROM pg_attribute WHERE attrelid = TG_RELID AND attgenerated <> '')
    || ARRAY['updated_at', 'search_text', 'findings', 'name_finding', 'analysis_version', 'computed_version',
      'computed_status', 'computed_hanafi', 'computed_shafii', 'computed_maliki', 'computed_hanbali'];
  was jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) - hidden END;
  became jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) - hidden END;
  key CONSTANT text := coalesce(became, was) ->> TG_ARGV[1];
BEGIN
  IF TG_OP = 'UPDATE' THEN
    SELECT coalesce(jsonb_object_agg(o.key, o.value), '{}'), coalesce(jsonb_object_agg(o.key, became -> o.key), '{}')
    INTO was, became
    FROM jsonb_each(was) AS o WHERE became -> o.key IS DISTINCT FROM o.value;
    IF became = '{}' THEN
      RETURN NULL;
    END IF;
  END IF;
  INSERT INTO audit_log (actor, procedure, request_id, target, target_id, action, before, after)
  VALUES (current_setting('audit.actor')::uuid, current_setting('audit.procedure'),
    nullif(current_setting('audit.request', true), ''), TG_ARGV[0], key, lower(TG_OP), was, became);
  RETURN NULL;
END $$;
