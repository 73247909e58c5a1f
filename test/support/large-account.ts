import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import type postgres from "postgres";
import { bearer } from "./tokens.ts";

/** The barcodes that are taken, because a barcode has one open case at most. */
let casesBefore = 0;

/** Inserts rows into every table that keeps something of a user: so many scans, and as many others in each other table. */
export async function insertAccount(
  sql: postgres.Sql,
  user: string,
  scans: number,
  others: number,
): Promise<void> {
  // Several at one instant, so that pages end between them.
  await sql`
    insert into scans (user_id, id, barcode, scanned_at, halal_status, confidence, reasons)
    select ${user}, gen_random_uuid(), '03017620422003', timestamptz '2026-01-01' + (n / 7) * interval '1 second', 'unknown', 0,
      '[{"code": "product_not_found", "message": "Nobody has described this product yet, «é».", "source": "none"}]'
    from generate_series(1, ${scans}::int) as n`;
  await sql`
    insert into favorites (user_id, kind, target_id, barcode, created_at)
    select ${user}, 'product', gen_random_uuid(), lpad(n::text, 14, '0'), timestamptz '2026-01-01' + (n / 7) * interval '1 second'
    from generate_series(1, ${others}::int) as n`;
  await sql`
    insert into favorite_removals (user_id, kind, target_id, removed_at)
    select ${user}, case when n % 2 = 0 then 'product' else 'store' end, gen_random_uuid(), now() from generate_series(1, ${others}::int) as n`;
  await sql`insert into scan_removals (user_id, id) select ${user}, gen_random_uuid() from generate_series(1, ${others}::int)`;
  await sql`
    insert into devices (user_id, token, platform, time_zone)
    select ${user}, 'ExponentPushToken[' || n || 'é]', 'ios', 'UTC' from generate_series(1, ${others}::int) as n`;
  await sql`
    insert into deliveries (user_id, notification_id, token, is_gravest, due_at)
    select ${user}, md5((n / 7)::text)::uuid, 'token ' || n, false, now() from generate_series(1, ${others}::int) as n`;
  const alert = await sql`
    insert into alerts (title, summary, severity, category)
    select 'An alert', 'Of a test', 'info', 'food' from generate_series(1, ${others}::int) returning id`;
  await sql`
    insert into alert_reads (user_id, alert_id)
    select ${user}, id from json_to_recordset(${JSON.stringify(alert)}::text::json) as a(id uuid)`;
  await sql`
    with opened as (
      insert into report_cases (kind, barcode)
      select 'wrong_status', lpad((n + ${casesBefore}::int)::text, 14, '0') from generate_series(1, ${others}::int) as n returning id, barcode
    )
    insert into reports (user_id, id, is_guest, case_id, kind, barcode, created_at)
    select ${user}, gen_random_uuid(), false, id, 'wrong_status', barcode, timestamptz '2026-01-01' from opened`;
  casesBefore += others;
  await sql`analyze scans`;
}

/** Begins to call for an export; nothing is read yet but the headers. */
export async function beginExport(
  url: string,
  user: string,
  encoding?: string,
): Promise<IncomingMessage> {
  const asked = request(`${url}/trpc/account.export`, {
    headers: {
      authorization: await bearer({ id: user }),
      ...(encoding === undefined ? {} : { "accept-encoding": encoding }),
    },
  });
  asked.end();
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  return answer;
}
