ALTER TABLE "journal_consumers" ADD COLUMN "holder" text;--> statement-breakpoint
ALTER TABLE "journal_consumers" ADD COLUMN "held_until" timestamp (3) with time zone;
