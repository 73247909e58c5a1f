import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  index,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { instant, literals } from "./columns.ts";
import {
  DELIVERY_STATES,
  type DeliveryState,
  PUSH_KINDS,
  PUSH_PLATFORMS,
  type PushKind,
  type PushPlatform,
} from "./vocabulary.ts";

/** The recipients of a notification. Units: canonical GTIN-14, geohashes of five characters. */
export type Audience =
  | { readonly to: "everybody" }
  | { readonly to: "area"; readonly cells: readonly string[] }
  | { readonly to: "products"; readonly barcodes: readonly string[] }
  | { readonly to: "store"; readonly storeId: string };

/** The user to whom an Expo token belongs. The key is the token, because a phone can pass from user to user. */
export const pushTokens = pgTable(
  "push_tokens",
  { token: text("token").primaryKey(), owner: uuid("owner").notNull() },
  (t) => [index("push_tokens_owner_idx").on(t.owner)],
);

/** Users' phones; a phone whose token belongs to another user gets no notifications. */
export const devices = pgTable(
  "devices",
  {
    userId: uuid("user_id").notNull(),
    token: text("token").notNull(),
    platform: text("platform").$type<PushPlatform>().notNull(),
    /** The phone's time zone. Units: IANA name. */
    timeZone: text("time_zone").notNull(),
    /** The geohash of the phone's last registration, about 5 km wide. */
    cell5: text("cell5"),
    /** False when Expo reported that the app was removed. */
    isEnabled: boolean("is_enabled").notNull().default(true),
    registeredAt: instant("registered_at").notNull().defaultNow(),
    seenAt: instant("seen_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.userId, t.token] }),
    check("devices_platform_known", sql`${t.platform} in (${literals(PUSH_PLATFORMS)})`),
    check("devices_cell5_is_coarse", sql`${t.cell5} ~ '^[0-9b-hjkmnp-z]{5}$'`),
  ],
);

/** Users' choice of notifications and quiet hours; a user without a row has the defaults. */
export const pushPreferences = pgTable(
  "push_preferences",
  {
    userId: uuid("user_id").primaryKey(),
    kinds: text("kinds").array().$type<PushKind[]>().notNull().default(["recall", "alert"]),
    /** The beginning of the quiet hours. Units: minutes of the day in the phone's time zone. */
    quietFrom: smallint("quiet_from"),
    quietUntil: smallint("quiet_until"),
    byArea: boolean("by_area").notNull().default(true),
    byFavorites: boolean("by_favorites").notNull().default(true),
    byScans: boolean("by_scans").notNull().default(true),
  },
  (t) => [
    check("push_preferences_kinds_known", sql`${t.kinds} <@ array['recall', 'alert']`),
    check(
      "push_preferences_quiet_hours",
      sql`("quiet_from" is null) = ("quiet_until" is null) and "quiet_from" between 0 and 1439 and "quiet_until" between 0 and 1439`,
    ),
  ],
);

/** Notifications; a trigger on `alerts` plans those of alerts. */
export const pushNotifications = pgTable(
  "push_notifications",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    alertId: uuid("alert_id"),
    kind: text("kind").$type<PushKind>().notNull(),
    /** True when an unknown outcome is retried, because such a notification should rather arrive twice than never. */
    isGravest: boolean("is_gravest").notNull().default(false),
    title: text("title").notNull(),
    body: text("body").notNull(),
    audience: jsonb("audience").$type<Audience>().notNull(),
    state: text("state")
      .$type<"planning" | "planned" | "cancelled">()
      .notNull()
      .default("planning"),
    /** The user of the last device that planning has processed. */
    plannedUser: uuid("planned_user"),
    plannedToken: text("planned_token"),
    startsAt: instant("starts_at").notNull().defaultNow(),
    /** Deliveries that are not sent before this are not sent at all. */
    expiresAt: instant("expires_at").notNull(),
    createdAt: instant("created_at").notNull().defaultNow(),
  },
  (t) => [
    uniqueIndex("push_notifications_alert_id_key").on(t.alertId),
    check("push_notifications_kind_known", sql`${t.kind} in (${literals(PUSH_KINDS)})`),
    check(
      "push_notifications_state_known",
      sql`${t.state} in ('planning', 'planned', 'cancelled')`,
    ),
  ],
);

/** One notification to one phone. Its state is committed before each request to Expo, because a crash may follow. */
export const deliveries = pgTable(
  "deliveries",
  {
    userId: uuid("user_id").notNull(),
    notificationId: uuid("notification_id").notNull(),
    token: text("token").notNull(),
    state: text("state").$type<DeliveryState>().notNull().default("planned"),
    isGravest: boolean("is_gravest").notNull(),
    /** When to send the delivery, or when to request its receipt. */
    dueAt: instant("due_at").notNull(),
    /** The id of the last batch of the delivery. */
    claim: uuid("claim"),
    sendingAt: instant("sending_at"),
    tries: smallint("tries").notNull().default(0),
    ticketId: text("ticket_id"),
    ticketAt: instant("ticket_at"),
    error: text("error"),
    endedAt: instant("ended_at"),
  },
  (t) => [
    primaryKey({ columns: [t.userId, t.notificationId, t.token] }),
    check("deliveries_state_known", sql`${t.state} in (${literals(DELIVERY_STATES)})`),
  ],
);

/** One row with the time before which nothing is sent to Expo, and whether sending was stopped. */
export const pushRate = pgTable(
  "push_rate",
  {
    id: boolean("id").primaryKey().default(true),
    nextAt: timestamp("next_at", { withTimezone: true, mode: "date" }).notNull().defaultNow(),
    haltedAt: instant("halted_at"),
    haltedBecause: text("halted_because"),
  },
  (t) => [check("push_rate_one_row", sql`${t.id}`)],
);

/** Six batches of 100 within any second are all that Expo takes: each is sent in one of six slots. */
export const pushSlots = pgTable("push_slots", {
  number: smallint("number").primaryKey(),
  freeAt: timestamp("free_at", { withTimezone: true, mode: "date" }).notNull().defaultNow(),
  /** The claim that sends in it next; null: none. */
  holder: uuid("holder"),
  /** When a holder that is silent has lost it. */
  heldUntil: timestamp("held_until", { withTimezone: true, mode: "date" }),
});

/**
 * Batches that are marked as being sent and whose requests have certainly not been written to their end. The migration
 * makes the table unlogged: deleting a row waits for no disk, and after a crash of the database no row is left.
 */
export const pushUnsent = pgTable("push_unsent", {
  /** The claim of the batch. */
  claim: uuid("claim").primaryKey(),
  markedAt: timestamp("marked_at", { withTimezone: true, mode: "date" }).notNull().defaultNow(),
  /** When the batch was taken for lost: it may not be sent any more. */
  settledAt: timestamp("settled_at", { withTimezone: true, mode: "date" }),
});
