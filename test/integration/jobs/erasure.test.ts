import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { claimBatch } from "../../../src/jobs/push/deliveries.ts";
import { planNotification } from "../../../src/jobs/push/planning.ts";
import { openPushStack, type PushStack, tokenOf } from "../../support/push-stack.ts";
import { type Instance, stackKind } from "../../support/stack.ts";
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

/** Tables, of any schema and the queue's among them, of which a row holds one of some texts in any column. */
async function tablesWith(texts: readonly string[]): Promise<string[]> {
  const { sql } = push.stack;
  const tables = await sql<{ name: string }[]>`
    select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'm') and not c.relispartition and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') order by 1`;
  const found: string[] = [];
  for (const { name } of tables) {
    const [row] = await sql.unsafe<{ hits: number }[]>(
      `select count(*)::int as hits from ${name} as t where ${texts.map((_, i) => `strpos(t::text, $${i + 1}) > 0`).join(" or ")}`,
      [...texts],
    );
    if ((row?.hits ?? 0) > 0) found.push(name);
  }
  return found;
}

/** A user with a phone, a scan, a favourite, a report and a profile. */
async function busyUser(n: number) {
  const id = randomUUID();
  const api = await instance.as({ id });
  const [product] = await insertProducts(push.stack.sql, [{}]);
  await api.push.register.mutate({
    token: tokenOf(`erase-${n}`),
    platform: "ios",
    timeZone: "UTC",
    cell5: "u09tv",
  });
  await api.push.preferences.mutate({ quietHours: { from: "01:00", until: "01:01" } });
  await api.scans.record.mutate({ id: randomUUID(), barcode: newBarcode() });
  await api.favorites.add.mutate({ kind: "product", id: product?.id ?? "" });
  await api.favorites.remove.mutate({ kind: "product", id: product?.id ?? "" });
  await api.account.updateProfile.mutate({ madhab: "hanafi" });
  await api.reports.create.mutate({
    id: randomUUID(),
    kind: "wrong_status",
    barcode: newBarcode(),
    text: "It is not so",
  });
  return { id, api, token: tokenOf(`erase-${n}`) };
}

describe("after account.erase", () => {
  it("no table, queue, notification or delivery holds the user or the phone, whatever was planned and sent", async () => {
    const user = await busyUser(1);
    const stranger = await busyUser(2);
    await push.notify();
    push.startSender();
    await push.untilNoneIs("planned", "sending");
    await push.stopSenders();
    await push.notify();
    // One more is in the middle of being planned, at this user's phone.
    await push.stack.sql`
      update push_notifications set state = 'planning', planned_user = ${user.id}, planned_token = ${user.token}
      where id = (select notification_id from deliveries where state = 'planned' limit 1)`;
    // The queue holds a job of the user's own recall, as an alert's publication leaves it.
    await (
      await instance.as({ isAdmin: true })
    ).alerts.publish.mutate({
      title: "Recall",
      summary: "Do not eat this",
      severity: "critical",
      category: "recall",
    });
    expect(await tablesWith(["push-plan"])).toContain("pgboss.job");
    const secrets = [user.id, user.token];
    const before = await tablesWith(secrets);
    expect(before).toEqual(
      expect.arrayContaining([
        "public.deliveries",
        "public.devices",
        "public.favorite_removals",
        "public.profiles",
        "public.push_notifications",
        "public.push_preferences",
        "public.push_tokens",
        "public.reports",
        "public.scans",
      ]),
    );
    await user.api.account.erase.mutate();
    expect(await tablesWith(secrets)).toEqual([]);
    expect(await tablesWith([stranger.id, stranger.token])).toContain("public.deliveries");
  });

  it("the plan of others goes on where it was: nobody is left out, and nobody is planned twice", async () => {
    await push.insertDevices(50);
    const id = await push.notify();
    const [place] = await push.stack.sql<{ userId: string; token: string }[]>`
      update push_notifications set state = 'planning', (planned_user, planned_token) = (
        select user_id, token from devices order by user_id, token offset 19 limit 1)
      returning planned_user as "userId", planned_token as token`;
    await push.stack.sql`
      delete from deliveries d using push_notifications n where (d.user_id, d.token) > (n.planned_user, n.planned_token)`;
    await (await instance.as({ id: place?.userId ?? "" })).account.erase.mutate();
    await planNotification(push.database.db, id);
    expect(await push.states()).toEqual({ planned: 49 });
    const [row] = await push.stack.sql`
      select planned_user, planned_token, state from push_notifications where id = ${id}`;
    expect(row).toEqual({ planned_user: null, planned_token: null, state: "planned" });
  });

  it.skipIf(stackKind() !== "docker")(
    "a plan that was under way leaves nothing behind (docker)",
    { timeout: 120_000 },
    async () => {
      for (let round = 0; round < 3; round += 1) {
        await push.reset();
        await push.insertDevices(1_000);
        const victims = await push.stack.sql<{ id: string; token: string }[]>`
          select user_id as id, token from devices order by user_id limit 8`;
        const clients = await Promise.all(victims.map(({ id }) => instance.as({ id })));
        await Promise.all([push.notify(), ...clients.map((api) => api.account.erase.mutate())]);
        // The sender's next look.
        while ((await claimBatch(push.database.db, randomUUID(), 100)).length > 0);
        expect(await tablesWith(victims.flatMap(({ id, token }) => [id, token]))).toEqual([]);
      }
    },
  );
});
