-- Lists of alerts show every column: a line for the whole topic, because a list has the newest alerts of all.
CREATE FUNCTION journal_alerts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO cache_events (topic) VALUES ('alert');
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER journal_list AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON alerts
FOR EACH STATEMENT EXECUTE FUNCTION journal_alerts();
