-- Checked here and not where they were added: a check of many rows would keep everybody out meanwhile.
ALTER TABLE products VALIDATE CONSTRAINT products_language_form;
ALTER TABLE products VALIDATE CONSTRAINT products_findings_length;
ALTER TABLE products VALIDATE CONSTRAINT products_computed_known;
ALTER TABLE scans VALIDATE CONSTRAINT scans_basis_known;
ALTER TABLE scans VALIDATE CONSTRAINT scans_madhab_known;
-- Products that wait to be read or judged; empty most of the time.
CREATE INDEX CONCURRENTLY products_unjudged_idx ON products (id) WHERE analysis_version IS NULL OR computed_version IS NULL;
