-- The history shows a product's id as well, without its row.
CREATE UNIQUE INDEX CONCURRENTLY products_barcode_id_covering_idx ON products (barcode) INCLUDE (id, name, brand, halal_status, image_url, confidence_score);
--> statement-breakpoint
DROP INDEX CONCURRENTLY IF EXISTS products_barcode_covering_idx;
