import { sql } from "drizzle-orm";
import type { Db } from "../db/client/database.ts";
import type { Job } from "./job.ts";
import { repeatWhileFull } from "./steps.ts";

/** Rows that one statement rounds: its users wait, and it must end well within the role's time limit. */
const ROUNDED_MAX = 200;

/** Rounds positions of scans that are older than `days` at `now` to the middle of their geohash cell; gives how many. */
export async function roundOldPositions(
  db: Db,
  now: Date,
  days: number,
  signal?: AbortSignal,
): Promise<number> {
  return await repeatWhileFull(ROUNDED_MAX, signal, async () => {
    const rows = await db.execute(sql`
      update scans s
      set latitude = st_y(old.middle), longitude = st_x(old.middle), position_is_exact = false
      from (
        select user_id, id, st_pointfromgeohash(st_geohash(st_makepoint(longitude, latitude), 5)) as middle
        from scans
        where position_is_exact and latitude is not null
          and least(scanned_at, recorded_at) < ${now.toISOString()}::timestamptz - make_interval(days => ${days})
        order by least(scanned_at, recorded_at) limit ${ROUNDED_MAX}
      ) as old
      where s.user_id = old.user_id and s.id = old.id
      returning 1`);
    return rows.length;
  });
}

/** Makes the job by which scans lose their exact position after `days`. */
export function positionsJob(days: number): Job {
  return {
    queue: "retention-positions",
    schedule: "27 * * * *",
    expireSeconds: 3600,
    async run({ db, now, logger, signal }) {
      const rounded = await roundOldPositions(db, now(), days, signal);
      if (rounded > 0) logger.info({ rounded }, "positions of old scans are rounded");
    },
  };
}
