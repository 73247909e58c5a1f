import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Cache } from "../../../src/cache/cache.ts";
import type { CachePolicy, Loaded } from "../../../src/cache/policy.ts";
import { CacheStats } from "../../../src/cache/stats.ts";
import { AppError } from "../../../src/errors.ts";
import { text } from "../../../src/texts/text.ts";
import { JournalDouble } from "../../support/journal-double.ts";

const policy: CachePolicy<{ readonly id: string }, string> = {
  name: "store",
  shape: "test-1",
  freshSeconds: 100,
  key: ({ id }) => `test:${id}`,
  isAffected: (event, { id }) => event.ref === id,
  encode: (value) => Buffer.from(value),
  decode: (payload) => payload.toString(),
};

let double: JournalDouble;
let cache: Cache;
let stats: CacheStats;
let nowMs: number;
let rows: Record<string, string>;
let loads: number;
/** Whether the tables are unavailable as well, while the journal is. */
let isAllAway: boolean;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  double = new JournalDouble();
  stats = new CacheStats();
  nowMs = 1_000_000;
  rows = { a: "old", b: "other" };
  loads = 0;
  isAllAway = true;
  cache = new Cache({
    memoryBytesMax: 1_000_000,
    redis: null,
    journal: double.journal,
    stats,
    nowMs: () => nowMs,
  });
  await double.journal.sync();
});

afterEach(() => {
  vi.useRealTimers();
});

function load(id: string): Promise<Loaded<string>> {
  loads += 1;
  if (double.failure !== undefined && isAllAway)
    return Promise.reject(new AppError("SERVICE_UNAVAILABLE", text("database_away")));
  return Promise.resolve({ value: rows[id] ?? "none", snapshot: double.snapshot() });
}

async function get(id: string): Promise<string> {
  const { value, state } = await cache.get(policy, { id }, () => load(id));
  return `${state} ${value}`;
}

function write(id: string, value: string): void {
  rows[id] = value;
  double.commitWrite({ ref: id });
}

/** Advances both clocks, while the journal can be read or not. */
async function pass(ms: number, isRead = true): Promise<void> {
  nowMs += ms;
  await vi.advanceTimersByTimeAsync(ms);
  if (isRead) await double.journal.sync().catch(() => {});
}

describe("Cache", () => {
  it("loads a value once and then answers with hits, until a write that affects the value is known", async () => {
    expect(await get("a")).toBe("MISS old");
    expect(await get("a")).toBe("HIT old");
    await get("b");
    write("a", "new");
    await cache.catchUp();
    expect(await get("a")).toBe("MISS new");
    expect(await get("a")).toBe("HIT new");
    expect(await get("b")).toBe("HIT other");
    expect(stats.drops.get("store")).toBe(1);
  });

  it("reads the journal on a call when the last reading is too old", async () => {
    await get("a");
    write("a", "new");
    await pass(1_000, false);
    expect(await get("a")).toBe("MISS new");
  });

  it("does not let a call join a load from before a write that is known", async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const early = cache.get(policy, { id: "a" }, async () => {
      const loaded = await load("a");
      await held;
      return loaded;
    });
    await vi.advanceTimersByTimeAsync(1);
    write("a", "new");
    await cache.catchUp();
    expect(await get("a")).toBe("MISS new");
    release();
    expect((await early).value).toBe("old");
    expect(await get("a")).toBe("HIT new");
  });

  it("does not answer from memory after a write whose journal event could not be read", async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const early = cache.get(policy, { id: "a" }, async () => {
      const loaded = await load("a");
      await held;
      return loaded;
    });
    await vi.advanceTimersByTimeAsync(1);
    write("a", "new");
    double.failure = new Error("away");
    await cache.catchUp();
    double.failure = undefined;
    expect(await get("a")).toBe("MISS new");
    release();
    await early;
  });

  it("shares one load among concurrent calls", async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => get("a")));
    expect(new Set(answers)).toEqual(new Set(["MISS old"]));
    expect(loads).toBe(1);
  });

  it("refreshes a hot entry once, in the background, before the entry expires", async () => {
    await get("a");
    rows["a"] = "refreshed";
    nowMs += 89_900;
    await double.journal.sync();
    const early = await get("a");
    nowMs += 200;
    for (let i = 0; i < 200 && stats.refreshes.get("store") === undefined; i += 1) {
      nowMs += 100;
      await get("a");
    }
    await cache.drain();
    expect(early).toMatch(/^HIT/);
    expect(loads).toBe(2);
    expect(await get("a")).toBe("HIT refreshed");
  });

  it("serves an expired entry for one hour, but not longer, while the database is unavailable", async () => {
    await get("a");
    double.failure = new Error("away");
    await pass(1_000);
    expect(await get("a")).toBe("STALE old");
    await pass(3_600_000 - 2_000);
    expect(await get("a")).toBe("STALE old");
    await pass(200_000);
    await expect(get("a")).rejects.toThrow(/cannot answer/);
    await expect(get("b")).rejects.toThrow(/cannot answer/);
    double.failure = undefined;
    rows["a"] = "new";
    await pass(10);
    expect(await get("a")).toBe("MISS new");
  });

  describe("while the journal alone cannot be read", () => {
    beforeEach(() => {
      isAllAway = false;
    });

    it("shows a write of this instance at once", async () => {
      await get("a");
      write("a", "new");
      double.failure = new Error("locked");
      await cache.catchUp();
      expect(await get("a")).toBe("MISS new");
    });

    it("shows a write of another instance within a second", async () => {
      await get("a");
      double.failure = new Error("locked");
      await pass(500);
      write("a", "new");
      await pass(1_000);
      expect(await get("a")).toBe("MISS new");
    });

    it("loads a value that is requested all the time once in 0.8 s", async () => {
      double.failure = new Error("locked");
      await pass(1_000);
      for (let i = 0; i < 40; i += 1) {
        expect(await get("a")).toMatch(/^(?:MISS|HIT) old$/);
        await pass(50);
      }
      expect(loads).toBe(3);
    });

    it("does not serve a value that was loaded before a write of this instance", async () => {
      double.failure = new Error("locked");
      await pass(1_000);
      expect(await get("a")).toBe("MISS old");
      write("a", "new");
      await cache.catchUp();
      expect(await get("a")).toBe("MISS new");
    });

    it("loads again after a write of this instance, although earlier loads failed", async () => {
      await get("a");
      double.failure = new Error("away");
      isAllAway = true;
      await pass(1_000);
      expect(await get("a")).toBe("STALE old");
      isAllAway = false;
      write("a", "new");
      await cache.catchUp();
      expect(await get("a")).toBe("MISS new");
    });
  });

  describe("while the database is unavailable", () => {
    const hanging = () => {
      loads += 1;
      return new Promise<Loaded<string>>((_resolve, reject) => {
        setTimeout(() => reject(new AppError("SERVICE_UNAVAILABLE", text("database_away"))), 2_500);
      });
    };
    const waitOf = async (id: string) => {
      const beganAt = performance.now();
      const answer = cache.get(policy, { id }, hanging);
      await vi.advanceTimersByTimeAsync(3_000);
      expect((await answer).state).toBe("STALE");
      return performance.now() - beganAt;
    };

    it("serves stale answers at once after the first failed load, and tries a load twice a second", async () => {
      await get("a");
      await get("b");
      double.failure = new Error("away");
      await pass(1_000);
      loads = 0;
      let first: string | undefined;
      void cache.get(policy, { id: "a" }, hanging).then(({ state }) => (first = state));
      await pass(2_400);
      expect(first).toBeUndefined();
      await pass(200);
      expect([first, loads]).toEqual(["STALE", 1]);
      for (let i = 0; i < 200; i += 1) {
        const answer = cache.get(policy, { id: i % 2 === 0 ? "a" : "b" }, hanging);
        await vi.advanceTimersByTimeAsync(0);
        expect((await answer).state).toBe("STALE");
        await pass(50);
      }
      expect(loads).toBeLessThanOrEqual(22);
    });

    it("waits only a moment for the load of a call that comes long after the last one", async () => {
      await get("a");
      double.failure = new Error("away");
      await pass(1_000);
      await waitOf("a");
      await pass(10_000);
      const answer = cache.get(policy, { id: "a" }, hanging);
      await vi.advanceTimersByTimeAsync(300);
      expect((await answer).state).toBe("STALE");
    });

    it("ends the wait of all calls when one load fails", async () => {
      await get("a");
      await get("b");
      double.failure = new Error("away");
      await pass(1_000);
      const first = cache.get(policy, { id: "a" }, hanging);
      await pass(1_500);
      const second = cache.get(policy, { id: "b" }, hanging);
      await vi.advanceTimersByTimeAsync(1_000);
      expect([(await first).state, (await second).state]).toEqual(["STALE", "STALE"]);
    });

    it("returns loaded values as soon as loads succeed again, even while the journal cannot be read", async () => {
      await get("a");
      double.failure = new Error("away");
      await pass(1_000);
      expect(await get("a")).toBe("STALE old");
      await pass(600);
      isAllAway = false;
      write("a", "new");
      expect(await get("a")).toBe("STALE old");
      expect(await get("a")).toMatch(/^(?:HIT|MISS) new$/);
    });
  });

  it("waits no longer than a phone does, and then serves a stale answer if it has one", async () => {
    await get("a");
    const hanging = () => new Promise<Loaded<string>>(() => {});
    await pass(200_000);
    const bridged = cache.get(policy, { id: "a" }, hanging);
    const told = cache.get(policy, { id: "b" }, hanging);
    const outcomes = Promise.allSettled([bridged, told]);
    await vi.advanceTimersByTimeAsync(2_700);
    const [first, second] = await outcomes;
    expect(first).toMatchObject({ status: "fulfilled", value: { state: "STALE", value: "old" } });
    expect(second).toMatchObject({ status: "rejected", reason: { code: "SERVICE_UNAVAILABLE" } });
  });

  it("does not serve a stale answer for an error that is not an outage", async () => {
    await get("a");
    await pass(200_000);
    const failing = cache.get(policy, { id: "a" }, () => Promise.reject(new Error("a bug")));
    await expect(failing).rejects.toThrow("a bug");
  });

  it("keeps nothing that was loaded from one database while the journal is of another", async () => {
    await get("a");
    await cache.get(policy, { id: "b" }, async () => {
      const loaded = await load("b");
      double.databaseId = "2/1/1";
      await double.journal.sync();
      return loaded;
    });
    expect(await get("a")).toBe("MISS old");
    expect(await get("b")).toBe("MISS other");
    expect(await get("b")).toBe("HIT other");
  });

  it("keeps serving fresh entries while an old transaction stays open and events flood in", async () => {
    const slow = double.begin();
    double.write(slow, { ref: "a" });
    for (let round = 0; round < 4; round += 1) {
      for (let i = 0; i < 8_000; i += 1) double.commitWrite({ ref: "elsewhere" });
      await double.journal.sync();
      await get("a");
      expect(await get("a")).toBe("HIT old");
    }
    rows["a"] = "new";
    double.commit(slow);
    await double.journal.sync();
    expect(await get("a")).toBe("MISS new");
  });

  it("drops the entries of one policy on a flush event", async () => {
    await get("a");
    double.commitWrite({ topic: "flush", ref: "stores" });
    await double.journal.sync();
    expect(await get("a")).toBe("HIT old");
    double.commitWrite({ topic: "flush", ref: "store" });
    await double.journal.sync();
    expect(await get("a")).toBe("MISS old");
  });
});
