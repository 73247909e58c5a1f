-- Answers about what is trending are kept in memory: a refresh leaves a line in the journal, in the same transaction.
CREATE OR REPLACE FUNCTION refresh_trending_products() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  REFRESH MATERIALIZED VIEW CONCURRENTLY trending_products;
  INSERT INTO cache_events (topic) VALUES ('trending');
END $$;
