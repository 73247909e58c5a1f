-- Checked here and not where they were added: a check of many rows would keep everybody out meanwhile.
ALTER TABLE products VALIDATE CONSTRAINT products_language_form;
--> statement-breakpoint
ALTER TABLE products VALIDATE CONSTRAINT products_findings_length;
--> statement-breakpoint
ALTER TABLE products VALIDATE CONSTRAINT products_computed_known;
--> statement-breakpoint
ALTER TABLE scans VALIDATE CONSTRAINT scans_basis_known;
--> statement-breakpoint
ALTER TABLE scans VALIDATE CONSTRAINT scans_madhab_known;
--> statement-breakpoint
-- Products that wait to be read or judged; empty most of the time.
CREATE INDEX CONCURRENTLY products_unjudged_idx ON products (id) WHERE analysis_version IS NULL OR computed_version IS NULL;
