-- The last column makes keyset pages an index walk when two rows share an instant.
CREATE INDEX CONCURRENTLY scans_user_id_scanned_at_idx ON scans (user_id, scanned_at DESC, id DESC);
--> statement-breakpoint
CREATE INDEX CONCURRENTLY favorites_user_id_created_at_idx ON favorites (user_id, created_at DESC, kind, target_id);
--> statement-breakpoint
CREATE INDEX CONCURRENTLY alerts_active_published_at_idx ON alerts (is_active, published_at DESC, id DESC) WHERE is_active;
