import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { alertIn, newCategory } from "../../support/alerts.ts";
import { errorCode } from "../../support/catalog-rows.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";

let stack: Stack;
let instance: Instance;
let other: Instance;
let admin: Instance["client"]["alerts"];

beforeAll(async () => {
  stack = await openStack();
  instance = await stack.startInstance();
  other = await stack.startInstance();
  admin = (await instance.as({ isAdmin: true })).alerts;
});

afterAll(() => stack.close());

describe("alerts.list", () => {
  it("pages newest first, by severity when asked, while alerts are added", async () => {
    const category = newCategory();
    for (let i = 0; i < 11; i += 1) {
      const publishedAt = new Date(Date.UTC(2026, 0, 1 + Math.floor(i / 3))).toISOString();
      const severity = i % 2 ? ("critical" as const) : ("info" as const);
      await admin.publish.mutate(alertIn(category, { title: `${i}`, publishedAt, severity }));
    }
    const expected = await stack.sql<{ title: string }[]>`
      select title from alerts where category = ${category} order by published_at desc, id desc`;
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof admin.list.query>> =
        await instance.client.alerts.list.query({ category, limit: 4, cursor });
      seen.push(...page.items.map(({ title }) => title));
      cursor = page.nextCursor;
      await admin.publish.mutate(alertIn(category, { title: "new" }));
    } while (cursor !== null);
    expect(seen).toEqual(expected.map(({ title }) => title));
    const critical = await instance.client.alerts.list.query({ category, severity: "critical" });
    expect(critical.items).toHaveLength(5);
  });

  it("says when the caller read each, and nothing to anybody else", async () => {
    const category = newCategory();
    const read = await admin.publish.mutate(alertIn(category));
    await admin.publish.mutate(alertIn(category));
    const user = (await instance.as({})).alerts;
    const beganAt = Date.now();
    await user.markRead.mutate({ ids: [read.id] });
    const mine = (await user.list.query({ category })).items;
    const [marked] = mine.filter(({ readAt }) => readAt !== null);
    expect(mine).toHaveLength(2);
    expect(marked?.id).toBe(read.id);
    expect(Date.parse(marked?.readAt ?? "")).toBeGreaterThanOrEqual(beganAt - 1_000);
    for (const other of [instance.client.alerts, (await instance.as({})).alerts])
      expect((await other.list.query({ category })).items.map(({ readAt }) => readAt)).toEqual([
        null,
        null,
      ]);
  });

  it("has categories with what is shown of each", async () => {
    const category = newCategory();
    await admin.publish.mutate(alertIn(category));
    await admin.publish.mutate(alertIn(category));
    await admin.publish.mutate(alertIn(category, { publishedAt: "2100-01-01T00:00:00Z" }));
    const { items } = await instance.client.alerts.categories.query();
    expect(items.filter((one) => one.category === category)).toEqual([{ category, count: 2 }]);
    expect(items.map(({ count }) => count)).toEqual(
      items.map(({ count }) => count).toSorted((a, b) => b - a),
    );
  });

  it("lists alerts without an input", async () => {
    const response = await fetch(`${instance.url}/trpc/alerts.list`);
    expect(response.status).toBe(200);
  });
});

describe("alerts.unread and markRead", () => {
  it("counts by severity, for each user, only what is shown", async () => {
    await stack.sql`update alerts set is_active = false`;
    const category = newCategory();
    const { id } = await admin.publish.mutate(alertIn(category));
    await admin.publish.mutate(alertIn(category, { severity: "critical" }));
    await admin.publish.mutate(alertIn(category, { publishedAt: "2100-01-01T00:00:00Z" }));
    const retracted = await admin.publish.mutate(alertIn(category));
    await admin.retract.mutate({ id: retracted.id });
    const [one, two] = [(await instance.as({})).alerts, (await instance.as({})).alerts];
    const both = { count: 2, bySeverity: { info: 0, warning: 1, critical: 1 } };
    expect(await one.unread.query()).toEqual(both);
    const left = await one.markRead.mutate({ ids: [id, id, randomUUID(), retracted.id] });
    expect(left).toEqual({ count: 1, bySeverity: { info: 0, warning: 0, critical: 1 } });
    expect(await one.markRead.mutate({ ids: [id] })).toEqual(left);
    expect(await two.unread.query()).toEqual(both);
    expect((await one.markRead.mutate({ all: true })).count).toBe(0);
    expect((await one.unread.query()).count).toBe(0);
    expect(await two.unread.query()).toEqual(both);
    await admin.publish.mutate(alertIn(category));
    expect((await one.unread.query()).count).toBe(1);
  });

  it("is right when alerts are marked from two phones at once", async () => {
    await stack.sql`update alerts set is_active = false`;
    const category = newCategory();
    const ids: string[] = [];
    for (let i = 0; i < 24; i += 1) ids.push((await admin.publish.mutate(alertIn(category))).id);
    const user = { id: randomUUID() };
    const [here, there] = [(await instance.as(user)).alerts, (await other.as(user)).alerts];
    const answers = await Promise.all(
      ids.map((id, i) =>
        (i % 2 ? here : there).markRead.mutate({
          ids: i % 3 ? [id] : [...ids.slice(0, 3), id].toReversed(),
        }),
      ),
    );
    // The phone that counted last has seen every mark; nobody sees more unread than their own marks leave.
    expect(Math.min(...answers.map(({ count }) => count))).toBe(0);
    expect(Math.max(...answers.map(({ count }) => count))).toBeLessThan(ids.length);
    expect((await here.unread.query()).count).toBe(0);
    const [row] =
      await stack.sql`select count(*)::int as n from alert_reads where user_id = ${user.id}`;
    expect(row?.["n"]).toBe(ids.length);
  });

  it("refuses bad input and callers without a token", async () => {
    const { alerts } = await instance.as({});
    const bad = [
      alerts.markRead.mutate({ ids: ["x"] }),
      alerts.markRead.mutate({ ids: Array.from({ length: 101 }, () => randomUUID()) }),
      alerts.markRead.mutate({ all: false as true }),
      alerts.markRead.mutate({ ids: [], all: true } as { ids: string[] }),
    ];
    expect(await Promise.all(bad.map(errorCode))).toEqual(bad.map(() => "BAD_REQUEST"));
    const anonymous = instance.client.alerts;
    expect(await errorCode(anonymous.unread.query())).toBe("UNAUTHORIZED");
    expect(await errorCode(anonymous.markRead.mutate({ all: true }))).toBe("UNAUTHORIZED");
  });
});
