CREATE TABLE "profiles" (
	"user_id" uuid PRIMARY KEY NOT NULL,
	"madhab" text,
	"languages" text[] DEFAULT '{}' NOT NULL,
	"allergens" text[] DEFAULT '{}' NOT NULL,
	"avoid_boycotted" boolean DEFAULT true NOT NULL,
	"avoid_additives" text[] DEFAULT '{}' NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "profiles_madhab_known" CHECK ("profiles"."madhab" in ('hanafi', 'shafii', 'maliki', 'hanbali')),
	CONSTRAINT "profiles_sizes" CHECK (cardinality("profiles"."languages") <= 10 and cardinality("profiles"."allergens") <= 50 and cardinality("profiles"."avoid_additives") <= 200)
);
--> statement-breakpoint
ALTER TABLE "favorites" DROP CONSTRAINT "favorites_product_id_products_id_fk";
--> statement-breakpoint
ALTER TABLE "favorites" ADD COLUMN "barcode" char(14);
--> statement-breakpoint
-- The id of a favourite that was saved by its barcode. Units: canonical GTIN-14.
CREATE FUNCTION barcode_favorite_id(barcode text) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN md5('favourite ' || barcode)::uuid;
