-- The recalls of a barcode; without a list of pending entries, which each look-up would read from end to end.
CREATE INDEX CONCURRENTLY alerts_recall_barcodes_idx ON alerts USING gin (recall_barcodes) WITH (fastupdate = off) WHERE is_active;
