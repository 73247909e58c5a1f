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
  const texts = await Promise.all(
    workers.map(async ({ url }) => (await fetch(`${url}/metrics`)).text()),
  );
  for (const { process, ended } of workers) {
    process.kill("SIGTERM");
    await ended;
  }
  return [...rowsOf(devices, outcome), ...windowRows(texts)];
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

const WINDOW = /^halal_push_unsure_seconds_bucket\{le="([^"]+)",from="(\w+)"\} (\d+)$/gm;

/** How long batches of the workers that were not killed were let go and not yet sent: a kill in that time costs one. */
function windowRows(metrics: readonly string[]): Row[] {
  return ["asking", "answer"].map((from) => {
    const below = new Map<number, number>();
    for (const [, bound, what, count] of metrics.flatMap((text) => [...text.matchAll(WINDOW)])) {
      if (what !== from) continue;
      const seconds = bound === "+Inf" ? Infinity : Number(bound);
      below.set(seconds, (below.get(seconds) ?? 0) + Number(count));
    }
    const batches = below.get(Infinity) ?? 0;
    const quantile = (share: number) => {
      const [bound] = [...below].find(([, count]) => count >= share * batches) ?? [Infinity];
      return `${bound * 1000} ms`;
    };
    return {
      what: `${KILLS} kills: from the database's ${from === "asking" ? "being asked to let a batch go" : "answer"} to the last byte, of ${batches} batches`,
      ours: `median ≤ ${quantile(0.5)}, 95 % ≤ ${quantile(0.95)}`,
      limit: "",
      ratio: "",
      target: "",
      reached: null,
    };
  });
}
