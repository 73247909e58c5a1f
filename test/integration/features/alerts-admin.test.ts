import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { alertIn, type NewAlert, newCategory } from "../../support/alerts.ts";
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

const titlesIn = async (category: string, from = instance) =>
  (await from.client.alerts.list.query({ category })).items.map(({ title }) => title);

describe("an alert of an administrator", () => {
  it("reaches the feed of every instance at once, and leaves it at once when it is retracted", async () => {
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

  it("is refused when its times, its texts or its address cannot be", async () => {
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

  it("is published, changed and retracted by administrators only", async () => {
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
