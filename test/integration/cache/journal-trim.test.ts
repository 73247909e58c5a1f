import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readCacheEvents, trimCacheEvents } from "../../../src/db/cache-events.ts";
import { eventually } from "../../support/calls.ts";
import { insertStores } from "../../support/store-rows.ts";
import { openStack, type Instance, type Stack, stackKind } from "../../support/stack.ts";

const KEPT_SECONDS = 3 * 3600;

let stack: Stack;
let instance: Instance;

beforeAll(async () => {
  stack = await openStack();
  instance = await stack.startInstance();
});

afterAll(() => stack.close());

const trim = () => trimCacheEvents(instance.deps.db, KEPT_SECONDS);
const topics = async () =>
  (await stack.sql<{ topic: string }[]>`select topic from cache_events order by id`).map(
    ({ topic }) => topic,
  );
/** Makes the events of the journal older by this time. */
const letPass = async (hours: number) => {
  await stack.sql`update cache_events set at = at - make_interval(hours => ${hours})`;
};

/** Waits for transactions of the whole server that began before the last event, because other tests run. */
const allEnded = () =>
  eventually(
    30_000,
    async () => {
      const [row] = await stack.sql<{ isSo: boolean }[]>`
        select pg_snapshot_xmin(pg_current_snapshot()) > max(xid) as "isSo" from cache_events`;
      return row?.isSo === true;
    },
    (isSo) => isSo,
  );

describe("the journal", () => {
  it("loses exactly the events that every snapshot of the last hours could see", async () => {
    await insertStores(stack.sql, [{ latitude: 1, longitude: 1 }]);
    await allEnded();
    await trim();
    expect(await topics()).toEqual(["store", "ended-below"]);
    await letPass(2);
    await insertStores(stack.sql, [{ latitude: 1, longitude: 1 }]);
    await allEnded();
    await trim();
    expect(await topics()).toEqual(["store", "ended-below", "store", "ended-below"]);
    await letPass(2);
    await trim();
    expect(await topics()).toEqual(["ended-below", "store", "ended-below", "ended-below"]);
    const { events } = await readCacheEvents(instance.deps.db, "1:1:", 100);
    expect(events.map(({ topic }) => topic)).toEqual(["store"]);
    await stack.sql`delete from cache_events`;
  });

  // The embedded database has one session.
  it.skipIf(stackKind() !== "docker")(
    "keeps an event as long when its transaction was open for longer",
    async () => {
      const [id = ""] = await insertStores(stack.sql, [{ latitude: 1, longitude: 1, name: "old" }]);
      await instance.deps.cache.catchUp();
      const slow = await stack.sql.reserve();
      await slow`begin`;
      await slow`update stores set name = 'new' where id = ${id}`;
      await slow`update cache_events set at = at - interval '4 hours'`;
      await trim();
      // Loaded before the commit, so only the event shows that the answer is old.
      expect((await instance.client.store.byId.query({ id })).name).toBe("old");
      await instance.deps.cache.drain();
      await slow`commit`;
      slow.release();
      await allEnded();
      await trim();
      const late = await stack.startInstance();
      expect((await late.client.store.byId.query({ id })).name).toBe("new");
      await instance.deps.cache.catchUp();
      expect((await instance.client.store.byId.query({ id })).name).toBe("new");
      // The first trimming recorded its number before the transaction ended; the number of the next one is used.
      for (let i = 0; i < 2; i += 1) {
        expect(await topics()).toContain("store");
        await letPass(4);
        await trim();
      }
      expect(await topics()).not.toContain("store");
      await late.close();
    },
  );
});
