import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readWithinASecond } from "../../support/catalog-rows.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";

/** The clock of both instances, which follows the database's. */
let aheadMs = 0;
let stack: Stack;
let instance: Instance;
let other: Instance;

beforeAll(async () => {
  stack = await openStack();
  const now = () => new Date(Date.now() + aheadMs);
  instance = await stack.startInstance({ now });
  other = await stack.startInstance({ now });
});

afterAll(() => stack.close());

beforeEach(async () => {
  aheadMs = 0;
  await stack.sql`truncate alerts, alert_reads`;
  await instance.deps.cache.catchUp();
  await other.deps.cache.catchUp();
});

const MINUTE_MS = 60_000;
const inMinutes = (minutes: number) => new Date(Date.now() + minutes * MINUTE_MS).toISOString();

const publish = async (title: string, more: { publishedAt?: string; expiresAt?: string } = {}) =>
  (await instance.as({ isAdmin: true })).alerts.publish.mutate({
    title,
    summary: "Do not eat this",
    severity: "warning",
    category: "recall",
    ...more,
  });

/** The first page as a phone without an account has it, with the headers that a cache goes by. */
async function firstPage(from = instance) {
  const response = await fetch(`${from.url}/trpc/alerts.list`);
  const { result } = (await response.json()) as {
    result: { data: { items: { title: string }[] } };
  };
  return {
    titles: result.data.items.map(({ title }) => title),
    state: response.headers.get("x-cache"),
    etag: response.headers.get("etag"),
  };
}

describe("the first page of alerts.list", () => {
  it("comes from memory, and shows what is published, changed or retracted", async () => {
    const { id } = await publish("Recall");
    expect(await firstPage()).toMatchObject({ titles: ["Recall"], state: "MISS" });
    expect(await firstPage()).toMatchObject({ titles: ["Recall"], state: "HIT" });
    expect(await firstPage(other)).toMatchObject({ titles: ["Recall"] });

    const admin = (await instance.as({ isAdmin: true })).alerts;
    await admin.update.mutate({ id, title: "Recall, corrected" });
    expect((await firstPage()).titles).toEqual(["Recall, corrected"]);
    const seen = async () => (await firstPage(other)).titles.join();
    expect(await readWithinASecond(seen, "Recall, corrected")).toBe("Recall, corrected");

    await admin.retract.mutate({ id });
    expect((await firstPage()).titles).toEqual([]);
    expect(await readWithinASecond(seen, "")).toBe("");
  });

  it("shows a scheduled alert from its moment on and drops an expired one, with another tag, although nothing is written", async () => {
    await publish("Now", { expiresAt: inMinutes(20) });
    await publish("Later", { publishedAt: inMinutes(10) });
    const first = await firstPage();
    expect(first.titles).toEqual(["Now"]);

    aheadMs = 11 * MINUTE_MS;
    const second = await firstPage();
    expect(second).toMatchObject({ titles: ["Later", "Now"], state: "HIT" });
    aheadMs = 21 * MINUTE_MS;
    const third = await firstPage();
    expect(third).toMatchObject({ titles: ["Later"], state: "HIT" });
    expect(new Set([first.etag, second.etag, third.etag]).size).toBe(3);
  });

  it("goes on in the table where the cached alerts end", async () => {
    await stack.sql`
      insert into alerts (title, summary, severity, category, published_at)
      select 'Alert ' || n, 'One of many', 'info', 'season', now() - make_interval(mins => n)
      from generate_series(1, 230) as n`;
    await instance.deps.cache.catchUp();
    const titles: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof instance.client.alerts.list.query>> =
        await instance.client.alerts.list.query({ limit: 100, cursor });
      titles.push(...page.items.map(({ title }) => title));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(titles).toEqual(Array.from({ length: 230 }, (_, index) => `Alert ${index + 1}`));
  });

  it("asks the table where most of the newest alerts are still to come", async () => {
    await stack.sql`
      insert into alerts (title, summary, severity, category, published_at)
      select 'Alert ' || n, 'Most are scheduled', 'info', 'season', now() + make_interval(mins => n)
      from generate_series(-30, 250) as n where n <> 0`;
    await instance.deps.cache.catchUp();
    const { items } = await instance.client.alerts.list.query({ limit: 20 });
    expect(items.map(({ title }) => title)).toEqual(
      Array.from({ length: 20 }, (_, index) => `Alert ${-1 - index}`),
    );
  });

  it("says to each reader what they have read, and to nobody else", async () => {
    const { id } = await publish("Recall");
    const reader = await instance.as({ id: "00000000-0000-4000-8000-0000000000a1" });
    const another = await instance.as({ id: "00000000-0000-4000-8000-0000000000a2" });
    await reader.alerts.markRead.mutate({ ids: [id] });
    const readAtOf = async (client: Instance["client"]) =>
      (await client.alerts.list.query()).items.map(({ readAt }) => readAt !== null);
    expect(await readAtOf(reader)).toEqual([true]);
    expect(await readAtOf(another)).toEqual([false]);
    expect(await readAtOf(instance.client)).toEqual([false]);
  });
});
