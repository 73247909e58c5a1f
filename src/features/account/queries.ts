import { sql } from "drizzle-orm";
import type { Db } from "../../db/client/database.ts";
import { isoInstant, userLock } from "../../db/sql-fragments.ts";
import type { EraseOutput, Export } from "./schemas.ts";

/** Everything that is kept about a user, as of one snapshot. */
export async function exportUser(
  db: Db,
  userId: string,
): Promise<Omit<Export, "userId" | "exportedAt">> {
  const [row] = await db.execute<Omit<Export, "userId" | "exportedAt">>(sql`
    select coalesce((
      select json_agg(json_build_object(
        'id', id, 'barcode', barcode, 'scannedAt', ${isoInstant(sql`scanned_at`)},
        'recordedAt', ${isoInstant(sql`recorded_at`)}, 'latitude', latitude, 'longitude', longitude,
        'halalStatus', halal_status, 'confidence', confidence, 'reasons', reasons
      ) order by scanned_at desc, id desc) from scans where user_id = ${userId}::uuid
    ), '[]') as "scans", coalesce((
      select json_agg(json_build_object('kind', kind, 'id', target_id, 'createdAt', ${isoInstant(sql`created_at`)},
        'lastAddedAt', ${isoInstant(sql`coalesce(last_added_at, created_at)`)})
        order by created_at desc, kind, target_id) from favorites where user_id = ${userId}::uuid
    ), '[]') as "favorites", coalesce((
      select json_agg(json_build_object('alertId', alert_id, 'readAt', ${isoInstant(sql`read_at`)})
        order by read_at desc, alert_id) from alert_reads where user_id = ${userId}::uuid
    ), '[]') as "alertReads", coalesce((
      select json_agg(json_build_object('id', id, 'removedAt', ${isoInstant(sql`removed_at`)})
        order by removed_at desc, id) from scan_removals where user_id = ${userId}::uuid
    ), '[]') as "removedScans", coalesce((
      select json_agg(json_build_object('kind', kind, 'id', target_id, 'removedAt', ${isoInstant(sql`removed_at`)},
        'recordedAt', ${isoInstant(sql`recorded_at`)})
        order by removed_at desc, kind, target_id) from favorite_removals where user_id = ${userId}::uuid
    ), '[]') as "removedFavorites", coalesce((
      select json_agg(json_build_object('token', token, 'platform', platform, 'timeZone', time_zone, 'cell5', cell5,
        'isEnabled', is_enabled, 'registeredAt', ${isoInstant(sql`registered_at`)}, 'seenAt', ${isoInstant(sql`seen_at`)})
        order by registered_at desc, token) from devices where user_id = ${userId}::uuid
    ), '[]') as "devices", (
      select json_build_object('kinds', kinds, 'quietFromMinute', quiet_from, 'quietUntilMinute', quiet_until,
        'areas', by_area, 'favorites', by_favorites, 'scannedProducts', by_scans)
      from push_preferences where user_id = ${userId}::uuid
    ) as "pushPreferences", coalesce((
      select json_agg(json_build_object('notificationId', notification_id, 'token', token, 'state', state,
        'sentAt', ${isoInstant(sql`sending_at`)}, 'error', error)
        order by sending_at desc nulls first, notification_id, token) from deliveries where user_id = ${userId}::uuid
    ), '[]') as "deliveries"`);
  if (row === undefined) throw new Error("the export gave no row");
  return row;
}

/** Deletes everything that is kept about a user, in one transaction; gives how much that was. */
export async function eraseUser(db: Db, userId: string): Promise<EraseOutput> {
  // Waits for a write of many rows that is still running: the next statement then sees what it has left.
  await db.execute(userLock(userId));
  const [row] = await db.execute<EraseOutput & Record<string, unknown>>(sql`
    with lock as materialized (${userLock(userId)}),
    gone_scan_removals as (delete from scan_removals using lock where user_id = ${userId}::uuid),
    gone_favorite_removals as (delete from favorite_removals using lock where user_id = ${userId}::uuid),
    gone_tokens as (delete from push_tokens using lock where owner = ${userId}::uuid),
    gone_devices as (delete from devices using lock where user_id = ${userId}::uuid),
    gone_preferences as (delete from push_preferences using lock where user_id = ${userId}::uuid),
    gone_deliveries as (delete from deliveries using lock where user_id = ${userId}::uuid),
    gone_scans as (delete from scans using lock where user_id = ${userId}::uuid returning 1),
    gone_favorites as (delete from favorites using lock where user_id = ${userId}::uuid returning 1),
    gone_reads as (delete from alert_reads using lock where user_id = ${userId}::uuid returning 1)
    select (select count(*)::int from gone_scans) as "scans",
      (select count(*)::int from gone_favorites) as "favorites",
      (select count(*)::int from gone_reads) as "alertReads"`);
  if (row === undefined) throw new Error("the erasure gave no row");
  return row;
}
