import { type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client/database.ts";
import { alertColumns } from "./queries.ts";
import type { AdminAlert, AlertState, ListCursor } from "./schemas.ts";

/** Where an alert is on its way at a moment. */
const stateOf = (at: string): SQL => sql`case
  when a.is_held then 'held'
  when not a.is_active then 'retracted'
  when a.published_at > ${at}::timestamptz then 'scheduled'
  when a.expires_at <= ${at}::timestamptz then 'expired'
  else 'shown' end`;

/** A page of all alerts, also those that nobody is shown, the latest first; one row more than `limit`. */
export async function listAllAlerts(
  db: Db,
  now: Date,
  page: {
    readonly state: AlertState | null;
    readonly isRecall: boolean | null;
    readonly limit: number;
    readonly after: ListCursor | null;
  },
): Promise<AdminAlert[]> {
  const { state, isRecall, limit, after } = page;
  const stateNow = stateOf(now.toISOString());
  const conditions: SQL[] = [
    sql`true`,
    ...(state === null ? [] : [sql`${stateNow} = ${state}`]),
    ...(isRecall === null ? [] : [sql`(a.recall_barcodes is not null) = ${isRecall}`]),
    ...(after === null
      ? []
      : [sql`(a.published_at, a.id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`]),
  ];
  return await db.execute<AdminAlert & Record<string, unknown>>(sql`
    select ${alertColumns}, ${stateNow} as "state", a.source, a.source_ref as "sourceRef"
    from alerts a where ${sql.join(conditions, sql` and `)}
    order by a.published_at desc, a.id desc limit ${limit + 1}`);
}

/** Lets alerts out that were held; gives the ids of those that were. */
export async function approveAlerts(db: Db, ids: readonly string[]): Promise<string[]> {
  const rows = await db.execute<{ id: string }>(sql`
    update alerts set is_active = true, is_held = false
    where is_held and id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb))
    returning id`);
  return rows.map(({ id }) => id);
}
