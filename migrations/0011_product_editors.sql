-- Of two marks of an administrator's row the source is the one that is kept. Here, because 0010 makes an index of it.
ALTER TABLE products DROP COLUMN is_locked;
--> statement-breakpoint
CREATE INDEX CONCURRENTLY products_edited_idx ON products (barcode) WHERE source = 'admin';
