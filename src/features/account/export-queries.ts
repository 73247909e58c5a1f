import { type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client/database.ts";
import { isoInstant } from "../../db/sql-fragments.ts";
import { profileFields } from "./queries.ts";
import type { Export } from "./schemas.ts";

/** How many rows of a list one statement reads: so few that no other call waits long for the thread that writes them. */
export const PAGE_ROWS = 200;

/** The parts of an export that are lists. */
export type ListName = Exclude<
  keyof Export,
  "userId" | "exportedAt" | "profile" | "pushPreferences"
>;
/** The parts of an export that are one row or none. */
type OneRow = Pick<Export, "profile" | "pushPreferences">;

/** One list of an export: its rows in an order that has an index, and where a page begins after one of them. */
interface ListQuery<Row> {
  readonly columns: SQL;
  readonly table: SQL;
  readonly order: SQL;
  readonly after: (last: Row) => SQL;
}

const LISTS: { readonly [Name in ListName]: ListQuery<Export[Name][number]> } = {
  scans: {
    columns: sql`id, barcode, ${isoInstant(sql`scanned_at`)} as "scannedAt",
      ${isoInstant(sql`recorded_at`)} as "recordedAt", latitude, longitude, halal_status as "halalStatus", confidence, reasons`,
    table: sql`scans`,
    order: sql`scanned_at desc, id desc`,
    after: ({ scannedAt, id }) => sql`(scanned_at, id) < (${scannedAt}::timestamptz, ${id}::uuid)`,
  },
  favorites: {
    columns: sql`kind, target_id as "id", barcode, ${isoInstant(sql`created_at`)} as "createdAt",
      ${isoInstant(sql`coalesce(last_added_at, created_at)`)} as "lastAddedAt"`,
    table: sql`favorites`,
    order: sql`created_at desc, kind, target_id`,
    after: ({ createdAt, kind, id }) => sql`created_at <= ${createdAt}::timestamptz
      and (created_at < ${createdAt}::timestamptz or (kind, target_id) > (${kind}, ${id}::uuid))`,
  },
  reports: {
    columns: sql`id, kind, barcode, store_id as "storeId", text, proposed, ${isoInstant(sql`created_at`)} as "createdAt"`,
    table: sql`reports`,
    order: sql`created_at desc, id desc`,
    after: ({ createdAt, id }) => sql`(created_at, id) < (${createdAt}::timestamptz, ${id}::uuid)`,
  },
  alertReads: {
    columns: sql`alert_id as "alertId", ${isoInstant(sql`read_at`)} as "readAt"`,
    table: sql`alert_reads`,
    order: sql`alert_id`,
    after: ({ alertId }) => sql`alert_id > ${alertId}::uuid`,
  },
  removedScans: {
    columns: sql`id, ${isoInstant(sql`removed_at`)} as "removedAt"`,
    table: sql`scan_removals`,
    order: sql`id`,
    after: ({ id }) => sql`id > ${id}::uuid`,
  },
  removedFavorites: {
    columns: sql`kind, target_id as "id", ${isoInstant(sql`removed_at`)} as "removedAt",
      ${isoInstant(sql`recorded_at`)} as "recordedAt"`,
    table: sql`favorite_removals`,
    order: sql`kind, target_id`,
    after: ({ kind, id }) => sql`(kind, target_id) > (${kind}, ${id}::uuid)`,
  },
  devices: {
    columns: sql`token, platform, time_zone as "timeZone", cell5, is_enabled as "isEnabled",
      ${isoInstant(sql`registered_at`)} as "registeredAt", ${isoInstant(sql`seen_at`)} as "seenAt"`,
    table: sql`devices`,
    order: sql`token`,
    after: ({ token }) => sql`token > ${token}`,
  },
  deliveries: {
    columns: sql`notification_id as "notificationId", token, state, ${isoInstant(sql`sending_at`)} as "sentAt", error`,
    table: sql`deliveries`,
    order: sql`notification_id, token`,
    after: ({ notificationId, token }) =>
      sql`(notification_id, token) > (${notificationId}::uuid, ${token})`,
  },
};

/** The lists, in the order in which an export has them. */
export const LIST_NAMES = Object.keys(LISTS) as readonly ListName[];

/** The first page of every list, and what is one row. */
export type FirstPages = Pick<Export, ListName> & OneRow;

function pageOf<Name extends ListName>(
  name: Name,
  userId: string,
  last: Export[Name][number] | null,
): SQL {
  const { columns, table, order, after } = LISTS[name];
  const beyond = last === null ? sql`` : sql`and ${after(last)}`;
  return sql`select ${columns} from ${table} where user_id = ${userId}::uuid ${beyond}
    order by ${order} limit ${PAGE_ROWS}`;
}

/** Everything that is kept about a user, but of each list one page only. */
export async function firstPages(db: Db, userId: string): Promise<FirstPages> {
  const lists = LIST_NAMES.map(
    (name) => sql`coalesce((
      select json_agg(row_to_json(page)) from (${pageOf(name, userId, null)}) as page
    ), '[]') as ${sql.identifier(name)}`,
  );
  const [row] = await db.execute<FirstPages & Record<string, unknown>>(sql`
    select ${sql.join(lists, sql`, `)}, (
      select json_build_object(${profileFields}, 'updatedAt', ${isoInstant(sql`updated_at`)})
      from profiles where user_id = ${userId}::uuid limit 1
    ) as "profile", (
      select json_build_object('kinds', kinds, 'quietFromMinute', quiet_from, 'quietUntilMinute', quiet_until,
        'areas', by_area, 'favorites', by_favorites, 'scannedProducts', by_scans)
      from push_preferences where user_id = ${userId}::uuid limit 1
    ) as "pushPreferences"`);
  if (row === undefined) throw new Error("the export gave no row");
  return row;
}

/** The page of a list that begins after a row. */
export async function nextPage<Name extends ListName>(
  db: Db,
  userId: string,
  name: Name,
  last: Export[Name][number],
): Promise<Export[Name]> {
  const rows = await db.execute(pageOf(name, userId, last));
  return rows as unknown as Export[Name];
}
