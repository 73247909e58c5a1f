import { type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client/database.ts";
import type { Audience } from "../../db/tables/push.ts";
import type { Job } from "../job.ts";

/** Devices that one step looks at. */
const STEP_DEVICES = 10_000;
/** Of a step, which is one statement. Units: milliseconds. */
const STEP_TIMEOUT_MS = 30_000;

interface Notification extends Record<string, unknown> {
  readonly audience: Audience;
  readonly state: string;
  /** Units: seconds, negative when it has begun. */
  readonly startsInSeconds: number;
}

/** Which of the devices `s` with the preferences `p` an audience is made of. */
function isMeant(audience: Audience): SQL {
  if (audience.to === "everybody") return sql`true`;
  if (audience.to === "area")
    return sql`coalesce(p.by_area, true) and s.cell5 in (
      select jsonb_array_elements_text(${JSON.stringify(audience.cells)}::jsonb))`;
  if (audience.to === "store")
    return sql`coalesce(p.by_favorites, true) and exists (
      select from favorites f where f.user_id = s.user_id and f.kind = 'store' and f.target_id = ${audience.storeId}::uuid)`;
  const barcodes = sql`(select jsonb_array_elements_text(${JSON.stringify(audience.barcodes)}::jsonb))`;
  return sql`(
    coalesce(p.by_scans, true) and s.user_id in (select user_id from scans where barcode in ${barcodes})
    or coalesce(p.by_favorites, true) and s.user_id in (
      select f.user_id from favorites f join products o on o.id = f.target_id
      where f.kind = 'product' and o.barcode in ${barcodes}))`;
}

/** Plans a notification for the next devices by their key; tells whether there are more. */
async function planStep(db: Db, id: string, audience: Audience): Promise<boolean> {
  return await db.transaction(async (transaction) => {
    await transaction.execute(
      sql`select set_config('statement_timeout', ${String(STEP_TIMEOUT_MS)}, true)`,
    );
    const [row] = await transaction.execute<{ devices: number }>(sql`
      with n as materialized (
        select * from push_notifications where id = ${id}::uuid and state = 'planning' for update
      ), step as materialized (
        select d.user_id, d.token, d.cell5 from devices d, n
        where d.is_enabled and (n.planned_user is null or (d.user_id, d.token) > (n.planned_user, n.planned_token))
        order by d.user_id, d.token limit ${STEP_DEVICES}
      ), planned as (
        insert into deliveries (user_id, notification_id, token, is_gravest, due_at)
        select s.user_id, n.id, s.token, n.is_gravest, greatest(now(), n.starts_at)
        from step s
        join push_tokens t on t.token = s.token and t.owner = s.user_id
        left join push_preferences p on p.user_id = s.user_id
        cross join n
        where (p.user_id is null or n.kind = any(p.kinds)) and ${isMeant(audience)}
          and not exists (
            select from deliveries o
            where o.notification_id = n.id and o.token = s.token and o.user_id <> s.user_id and o.state <> 'planned')
        on conflict do nothing
      ), advanced as (
        update push_notifications u
        set planned_user = case when last.devices = ${STEP_DEVICES} then last.user_id end,
          planned_token = case when last.devices = ${STEP_DEVICES} then last.token end,
          state = case when last.devices < ${STEP_DEVICES} then 'planned' else u.state end
        from n, (
          select (select count(*)::int from step) as devices, l.user_id, l.token
          from (values (1)) as one left join lateral (
            select user_id, token from step order by user_id desc, token desc limit 1) as l on true
        ) as last
        where u.id = n.id
      ), woken as (
        insert into cache_events (topic, ref) select 'job', 'push-send' from n
      )
      select count(*)::int as devices from step`);
    return (row?.devices ?? 0) >= STEP_DEVICES;
  });
}

/**
 * Deletes what was planned for phones that left their users meanwhile: an erasure sees nothing of a step that is not
 * committed, and waits for none. The sender does the same when such a delivery is due.
 */
async function forgetGone(db: Db, id: string): Promise<void> {
  await db.transaction(async (transaction) => {
    await transaction.execute(
      sql`select set_config('statement_timeout', ${String(STEP_TIMEOUT_MS)}, true)`,
    );
    await transaction.execute(sql`
      delete from deliveries o where o.notification_id = ${id}::uuid and o.state = 'planned'
        and not exists (select from devices d where d.user_id = o.user_id and d.token = o.token)`);
  });
}

/** Plans a notification for all devices that it is meant for. After a crash it goes on where it was. */
export async function planNotification(db: Db, id: string, signal?: AbortSignal): Promise<void> {
  const [notification] = await db.execute<Notification>(sql`
    select audience, state, extract(epoch from starts_at - now())::float8 as "startsInSeconds"
    from push_notifications where id = ${id}::uuid`);
  if (notification === undefined || notification.state !== "planning") return;
  while (await planStep(db, id, notification.audience)) signal?.throwIfAborted();
  await forgetGone(db, id);
}

/** Plans notifications: who gets them. */
export const planningJob: Job = {
  queue: "push-plan",
  expireSeconds: 900,
  async run({ db, signal }, { notification }) {
    if (typeof notification !== "string") throw new Error("a job without its notification");
    await planNotification(db, notification, signal);
  },
};
