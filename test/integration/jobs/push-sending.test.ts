import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { claimBatch, letGo, markSending, settleLost } from "../../../src/jobs/push/deliveries.ts";
import {
  giveSlotBack,
  halt,
  readHalt,
  resume,
  type Slot,
  takeSlot,
} from "../../../src/jobs/push/rate.ts";
import { askReceipts } from "../../../src/jobs/push/receipts.ts";
import { openPushStack, type PushStack, tokenOf } from "../../support/push-stack.ts";

let push: PushStack;

beforeAll(async () => {
  push = await openPushStack();
});
beforeEach(() => push.reset());
afterEach(() => push.stopSenders());
afterAll(() => push.close());

describe("sending", { timeout: 90_000 }, () => {
  // Retried once, as fault tests are, because the stand-in shares this process: a stalled loop notes arrivals late and close together.
  it(
    "sends each phone its notification once, over two senders and never over 600 in any second, and asks for receipts",
    { retry: 1 },
    async () => {
      await push.insertDevices(1_500);
      push.expo.deadReceipts.add(tokenOf(7));
      await push.notify();
      push.startSender();
      push.startSender();
      await push.untilNoneIs("planned", "sending");
      expect(await push.states()).toEqual({ ticket: 1_500 });
      expect(push.expo.ledger.size).toBe(1_500);
      expect([...push.expo.ledger.values()].every((count) => count === 1)).toBe(true);
      expect(push.expo.busiestSecond()).toBeLessThanOrEqual(600);
      expect(await askReceipts(push.database.db, push.service, () => {})).toMatchObject({
        answered: 0,
      });
      await push.stack.sql`update deliveries set due_at = now()`;
      expect(await askReceipts(push.database.db, push.service, () => {})).toEqual({
        answered: 1_500,
        dead: 1,
        isHalted: false,
      });
      expect(await push.states()).toEqual({ delivered: 1_499, dead: 1 });
      expect(await push.stack.sql`select token from devices where not is_enabled`).toEqual([
        { token: tokenOf(7) },
      ]);
    },
  );

  it("sends nobody twice while Expo refuses, times out after it took a batch, gives half the tickets or cuts", async () => {
    await push.insertDevices(1_200);
    push.expo.fault = (n) =>
      (
        [
          { kind: "status", status: 429 },
          { kind: "taken", status: 504 },
          { kind: "none" },
          { kind: "partial", tickets: 40 },
          { kind: "cut" },
          { kind: "none" },
        ] as const
      )[n % 6] ?? { kind: "none" };
    await push.notify();
    push.startSender();
    await push.untilNoneIs("planned", "sending");
    expect(push.expo.ledger.size).toBe(1_200);
    expect([...push.expo.ledger.values()].every((count) => count === 1)).toBe(true);
    const { ticket = 0, unknown = 0 } = await push.states();
    expect(ticket + unknown).toBe(1_200);
    expect(unknown).toBeGreaterThan(200);
  });

  it("sends the gravest again when nobody knows, and three times at most", async () => {
    await push.insertDevices(2);
    await push.notify({ to: "everybody" }, true);
    push.expo.fault = () => ({ kind: "taken", status: 504 });
    const sender = push.startSender();
    await vi.waitFor(
      async () => {
        await push.stack.sql`update deliveries set due_at = now() where state = 'planned'`;
        sender.wake();
        expect(await push.states()).toEqual({ unknown: 2 });
      },
      { timeout: 60_000, interval: 200 },
    );
    expect([...push.expo.ledger.values()]).toEqual([3, 3]);
  });

  it("takes what a lost worker had let go for sent, but not the gravest", async () => {
    await push.insertDevices(1);
    await push.notify();
    await push.notify({ to: "everybody" }, true);
    const { db } = push.database;
    const claim = randomUUID();
    const batch = await claimBatch(db, claim, 100);
    expect(await markSending(db, randomUUID(), batch)).toEqual([]);
    expect(await markSending(db, claim, batch)).toHaveLength(2);
    expect(await markSending(db, claim, batch)).toEqual([]);
    expect(await letGo(db, claim)).toBe(true);
    expect(await settleLost(db, 60)).toBe(0);
    await push.stack.sql`update deliveries set sending_at = now() - interval '61 seconds'`;
    expect(await settleLost(db, 60)).toBe(2);
    expect(await push.states()).toEqual({ planned: 1, unknown: 1 });
  });

  it("sends what a lost worker had marked and not let go, and lets that worker send it no more", async () => {
    await push.insertDevices(3);
    await push.notify();
    const { db } = push.database;
    const claim = randomUUID();
    const batch = await claimBatch(db, claim, 100);
    expect(await markSending(db, claim, batch)).toHaveLength(3);
    const request = await push.service.prepare(batch);
    await push.stack.sql`update deliveries set sending_at = now() - interval '61 seconds'`;
    expect(await settleLost(db, 60)).toBe(3);
    expect(await letGo(db, claim)).toBe(false);
    request.abort();
    expect(await push.stack.sql`select distinct state, tries from deliveries`).toEqual([
      { state: "planned", tries: 0 },
    ]);
    push.startSender();
    await push.untilNoneIs("planned", "sending");
    expect([...push.expo.ledger.values()]).toEqual([1, 1, 1]);
  });

  it("counts a batch as one of which nobody knows when the database has crashed", async () => {
    const rows = await push.stack
      .sql`select relpersistence from pg_class where oid = 'push_unsent'::regclass`;
    // PostgreSQL empties unlogged tables after a crash.
    expect(rows).toEqual([{ relpersistence: "u" }]);
    await push.insertDevices(1);
    await push.notify();
    const claim = randomUUID();
    await markSending(push.database.db, claim, await claimBatch(push.database.db, claim, 100));
    await push.stack.sql`truncate push_unsent`;
    await push.stack.sql`update deliveries set sending_at = now() - interval '61 seconds'`;
    await settleLost(push.database.db, 60);
    expect(await push.states()).toEqual({ unknown: 1 });
  });

  it("sends what a worker took and never began to send, when its time is over", async () => {
    await push.insertDevices(1);
    await push.notify();
    const claim = randomUUID();
    const batch = await claimBatch(push.database.db, claim, 100);
    expect(await claimBatch(push.database.db, randomUUID(), 100)).toEqual([]);
    await push.stack.sql`update deliveries set due_at = now()`;
    expect(await markSending(push.database.db, claim, batch)).toEqual([]);
    push.startSender();
    await push.untilNoneIs("planned", "sending");
    expect([...push.expo.ledger.values()]).toEqual([1]);
  });

  it("gives all that is due to one of many lanes that ask at once, because a batch's share of dead tokens decides", async () => {
    await push.insertDevices(100);
    await push.notify();
    for (let round = 0; round < 25; round += 1) {
      await push.stack.sql`update deliveries set due_at = now()`;
      const claims = await Promise.all(
        Array.from({ length: 6 }, () => claimBatch(push.database.db, randomUUID(), 100)),
      );
      const sizes = claims.map((batch) => batch.length).toSorted((a, b) => b - a);
      expect(sizes).toEqual([100, 0, 0, 0, 0, 0]);
    }
  });

  it("has six slots: one is free a second after its batch was sent, at once when nothing was, and when its worker is lost", async () => {
    const { db } = push.database;
    const claims = Array.from({ length: 7 }, () => randomUUID());
    const slots: (Slot | null)[] = [];
    for (const claim of claims) slots.push(await takeSlot(db, claim));
    expect(slots.map((slot) => slot?.waitMs)).toEqual([0, 0, 0, 0, 0, 0, undefined]);
    const freeAgain = async () => {
      const slot = await takeSlot(db, claims[6] ?? "");
      if (slot !== null) await giveSlotBack(db, claims[6] ?? "", slot, false);
      await push.stack
        .sql`update push_slots set held_until = held_until + interval '1 hour' where holder is not null`;
      return slot?.waitMs ?? null;
    };
    const [first, second, third] = slots;
    if (!first || !second || !third) throw new Error("slots expected");
    await giveSlotBack(db, claims[0] ?? "", first, true);
    expect(await freeAgain()).toBeGreaterThan(900);
    await push.stack
      .sql`update push_slots set holder = ${claims[0] ?? ""} where number = ${first.number}`;
    await giveSlotBack(db, claims[1] ?? "", second, false);
    expect(await freeAgain()).toBe(0);
    await push.stack
      .sql`update push_slots set holder = ${claims[1] ?? ""} where number = ${second.number}`;
    // The batch may have been sent until the end of the lease.
    await push.stack.sql`
      update push_slots set free_at = now() - interval '2 seconds', held_until = now() - interval '10 ms' where number = ${third.number}`;
    expect(await freeAgain()).toBeGreaterThan(900);
    await giveSlotBack(db, claims[2] ?? "", third, false);
    await halt(db, "for a test");
    expect(await freeAgain()).toBeNull();
  });

  it("stops when more than 30 % of a batch are said to be dead, disables none of them, and goes on when resumed", async () => {
    await push.insertDevices(100);
    for (let n = 1; n <= 31; n += 1) push.expo.deadTickets.add(tokenOf(n));
    await push.notify();
    const sender = push.startSender();
    await vi.waitFor(
      async () => expect(await readHalt(push.database.db)).toContain("31 of 100"),
      10_000,
    );
    await sender.stop();
    expect(await push.states()).toEqual({ planned: 31, ticket: 69 });
    expect(await push.stack.sql`select from devices where not is_enabled`).toHaveLength(0);
    push.expo.deadTickets.clear();
    push.expo.deadTickets.add(tokenOf(1));
    await resume(push.database.db);
    await push.stack.sql`update deliveries set due_at = now() where state = 'planned'`;
    push.startSender();
    await push.untilNoneIs("planned", "sending");
    expect(await push.states()).toEqual({ dead: 1, ticket: 99 });
    expect(await push.stack.sql`select token from devices where not is_enabled`).toEqual([
      { token: tokenOf(1) },
    ]);
  });

  it("stops when more than 30 % of a pass of receipts say so", async () => {
    await push.insertDevices(100);
    await push.notify();
    push.startSender();
    await push.untilNoneIs("planned", "sending");
    for (let n = 1; n <= 31; n += 1) push.expo.deadReceipts.add(tokenOf(n));
    await push.stack.sql`update deliveries set due_at = now()`;
    expect(await askReceipts(push.database.db, push.service, () => {})).toEqual({
      answered: 100,
      dead: 31,
      isHalted: true,
    });
    expect(await push.stack.sql`select from devices where not is_enabled`).toHaveLength(0);
    expect(await push.states()).toEqual({ delivered: 69, ticket: 31 });
  });
});
