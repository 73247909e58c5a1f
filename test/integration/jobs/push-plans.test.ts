import { randomUUID } from "node:crypto";
import { type SQL, sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Db } from "../../../src/db/client/database.ts";
import {
  claimBatch,
  countOpen,
  type Delivery,
  disableDevices,
  giveBack,
  isAnyDue,
  letGo,
  markSending,
  recordOutcomes,
  releaseBatch,
  settleLost,
} from "../../../src/jobs/push/deliveries.ts";
import { askReceipts } from "../../../src/jobs/push/receipts.ts";
import { pushRetentionJob } from "../../../src/jobs/push/retention.ts";
import { createLogger } from "../../../src/observability/logger.ts";
import { type Plan, readWhole } from "../../support/explained-plan.ts";
import { stackKind } from "../../support/stack.ts";
import { openPushStack, type PushStack, tokenOf } from "../../support/push-stack.ts";

const DEVICES = 5_000;

let push: PushStack;

beforeAll(async () => {
  push = await openPushStack();
  await push.reset();
  await push.insertDevices(DEVICES);
  for (let n = 0; n < 4; n += 1) await push.notify();
  // As a busy day leaves them: most have ended.
  await push.stack.sql`
    update deliveries set ended_at = now(), state = case when random() < 0.5 then 'delivered' else 'unknown' end
    where random() < 0.97`;
  await push.stack
    .sql`update deliveries set state = 'ticket', ticket_at = now(), ticket_id = 'x' where state = 'planned' and random() < 0.5`;
  await push.stack.sql`update devices set is_enabled = random() > 0.01`;
  await push.stack
    .sql`vacuum analyze deliveries, devices, push_tokens, push_notifications, push_preferences`;
});
afterAll(() => push.close());

/** A database that explains statements instead of running them. */
function explaining(plans: { text: string; whole: string[] }[]): Db {
  const execute = async (query: SQL) => {
    const rows = await push.database.db.execute<{ "QUERY PLAN": { Plan: Plan }[] }>(
      sql`explain (format json) ${query}`,
    );
    const plan = rows[0]?.["QUERY PLAN"][0]?.Plan;
    if (plan === undefined) throw new Error("no plan came");
    plans.push({ text: plan["Node Type"], whole: readWhole(plan) });
    return [];
  };
  return { execute } as unknown as Db;
}

// Plans are those of a server; PGlite plans with other costs.
it.skipIf(stackKind() !== "docker")(
  "every statement of the sender, of receipts and of retention finds deliveries and phones by an index (docker)",
  async () => {
    const plans: { text: string; whole: string[] }[] = [];
    const db = explaining(plans);
    const claim = randomUUID();
    const batch: Delivery[] = Array.from({ length: 100 }, (_, i) => ({
      userId: randomUUID(),
      notificationId: randomUUID(),
      token: tokenOf(i),
      title: "T",
      body: "B",
      alertId: null,
      isGravest: false,
      tries: 0,
    }));
    await isAnyDue(db);
    await claimBatch(db, claim, 100);
    await markSending(db, claim, batch);
    await letGo(db, claim);
    await recordOutcomes(
      db,
      claim,
      batch.map((one) => ({ ...one, state: "ticket" as const })),
    );
    await releaseBatch(db, claim, batch);
    await giveBack(db, claim, batch);
    await disableDevices(db, batch);
    await settleLost(db, 60);
    await countOpen(db);
    await askReceipts(db, push.service, () => {});
    await pushRetentionJob.run(
      {
        db,
        now: () => new Date(),
        logger: createLogger("silent"),
        signal: new AbortController().signal,
      },
      {},
    );
    expect(plans.length).toBeGreaterThanOrEqual(13);
    const big = new Set(["deliveries", "devices", "push_tokens"]);
    expect(plans.map(({ whole }) => whole.filter((table) => big.has(table)))).toEqual(
      plans.map(() => []),
    );
  },
);
