CREATE INDEX CONCURRENTLY products_edited_idx ON products (barcode) WHERE source = 'admin';
