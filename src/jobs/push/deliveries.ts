import { type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client/database.ts";
import type { DeliveryState } from "../../db/tables/vocabulary.ts";

/** One notification for one phone, as it is sent. */
export interface Delivery {
  readonly userId: string;
  readonly notificationId: string;
  readonly token: string;
  readonly title: string;
  readonly body: string;
  readonly alertId: string | null;
  readonly isGravest: boolean;
  /** Before this one. */
  readonly tries: number;
}

/** Where a delivery goes from `sending`. Units: seconds for `dueInSeconds`. */
export interface Outcome {
  readonly userId: string;
  readonly notificationId: string;
  readonly token: string;
  readonly state: DeliveryState;
  readonly ticketId?: string;
  readonly error?: string;
  /** For `planned` and `ticket`: when it is next looked at. */
  readonly dueInSeconds?: number;
  /** Nothing was sent, so that this was no try. */
  readonly isUntried?: boolean;
}

/** The gravest are tried so often when nobody knows what became of them. */
export const GRAVEST_TRIES = 3;

/** Whether something is due to be sent. */
export async function isAnyDue(db: Db): Promise<boolean> {
  const [row] = await db.execute<{ due: boolean }>(
    sql`select exists (select from deliveries where state = 'planned' and due_at <= now()) as due`,
  );
  return row?.due === true;
}

/** How long a batch is a worker's own; when it has not begun to send it by then, another takes it. Units: seconds. */
const LEASE_SECONDS = 30;

/** Any number of our own: claims wait for each other. */
const CLAIM_LOCK = 190_618;

/**
 * Takes the next deliveries for a while. Those in quiet hours are put off, and those of phones that are gone, or of
 * notifications that are over, are ended. One claim at a time: side by side they would share what is due among them,
 * and the share of dead tokens of such small batches says nothing. An alert is told in the first of its user's languages
 * that it has, as it is by now.
 */
export async function claimBatch(db: Db, claim: string, limit: number): Promise<Delivery[]> {
  return await db.execute<Delivery & Record<string, unknown>>(sql`
    with turn as materialized (select pg_advisory_xact_lock(${CLAIM_LOCK}::bigint)),
    due as materialized (
      select user_id, notification_id, token from deliveries
      where state = 'planned' and due_at <= now() and (select count(*) from turn) = 1
      order by is_gravest desc, due_at limit ${limit} for update skip locked
    ), facts as materialized (
      select due.*, coalesce(a.texts -> l.language ->> 'title', a.title, n.title) as title,
        coalesce(a.texts -> l.language ->> 'summary', a.summary, n.body) as body, n.alert_id, d.token is not null as is_known,
        case when n.state is null or n.state = 'cancelled' then 'cancelled' when n.expires_at <= now() then 'expired'
          when not d.is_enabled then 'disabled' when t.token is null then 'moved' end as ended,
        quiet_end(now(), d.time_zone, p.quiet_from, p.quiet_until) as quiet_end
      from due
      left join push_notifications n on n.id = due.notification_id
      left join alerts a on a.id = n.alert_id
      left join profiles u on u.user_id = due.user_id
      cross join lateral (select spoken_language(u.languages) as language) as l
      left join devices d on d.user_id = due.user_id and d.token = due.token
      left join push_tokens t on t.token = due.token and t.owner = due.user_id
      left join push_preferences p on p.user_id = due.user_id
    ), forgotten as (
      delete from deliveries o using facts f
      where not f.is_known and o.user_id = f.user_id and o.notification_id = f.notification_id and o.token = f.token
    ), changed as (
      update deliveries o
      set state = case when f.ended is not null then 'dead' else 'planned' end,
        error = f.ended, ended_at = case when f.ended is not null then now() end, claim = ${claim}::uuid,
        due_at = coalesce(f.quiet_end, now() + make_interval(secs => ${LEASE_SECONDS}))
      from facts f
      where f.is_known and o.user_id = f.user_id and o.notification_id = f.notification_id and o.token = f.token
      returning o.user_id, o.notification_id, o.token, o.is_gravest, o.tries
    )
    select c.user_id as "userId", c.notification_id as "notificationId", c.token, f.title, f.body, f.alert_id as "alertId",
      c.is_gravest as "isGravest", c.tries
    from changed c
    join facts f on f.user_id = c.user_id and f.notification_id = c.notification_id and f.token = c.token
    where f.ended is null and f.quiet_end is null`);
}

/** The keys of deliveries as the rows `o` of a statement. */
function keysOf(batch: readonly Delivery[]): SQL {
  const keys = batch.map(({ userId, notificationId, token }) => ({
    userId,
    notificationId,
    token,
  }));
  return sql`jsonb_to_recordset(${JSON.stringify(keys)}::jsonb) as o("userId" uuid, "notificationId" uuid, token text)`;
}

/**
 * Marks a batch as being sent and not yet let go, which is committed before it is sent; gives those that are still this
 * worker's.
 */
export async function markSending(
  db: Db,
  claim: string,
  batch: readonly Delivery[],
): Promise<Delivery[]> {
  const rows = await db.execute<{ token: string; userId: string; notificationId: string }>(sql`
    with marked as (
      update deliveries d set state = 'sending', sending_at = now(), tries = d.tries + 1 from ${keysOf(batch)}
      where d.user_id = o."userId" and d.notification_id = o."notificationId" and d.token = o.token
        and d.claim = ${claim}::uuid and d.state = 'planned' and d.due_at > now()
      returning d.token, d.user_id as "userId", d.notification_id as "notificationId"
    ), unsent as (
      insert into push_unsent (claim) select ${claim}::uuid where exists (select from marked)
    )
    select * from marked`);
  const marked = new Set(rows.map((row) => `${row.notificationId}/${row.userId}/${row.token}`));
  return batch.filter((one) => marked.has(`${one.notificationId}/${one.userId}/${one.token}`));
}

/**
 * Lets a batch go: from now on nobody knows whether it was sent, until its outcome is noted. Nothing happens between the
 * answer and the end of the request. Gives false for a batch that was taken for lost meanwhile, which must not be sent.
 */
export async function letGo(db: Db, claim: string): Promise<boolean> {
  const rows = await db.execute(sql`
    delete from push_unsent where claim = ${claim}::uuid and settled_at is null returning 1`);
  return rows.length > 0;
}

/** Notes what became of a batch; what was erased meanwhile, or taken for lost and sent by another, is left alone. */
export async function recordOutcomes(
  db: Db,
  claim: string | null,
  outcomes: readonly Outcome[],
): Promise<void> {
  await db.execute(sql`
    update deliveries d
    set state = o.state, ticket_id = coalesce(o."ticketId", d.ticket_id), error = o.error,
      tries = case when o."isUntried" then d.tries - 1 else d.tries end,
      ticket_at = case when o.state = 'ticket' then coalesce(d.ticket_at, now()) else d.ticket_at end,
      due_at = case when o."dueInSeconds" is not null then now() + make_interval(secs => o."dueInSeconds") else d.due_at end,
      ended_at = case when o.state in ('delivered', 'unknown', 'dead') then now() end
    from jsonb_to_recordset(${JSON.stringify(outcomes)}::jsonb) as o(
      "userId" uuid, "notificationId" uuid, token text, state text, "ticketId" text, error text, "dueInSeconds" float8,
      "isUntried" boolean)
    where d.user_id = o."userId" and d.notification_id = o."notificationId" and d.token = o.token
      and (${claim}::uuid is null or d.claim = ${claim}::uuid and d.state in ('sending', 'unknown'))`);
}

/**
 * Takes back that a batch is being sent, because it was not; it stays this worker's as long as it was. Another worker
 * may have settled it as unknown meanwhile, while this one could not reach the database.
 */
export async function releaseBatch(
  db: Db,
  claim: string,
  batch: readonly Delivery[],
): Promise<void> {
  await db.execute(sql`
    with unsent as (delete from push_unsent where claim = ${claim}::uuid)
    update deliveries d set state = 'planned', tries = d.tries - 1, ended_at = null from ${keysOf(batch)}
    where d.user_id = o."userId" and d.notification_id = o."notificationId" and d.token = o.token
      and d.claim = ${claim}::uuid and d.state in ('sending', 'unknown')`);
}

/** Gives a batch that was taken and not begun to whoever comes next. */
export async function giveBack(db: Db, claim: string, batch: readonly Delivery[]): Promise<void> {
  await db.execute(sql`
    update deliveries d set due_at = now() from ${keysOf(batch)}
    where d.user_id = o."userId" and d.notification_id = o."notificationId" and d.token = o.token
      and d.claim = ${claim}::uuid and d.state = 'planned'`);
}

/** Disables phones that Expo does not know any more. */
export async function disableDevices(
  db: Db,
  devices: readonly Pick<Outcome, "userId" | "token">[],
): Promise<void> {
  await db.execute(sql`
    update devices d set is_enabled = false
    from jsonb_to_recordset(${JSON.stringify(devices)}::jsonb) as o("userId" uuid, token text)
    where d.user_id = o."userId" and d.token = o.token and d.is_enabled`);
}

/**
 * Settles what a worker that crashed was sending. A batch that it had not let go was not sent and goes back; of others
 * nobody knows, and only the gravest are sent again.
 */
export async function settleLost(db: Db, afterSeconds: number): Promise<number> {
  const rows = await db.execute(sql`
    with lost as materialized (
      select user_id, notification_id, token, claim from deliveries
      where state = 'sending' and sending_at < now() - make_interval(secs => ${afterSeconds})
      order by sending_at limit 1000 for update skip locked
    ), unsent as materialized (
      update push_unsent set settled_at = now() where claim in (select claim from lost) returning claim
    ), settled as materialized (
      select lost.*, unsent.claim is not null as is_unsent from lost left join unsent on unsent.claim = lost.claim
    )
    update deliveries d
    set state = case when s.is_unsent or d.is_gravest and d.tries < ${GRAVEST_TRIES} then 'planned' else 'unknown' end,
      tries = case when s.is_unsent then d.tries - 1 else d.tries end,
      error = 'the worker was lost', due_at = now(),
      ended_at = case when s.is_unsent or d.is_gravest and d.tries < ${GRAVEST_TRIES} then null else now() end
    from settled s
    where d.user_id = s.user_id and d.notification_id = s.notification_id and d.token = s.token
    returning 1`);
  return rows.length;
}

/** How many deliveries are on their way, by state. */
export async function countOpen(db: Db): Promise<Map<string, number>> {
  const [row] = await db.execute<{ planned: number; sending: number; ticket: number }>(sql`
    select (select count(*)::int from deliveries where state = 'planned') as planned,
      (select count(*)::int from deliveries where state = 'sending') as sending,
      (select count(*)::int from deliveries where state = 'ticket') as ticket`);
  return new Map(Object.entries(row ?? {}));
}
