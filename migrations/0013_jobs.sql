-- Phones on which the app is no longer, for retention.
CREATE INDEX CONCURRENTLY devices_disabled_idx ON devices (seen_at) WHERE NOT is_enabled;
--> statement-breakpoint
-- Days in the order of what they are merged by, without the users, which are ten times as long.
CREATE INDEX CONCURRENTLY scan_rollups_certain_idx ON scan_rollups (day, cell5, barcode) INCLUDE (certain);
