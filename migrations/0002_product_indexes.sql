-- The barcode's uniqueness and the scan's index-only look-up in one.
CREATE UNIQUE INDEX CONCURRENTLY products_barcode_covering_idx ON products (barcode) INCLUDE (name, brand, halal_status, image_url, confidence_score);
