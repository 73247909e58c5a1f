import { sql } from "drizzle-orm";
import type { Job } from "../job.ts";
import { repeatWhileFull } from "../steps.ts";

const DELETED_MAX = 5_000;

/** Forgets deliveries 30 days after they ended. */
export const oldDeliveriesJob: Job = {
  queue: "retention-deliveries",
  schedule: "37 3 * * *",
  expireSeconds: 3600,
  async run({ db, now, signal }) {
    await repeatWhileFull(DELETED_MAX, signal, async () => {
      const rows = await db.execute(sql`
        delete from deliveries where (user_id, notification_id, token) in (
          select user_id, notification_id, token from deliveries
          where state in ('delivered', 'unknown', 'dead') and ended_at < ${now().toISOString()}::timestamptz - interval '30 days'
          order by ended_at limit ${DELETED_MAX}
        ) returning 1`);
      return rows.length;
    });
  },
};
