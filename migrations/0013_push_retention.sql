-- Phones on which the app is no longer, for retention.
CREATE INDEX CONCURRENTLY devices_disabled_idx ON devices (seen_at) WHERE NOT is_enabled;
