-- Nearest stores of one kind, certified ones, and both: equality first, then the walk by distance,
-- so that a rare kind in a dense city does not walk past everything else.
CREATE INDEX CONCURRENTLY stores_type_location_idx ON stores USING gist (store_type, location) WHERE removed_at IS NULL;
--> statement-breakpoint
CREATE INDEX CONCURRENTLY stores_certified_location_idx ON stores USING gist (location) WHERE removed_at IS NULL AND halal_certified;
--> statement-breakpoint
CREATE INDEX CONCURRENTLY stores_certified_type_location_idx ON stores USING gist (store_type, location) WHERE removed_at IS NULL AND halal_certified;
--> statement-breakpoint
CREATE INDEX CONCURRENTLY stores_search_text_idx ON stores USING gin (search_text gin_trgm_ops) WHERE removed_at IS NULL;
