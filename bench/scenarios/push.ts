import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { type ExpoStandIn, startExpoStandIn } from "../../test/support/expo-stand-in.ts";
import { startWorkerProcess } from "../../test/support/worker-process.ts";
import { type BenchStack } from "../stack.ts";
import type { Row, RunOptions, ScenarioResult } from "../report/model.ts";
import { sendThroughKills } from "./push-kills.ts";

const DATABASE = "bench_push";
const DEVICES = 50_000;
const WORKERS = 2;
/** The latency of the stand-in for Expo. Units: milliseconds. */
const LATENCY_MS = 150;
const SECONDS_MAX = 90;
const A_SECOND_MAX = 600;
const PUBLISHED = 200;
const SLOWER_MAX_MS = 3;

/** Measures a critical alert to 50,000 phones with two workers, and how much its planning slows the publisher. */
export async function runPush(
  stack: BenchStack,
  { say, quick, only }: RunOptions,
): Promise<ScenarioResult> {
  const devices = quick ? 5_000 : DEVICES;
  await stack.createDatabase(DATABASE);
  const sql = stack.superuser(DATABASE);
  const expo = await startExpoStandIn();
  expo.latencyMs = LATENCY_MS;
  try {
    say(`registering ${devices} phones`);
    await sql`
      insert into devices (user_id, token, platform, time_zone)
      select md5('u' || i)::uuid, 'ExponentPushToken[' || i || ']', 'ios', 'Europe/Paris' from generate_series(1, ${devices}::int) as i`;
    await sql`insert into push_tokens (token, owner) select token, user_id from devices`;
    await sql`analyze devices, push_tokens, deliveries`;
    if (only === "kills") {
      const rows = await sendThroughKills(sql, stack.databaseUrl(DATABASE), expo, devices);
      for (const { what, ours } of rows) say(`${what}: ${ours}`);
      return {
        name: "push",
        title: "Push notifications",
        rows,
        plots: [],
        notes: [],
        figures: { rows },
      };
    }
    say("publishing without workers");
    const slowerMs = await costOfPlanning(sql);
    await sql`truncate push_notifications, deliveries`;
    await sql`delete from pgboss.job`;
    const environment = { EXPO_BASE_URL: expo.url };
    const databaseUrl = stack.databaseUrl(DATABASE);
    const workers = await Promise.all(
      Array.from({ length: WORKERS }, () => startWorkerProcess({ databaseUrl }, environment)),
    );
    say("publishing a critical alert");
    const beganAt = performance.now();
    await sql`insert into alerts (title, summary, severity, category) values ('Recall', 'Do not eat it', 'critical', 'food')`;
    const reached = await untilAllReached(expo, devices);
    const seconds = (performance.now() - beganAt) / 1000;
    await pause(1_000);
    const states = await sql<{ state: string; n: number }[]>`
      select state, count(*)::int as n from deliveries group by state`;
    for (const { process, ended } of workers) {
      process.kill("SIGTERM");
      await ended;
    }
    const busiest = expo.busiestSecond();
    const twice = [...expo.ledger.values()].filter((times) => times > 1).length;
    say(`${reached} reached in ${seconds.toFixed(1)} s, ${busiest} in the busiest second`);
    say("again, while workers are killed and Expo fails");
    const killed = await sendThroughKills(sql, databaseUrl, expo, devices);
    return report({ devices, seconds, reached, twice, slowerMs, states, busiest, killed });
  } finally {
    await sql.end();
    await expo.close();
    await stack.dropDatabase(DATABASE);
  }
}

async function untilAllReached(expo: ExpoStandIn, devices: number): Promise<number> {
  const endsAt = performance.now() + 2 * SECONDS_MAX * 1000;
  while (expo.ledger.size < devices && performance.now() < endsAt) await pause(50);
  return expo.ledger.size;
}

/** Returns by how much planning a notification slows the insert of an alert, from medians. Units: milliseconds. */
async function costOfPlanning(sql: ReturnType<BenchStack["superuser"]>): Promise<number> {
  const times: Record<"critical" | "info", number[]> = { critical: [], info: [] };
  for (let i = 0; i < PUBLISHED; i += 1) {
    for (const severity of ["critical", "info"] as const) {
      const beganAt = performance.now();
      await sql`insert into alerts (id, title, summary, severity, category) values (${randomUUID()}, 'T', 'S', ${severity}, 'food')`;
      times[severity].push(performance.now() - beganAt);
    }
  }
  const middle = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
  return middle(times.critical) - middle(times.info);
}

interface Figures {
  readonly devices: number;
  readonly seconds: number;
  readonly reached: number;
  readonly twice: number;
  readonly slowerMs: number;
  readonly busiest: number;
  readonly killed: readonly Row[];
  readonly states: readonly { readonly state: string; readonly n: number }[];
}

function report(figures: Figures): ScenarioResult {
  const { devices, seconds, reached, twice, slowerMs, busiest, states } = figures;
  const row = (what: string, ours: string, target: string, isReached: boolean) => ({
    what,
    ours,
    limit: "",
    ratio: "",
    target,
    reached: isReached,
  });
  const secondsMax = (SECONDS_MAX * devices) / DEVICES;
  return {
    name: "push",
    title: "Push notifications",
    rows: [
      row(
        `a critical alert to ${devices.toLocaleString("en")} phones, until the last was sent`,
        `${seconds.toFixed(1)} s`,
        `≤ ${secondsMax} s`,
        seconds <= secondsMax && reached === devices,
      ),
      row("phones that were sent it", String(reached), String(devices), reached === devices),
      row("phones that were sent it twice", String(twice), "0", twice === 0),
      row(
        "messages in the busiest second",
        String(busiest),
        `≤ ${A_SECOND_MAX}`,
        busiest <= A_SECOND_MAX,
      ),
      row(
        "publishing takes longer by",
        `${slowerMs.toFixed(2)} ms`,
        `≤ ${SLOWER_MAX_MS} ms`,
        slowerMs <= SLOWER_MAX_MS,
      ),
      ...figures.killed,
    ],
    plots: [],
    notes: [
      `${WORKERS} workers through PgBouncer; Expo is a stand-in that answers after ${LATENCY_MS} ms. Expo's own bound for ${devices.toLocaleString("en")} is ${(devices / A_SECOND_MAX).toFixed(1)} s.`,
      `Deliveries at the end: ${states.map(({ state, n }) => `${n} ${state}`).join(", ")}.`,
      `Publishing: medians of ${PUBLISHED} inserts each, critical and informative in turn.`,
    ],
    figures,
  };
}
