import { setTimeout as pause } from "node:timers/promises";
import type postgres from "postgres";
import type { ExpoStandIn, SendFault } from "./expo-stand-in.ts";
import { startWorkerProcess, type WorkerProcess } from "./worker-process.ts";

/** Everything that Expo may do wrong, by the number of the request. */
export function allFaults(n: number): SendFault {
  if (n % 13 === 3) return { kind: "status", status: 429 };
  if (n % 17 === 5) return { kind: "taken", status: 504 };
  if (n % 19 === 7) return { kind: "partial", tickets: 50 };
  return n % 23 === 11 ? { kind: "cut" } : { kind: "none" };
}

/** Registers phones, and plans a notification for all of them, not of the gravest: of those the doubtful are sent again. */
export async function notifyDevices(sql: postgres.Sql, devices: number): Promise<void> {
  await sql`truncate devices, push_tokens, push_notifications, deliveries`;
  await sql`
    insert into devices (user_id, token, platform, time_zone)
    select md5('u' || i)::uuid, 'ExponentPushToken[' || i || ']', 'ios', 'UTC' from generate_series(1, ${devices}::int) as i`;
  await sql`insert into push_tokens (token, owner) select token, user_id from devices`;
  await sql`
    with n as (
      insert into push_notifications (kind, title, body, audience, expires_at)
      values ('alert', 'T', 'B', '{"to": "everybody"}', now() + interval '1 day') returning id
    ) select enqueue_job('push-plan', jsonb_build_object('notification', id), id::text) from n`;
}

/** Deliveries that are in one of some states. */
export async function countDeliveries(
  sql: postgres.Sql,
  ...states: readonly string[]
): Promise<number> {
  const [row] = await sql<{ n: number }[]>`
    select count(*)::int as n from deliveries where state = any(${states as string[]})`;
  return row?.n ?? 0;
}

/** Kills one of the workers again and again and starts another instead; gives those that work at the end. */
export async function killWorkers(
  databaseUrl: string,
  { expo, kills, everyMs }: { expo: ExpoStandIn; kills: number; everyMs: number },
): Promise<WorkerProcess[]> {
  const start = () => startWorkerProcess({ databaseUrl }, { EXPO_BASE_URL: expo.url });
  const workers = await Promise.all([start(), start()]);
  for (let kill = 0; kill < kills; kill += 1) {
    const [spare] = await Promise.all([start(), pause(everyMs)]);
    const victim = workers.shift();
    victim?.process.kill("SIGKILL");
    await victim?.ended;
    workers.push(spare);
  }
  return workers;
}

/** The outcome of a notification whose senders were killed. */
export interface KillOutcome {
  readonly reached: number;
  readonly twice: number;
  readonly busiestSecond: number;
  readonly unknown: number;
  /** Phones that were not sent it, and whose delivery does not say that nobody knows. */
  readonly silentlyMissed: number;
  readonly ended: number;
}

/** Compares the ledger of what Expo took with what the deliveries say. */
export async function killOutcome(sql: postgres.Sql, expo: ExpoStandIn): Promise<KillOutcome> {
  const rows = await sql<{ token: string; state: string }[]>`select token, state from deliveries`;
  const ended = new Set(["ticket", "delivered", "unknown", "dead"]);
  return {
    reached: expo.ledger.size,
    twice: [...expo.ledger.values()].filter((times) => times > 1).length,
    busiestSecond: expo.busiestSecond(),
    unknown: rows.filter(({ state }) => state === "unknown").length,
    silentlyMissed: rows.filter(
      ({ token, state }) => !expo.ledger.has(token) && state !== "unknown",
    ).length,
    ended: rows.filter(({ state }) => ended.has(state)).length,
  };
}
