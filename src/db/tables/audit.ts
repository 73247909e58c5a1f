import { bigint, index, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { sql } from "drizzle-orm";
import { instant } from "./columns.ts";

/**
 * Rows that administrators wrote; triggers add one line for each row in the transaction of the write.
 * The line of an update has the changed columns only.
 */
export const auditLog = pgTable(
  "audit_log",
  {
    id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    at: instant("at")
      .notNull()
      .default(sql`clock_timestamp()`),
    /** The id of the administrator. */
    actor: uuid("actor").notNull(),
    /** The procedure, such as `store.update`. */
    procedure: text("procedure").notNull(),
    requestId: text("request_id"),
    /** The written table, in the singular of the API: `store`, `product`. */
    target: text("target").notNull(),
    targetId: text("target_id").notNull(),
    action: text("action").$type<"insert" | "update" | "delete">().notNull(),
    before: jsonb("before").$type<Record<string, unknown>>(),
    after: jsonb("after").$type<Record<string, unknown>>(),
  },
  (t) => [
    index("audit_log_target_idx").on(t.target, t.targetId, t.id),
    index("audit_log_actor_idx").on(t.actor, t.id),
  ],
);
