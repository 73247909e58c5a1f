import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import tls from "node:tls";
import type { SQL } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Db } from "../../../src/db/client/database.ts";
import { settleLost } from "../../../src/jobs/push/deliveries.ts";
import { openPushService, type PushService } from "../../../src/jobs/push/expo.ts";
import { readHalt } from "../../../src/jobs/push/rate.ts";
import { PushSender } from "../../../src/jobs/push/sender.ts";
import { createLogger } from "../../../src/observability/logger.ts";
import { type ExpoStandIn, startExpoStandIn } from "../../support/expo-stand-in.ts";
import { type FaultProxy, startFaultProxy } from "../../support/fault-proxy.ts";
import { openPushStack, type PushStack, tokenOf } from "../../support/push-stack.ts";
import { CERTIFICATE_FILE } from "../../support/tls-stand-in.ts";

const delivery = (n: number) => ({
  userId: "",
  notificationId: "",
  token: tokenOf(n),
  title: "Title",
  body: "Body",
  alertId: null,
  isGravest: false,
  tries: 0,
});
const dialect = new PgDialect();
const BATCH = Array.from({ length: 100 }, (_, n) => delivery(n));

let push: PushStack;
let proxy: FaultProxy;
/** Reaches Expo's stand-in through the proxy. */
let service: PushService;
let senders: PushSender[] = [];

beforeAll(async () => {
  push = await openPushStack();
  proxy = await startFaultProxy({ host: "127.0.0.1", port: Number(new URL(push.expo.url).port) });
  service = openPushService("token-of-the-test", `http://127.0.0.1:${proxy.port}`);
});
beforeEach(async () => {
  await push.reset();
  await proxy.heal();
});
afterEach(async () => {
  await Promise.all(senders.map((sender) => sender.stop()));
  senders = [];
});
afterAll(async () => {
  await proxy.close();
  await push.close();
});

function startSender(through: PushService, db: Db = push.database.db): void {
  const sender = new PushSender({
    db,
    logger: createLogger("silent"),
    service: through,
    onOutcome: () => {},
  });
  senders.push(sender);
  sender.start();
}

/** Expo has answered everything that it got before. */
async function settled(through: PushService = push.service): Promise<void> {
  const request = await through.prepare([delivery(9_999)]);
  await request.send();
}

/** Sends a batch in two steps; tells what Expo had between them, and what became of it. */
async function sendInSteps(
  { through, direct, expo }: { through: PushService; direct: PushService; expo: ExpoStandIn },
  count: number,
) {
  let request = await through.prepare(BATCH.slice(0, count));
  await settled(direct);
  // A kept connection, which the proxy cut before this test.
  if (request.isLost()) {
    request = await through.prepare(BATCH.slice(0, count));
    await settled(direct);
  }
  const between = [...expo.ledger.keys()];
  const result = await request.send();
  return { between, result, after: expo.ledger.size };
}

/** Expo has nothing of a batch before its last byte, and all of it then; the other message is that of `settled`. */
const takenAtOnce = (count: number) => ({
  between: [tokenOf(9_999)],
  result: { kind: "tickets", tickets: { length: count } },
  after: count + 1,
});

/** Prepares batches, and waits for Expo's early answer where one is to come. */
const whenLost: PushService = {
  prepare: async (batch) => {
    const request = await push.service.prepare(batch);
    if (push.expo.earlyStatus !== null) await vi.waitUntil(() => request.isLost(), 5_000);
    return request;
  },
  receipts: (ids) => push.service.receipts(ids),
};

describe("a prepared batch", { timeout: 60_000 }, () => {
  it.each([1, 100])("of %i is taken with its last byte, and not before", async (count) => {
    const steps = { through: service, direct: push.service, expo: push.expo };
    expect(await sendInSteps(steps, count)).toMatchObject(takenAtOnce(count));
  });

  it.each([1, 100])(
    "of %i is taken with its last byte over HTTPS as well, and not before",
    async (count) => {
      const trusted = tls.getCACertificates("default");
      tls.setDefaultCACertificates([...trusted, readFileSync(CERTIFICATE_FILE, "utf8")]);
      const expo = await startExpoStandIn({ isSecure: true });
      try {
        const through = openPushService("token-of-the-test", expo.url);
        expect(await sendInSteps({ through, direct: through, expo }, count)).toMatchObject(
          takenAtOnce(count),
        );
      } finally {
        tls.setDefaultCACertificates(trusted);
        await expo.close();
      }
    },
  );

  it("is refused by an Expo that answers before the last byte, also while the rest is written", async () => {
    push.expo.earlyStatus = 429;
    const request = await service.prepare(BATCH);
    await vi.waitUntil(() => request.isLost(), 5_000);
    expect(request.refusal()).toMatchObject({ kind: "refused", statusCode: 429 });
    expect(push.expo.ledger.size).toBe(0);
    // More than the connection takes at once: the answer comes while the rest is written.
    const long = Array.from({ length: 20_000 }, (_, n) => ({ ...delivery(n), body: randomUUID() }));
    const other = await service.prepare(long);
    await vi.waitUntil(() => other.isLost(), 5_000);
    expect(other.refusal()).toMatchObject({ kind: "refused", statusCode: 429 });
  });

  it("that Expo refuses with 429 before the last byte puts sending off, and counts as no try", async () => {
    await push.insertDevices(3);
    await push.notify({ to: "everybody" }, true);
    push.expo.earlyStatus = 429;
    startSender(whenLost);
    await vi.waitFor(async () => {
      const [rate] = await push.stack.sql`select next_at > now() as "isPutOff" from push_rate`;
      expect(rate).toEqual({ isPutOff: true });
    }, 10_000);
    await vi.waitUntil(async () => (await push.states())["planned"] === 3, 10_000);
    expect(await push.stack.sql`select distinct tries, error from deliveries`).toEqual([
      { tries: 0, error: expect.stringContaining("429") as string },
    ]);
    push.expo.earlyStatus = null;
    await push.untilNoneIs("planned", "sending");
    expect([...push.expo.ledger.values()]).toEqual([1, 1, 1]);
  });

  it("that Expo refuses with 401 before the last byte stops sending", async () => {
    await push.insertDevices(3);
    await push.notify();
    push.expo.earlyStatus = 401;
    startSender(whenLost);
    await vi.waitFor(async () => {
      expect(await readHalt(push.database.db)).toContain("401");
      expect(await push.states()).toEqual({ planned: 3 });
    }, 10_000);
  });

  it("is sent once when the database lets it go and the answer is lost, also when it was taken for unknown meanwhile", async () => {
    await push.insertDevices(5);
    await push.notify();
    const { db } = push.database;
    let lost = 0;
    const settledRows: number[] = [];
    // The statement that lets a batch go is done, and its answer does not come; then the database is away for two statements.
    const execute = async (query: SQL) => {
      const isLettingGo = dialect
        .sqlToQuery(query)
        .sql.includes("delete from push_unsent where claim");
      if (lost === 0 && !isLettingGo) return await db.execute(query);
      if (lost > 0 && lost < 3) {
        lost += 1;
        throw new Error("the connection was closed");
      }
      if (lost === 0) {
        lost = 1;
        await db.execute(query);
        await push.stack.sql`update deliveries set sending_at = now() - interval '61 seconds'`;
        settledRows.push(await settleLost(db, 60));
        throw new Error("the connection was closed");
      }
      return await db.execute(query);
    };
    startSender(push.service, { execute } as unknown as Db);
    await vi.waitUntil(() => push.expo.ledger.size === 5, 30_000);
    expect(settledRows).toEqual([5]);
    await push.untilNoneIs("planned", "sending");
    expect(await push.states()).toEqual({ ticket: 5 });
    expect([...push.expo.ledger.values()]).toEqual([1, 1, 1, 1, 1]);
  });

  it("that is dropped is never taken", async () => {
    const request = await service.prepare(BATCH);
    request.abort();
    await settled();
    await nextTurn();
    expect([...push.expo.ledger.keys()]).toEqual([tokenOf(9_999)]);
  });

  it("is lost with its connection, and an address that nobody listens at is an error", async () => {
    const request = await service.prepare(BATCH);
    expect(request.isLost()).toBe(false);
    await proxy.cut();
    await vi.waitFor(() => expect(request.isLost()).toBe(true), 5_000);
    await expect(service.prepare(BATCH)).rejects.toThrow(/ECONNREFUSED/);
    expect(push.expo.ledger.size).toBe(0);
  });

  it("that loses its connection before it is let go loses and doubles nothing", async () => {
    await push.insertDevices(300);
    await push.notify();
    let cuts = 0;
    startSender({
      ...service,
      async prepare(batch) {
        const request = await service.prepare(batch);
        cuts += 1;
        if (cuts <= 2) {
          await proxy.heal();
          await vi.waitUntil(() => request.isLost(), 5_000);
        }
        return request;
      },
    });
    await push.untilNoneIs("planned", "sending");
    expect(cuts).toBeGreaterThan(3);
    expect(await push.states()).toEqual({ ticket: 300 });
    expect(push.expo.ledger.size).toBe(300);
    expect([...push.expo.ledger.values()].every((count) => count === 1)).toBe(true);
  });

  it("is dropped when the database does not let it go", async () => {
    await push.insertDevices(5);
    await push.notify();
    let prepared = 0;
    startSender({
      ...push.service,
      async prepare(batch) {
        const request = await push.service.prepare(batch);
        prepared += 1;
        if (prepared === 1) await push.stack.sql`update push_unsent set settled_at = now()`;
        return request;
      },
    });
    await push.untilNoneIs("planned", "sending");
    expect(prepared).toBe(2);
    expect([...push.expo.ledger.values()]).toEqual([1, 1, 1, 1, 1]);
  });
});
