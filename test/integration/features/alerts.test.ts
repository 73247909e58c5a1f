import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { z } from "zod";
import type { PublishInput } from "../../../src/features/alerts/schemas.ts";
import { errorCode, HOSTILE_TEXTS } from "../../support/catalog-rows.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { callerOf } from "../../support/user-rows.ts";

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

/** A category of this test's own, so that tests do not see one another's alerts. */
const newCategory = () => `category ${randomUUID()}`;

type NewAlert = z.input<typeof PublishInput>;
const alertIn = (category: string, more: Partial<NewAlert> = {}): NewAlert => ({
  title: "Recall",
  summary: "Do not eat this",
  severity: "warning",
  category,
  ...more,
});

const titlesIn = async (category: string, from = instance) =>
  (await from.client.alerts.list.query({ category })).items.map(({ title }) => title);

describe("alerts.publish, update and retract", () => {
  it("reaches the feed of every instance at once, and leaves it at once", async () => {
    const category = newCategory();
    const alert = await admin.publish.mutate(
      alertIn(category, { content: "All of it", sourceUrl: "https://example.org/recall" }),
    );
    expect(alert).toEqual({
      id: alert.id,
      title: "Recall",
      summary: "Do not eat this",
      content: "All of it",
      severity: "warning",
      category,
      imageUrl: null,
      sourceUrl: "https://example.org/recall",
      publishedAt: alert.publishedAt,
      expiresAt: null,
      recall: null,
      language: "en",
      texts: {},
    });
    expect(await titlesIn(category, other)).toEqual(["Recall"]);
    const { texts: _, ...shown } = alert;
    expect(await other.client.alerts.byId.query({ id: alert.id })).toEqual(shown);

    const updated = await admin.update.mutate({
      id: alert.id,
      title: "Recall, again",
      content: null,
    });
    expect(updated).toEqual({ ...alert, title: "Recall, again", content: null });
    expect(await admin.update.mutate({ id: alert.id })).toEqual(updated);
    expect(await titlesIn(category, other)).toEqual(["Recall, again"]);

    await admin.retract.mutate({ id: alert.id });
    expect(await titlesIn(category, other)).toEqual([]);
    const calls = [
      other.client.alerts.byId.query({ id: alert.id }),
      admin.retract.mutate({ id: alert.id }),
      admin.update.mutate({ id: alert.id, title: "x" }),
      admin.update.mutate({ id: randomUUID(), title: "x" }),
      instance.client.alerts.byId.query({ id: randomUUID() }),
    ];
    expect(await Promise.all(calls.map(errorCode))).toEqual(calls.map(() => "NOT_FOUND"));
  });

  it("is shown in the reader's language where it has it, and says which it is", async () => {
    const category = newCategory();
    const fr = { title: "Rappel", summary: "Ne le mangez pas" };
    const ar = { title: "استدعاء", summary: "لا تأكلوه", content: "كله" };
    const { id } = await admin.publish.mutate(
      alertIn(category, { content: "All of it", texts: { fr, ar } }),
    );
    const shownTo = async (locale: string) => {
      const {
        items: [listed],
      } = await other.client.alerts.list.query({ category, locale });
      const byId = await other.client.alerts.byId.query({ id, locale });
      expect(listed).toEqual({ ...byId, readAt: null });
      expect(byId).not.toHaveProperty("texts");
      const { title, content, language } = byId;
      return [title, content, language];
    };
    expect(await shownTo("fr-CA")).toEqual(["Rappel", "All of it", "fr"]);
    expect(await shownTo("ar")).toEqual(["استدعاء", "كله", "ar"]);
    expect(await shownTo("de")).toEqual(["Recall", "All of it", "en"]);

    // A change of other fields keeps the translations; a change of the text removes them.
    const graver = await admin.update.mutate({ id, severity: "critical" });
    expect(graver.texts).toEqual({ fr, ar });
    const again = await admin.update.mutate({ id, title: "Recall 2", texts: { fr } });
    expect(again.texts).toEqual({ fr });
    expect(await admin.update.mutate({ id, title: "Recall 2", texts: { fr } })).toEqual(again);
    expect(await shownTo("ar")).toEqual(["Recall 2", "All of it", "en"]);
    expect((await admin.update.mutate({ id, summary: "Never mind" })).texts).toEqual({});
    expect(await shownTo("fr")).toEqual(["Recall 2", "All of it", "en"]);
  });

  it("may be written in any of the languages, and not be translated into its own", async () => {
    const category = newCategory();
    const en = { title: "Recall", summary: "Do not eat this" };
    const french = { title: "Rappel", summary: "Ne le mangez pas", language: "fr" as const };
    const { id } = await admin.publish.mutate(alertIn(category, { ...french, texts: { en } }));
    const shown = async (locale: string) =>
      (await instance.client.alerts.byId.query({ id, locale })).title;
    expect([await shown("fr"), await shown("en"), await shown("ar")]).toEqual([
      "Rappel",
      "Recall",
      "Rappel",
    ]);
    const calls = [
      admin.publish.mutate(alertIn(category, { texts: { en } })),
      admin.update.mutate({ id, texts: { fr: { title: "x", summary: "y" } } }),
      admin.update.mutate({ id, language: "en", texts: { en } }),
      admin.publish.mutate(alertIn(category, { texts: { de: en } as never })),
      admin.publish.mutate(alertIn(category, { texts: { fr: { title: "x" } } as never })),
    ];
    expect(await Promise.all(calls.map(errorCode))).toEqual(calls.map(() => "BAD_REQUEST"));
  });

  it("leaves a line in the audit trail for its texts, and none for the same once more", async () => {
    const { id } = await admin.publish.mutate(alertIn(newCategory()));
    const texts = { fr: { title: "Rappel", summary: "Non" } };
    await admin.update.mutate({ id, texts });
    const lines = async () =>
      (await stack.sql`select "after" from audit_log where target_id = ${id} order by id desc`).map(
        ({ after }) => JSON.stringify(after),
      );
    const [latest = ""] = await lines();
    expect(latest).toContain("Rappel");
    const count = (await lines()).length;
    await admin.update.mutate({ id, texts });
    expect(await lines()).toHaveLength(count);
  });

  it("is listed to administrators in each state, and only in that, unread counts aside", async () => {
    const category = newCategory();
    const reader = (await instance.as({})).alerts;
    const { count: before } = await reader.unread.query();
    const make = async (title: string, more: Partial<NewAlert> = {}) =>
      (await admin.publish.mutate(alertIn(category, { title, ...more }))).id;
    await make("shown", { texts: { fr: { title: "montrée", summary: "x" } } });
    await make("scheduled", { publishedAt: "2100-01-01T00:00:00Z" });
    await make("expired", {
      publishedAt: "2020-01-01T00:00:00Z",
      expiresAt: "2020-02-01T00:00:00Z",
    });
    await admin.retract.mutate({ id: await make("retracted") });
    for (const state of ["scheduled", "shown", "expired", "retracted"] as const) {
      const { items } = await admin.adminList.query({ state, limit: 100 });
      expect(new Set(items.map((item) => item.state))).toEqual(new Set([state]));
      const mine = items.filter((item) => item.category === category);
      expect(mine.map(({ title, texts }) => [title, texts.fr?.title])).toEqual([
        [state, state === "shown" ? "montrée" : undefined],
      ]);
    }
    expect((await reader.unread.query()).count).toBe(before + 1);
  });

  it("comes at its minute and leaves at its minute", async () => {
    const category = newCategory();
    const { id } = await admin.publish.mutate(
      alertIn(category, {
        publishedAt: "2030-05-01T10:00:00Z",
        expiresAt: "2030-05-01T12:00:00+01:00",
      }),
    );
    const user = { id: randomUUID(), isAdmin: false };
    const isShownAt = async (instant: string) => {
      const { alerts } = callerOf(instance, { user, now: () => new Date(instant) });
      const { items } = await alerts.list({ category });
      const byId = await alerts.byId({ id }).then(
        () => true,
        () => false,
      );
      expect(byId).toBe(items.length === 1);
      return byId;
    };
    expect(await isShownAt("2030-05-01T09:59:59.999Z")).toBe(false);
    expect(await isShownAt("2030-05-01T10:00:00.000Z")).toBe(true);
    expect(await isShownAt("2030-05-01T10:59:59.999Z")).toBe(true);
    expect(await isShownAt("2030-05-01T11:00:00.000Z")).toBe(false);
  });

  it("refuses what cannot be", async () => {
    const category = newCategory();
    const { id } = await admin.publish.mutate(alertIn(category));
    const early = "2020-01-01T00:00:00Z";
    const calls = [
      admin.publish.mutate(alertIn(category, { expiresAt: early })),
      admin.update.mutate({ id, expiresAt: early }),
      admin.publish.mutate(alertIn(category, { title: " " })),
      admin.publish.mutate(alertIn(category, { severity: "urgent" as "info" })),
      admin.publish.mutate(alertIn(category, { sourceUrl: "javascript:alert(1)" })),
      admin.publish.mutate(alertIn(category, { publishedAt: "9999-12-31T23:59:59-14:00" })),
      ...HOSTILE_TEXTS.flatMap((text) => [
        admin.publish.mutate(alertIn(category, { title: text })),
        admin.publish.mutate(alertIn(text)),
        admin.update.mutate({ id, summary: text }),
        instance.client.alerts.list.query({ category: text }),
        instance.client.alerts.list.query({ cursor: text }),
        instance.client.alerts.byId.query({ id: text }),
      ]),
    ];
    expect(await Promise.all(calls.map(errorCode))).toEqual(calls.map(() => "BAD_REQUEST"));
    expect(await titlesIn(category)).toEqual(["Recall"]);
  });

  it("is for administrators only", async () => {
    const { alerts } = await instance.as({});
    const id = randomUUID();
    const calls = (api: typeof alerts) => [
      api.publish.mutate(alertIn("x")),
      api.update.mutate({ id }),
      api.retract.mutate({ id }),
    ];
    const codes = async (api: typeof alerts) => await Promise.all(calls(api).map(errorCode));
    expect(await codes(alerts)).toEqual(["FORBIDDEN", "FORBIDDEN", "FORBIDDEN"]);
    expect(await codes(instance.client.alerts)).toEqual(Array(3).fill("UNAUTHORIZED"));
  });
});

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

  it("needs no input", async () => {
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
