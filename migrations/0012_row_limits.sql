-- How many scans a user has recorded in 24 hours.
CREATE INDEX CONCURRENTLY scans_user_id_recorded_at_idx ON scans (user_id, recorded_at);
