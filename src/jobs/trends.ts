import { sql } from "drizzle-orm";
import type { Db } from "../db/client/database.ts";
import type { Job } from "./job.ts";

/** A day's roll-up is done in so many steps, each a short statement. */
const STEPS_A_DAY = 24;
/** How many days before today are rolled up when they are missing: a week, and one for a worker that was away. */
const DAYS_BACK = 8;
/** Roll-ups are kept so long. Units: days. */
const KEPT_DAYS = 400;
/** Of a refresh, which is one statement. Units: milliseconds. */
const REFRESH_TIMEOUT_MS = 55_000;

/** Adds who scanned what on a day, hour by hour. Again is as good as once: a user's bit is set or not. */
export async function rollUpDay(db: Db, day: string, signal?: AbortSignal): Promise<boolean> {
  for (let hour = 0; hour < STEPS_A_DAY; hour += 1) {
    if (signal?.aborted === true) return false;
    await db.execute(sql`
      insert into scan_rollups as r (day, cell5, barcode, users)
      select ${day}::date, cells.cell5, s.barcode, bit_or(user_bit(s.user_id, t.seed))
      from trend_seed t, scans s
      cross join lateral (
        select '' as cell5
        union all select st_geohash(st_makepoint(s.longitude, s.latitude), 5) where s.latitude is not null
      ) as cells
      where s.recorded_at >= (${day}::date + make_interval(hours => ${hour})) at time zone 'UTC'
        and s.recorded_at < (${day}::date + make_interval(hours => ${hour + 1})) at time zone 'UTC'
      group by cells.cell5, s.barcode
      order by cells.cell5, s.barcode
      on conflict (day, cell5, barcode) do update set users = r.users | excluded.users`);
  }
  await db.execute(
    sql`insert into scan_rollup_days (day) values (${day}::date) on conflict do nothing`,
  );
  return true;
}

/** Rolls up the whole days before `now` that are not yet, and renews what is trending when there were any. */
export async function rollUpScans(db: Db, now: Date, signal?: AbortSignal): Promise<string[]> {
  const missing = await db.execute<{ day: string }>(sql`
    select to_char(day, 'YYYY-MM-DD') as day
    from generate_series(1, ${DAYS_BACK}) as back
    cross join lateral (select (${now.toISOString()}::timestamptz at time zone 'UTC')::date - back as day) as days
    where not exists (select from scan_rollup_days d where d.day = days.day)
    order by day`);
  for (const { day } of missing) if (!(await rollUpDay(db, day, signal))) return [];
  await db.execute(sql`
    delete from scan_rollups where day < (${now.toISOString()}::timestamptz)::date - ${KEPT_DAYS}::int`);
  await refreshTrending(db);
  return missing.map(({ day }) => day);
}

/** Renews what is trending; those who read it meanwhile see what was there before. */
export async function refreshTrending(db: Db): Promise<void> {
  await db.transaction(async (transaction) => {
    await transaction.execute(
      sql`select set_config('statement_timeout', ${String(REFRESH_TIMEOUT_MS)}, true)`,
    );
    await transaction.execute(sql`select refresh_trending_products()`);
  });
}

/** Rolls scans up by day, product and coarse cell, and renews what is trending, soon after each day's end in UTC. */
export const trendsJob: Job = {
  queue: "trends",
  schedule: "7 * * * *",
  expireSeconds: 3600,
  async run({ db, now, logger, signal }) {
    const days = await rollUpScans(db, now(), signal);
    if (days.length > 0) logger.info({ days }, "scans are rolled up");
  },
};
