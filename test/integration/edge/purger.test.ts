import { drizzle } from "drizzle-orm/postgres-js";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { readConfig } from "../../../src/config.ts";
import { makeJournalPlace, readHeldJournal } from "../../../src/db/held-journal.ts";
import { examineEdge } from "../../../src/doctor/edge.ts";
import { openEdge } from "../../../src/edge/open-edge.ts";
import { EdgePurger, type PurgeOutcome } from "../../../src/edge/purger.ts";
import { PURGED_TOPICS } from "../../../src/edge/tags-of-events.ts";
import { eventually } from "../../support/calls.ts";
import { PurgeApi, type Received } from "../../support/purge-api.ts";
import { JWT_SECRET, openStack, type Stack } from "../../support/stack.ts";
import { insertStores } from "../../support/store-rows.ts";

const TOKEN = "a-token-of-the-edge-1b7c";
const PARIS = { latitude: 48.8566, longitude: 2.3522 };

let stack: Stack;
let api: PurgeApi;
const outcomes: PurgeOutcome[] = [];
const errors: unknown[] = [];

beforeAll(async () => {
  stack = await openStack();
});
afterEach(() => {
  api.stop();
  outcomes.length = 0;
  errors.length = 0;
});
afterAll(() => stack.close());

async function configured(provider: string, more: Record<string, string> = {}) {
  api = new PurgeApi();
  await api.start();
  const config = readConfig({
    JWT_SECRET,
    EDGE_PURGE: provider,
    EDGE_PURGE_URLS: api.url,
    EDGE_PURGE_ID: "zone-1",
    EDGE_PURGE_TOKEN: TOKEN,
    ...more,
  });
  const edge = openEdge(config);
  if (edge === null) throw new Error("no edge");
  return edge;
}

/** A purger whose clock stands still unless it is told. */
async function purgerOf(provider: string, more: Record<string, string> = {}, name = provider) {
  const edge = await configured(provider, more);
  const clock = { nowMs: 1_000_000 };
  const db = drizzle(stack.sql);
  await makeJournalPlace(db, name);
  const make = (holder: string) =>
    new EdgePurger({
      provider: edge,
      read: (from, done) =>
        readHeldJournal(db, { name, topics: PURGED_TOPICS, holder }, from, done),
      onPurge: (outcome) => outcomes.push(outcome),
      onError: (error) => errors.push(error),
      nowMs: () => clock.nowMs,
    });
  return { make, clock, name, purger: make("first") };
}

/** A new place purges everything, and twice again; after that the journal is followed. */
async function settled(provider: string, more: Record<string, string> = {}, name = provider) {
  const made = await purgerOf(provider, more, name);
  for (const ms of [0, 1_100, 2_000, 200]) {
    made.clock.nowMs += ms;
    await made.purger.tick();
  }
  const first = api.received.splice(0);
  outcomes.length = 0;
  return { ...made, first };
}

const tagsOf = ({ body }: Received) => (JSON.parse(body) as { tags?: string[] }).tags ?? null;

describe("the purger", () => {
  it("sends a purge in each provider's own form", async () => {
    const cloudflare = await configured("cloudflare");
    await cloudflare.purge(["stores", "cell:u09t"]);
    await cloudflare.purgeEverything();
    expect(api.received).toMatchObject([
      {
        method: "POST",
        url: "/client/v4/zones/zone-1/purge_cache",
        headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
        body: '{"tags":["stores","cell:u09t"]}',
      },
      { body: '{"purge_everything":true}' },
    ]);
    api.body = '{"success":false,"errors":[{"code":1001}]}';
    await expect(cloudflare.purge(["stores"])).rejects.toThrow("1001");
    api.stop();
    const fastly = await configured("fastly");
    await fastly.purge(["stores", "cell:u09t"]);
    await fastly.purgeEverything();
    expect(api.received).toMatchObject([
      {
        method: "POST",
        url: "/service/zone-1/purge",
        headers: { "fastly-key": TOKEN, "surrogate-key": "stores cell:u09t" },
      },
      { method: "POST", url: "/service/zone-1/purge_all" },
    ]);
    api.status = 403;
    await expect(fastly.purge(["stores"])).rejects.toThrow("403");
    api.stop();
    const varnish = await configured("varnish");
    await varnish.purge(["stores", "cell:u09t"]);
    expect(api.received).toMatchObject([
      { method: "PURGE", headers: { "x-purge-secret": TOKEN, "xkey-purge": "stores cell:u09t" } },
    ]);
  });

  it("begins with everything, then purges the tags of each write at once, after 1.1 s and after 3 s", async () => {
    const { purger, clock, first } = await settled("cloudflare");
    expect(first.map(({ body }) => body)).toEqual(Array(3).fill('{"purge_everything":true}'));
    await insertStores(stack.sql, [{ ...PARIS, name: "New" }]);
    await stack.sql`insert into boycott_targets (company_name, level) values ('Purged', 'official')`;
    await purger.tick();
    const [request] = api.received;
    const tags = request === undefined ? null : tagsOf(request);
    expect(tags).toEqual(expect.arrayContaining(["cell:u09t", "wide:u09", "boycotts"]));
    expect(tags).not.toContain("stores");
    for (const ms of [200, 899, 1]) {
      clock.nowMs += ms;
      await purger.tick();
    }
    expect(api.received.map(tagsOf)).toEqual([tags, tags]);
    clock.nowMs += 1_900;
    await purger.tick();
    for (const ms of [0, 10_000]) {
      clock.nowMs += ms;
      await purger.tick();
    }
    expect(api.received.map(tagsOf)).toEqual([tags, tags, tags]);
    expect(outcomes.map(({ isDone, lagSeconds }) => [isDone, lagSeconds !== null])).toEqual([
      [true, true],
      [true, false],
      [true, false],
    ]);
  });

  it("leaves to a successor whatever is not done for good, and only one purges at a time", async () => {
    const { purger, make, clock, name } = await settled("cloudflare", {}, "successor");
    await stack.sql`
      insert into certifiers (id, name, country) values ('purged', 'Name', 'FR') on conflict do nothing`;
    await purger.tick();
    expect(api.received.map(tagsOf)).toEqual([["certifiers", "stores"]]);
    const second = make("second");
    const leaseEnds = (at: string) =>
      stack.sql`update journal_consumers set held_until = ${at}::timestamptz where name = ${name}`;
    await leaseEnds("infinity");
    await second.tick();
    expect([second.isHolder, api.received.length]).toEqual([false, 1]);
    // The first is killed before its repetitions, and its lease runs out.
    await leaseEnds("-infinity");
    await second.tick();
    await leaseEnds("infinity");
    expect(second.isHolder).toBe(true);
    expect(api.received.map(tagsOf)).toEqual([
      ["certifiers", "stores"],
      ["certifiers", "stores"],
    ]);
    await purger.tick();
    expect(purger.isHolder).toBe(false);
    for (const ms of [1_100, 1_900, 200]) {
      clock.nowMs += ms;
      await second.tick();
    }
    const [place] = await stack.sql<{ isDone: boolean }[]>`
      select not exists (
        select from cache_events where topic = 'certifier' and not pg_visible_in_snapshot(xid, seen)) as "isDone"
      from journal_consumers where name = ${name}`;
    expect(place).toEqual({ isDone: true });
  });

  it("purges everything when its place is lost, and for more lines than it reads", async () => {
    const { purger, name } = await settled("cloudflare", {}, "lost");
    await stack.sql`
      insert into cache_events (topic, ref) select 'additive', 'E' || n from generate_series(1, 1001) as n`;
    await purger.tick();
    expect(api.received.map(tagsOf)).toEqual([null]);
    await stack.sql`
      update journal_consumers set held_until = null, seen_at = now() - interval '2 hours' where name = ${name}`;
    const { make } = await purgerOf("cloudflare", {}, name);
    await make("later").tick();
    expect(api.received.map(({ body }) => body)).toEqual(['{"purge_everything":true}']);
  });

  it("keeps to the provider's rate: collects while nothing may be sent, and purges everything instead of too many tags", async () => {
    const { purger, clock } = await settled("cloudflare", {}, "rate");
    let sent = 0;
    for (let n = 0; n < 60; n += 1) {
      await stack.sql`insert into cache_events (topic, ref) values ('boycott', ${String(n)})`;
      await purger.tick();
      clock.nowMs += 200;
    }
    sent = api.received.length;
    // 25 at once, of which three were for everything at the start, and one more each 12 s.
    expect(sent).toBeLessThanOrEqual(24);
    await stack.sql`
      insert into cache_events (topic, latitude, longitude)
      select 'store', 40 + n / 10.0, n from generate_series(1, 100) as n`;
    await purger.tick();
    expect(api.received).toHaveLength(sent);
    expect(purger.waitingSeconds).toBeGreaterThan(0);
    clock.nowMs += 12_000;
    await purger.tick();
    expect(api.received).toHaveLength(sent + 1);
    expect(api.received.at(-1)?.body).toBe('{"purge_everything":true}');
    expect(purger.waitingSeconds).toBe(0);
  });

  it("asks again when the provider fails, as late as it says, and loses no write", async () => {
    const { purger, clock } = await settled("fastly");
    await stack.sql`insert into cache_events (topic) values ('boycott')`;
    api.status = 503;
    await purger.tick();
    api.status = 429;
    api.retryAfter = "7";
    clock.nowMs += 5_000;
    await purger.tick();
    api.status = 200;
    await stack.sql`insert into cache_events (topic) values ('additive')`;
    clock.nowMs += 6_900;
    await purger.tick();
    expect([api.received.length, errors.length]).toEqual([2, 1]);
    clock.nowMs += 200;
    await purger.tick();
    expect(api.received.at(-1)?.headers["surrogate-key"]).toBe("additives boycotts");
    expect(outcomes.map(({ isDone }) => isDone)).toEqual([false, false, true]);
    expect(outcomes.at(-1)?.lagSeconds).toBeGreaterThan(11);
  });

  it("is looked at by the doctor, who purges what nobody has", async () => {
    await configured("fastly");
    const config = readConfig({
      JWT_SECRET,
      EDGE_PURGE: "fastly",
      EDGE_PURGE_URLS: api.url,
      EDGE_PURGE_ID: "zone-1",
      EDGE_PURGE_TOKEN: TOKEN,
    });
    expect(await examineEdge(config)).toMatchObject([{ level: "ok" }]);
    expect(api.received[0]?.headers["surrogate-key"]).toBe("doctor");
    api.status = 401;
    expect(await examineEdge(config)).toMatchObject([
      { level: "fail", found: expect.stringContaining("401") as string },
    ]);
    expect(await examineEdge(readConfig({ JWT_SECRET }))).toEqual([]);
  });

  it("runs in an instance that has an edge, and shows its figures", async () => {
    await configured("varnish");
    const instance = await stack.startInstance({
      environment: { EDGE_PURGE: "varnish", EDGE_PURGE_URLS: api.url, EDGE_PURGE_TOKEN: TOKEN },
    });
    const admin = await instance.as({ isAdmin: true });
    await eventually(
      10_000,
      () => Promise.resolve(api.received),
      (received) => received.some(({ headers }) => headers["x-purge-everything"] === "1"),
    );
    await admin.certifier.upsert.mutate({ id: "purged", name: "Again", country: "FR" });
    await eventually(
      10_000,
      () => Promise.resolve(api.received),
      (received) =>
        received.some(({ headers }) => headers["xkey-purge"]?.includes("certifiers") === true),
    );
    const figures = await (await fetch(`${instance.url}/metrics`)).text();
    expect(figures).toContain("halal_edge_purger 1");
    expect(figures).toMatch(/halal_edge_purges_total\{kind="everything",outcome="done"\} [1-9]/);
    await instance.close();
  });
});
