import { randomInt } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { reportFigures } from "../support/calls.ts";
import { type ExpoStandIn, startExpoStandIn } from "../support/expo-stand-in.ts";
import { openStack, type Stack, stackKind } from "../support/stack.ts";
import {
  killWorkerProcesses,
  startWorkerProcess,
  type WorkerProcess,
} from "../support/worker-process.ts";

const DEVICES = 50_000;
const KILLS = 20;
/** Between them the loss of a worker is noticed. Units: milliseconds. */
const KILL_EVERY_MS = 3_500;

describe.skipIf(stackKind() !== "docker")(
  "workers that are killed while they send (docker stack)",
  () => {
    let stack: Stack;
    let expo: ExpoStandIn;
    let workers: WorkerProcess[] = [];

    beforeAll(async () => {
      stack = await openStack();
      expo = await startExpoStandIn();
      expo.latencyMs = 120;
    });
    afterAll(async () => {
      killWorkerProcesses();
      await expo.close();
      await stack.close();
    });

    const start = () => startWorkerProcess(stack, { EXPO_BASE_URL: expo.url, LOG_LEVEL: "info" });
    const count = async (...states: string[]) => {
      const [row] = await stack.sql<{ n: number }[]>`
      select count(*)::int as n from deliveries where state = any(${states})`;
      return row?.n ?? 0;
    };
    const publishAndPlan = async (devices: number) => {
      await stack.sql`truncate devices, push_tokens, push_notifications, deliveries`;
      await stack.sql`
      insert into devices (user_id, token, platform, time_zone)
      select md5('u' || i)::uuid, 'ExponentPushToken[' || i || ']', 'ios', 'UTC' from generate_series(1, ${devices}::int) as i`;
      await stack.sql`insert into push_tokens (token, owner) select token, user_id from devices`;
      // Not of the gravest severity: of those the doubtful ones are sent again.
      await stack.sql`
      with n as (
        insert into push_notifications (kind, title, body, audience, expires_at)
        values ('alert', 'T', 'B', '{"to": "everybody"}', now() + interval '1 day') returning id
      ) select enqueue_job('push-plan', jsonb_build_object('notification', id), id::text) from n`;
    };

    test(
      "kill -9 twenty times, while Expo refuses, times out, gives some tickets and cuts: nobody twice, 99.9 % once, every delivery at an end",
      { timeout: 400_000 },
      async () => {
        expo.fault = (n) => {
          if (n % 13 === 3) return { kind: "status", status: 429 };
          if (n % 17 === 5) return { kind: "taken", status: 504 };
          if (n % 19 === 7) return { kind: "partial", tickets: 50 };
          return n % 23 === 11 ? { kind: "cut" } : { kind: "none" };
        };
        workers = [await start(), await start()];
        await publishAndPlan(DEVICES);
        await vi.waitUntil(() => expo.arrivals.length > 2, 60_000);
        const restarting: Promise<unknown>[] = [];
        for (let kills = 0; kills < KILLS; kills += 1) {
          await pause(KILL_EVERY_MS + randomInt(200));
          const victim = workers.shift();
          victim?.process.kill("SIGKILL");
          await victim?.ended;
          restarting.push(start().then((worker) => workers.push(worker)));
          if (workers.length === 0) await Promise.race(restarting);
        }
        await Promise.all(restarting);
        // Those of a lost worker are settled after a minute.
        await vi.waitUntil(async () => (await count("planned", "sending")) === 0, {
          timeout: 200_000,
          interval: 1_000,
        });
        const twice = [...expo.ledger.values()].filter((times) => times > 1).length;
        reportFigures("push, workers killed", {
          devices: DEVICES,
          reached: expo.ledger.size,
          twice,
          unknown: await count("unknown"),
          busiestSecond: expo.busiestSecond(),
        });
        expect(twice).toBe(0);
        expect(expo.ledger.size).toBeGreaterThanOrEqual(DEVICES * 0.999);
        expect(await count("ticket", "delivered", "unknown", "dead")).toBe(DEVICES);
      },
    );

    test(
      "a rolling replacement by SIGTERM in the middle of a send loses and doubles nothing, and each worker exits with 0",
      { timeout: 200_000 },
      async () => {
        for (const { process } of workers) process.kill("SIGTERM");
        for (const { ended } of workers) expect(await ended).toBe(0);
        expo.fault = () => ({ kind: "none" });
        (expo.ledger as Map<string, number>).clear();
        workers = [await start(), await start()];
        await publishAndPlan(6_000);
        await vi.waitUntil(() => expo.ledger.size > 500, 60_000);
        const before = workers;
        workers = [];
        for (const old of before) {
          workers.push(await start());
          old.process.kill("SIGTERM");
          expect(await old.ended).toBe(0);
        }
        await vi.waitUntil(async () => (await count("planned", "sending")) === 0, {
          timeout: 100_000,
          interval: 500,
        });
        expect(await count("ticket")).toBe(6_000);
        expect(expo.ledger.size).toBe(6_000);
        expect([...expo.ledger.values()].every((times) => times === 1)).toBe(true);
      },
    );
  },
);
