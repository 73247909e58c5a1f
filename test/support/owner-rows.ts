import { randomUUID } from "node:crypto";
import type postgres from "postgres";
import { insertStores } from "./store-rows.ts";
import { bearer } from "./tokens.ts";
import { insertProducts, newBarcode } from "./user-rows.ts";

/** The rows of a user in every table that names one; nobody else may see or touch them. */
export interface Owner {
  readonly id: string;
  readonly token: string;
  readonly scanIds: readonly string[];
  readonly barcodes: readonly string[];
  readonly favoriteIds: readonly string[];
  readonly alertIds: readonly string[];
  readonly pushToken: string;
  /** Instants that nothing else has: a row that shows one is this user's. */
  readonly instants: readonly string[];
  /** In the profile and in a report. */
  readonly words: string;
}

let second = 0;
/** An instant that no other row has. */
function uniqueInstant(): string {
  second += 1;
  return new Date(Date.UTC(2025, 0, 1) + second * 61_013).toISOString();
}

/** Inserts the rows of a new user; `alertIds` are those that the user has read. */
export async function insertOwner(sql: postgres.Sql, alertIds: readonly string[]): Promise<Owner> {
  const id = randomUUID();
  const scanIds = [randomUUID(), randomUUID(), randomUUID()];
  const barcodes = scanIds.map(() => `0${newBarcode()}`);
  const scannedAt = scanIds.map(uniqueInstant);
  const favoredAt = [uniqueInstant(), uniqueInstant()];
  const readAt = alertIds.map(uniqueInstant);
  for (const [i, scanId] of scanIds.entries()) {
    await sql`
      insert into scans (user_id, id, barcode, scanned_at, latitude, longitude, halal_status, confidence)
      values (${id}, ${scanId}, ${barcodes[i] ?? ""}, ${scannedAt[i] ?? ""}, 12.345678, 98.765432, 'halal', 0.5)`;
  }
  const [storeId = ""] = await insertStores(sql, [{ latitude: 1, longitude: 1 }]);
  const [product] = await insertProducts(sql, [{}]);
  const productId = product?.id ?? "";
  await sql`
    insert into favorites (user_id, kind, target_id, created_at)
    values (${id}, 'store', ${storeId}, ${favoredAt[0] ?? ""}), (${id}, 'product', ${productId}, ${favoredAt[1] ?? ""})`;
  const words = `Report ${randomUUID()}`;
  await sql`
    insert into profiles (user_id, madhab, languages) values (${id}, 'maliki', array[${words}])`;
  await sql`
    insert into reports (user_id, id, is_guest, case_id, kind, barcode, text)
    values (${id}, ${randomUUID()}, false, ${randomUUID()}, 'wrong_status', ${barcodes[0] ?? ""}, ${words})`;
  for (const [i, alertId] of alertIds.entries()) {
    await sql`insert into alert_reads (user_id, alert_id, read_at) values (${id}, ${alertId}, ${readAt[i] ?? ""})`;
  }
  const pushToken = `ExponentPushToken[${id}]`;
  const seenAt = uniqueInstant();
  await sql`insert into push_tokens (token, owner) values (${pushToken}, ${id})`;
  await sql`
    insert into devices (user_id, token, platform, time_zone, cell5, registered_at, seen_at)
    values (${id}, ${pushToken}, 'ios', 'UTC', 'u09tv', ${seenAt}, ${seenAt})`;
  await sql`insert into push_preferences (user_id, quiet_from, quiet_until) values (${id}, 61, 62)`;
  await sql`
    insert into deliveries (user_id, notification_id, token, is_gravest, due_at)
    values (${id}, gen_random_uuid(), ${pushToken}, false, now() + interval '1 day')`;
  return {
    id,
    pushToken,
    token: await bearer({ id }),
    scanIds,
    barcodes,
    favoriteIds: [storeId, productId],
    alertIds,
    instants: [...scannedAt, ...favoredAt, ...readAt, seenAt],
    words,
  };
}

/** Every row of a user with the transaction that wrote it last, so that a write that changes nothing shows, too. */
export async function ownerRows(sql: postgres.Sql, { id }: Owner): Promise<string> {
  const [row] = await sql<{ rows: string }[]>`
    select json_build_array(
      (select json_agg(json_build_array(s.xmin::text, s) order by s.id) from scans s where user_id = ${id}),
      (select json_agg(json_build_array(f.xmin::text, f) order by f.target_id) from favorites f where user_id = ${id}),
      (select json_agg(json_build_array(r.xmin::text, r) order by r.alert_id) from alert_reads r where user_id = ${id}),
      (select json_agg(json_build_array(t.xmin::text, t) order by t.token) from push_tokens t where owner = ${id}),
      (select json_agg(json_build_array(d.xmin::text, d) order by d.token) from devices d where user_id = ${id}),
      (select json_agg(json_build_array(p.xmin::text, p)) from push_preferences p where user_id = ${id}),
      (select json_agg(json_build_array(d.xmin::text, d) order by d.token) from deliveries d where user_id = ${id}),
      (select json_agg(json_build_array(p.xmin::text, p)) from profiles p where user_id = ${id}),
      (select json_agg(json_build_array(r.xmin::text, r)) from reports r where user_id = ${id})
    )::text as rows`;
  return row?.rows ?? "";
}
