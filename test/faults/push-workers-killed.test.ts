import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { BATCH_MAX } from "../../src/jobs/push/rate.ts";
import { reportFigures } from "../support/calls.ts";
import { type ExpoStandIn, startExpoStandIn } from "../support/expo-stand-in.ts";
import {
  allFaults,
  countDeliveries,
  killOutcome,
  killWorkers,
  notifyDevices,
} from "../support/push-kills.ts";
import { openStack, type Stack, stackKind } from "../support/stack.ts";
import {
  killWorkerProcesses,
  startWorkerProcess,
  type WorkerProcess,
} from "../support/worker-process.ts";

// 50,000 phones and twenty kills are `npm run bench -- push`.
const DEVICES = 3_000;
/** More than are sent while both workers are replaced. */
const DEVICES_OF_ROLLING = 9_000;
const KILLS = 3;
const KILL_EVERY_MS = 1_500;

describe.skipIf(stackKind() !== "docker")("workers that end while they send (docker stack)", () => {
  let stack: Stack;
  let expo: ExpoStandIn;

  beforeAll(async () => {
    stack = await openStack();
    expo = await startExpoStandIn();
    expo.latencyMs = 120;
  });
  beforeEach(() => expo.forget());
  afterEach(() => killWorkerProcesses());
  afterAll(async () => {
    await expo.close();
    await stack.close();
  });

  const start = () => startWorkerProcess(stack, { EXPO_BASE_URL: expo.url });
  const stopAll = async (workers: readonly WorkerProcess[]) => {
    for (const { process } of workers) process.kill("SIGTERM");
    for (const { ended } of workers) expect(await ended).toBe(0);
  };

  test(
    "killed by SIGKILL while Expo refuses, times out, gives some tickets and cuts: nobody is sent it twice, and every delivery ends",
    { timeout: 240_000 },
    async () => {
      expo.fault = allFaults;
      await notifyDevices(stack.sql, DEVICES);
      const workers = await killWorkers(stack.databaseUrl, {
        expo,
        kills: KILLS,
        everyMs: KILL_EVERY_MS,
      });
      await vi.waitUntil(async () => (await countDeliveries(stack.sql, "planned")) === 0, {
        timeout: 120_000,
        interval: 250,
      });
      // Deliveries of lost workers are settled a minute later; the update lets that minute pass.
      await stack.sql`update deliveries set sending_at = sending_at - interval '1 minute' where state = 'sending'`;
      // What they had not let go is planned again, and sent.
      await vi.waitUntil(
        async () => (await countDeliveries(stack.sql, "planned", "sending")) === 0,
        { timeout: 60_000, interval: 250 },
      );
      await stopAll(workers);
      const outcome = await killOutcome(stack.sql, expo);
      reportFigures("push, workers killed", { devices: DEVICES, ...outcome });
      expect(outcome).toMatchObject({ twice: 0, silentlyMissed: 0, ended: DEVICES });
      // A kill costs a batch that it finds between being let go and sent, which lasts a few milliseconds.
      expect(outcome.reached).toBeGreaterThanOrEqual(DEVICES - KILLS * BATCH_MAX);
    },
  );

  test(
    "a rolling replacement by SIGTERM in the middle of a send loses and doubles nothing, and each worker exits with 0",
    { timeout: 240_000 },
    async () => {
      let workers: WorkerProcess[] = await Promise.all([start(), start()]);
      await notifyDevices(stack.sql, DEVICES_OF_ROLLING);
      await vi.waitUntil(() => expo.ledger.size > 500, 60_000);
      const before = workers;
      workers = [];
      for (const old of before) {
        workers.push(await start());
        old.process.kill("SIGTERM");
        expect(await old.ended).toBe(0);
      }
      expect(expo.ledger.size).toBeLessThan(DEVICES_OF_ROLLING);
      await vi.waitUntil(
        async () => (await countDeliveries(stack.sql, "planned", "sending")) === 0,
        {
          timeout: 120_000,
          interval: 250,
        },
      );
      await stopAll(workers);
      expect(await countDeliveries(stack.sql, "ticket")).toBe(DEVICES_OF_ROLLING);
      expect(await killOutcome(stack.sql, expo)).toMatchObject({
        reached: DEVICES_OF_ROLLING,
        twice: 0,
      });
    },
  );
});
