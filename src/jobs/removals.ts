import { sql } from "drizzle-orm";
import type { Db } from "../db/client/database.ts";
import type { Job } from "./job.ts";
import { repeatWhileFull } from "./steps.ts";

/** Rows that one statement deletes: it must end well within the role's time limit. */
const DELETED_MAX = 5_000;

/** Tables in which users' removals stand, and when each row was recorded. */
const REMOVALS = [
  { table: "scan_removals", key: "user_id, id", recorded: "removed_at" },
  { table: "favorite_removals", key: "user_id, kind, target_id", recorded: "recorded_at" },
] as const;

/** Deletes removals that were recorded more than six months before `now`, until none is left; gives how many. */
export async function deleteOldRemovals(db: Db, now: Date, signal?: AbortSignal): Promise<number> {
  let total = 0;
  for (const { table, key, recorded } of REMOVALS) {
    const [name, columns, at] = [table, key, recorded].map((text) => sql.raw(text));
    total += await repeatWhileFull(DELETED_MAX, signal, async () => {
      const rows = await db.execute(sql`
        delete from ${name} where (${columns}) in (
          select ${columns} from ${name}
          where ${at} < ${now.toISOString()}::timestamptz - interval '6 months'
          order by ${at} limit ${DELETED_MAX}
        ) returning 1`);
      return rows.length;
    });
  }
  return total;
}

/** Forgets what users removed, six months later, whether or not they write again. */
export const removalsJob: Job = {
  queue: "retention-removals",
  schedule: "17 3 * * *",
  expireSeconds: 3600,
  async run({ db, now, logger, signal }) {
    const deleted = await deleteOldRemovals(db, now(), signal);
    if (deleted > 0) logger.info({ deleted }, "old removals are gone");
  },
};
