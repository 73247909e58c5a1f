CREATE TABLE "additive_rulings" (
	"additive_code" text NOT NULL,
	"madhab" text NOT NULL,
	"halal_status" text NOT NULL,
	"explanation" text,
	"source" text,
	CONSTRAINT "additive_rulings_additive_code_madhab_pk" PRIMARY KEY("additive_code","madhab"),
	CONSTRAINT "additive_rulings_madhab_known" CHECK ("additive_rulings"."madhab" in ('hanafi', 'shafii', 'maliki', 'hanbali')),
	CONSTRAINT "additive_rulings_halal_status_known" CHECK ("additive_rulings"."halal_status" in ('halal', 'haram', 'doubtful', 'unknown'))
);
--> statement-breakpoint
CREATE TABLE "additives" (
	"code" text PRIMARY KEY NOT NULL,
	"name_en" text,
	"name_fr" text,
	"name_ar" text,
	"category" text,
	"origin" text DEFAULT 'unknown' NOT NULL,
	"halal_status" text DEFAULT 'unknown' NOT NULL,
	"explanation" text,
	"status_source" text,
	"status_locked" boolean DEFAULT false NOT NULL,
	"vegan" text,
	"vegetarian" text,
	"parents" text[] DEFAULT '{}' NOT NULL,
	"source" text,
	"search_text" text GENERATED ALWAYS AS ((normalize_text(code || ' ' || coalesce(name_en, '') || ' ' || coalesce(name_fr, '') || ' ' || coalesce(name_ar, '')))) STORED NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "additives_code_form" CHECK ("additives"."code" ~ '^E[0-9]{3,4}[a-z]?[ivx]*$'),
	CONSTRAINT "additives_origin_known" CHECK ("additives"."origin" in ('plant', 'animal', 'insect', 'mineral', 'synthetic', 'mixed', 'unknown')),
	CONSTRAINT "additives_halal_status_known" CHECK ("additives"."halal_status" in ('halal', 'haram', 'doubtful', 'unknown')),
	CONSTRAINT "additives_vegan_known" CHECK ("additives"."vegan" in ('yes', 'no', 'maybe')),
	CONSTRAINT "additives_vegetarian_known" CHECK ("additives"."vegetarian" in ('yes', 'no', 'maybe'))
);
--> statement-breakpoint
CREATE TABLE "alert_reads" (
	"user_id" uuid NOT NULL,
	"alert_id" uuid NOT NULL,
	"read_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "alert_reads_user_id_alert_id_pk" PRIMARY KEY("user_id","alert_id")
);
--> statement-breakpoint
CREATE TABLE "alerts" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"title" text NOT NULL,
	"summary" text NOT NULL,
	"content" text,
	"severity" text NOT NULL,
	"category" text NOT NULL,
	"image_url" text,
	"source_url" text,
	"published_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"is_active" boolean DEFAULT true NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "alerts_title_length" CHECK (length("alerts"."title") between 1 and 200),
	CONSTRAINT "alerts_severity_known" CHECK ("alerts"."severity" in ('info', 'warning', 'critical')),
	CONSTRAINT "alerts_expiry_after_publication" CHECK ("alerts"."expires_at" > "alerts"."published_at")
);
--> statement-breakpoint
CREATE TABLE "boycott_targets" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"company_name" text NOT NULL,
	"brands" text[] DEFAULT '{}' NOT NULL,
	"parent_company" text,
	"level" text NOT NULL,
	"reasons" text[] DEFAULT '{}' NOT NULL,
	"source_url" text,
	"gtin_prefixes" text[] DEFAULT '{}' NOT NULL,
	"active" boolean DEFAULT true NOT NULL,
	"company_key" text GENERATED ALWAYS AS ((normalize_text(company_name))) STORED NOT NULL,
	"match_keys" text[] GENERATED ALWAYS AS ((normalize_texts(brands || array[company_name] || array_remove(array[parent_company], null)))) STORED NOT NULL,
	"source" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "boycott_targets_company_name_length" CHECK (length("boycott_targets"."company_name") between 1 and 200),
	CONSTRAINT "boycott_targets_level_known" CHECK ("boycott_targets"."level" in ('official', 'grassroots', 'pressure', 'community'))
);
--> statement-breakpoint
CREATE TABLE "cache_events" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "cache_events_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"xid" "xid8" DEFAULT pg_current_xact_id() NOT NULL,
	"at" timestamp (3) with time zone DEFAULT clock_timestamp() NOT NULL,
	"topic" text NOT NULL,
	"ref" text,
	"latitude" double precision,
	"longitude" double precision,
	"store_type" text,
	"halal_certified" boolean
);
--> statement-breakpoint
CREATE TABLE "certifiers" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"country" text NOT NULL,
	"website" text,
	"trust_score" integer DEFAULT 50 NOT NULL,
	"trust_criteria" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"label_tags" text[] DEFAULT '{}' NOT NULL,
	"source" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "certifiers_id_slug" CHECK ("certifiers"."id" ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length("certifiers"."id") <= 64),
	CONSTRAINT "certifiers_name_length" CHECK (length("certifiers"."name") between 1 and 200),
	CONSTRAINT "certifiers_country_iso" CHECK ("certifiers"."country" ~ '^[A-Z]{2}$'),
	CONSTRAINT "certifiers_trust_score_range" CHECK ("certifiers"."trust_score" between 0 and 100)
);
--> statement-breakpoint
CREATE TABLE "favorites" (
	"user_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"target_id" uuid NOT NULL,
	"product_id" uuid GENERATED ALWAYS AS ((case when kind = 'product' then target_id end)) STORED,
	"store_id" uuid GENERATED ALWAYS AS ((case when kind = 'store' then target_id end)) STORED,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "favorites_user_id_kind_target_id_pk" PRIMARY KEY("user_id","kind","target_id"),
	CONSTRAINT "favorites_kind_known" CHECK ("favorites"."kind" in ('product', 'store'))
);
--> statement-breakpoint
CREATE TABLE "products" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"barcode" char(14) NOT NULL,
	"name" text,
	"names" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"brand" text,
	"image_url" text,
	"halal_status" text DEFAULT 'unknown' NOT NULL,
	"confidence_score" double precision DEFAULT 0 NOT NULL,
	"reasons" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"additives" text[] DEFAULT '{}' NOT NULL,
	"ingredients" text,
	"labels" text[] DEFAULT '{}' NOT NULL,
	"certifier_id" text,
	"source" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "products_barcode_gtin14" CHECK ("products"."barcode" ~ '^[0-9]{14}$'),
	CONSTRAINT "products_halal_status_known" CHECK ("products"."halal_status" in ('halal', 'haram', 'doubtful', 'unknown')),
	CONSTRAINT "products_confidence_range" CHECK ("products"."confidence_score" between 0 and 1),
	CONSTRAINT "products_covered_lengths" CHECK (octet_length(concat("products"."name", "products"."brand", "products"."image_url")) <= 2400)
);
--> statement-breakpoint
CREATE TABLE "scans" (
	"user_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"barcode" char(14) NOT NULL,
	"scanned_at" timestamp (3) with time zone NOT NULL,
	"recorded_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"latitude" double precision,
	"longitude" double precision,
	"halal_status" text NOT NULL,
	"confidence" double precision NOT NULL,
	"reasons" jsonb DEFAULT '[]'::jsonb NOT NULL,
	CONSTRAINT "scans_user_id_id_pk" PRIMARY KEY("user_id","id"),
	CONSTRAINT "scans_barcode_gtin14" CHECK ("scans"."barcode" ~ '^[0-9]{14}$'),
	CONSTRAINT "scans_halal_status_known" CHECK ("scans"."halal_status" in ('halal', 'haram', 'doubtful', 'unknown')),
	CONSTRAINT "scans_confidence_range" CHECK ("scans"."confidence" between 0 and 1),
	CONSTRAINT "scans_latitude_range" CHECK ("scans"."latitude" between -90 and 90),
	CONSTRAINT "scans_longitude_range" CHECK ("scans"."longitude" between -180 and 180),
	CONSTRAINT "scans_position_whole" CHECK (("scans"."latitude" is null) = ("scans"."longitude" is null))
);
--> statement-breakpoint
CREATE TABLE "data_sources" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"licence" text NOT NULL,
	"attribution" text NOT NULL,
	"url" text,
	"imported_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "stores" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"name" text NOT NULL,
	"description" text,
	"store_type" text NOT NULL,
	"address" text,
	"city" text,
	"postal_code" text,
	"country" text,
	"phone" text,
	"website" text,
	"image_url" text,
	"latitude" double precision NOT NULL,
	"longitude" double precision NOT NULL,
	"location" geography(Point, 4326) GENERATED ALWAYS AS ((ST_SetSRID(ST_MakePoint(longitude, latitude), 4326)::geography)) STORED NOT NULL,
	"halal_certified" boolean DEFAULT false NOT NULL,
	"certifier_id" text,
	"average_rating" real,
	"review_count" integer DEFAULT 0 NOT NULL,
	"opening_hours" text,
	"time_zone" text NOT NULL,
	"halal_claim" text,
	"source" text NOT NULL,
	"source_ref" text,
	"search_text" text GENERATED ALWAYS AS ((normalize_text(coalesce(name, '') || ' ' || coalesce(city, '')))) STORED NOT NULL,
	"removed_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "stores_name_length" CHECK (length("stores"."name") between 1 and 200),
	CONSTRAINT "stores_type_known" CHECK ("stores"."store_type" in ('supermarket', 'butcher', 'restaurant', 'bakery', 'abattoir', 'wholesaler', 'online', 'other')),
	CONSTRAINT "stores_latitude_range" CHECK ("stores"."latitude" between -90 and 90),
	CONSTRAINT "stores_longitude_range" CHECK ("stores"."longitude" between -180 and 180),
	CONSTRAINT "stores_country_iso" CHECK ("stores"."country" ~ '^[A-Z]{2}$'),
	CONSTRAINT "stores_rating_range" CHECK ("stores"."average_rating" between 0 and 5),
	CONSTRAINT "stores_review_count_range" CHECK ("stores"."review_count" >= 0),
	CONSTRAINT "stores_text_lengths" CHECK (octet_length(concat("stores"."description", "stores"."address", "stores"."city", "stores"."postal_code", "stores"."phone", "stores"."website", "stores"."image_url", "stores"."opening_hours", "stores"."time_zone")) <= 16000)
);
--> statement-breakpoint
ALTER TABLE "additive_rulings" ADD CONSTRAINT "additive_rulings_additive_code_additives_code_fk" FOREIGN KEY ("additive_code") REFERENCES "public"."additives"("code") ON DELETE cascade ON UPDATE cascade;--> statement-breakpoint
ALTER TABLE "additives" ADD CONSTRAINT "additives_source_data_sources_id_fk" FOREIGN KEY ("source") REFERENCES "public"."data_sources"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alert_reads" ADD CONSTRAINT "alert_reads_alert_id_alerts_id_fk" FOREIGN KEY ("alert_id") REFERENCES "public"."alerts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "boycott_targets" ADD CONSTRAINT "boycott_targets_source_data_sources_id_fk" FOREIGN KEY ("source") REFERENCES "public"."data_sources"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "certifiers" ADD CONSTRAINT "certifiers_source_data_sources_id_fk" FOREIGN KEY ("source") REFERENCES "public"."data_sources"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "favorites" ADD CONSTRAINT "favorites_product_id_products_id_fk" FOREIGN KEY ("product_id") REFERENCES "public"."products"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "favorites" ADD CONSTRAINT "favorites_store_id_stores_id_fk" FOREIGN KEY ("store_id") REFERENCES "public"."stores"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "products" ADD CONSTRAINT "products_certifier_id_certifiers_id_fk" FOREIGN KEY ("certifier_id") REFERENCES "public"."certifiers"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "products" ADD CONSTRAINT "products_source_data_sources_id_fk" FOREIGN KEY ("source") REFERENCES "public"."data_sources"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "stores" ADD CONSTRAINT "stores_certifier_id_certifiers_id_fk" FOREIGN KEY ("certifier_id") REFERENCES "public"."certifiers"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "stores" ADD CONSTRAINT "stores_source_data_sources_id_fk" FOREIGN KEY ("source") REFERENCES "public"."data_sources"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "additives_search_text_idx" ON "additives" USING gin ("search_text" gin_trgm_ops);--> statement-breakpoint
CREATE INDEX "alert_reads_alert_id_idx" ON "alert_reads" USING btree ("alert_id");--> statement-breakpoint
CREATE UNIQUE INDEX "boycott_targets_company_key_key" ON "boycott_targets" USING btree ("company_key");--> statement-breakpoint
CREATE INDEX "boycott_targets_match_keys_idx" ON "boycott_targets" USING gin ("match_keys") WHERE active;--> statement-breakpoint
CREATE INDEX "boycott_targets_gtin_prefixes_idx" ON "boycott_targets" USING gin ("gtin_prefixes") WHERE active;--> statement-breakpoint
CREATE INDEX "cache_events_xid_idx" ON "cache_events" USING btree ("xid");--> statement-breakpoint
CREATE INDEX "cache_events_at_idx" ON "cache_events" USING btree ("at");--> statement-breakpoint
CREATE INDEX "certifiers_trust_score_idx" ON "certifiers" USING btree ("trust_score" DESC NULLS LAST,"id");--> statement-breakpoint
CREATE INDEX "favorites_product_id_idx" ON "favorites" USING btree ("product_id") WHERE product_id is not null;--> statement-breakpoint
CREATE INDEX "favorites_store_id_idx" ON "favorites" USING btree ("store_id") WHERE store_id is not null;--> statement-breakpoint
CREATE INDEX "products_certifier_id_idx" ON "products" USING btree ("certifier_id") WHERE certifier_id is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "stores_source_ref_key" ON "stores" USING btree ("source","source_ref");--> statement-breakpoint
CREATE INDEX "stores_location_idx" ON "stores" USING gist ("location") WHERE removed_at is null;--> statement-breakpoint
CREATE INDEX "stores_certifier_id_idx" ON "stores" USING btree ("certifier_id");