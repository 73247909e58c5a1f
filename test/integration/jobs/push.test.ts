import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Database } from "../../../src/db/client/database.ts";
import type { Audience } from "../../../src/db/tables/push.ts";
import { claimBatch, settleLost } from "../../../src/jobs/push/deliveries.ts";
import { openPushService, type PushService } from "../../../src/jobs/push/expo.ts";
import { planNotification } from "../../../src/jobs/push/planning.ts";
import { readHalt, resume } from "../../../src/jobs/push/rate.ts";
import { askReceipts } from "../../../src/jobs/push/receipts.ts";
import { PushSender } from "../../../src/jobs/push/sender.ts";
import { createLogger } from "../../../src/observability/logger.ts";
import { type ExpoStandIn, startExpoStandIn } from "../../support/expo-stand-in.ts";
import { openJobDatabase } from "../../support/job-database.ts";
import { openStack, type Replica, type Stack } from "../../support/stack.ts";
import { insertProducts, newBarcode } from "../../support/user-rows.ts";

let stack: Stack;
let replica: Replica;
let database: Database;
let expo: ExpoStandIn;
let service: PushService;
let senders: PushSender[] = [];

beforeAll(async () => {
  stack = await openStack();
  replica = await stack.startReplica();
  database = openJobDatabase(stack);
  expo = await startExpoStandIn();
  // The SDK reads its address when it is loaded.
  process.env["EXPO_BASE_URL"] = expo.url;
  service = openPushService(null);
});
beforeEach(async () => {
  await stack.sql`truncate devices, push_tokens, push_preferences, push_notifications, deliveries, scans, favorites`;
  await stack.sql`update push_rate set halted_at = null, next_at = now()`;
  (expo.ledger as Map<string, number>).clear();
  (expo.arrivals as unknown[]).length = 0;
  expo.fault = () => ({ kind: "none" });
  expo.deadTickets.clear();
  expo.deadReceipts.clear();
});
afterEach(async () => {
  await Promise.all(senders.map((sender) => sender.stop()));
  senders = [];
});
afterAll(async () => {
  await database.close();
  await expo.close();
  await stack.close();
});

const tokenOf = (n: number | string) => `ExponentPushToken[${n}]`;

/** Registers `count` phones, each of a user of its own; gives their users. */
async function insertDevices(count: number): Promise<void> {
  await stack.sql`
    insert into devices (user_id, token, platform, time_zone)
    select md5('u' || i)::uuid, 'ExponentPushToken[' || i || ']', 'ios', 'Europe/Paris' from generate_series(1, ${count}::int) as i`;
  await stack.sql`insert into push_tokens (token, owner) select token, user_id from devices on conflict do nothing`;
}

async function notify(
  audience: Audience = { to: "everybody" },
  isGravest = false,
): Promise<string> {
  const [row] = await stack.sql<{ id: string }[]>`
    insert into push_notifications (kind, is_gravest, title, body, audience, expires_at)
    values ('alert', ${isGravest}, 'Title', 'Body', ${stack.sql.json(audience)}, now() + interval '1 day') returning id`;
  const id = row?.id ?? "";
  await planNotification(database.db, id);
  return id;
}

const states = async () => {
  const rows = await stack.sql<{ state: string; n: number }[]>`
    select state, count(*)::int as n from deliveries group by state`;
  return Object.fromEntries(rows.map(({ state, n }) => [state, n]));
};

function startSender(): PushSender {
  const logger = createLogger("silent");
  const sender = new PushSender({ db: database.db, logger, service, onOutcome: () => {} });
  senders.push(sender);
  sender.start();
  return sender;
}

const untilNoneIs = (...open: string[]) =>
  vi.waitFor(
    async () => {
      const now = await states();
      for (const state of open) expect(now[state] ?? 0).toBe(0);
    },
    { timeout: 80_000, interval: 100 },
  );

const publish = async (severity: "critical" | "warning", more: object = {}) => {
  const admin = await replica.as({ isAdmin: true });
  return admin.alerts.publish.mutate({
    title: "T",
    summary: "S",
    severity,
    category: "food",
    ...more,
  });
};

describe("push.register, unregister and preferences", () => {
  it("a phone that comes with another user leaves the first", async () => {
    const [a, b] = [randomUUID(), randomUUID()];
    const phone = { token: tokenOf("x"), platform: "ios", timeZone: "Asia/Riyadh" } as const;
    await (await replica.as({ id: a })).push.register.mutate(phone);
    await (await replica.as({ id: b })).push.register.mutate({ ...phone, cell5: "u09tv" });
    await (await replica.as({ id: b })).push.register.mutate({ ...phone, cell5: "u09tw" });
    const rows = await stack.sql`select user_id, cell5 from devices`;
    expect(rows).toEqual([{ user_id: b, cell5: "u09tw" }]);
    await notify();
    expect(await stack.sql`select user_id from deliveries`).toEqual([{ user_id: b }]);
    expect(
      await (await replica.as({ id: a })).push.unregister.mutate({ token: phone.token }),
    ).toEqual({
      removed: false,
    });
    expect(
      await (await replica.as({ id: b })).push.unregister.mutate({ token: phone.token }),
    ).toEqual({
      removed: true,
    });
    expect(await stack.sql`select * from push_tokens`).toEqual([]);
  });

  it("refuses what is no token, no time zone and no coarse cell", async () => {
    const { push } = await replica.as({});
    const phone = { token: tokenOf("x"), platform: "ios", timeZone: "UTC" } as const;
    for (const wrong of [{ token: "x" }, { timeZone: "Mars/Olympus" }, { cell5: "u09tvw" }])
      await expect(push.register.mutate({ ...phone, ...wrong })).rejects.toMatchObject({
        data: { code: "BAD_REQUEST" },
      });
  });

  it("keeps what is not given, and has defaults", async () => {
    const { push } = await replica.as({});
    const defaults = {
      kinds: ["recall", "alert"],
      quietHours: null,
      areas: true,
      favorites: true,
      scannedProducts: true,
    };
    expect(await push.preferences.mutate({})).toEqual(defaults);
    const quietHours = { from: "22:30", until: "07:00" };
    expect(await push.preferences.mutate({ quietHours, areas: false })).toEqual({
      ...defaults,
      quietHours,
      areas: false,
    });
    expect(await push.preferences.mutate({ kinds: [] })).toEqual({
      ...defaults,
      quietHours,
      areas: false,
      kinds: [],
    });
    expect((await push.preferences.mutate({ quietHours: null })).quietHours).toBeNull();
  });
});

describe("planning", () => {
  it("publishing a critical alert plans a notification in its transaction, once; others and old ones do not", async () => {
    await insertDevices(3);
    await publish("warning");
    await publish("critical", { publishedAt: "2020-01-01T00:00:00Z" });
    expect(await stack.sql`select * from push_notifications`).toEqual([]);
    const alert = await publish("critical");
    const admin = await replica.as({ isAdmin: true });
    await admin.alerts.update.mutate({ id: alert.id, title: "New title" });
    const jobs = await stack.sql<{ data: { notification: string } }[]>`
      select data from pgboss.job where name = 'push-plan' and singleton_key = (select id::text from push_notifications)`;
    expect(jobs).toHaveLength(1);
    await planNotification(database.db, jobs[0]?.data.notification ?? "");
    expect(await states()).toEqual({ planned: 3 });
    await planNotification(database.db, jobs[0]?.data.notification ?? "");
    expect(await states()).toEqual({ planned: 3 });
    await admin.alerts.retract.mutate({ id: alert.id });
    expect(await claimBatch(database.db, randomUUID(), 100)).toEqual([]);
    expect(await states()).toEqual({ dead: 3 });
  });

  it("reaches those in an area, with a favourite, or who scanned, as they prefer, and no phone that moved away", async () => {
    await insertDevices(9);
    const user = async (n: number) =>
      (await stack.sql<{ id: string }[]>`select md5('u' || ${n}::int)::uuid as id`)[0]?.id ?? "";
    const [product] = await insertProducts(stack.sql, [{}]);
    const [storeId, scanned] = [randomUUID(), `0${newBarcode()}`];
    await stack.sql`update devices set cell5 = 'u09tv' where token in (${tokenOf(1)}, ${tokenOf(2)})`;
    await stack.sql`insert into push_preferences (user_id, by_area) values (${await user(2)}, false)`;
    for (const n of [3, 4])
      await stack.sql`
        insert into scans (user_id, id, barcode, scanned_at, halal_status, confidence)
        values (${await user(n)}, gen_random_uuid(), ${scanned}, now(), 'unknown', 0)`;
    await stack.sql`insert into push_preferences (user_id, by_scans) values (${await user(4)}, false)`;
    await stack.sql`
      insert into favorites (user_id, kind, target_id) values (${await user(5)}, 'product', ${product?.id ?? ""})`;
    await stack.sql`insert into push_preferences (user_id, kinds) values (${await user(7)}, '{}')`;
    await stack.sql`update devices set is_enabled = false where token = ${tokenOf(8)}`;
    await stack.sql`update push_tokens set owner = gen_random_uuid() where token = ${tokenOf(9)}`;
    const reached = async (audience: Audience) => {
      const id = await notify(audience);
      const rows = await stack.sql<{ token: string }[]>`
        select token from deliveries where notification_id = ${id} order by token`;
      return rows.map(({ token }) => Number(/\d+/.exec(token)?.[0]));
    };
    expect(await reached({ to: "area", cells: ["u09tv", "u09ty"] })).toEqual([1]);
    expect(
      await reached({ to: "products", barcodes: [scanned, `0${product?.barcode ?? ""}`] }),
    ).toEqual([3, 5]);
    expect(await reached({ to: "everybody" })).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await reached({ to: "store", storeId })).toEqual([]);
  });

  it("walks more devices than one step holds, and goes on after a crash without planning one twice", async () => {
    await insertDevices(23_000);
    const id = await notify();
    expect(await states()).toEqual({ planned: 23_000 });
    await stack.sql`
      update push_notifications set state = 'planning', (planned_user, planned_token) = (
        select user_id, token from devices order by user_id, token offset 9999 limit 1)`;
    await stack.sql`delete from deliveries d using push_notifications n where (d.user_id, d.token) > (n.planned_user, n.planned_token)`;
    expect(await states()).toEqual({ planned: 10_000 });
    await planNotification(database.db, id);
    expect(await states()).toEqual({ planned: 23_000 });
  });
});

describe("sending", { timeout: 90_000 }, () => {
  it("sends each phone its notification once, over two senders and never over 600 in any second, and asks for receipts", async () => {
    await insertDevices(1_500);
    expo.deadReceipts.add(tokenOf(7));
    await notify();
    startSender();
    startSender();
    await untilNoneIs("planned", "sending");
    expect(await states()).toEqual({ ticket: 1_500 });
    expect(expo.ledger.size).toBe(1_500);
    expect([...expo.ledger.values()].every((count) => count === 1)).toBe(true);
    expect(expo.busiestSecond()).toBeLessThanOrEqual(600);
    expect(await askReceipts(database.db, service, () => {})).toMatchObject({ answered: 0 });
    await stack.sql`update deliveries set due_at = now()`;
    expect(await askReceipts(database.db, service, () => {})).toEqual({
      answered: 1_500,
      dead: 1,
      isHalted: false,
    });
    expect(await states()).toEqual({ delivered: 1_499, dead: 1 });
    expect(await stack.sql`select token from devices where not is_enabled`).toEqual([
      { token: tokenOf(7) },
    ]);
  });

  it("sends nobody twice while Expo refuses, times out after it took a batch, gives half the tickets or cuts", async () => {
    await insertDevices(1_200);
    expo.fault = (n) =>
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
    await notify();
    startSender();
    await untilNoneIs("planned", "sending");
    expect(expo.ledger.size).toBe(1_200);
    expect([...expo.ledger.values()].every((count) => count === 1)).toBe(true);
    const { ticket = 0, unknown = 0 } = await states();
    expect(ticket + unknown).toBe(1_200);
    expect(unknown).toBeGreaterThan(200);
  });

  it("sends the gravest again when nobody knows, and three times at most", async () => {
    await insertDevices(2);
    await notify({ to: "everybody" }, true);
    expo.fault = () => ({ kind: "taken", status: 504 });
    const sender = startSender();
    await vi.waitFor(
      async () => {
        await stack.sql`update deliveries set due_at = now() where state = 'planned'`;
        sender.wake();
        expect(await states()).toEqual({ unknown: 2 });
      },
      { timeout: 60_000, interval: 200 },
    );
    expect([...expo.ledger.values()]).toEqual([3, 3]);
  });

  it("takes what a lost worker was sending for sent, but not the gravest", async () => {
    await insertDevices(1);
    await notify();
    await notify({ to: "everybody" }, true);
    expect(await claimBatch(database.db, randomUUID(), 100)).toHaveLength(2);
    expect(await settleLost(database.db, 60)).toBe(0);
    await stack.sql`update deliveries set sending_at = now() - interval '61 seconds'`;
    expect(await settleLost(database.db, 60)).toBe(2);
    expect(await states()).toEqual({ planned: 1, unknown: 1 });
  });

  it("stops when more than 30 % of a batch are said to be dead, disables none of them, and goes on when resumed", async () => {
    await insertDevices(100);
    for (let n = 1; n <= 31; n += 1) expo.deadTickets.add(tokenOf(n));
    await notify();
    const sender = startSender();
    await vi.waitFor(
      async () => expect(await readHalt(database.db)).toContain("31 of 100"),
      10_000,
    );
    await sender.stop();
    expect(await states()).toEqual({ planned: 31, ticket: 69 });
    expect(await stack.sql`select from devices where not is_enabled`).toHaveLength(0);
    expo.deadTickets.clear();
    expo.deadTickets.add(tokenOf(1));
    await resume(database.db);
    await stack.sql`update deliveries set due_at = now() where state = 'planned'`;
    startSender();
    await untilNoneIs("planned", "sending");
    expect(await states()).toEqual({ dead: 1, ticket: 99 });
    expect(await stack.sql`select token from devices where not is_enabled`).toEqual([
      { token: tokenOf(1) },
    ]);
  });

  it("stops when more than 30 % of a pass of receipts say so", async () => {
    await insertDevices(100);
    await notify();
    startSender();
    await untilNoneIs("planned", "sending");
    for (let n = 1; n <= 31; n += 1) expo.deadReceipts.add(tokenOf(n));
    await stack.sql`update deliveries set due_at = now()`;
    expect(await askReceipts(database.db, service, () => {})).toEqual({
      answered: 100,
      dead: 31,
      isHalted: true,
    });
    expect(await stack.sql`select from devices where not is_enabled`).toHaveLength(0);
    expect(await states()).toEqual({ delivered: 69, ticket: 31 });
  });

  it("is quiet in the phone's own time zone", async () => {
    await insertDevices(3);
    // Midnight to noon, in three places: it is morning in one of two that are twelve hours apart.
    await stack.sql`update devices set time_zone = 'Etc/GMT+6' where token = ${tokenOf(1)}`;
    await stack.sql`update devices set time_zone = 'Etc/GMT-6' where token = ${tokenOf(2)}`;
    await stack.sql`
      insert into push_preferences (user_id, quiet_from, quiet_until) select user_id, 0, 720 from devices
      where token in (${tokenOf(1)}, ${tokenOf(2)})`;
    await notify();
    const sent = (await claimBatch(database.db, randomUUID(), 100))
      .map(({ token }) => token)
      .toSorted();
    const put = await stack.sql<{ token: string; at: string }[]>`
      select token, to_char(due_at at time zone (select time_zone from devices d where d.token = o.token), 'HH24:MI') as at
      from deliveries o where state = 'planned'`;
    expect(sent).toHaveLength(2);
    expect(sent).toContain(tokenOf(3));
    expect(put.map(({ at }) => at)).toEqual(["12:00"]);
    const [row] = await stack.sql`
      select quiet_end('2026-03-29T00:30:00Z', 'Europe/Paris', 1320, 420) as night,
        quiet_end('2026-01-01T22:30:00Z', 'Europe/Paris', 1320, 420) as evening,
        quiet_end('2026-01-01T12:00:00Z', 'Europe/Paris', 1320, 420) as day`;
    // The clock goes forward in that night.
    expect(row).toEqual({
      night: new Date("2026-03-29T05:00:00Z"),
      evening: new Date("2026-01-02T06:00:00Z"),
      day: null,
    });
  });

  it("leaves no row of a user who is erased, and sends them nothing", async () => {
    const id = randomUUID();
    const api = await replica.as({ id });
    await api.push.register.mutate({
      token: tokenOf("e"),
      platform: "android",
      timeZone: "UTC",
      cell5: "u09tv",
    });
    await api.push.preferences.mutate({ areas: false });
    await notify();
    const exported = await api.account.export.query();
    expect(exported).toMatchObject({
      devices: [{ token: tokenOf("e"), cell5: "u09tv" }],
      pushPreferences: { areas: false },
      deliveries: [{ token: tokenOf("e"), state: "planned" }],
    });
    await api.account.erase.mutate();
    expect(await claimBatch(database.db, randomUUID(), 100)).toEqual([]);
    for (const table of ["devices", "push_tokens", "push_preferences", "deliveries"])
      expect([table, (await stack.sql`select from ${stack.sql(table)}`).length]).toEqual([
        table,
        0,
      ]);
  });
});
