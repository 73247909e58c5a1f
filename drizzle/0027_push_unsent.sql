-- Batches that are marked as being sent and whose request has certainly not been written to its end: it may go back.
-- Unlogged, because the row is deleted just before the request ends and that must take no flush of the log. PostgreSQL
-- empties the table when it recovers from a crash, and a replica that takes over has it empty: then nobody knows, as before.
CREATE UNLOGGED TABLE "push_unsent" (
	"claim" uuid PRIMARY KEY NOT NULL,
	"marked_at" timestamp with time zone DEFAULT now() NOT NULL,
	"settled_at" timestamp with time zone
);
