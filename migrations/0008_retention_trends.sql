-- Scans whose position is still exact, the oldest first; a phone's clock may be ahead or its scan late.
CREATE INDEX CONCURRENTLY scans_exact_position_idx ON scans (least(scanned_at, recorded_at)) WHERE position_is_exact AND latitude IS NOT NULL;
--> statement-breakpoint
-- What was recorded within an hour, for roll-ups.
CREATE INDEX CONCURRENTLY scans_recorded_at_idx ON scans (recorded_at);
--> statement-breakpoint
CREATE INDEX CONCURRENTLY scan_removals_removed_at_idx ON scan_removals (removed_at);
--> statement-breakpoint
CREATE INDEX CONCURRENTLY favorite_removals_recorded_at_idx ON favorite_removals (recorded_at);
