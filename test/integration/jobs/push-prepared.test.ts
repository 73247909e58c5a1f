import { setImmediate as nextTurn } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { openPushService, type PushService } from "../../../src/jobs/push/expo.ts";
import { PushSender } from "../../../src/jobs/push/sender.ts";
import { createLogger } from "../../../src/observability/logger.ts";
import { type FaultProxy, startFaultProxy } from "../../support/fault-proxy.ts";
import { openPushStack, type PushStack, tokenOf } from "../../support/push-stack.ts";

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

function startSender(through: PushService): void {
  const sender = new PushSender({
    db: push.database.db,
    logger: createLogger("silent"),
    service: through,
    onOutcome: () => {},
  });
  senders.push(sender);
  sender.start();
}

/** The stand-in has answered everything that it got before. */
async function settled(): Promise<void> {
  const request = await push.service.prepare([delivery(9_999)]);
  await request.send();
}

describe("a prepared batch", { timeout: 60_000 }, () => {
  it.each([1, 100])("of %i is taken with its last byte, and not before", async (count) => {
    let request = await service.prepare(BATCH.slice(0, count));
    await settled();
    // A kept connection, which the proxy cut before this test.
    if (request.isLost()) {
      request = await service.prepare(BATCH.slice(0, count));
      await settled();
    }
    expect([...push.expo.ledger.keys()]).toEqual([tokenOf(9_999)]);
    expect(request.isLost()).toBe(false);
    const sending = request.send();
    expect(await sending).toMatchObject({ kind: "tickets", tickets: { length: count } });
    expect(push.expo.ledger.size).toBe(count + 1);
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
