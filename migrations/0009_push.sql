-- What goes out next: the gravest first.
CREATE INDEX CONCURRENTLY deliveries_planned_idx ON deliveries (is_gravest DESC, due_at) WHERE state = 'planned';
--> statement-breakpoint
CREATE INDEX CONCURRENTLY deliveries_sending_idx ON deliveries (sending_at) WHERE state = 'sending';
--> statement-breakpoint
-- Receipts to ask for.
CREATE INDEX CONCURRENTLY deliveries_ticket_idx ON deliveries (due_at) WHERE state = 'ticket';
--> statement-breakpoint
CREATE INDEX CONCURRENTLY deliveries_ended_idx ON deliveries (ended_at) WHERE state IN ('delivered', 'unknown', 'dead');
--> statement-breakpoint
-- Whether a phone that went from user to user has a notification already.
CREATE INDEX CONCURRENTLY deliveries_notification_id_token_idx ON deliveries (notification_id, token);
--> statement-breakpoint
-- Who scanned a product that is recalled.
CREATE INDEX CONCURRENTLY scans_barcode_user_id_idx ON scans (barcode, user_id);
