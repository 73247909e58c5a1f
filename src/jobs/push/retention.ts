import { type SQL, sql } from "drizzle-orm";
import type { Job } from "../job.ts";
import { repeatWhileFull } from "../steps.ts";

/** Rows that one statement deletes: it must end well within the role's time limit. */
const DELETED_MAX = 5_000;

/** Deletes deliveries that ended 30 days ago. */
const oldDeliveries = (now: Date) => sql`
  delete from deliveries where (user_id, notification_id, token) in (
    select user_id, notification_id, token from deliveries
    where state in ('delivered', 'unknown', 'dead') and ended_at < ${now.toISOString()}::timestamptz - interval '30 days'
    order by ended_at limit ${DELETED_MAX}
  ) returning 1`;

/** Deletes phones on which the app has not been for 90 days; one that comes back registers. */
const goneDevices = (now: Date) => sql`
  with gone as (
    delete from devices where (user_id, token) in (
      select user_id, token from devices
      where not is_enabled and seen_at < ${now.toISOString()}::timestamptz - interval '90 days'
      order by seen_at limit ${DELETED_MAX}
    ) returning user_id, token
  ), tokens as (
    delete from push_tokens t using gone where t.token = gone.token and t.owner = gone.user_id
  ) select 1 from gone`;

/** Deletes notifications that have been over for 60 days; their deliveries are gone by then. */
const oldNotifications = (now: Date) => sql`
  delete from push_notifications where id in (
    select n.id from push_notifications n
    where n.expires_at < ${now.toISOString()}::timestamptz - interval '60 days'
      and not exists (select from deliveries d where d.notification_id = n.id)
    limit ${DELETED_MAX}
  ) returning 1`;

/** Deletes what is left of batches whose workers were lost; a minute after that they were settled. */
const oldUnsent = (now: Date) => sql`
  delete from push_unsent where claim in (
    select claim from push_unsent
    where marked_at < ${now.toISOString()}::timestamptz - interval '1 day' limit ${DELETED_MAX}
  ) returning 1`;

/** Forgets what became of notifications, and phones on which the app is no longer. */
export const pushRetentionJob: Job = {
  queue: "retention-deliveries",
  schedule: "37 3 * * *",
  expireSeconds: 3600,
  async run({ db, now, logger, signal }) {
    const sweep = (statement: (now: Date) => SQL) =>
      repeatWhileFull(DELETED_MAX, signal, async () => (await db.execute(statement(now()))).length);
    const deliveries = await sweep(oldDeliveries);
    const devices = await sweep(goneDevices);
    const notifications = await sweep(oldNotifications);
    await sweep(oldUnsent);
    if (deliveries + devices + notifications > 0)
      logger.info({ deliveries, devices, notifications }, "old deliveries and phones are gone");
  },
};
