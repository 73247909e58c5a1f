import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Audience } from "../../../src/db/tables/push.ts";
import { claimBatch } from "../../../src/jobs/push/deliveries.ts";
import { planNotification } from "../../../src/jobs/push/planning.ts";
import { openPushStack, type PushStack, tokenOf } from "../../support/push-stack.ts";
import type { Instance } from "../../support/stack.ts";
import { insertProducts, newBarcode } from "../../support/user-rows.ts";

let push: PushStack;
let instance: Instance;

beforeAll(async () => {
  push = await openPushStack();
  instance = await push.stack.startInstance();
});
beforeEach(() => push.reset());
afterEach(() => push.stopSenders());
afterAll(() => push.close());

const publish = async (severity: "critical" | "warning", more: object = {}) => {
  const admin = await instance.as({ isAdmin: true });
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
    await (await instance.as({ id: a })).push.register.mutate(phone);
    await (await instance.as({ id: b })).push.register.mutate({ ...phone, cell5: "u09tv" });
    await (await instance.as({ id: b })).push.register.mutate({ ...phone, cell5: "u09tw" });
    const rows = await push.stack.sql`select user_id, cell5 from devices`;
    expect(rows).toEqual([{ user_id: b, cell5: "u09tw" }]);
    await push.notify();
    expect(await push.stack.sql`select user_id from deliveries`).toEqual([{ user_id: b }]);
    expect(
      await (await instance.as({ id: a })).push.unregister.mutate({ token: phone.token }),
    ).toEqual({
      removed: false,
    });
    expect(
      await (await instance.as({ id: b })).push.unregister.mutate({ token: phone.token }),
    ).toEqual({
      removed: true,
    });
    expect(await push.stack.sql`select * from push_tokens`).toEqual([]);
  });

  it("refuses what is no token, no time zone and no coarse cell", async () => {
    const { push: api } = await instance.as({});
    const phone = { token: tokenOf("x"), platform: "ios", timeZone: "UTC" } as const;
    for (const wrong of [{ token: "x" }, { timeZone: "Mars/Olympus" }, { cell5: "u09tvw" }])
      await expect(api.register.mutate({ ...phone, ...wrong })).rejects.toMatchObject({
        data: { code: "BAD_REQUEST" },
      });
  });

  it("keeps what is not given, and has defaults", async () => {
    const { push: api } = await instance.as({});
    const defaults = {
      kinds: ["recall", "alert"],
      quietHours: null,
      areas: true,
      favorites: true,
      scannedProducts: true,
    };
    expect(await api.preferences.mutate({})).toEqual(defaults);
    const quietHours = { from: "22:30", until: "07:00" };
    expect(await api.preferences.mutate({ quietHours, areas: false })).toEqual({
      ...defaults,
      quietHours,
      areas: false,
    });
    expect(await api.preferences.mutate({ kinds: [] })).toEqual({
      ...defaults,
      quietHours,
      areas: false,
      kinds: [],
    });
    expect((await api.preferences.mutate({ quietHours: null })).quietHours).toBeNull();
  });
});

describe("planning", () => {
  it("tells each user in the first of their languages that the alert has, else as it was written", async () => {
    await push.insertDevices(6);
    const languages = [["fr-CA", "ar"], ["de", "AR-EG"], ["de"], ["en", "fr"], []];
    for (const [i, tags] of languages.entries())
      await push.stack
        .sql`insert into profiles (user_id, languages) values (md5(${`u${i + 1}`})::uuid, ${tags})`;
    const fr = { title: "Rappel", summary: "Du verre" };
    const ar = { title: "استدعاء", summary: "زجاج" };
    const alert = await publish("critical", { texts: { fr, ar } });
    const [row] = await push.stack.sql<{ id: string }[]>`select id from push_notifications`;
    await planNotification(push.database.db, row?.id ?? "");
    const told = async () => {
      await push.stack.sql`update deliveries set due_at = now()`;
      const claimed = await claimBatch(push.database.db, randomUUID(), 100);
      const byToken = new Map(claimed.map((one) => [one.token, `${one.title}: ${one.body}`]));
      return [1, 2, 3, 4, 5, 6].map((n) => byToken.get(tokenOf(n)));
    };
    const written = `${alert.title}: ${alert.summary}`;
    const expected = ["Rappel: Du verre", "استدعاء: زجاج", written, written, written, written];
    expect(await told()).toEqual(expected);
    // A correction before it is sent is sent.
    const admin = await instance.as({ isAdmin: true });
    await admin.alerts.update.mutate({ id: alert.id, title: "Corrected", texts: { fr } });
    const corrected = `Corrected: ${alert.summary}`;
    expect(await told()).toEqual([
      "Rappel: Du verre",
      ...Array.from({ length: 5 }, () => corrected),
    ]);
  });

  it("publishing a critical alert plans a notification in its transaction, once; others and old ones do not", async () => {
    await push.insertDevices(3);
    await publish("warning");
    await publish("critical", { publishedAt: "2020-01-01T00:00:00Z" });
    expect(await push.stack.sql`select * from push_notifications`).toEqual([]);
    const alert = await publish("critical");
    const admin = await instance.as({ isAdmin: true });
    await admin.alerts.update.mutate({ id: alert.id, title: "New title" });
    const jobs = await push.stack.sql<{ data: { notification: string } }[]>`
      select data from pgboss.job where name = 'push-plan' and singleton_key = (select id::text from push_notifications)`;
    expect(jobs).toHaveLength(1);
    await planNotification(push.database.db, jobs[0]?.data.notification ?? "");
    expect(await push.states()).toEqual({ planned: 3 });
    await planNotification(push.database.db, jobs[0]?.data.notification ?? "");
    expect(await push.states()).toEqual({ planned: 3 });
    await admin.alerts.retract.mutate({ id: alert.id });
    expect(await claimBatch(push.database.db, randomUUID(), 100)).toEqual([]);
    expect(await push.states()).toEqual({ dead: 3 });
  });

  it("reaches those in an area, with a favourite, or who scanned, as they prefer, and no phone that moved away", async () => {
    await push.insertDevices(9);
    const user = async (n: number) =>
      (await push.stack.sql<{ id: string }[]>`select md5('u' || ${n}::int)::uuid as id`)[0]?.id ??
      "";
    const [product] = await insertProducts(push.stack.sql, [{}]);
    const [storeId, scanned] = [randomUUID(), `0${newBarcode()}`];
    await push.stack
      .sql`update devices set cell5 = 'u09tv' where token in (${tokenOf(1)}, ${tokenOf(2)})`;
    await push.stack
      .sql`insert into push_preferences (user_id, by_area) values (${await user(2)}, false)`;
    for (const n of [3, 4])
      await push.stack.sql`
        insert into scans (user_id, id, barcode, scanned_at, halal_status, confidence)
        values (${await user(n)}, gen_random_uuid(), ${scanned}, now(), 'unknown', 0)`;
    await push.stack
      .sql`insert into push_preferences (user_id, by_scans) values (${await user(4)}, false)`;
    await push.stack.sql`
      insert into favorites (user_id, kind, target_id) values (${await user(5)}, 'product', ${product?.id ?? ""})`;
    await push.stack
      .sql`insert into push_preferences (user_id, kinds) values (${await user(7)}, '{}')`;
    await push.stack.sql`update devices set is_enabled = false where token = ${tokenOf(8)}`;
    await push.stack
      .sql`update push_tokens set owner = gen_random_uuid() where token = ${tokenOf(9)}`;
    const reached = async (audience: Audience) => {
      const id = await push.notify(audience);
      const rows = await push.stack.sql<{ token: string }[]>`
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
    await push.insertDevices(23_000);
    const id = await push.notify();
    expect(await push.states()).toEqual({ planned: 23_000 });
    await push.stack.sql`
      update push_notifications set state = 'planning', (planned_user, planned_token) = (
        select user_id, token from devices order by user_id, token offset 9999 limit 1)`;
    await push.stack
      .sql`delete from deliveries d using push_notifications n where (d.user_id, d.token) > (n.planned_user, n.planned_token)`;
    expect(await push.states()).toEqual({ planned: 10_000 });
    await planNotification(push.database.db, id);
    expect(await push.states()).toEqual({ planned: 23_000 });
  });
});

describe("a phone's owner", () => {
  it("is quiet in the phone's own time zone", async () => {
    await push.insertDevices(3);
    // Midnight to noon, in three places: it is morning in one of two that are twelve hours apart.
    await push.stack.sql`update devices set time_zone = 'Etc/GMT+6' where token = ${tokenOf(1)}`;
    await push.stack.sql`update devices set time_zone = 'Etc/GMT-6' where token = ${tokenOf(2)}`;
    await push.stack.sql`
      insert into push_preferences (user_id, quiet_from, quiet_until) select user_id, 0, 720 from devices
      where token in (${tokenOf(1)}, ${tokenOf(2)})`;
    await push.notify();
    const sent = (await claimBatch(push.database.db, randomUUID(), 100))
      .map(({ token }) => token)
      .toSorted();
    const put = await push.stack.sql<{ token: string; at: string }[]>`
      select token, to_char(due_at at time zone (select time_zone from devices d where d.token = o.token), 'HH24:MI') as at
      from deliveries o where due_at > now() + interval '1 minute'`;
    expect(sent).toHaveLength(2);
    expect(sent).toContain(tokenOf(3));
    expect(put.map(({ at }) => at)).toEqual(["12:00"]);
    const [row] = await push.stack.sql`
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
    const api = await instance.as({ id });
    await api.push.register.mutate({
      token: tokenOf("e"),
      platform: "android",
      timeZone: "UTC",
      cell5: "u09tv",
    });
    await api.push.preferences.mutate({ areas: false });
    await push.notify();
    const exported = await api.account.export.query();
    expect(exported).toMatchObject({
      devices: [{ token: tokenOf("e"), cell5: "u09tv" }],
      pushPreferences: { areas: false },
      deliveries: [{ token: tokenOf("e"), state: "planned" }],
    });
    await api.account.erase.mutate();
    expect(await claimBatch(push.database.db, randomUUID(), 100)).toEqual([]);
    for (const table of ["devices", "push_tokens", "push_preferences", "deliveries"])
      expect([table, (await push.stack.sql`select from ${push.stack.sql(table)}`).length]).toEqual([
        table,
        0,
      ]);
  });
});
