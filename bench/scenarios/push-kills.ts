import { setTimeout as pause } from "node:timers/promises";
import type postgres from "postgres";
import type { ExpoStandIn } from "../../test/support/expo-stand-in.ts";
import {
  allFaults,
  countDeliveries,
  type KillOutcome,
  killOutcome,
  killWorkers,
  notifyDevices,
} from "../../test/support/push-kills.ts";
import type { Row } from "../report/model.ts";

const KILLS = 20;
const KILL_EVERY_MS = 3_500;
const ENDED_WITHIN_MS = 300_000;

/** A notification while workers are killed by SIGKILL and Expo does everything that it may do wrong. */
export async function sendThroughKills(
  sql: postgres.Sql,
  databaseUrl: string,
  expo: ExpoStandIn,
  devices: number,
): Promise<Row[]> {
  expo.forget();
  expo.fault = allFaults;
  await sql`delete from pgboss.job`;
  await notifyDevices(sql, devices);
  const workers = await killWorkers(databaseUrl, { expo, kills: KILLS, everyMs: KILL_EVERY_MS });
  const endsAt = performance.now() + ENDED_WITHIN_MS;
  while ((await countDeliveries(sql, "planned", "sending")) > 0 && performance.now() < endsAt)
    await pause(500);
  const outcome = await killOutcome(sql, expo);
  for (const { process, ended } of workers) {
    process.kill("SIGTERM");
    await ended;
  }
  return rowsOf(devices, outcome);
}

function rowsOf(devices: number, outcome: KillOutcome): Row[] {
  const row = (what: string, ours: string, target: string, reached: boolean) => ({
    what: `${KILLS} kills: ${what}`,
    ours,
    limit: "",
    ratio: "",
    target,
    reached,
  });
  const once = devices * 0.999;
  return [
    row("phones that were sent it", String(outcome.reached), `≥ ${once}`, outcome.reached >= once),
    row("phones that were sent it twice", String(outcome.twice), "0", outcome.twice === 0),
    row("deliveries at an end", String(outcome.ended), String(devices), outcome.ended === devices),
    row(
      "phones that missed it unnoticed",
      String(outcome.silentlyMissed),
      "0",
      outcome.silentlyMissed === 0,
    ),
    row(
      "messages in the busiest second",
      String(outcome.busiestSecond),
      "≤ 600",
      outcome.busiestSecond <= 600,
    ),
  ];
}
