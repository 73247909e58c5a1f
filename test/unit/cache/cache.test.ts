import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Loaded } from "../../../src/cache/policy.ts";
import { CacheOnDouble, policy } from "../../support/cache-on-double.ts";

let on: CacheOnDouble;

beforeEach(async () => {
  on = new CacheOnDouble();
  await on.double.journal.sync();
});

afterEach(() => {
  vi.useRealTimers();
});

describe("Cache", () => {
  it("loads a value once and then answers with hits, until a write that affects the value is known", async () => {
    expect(await on.get("a")).toBe("MISS old");
    expect(await on.get("a")).toBe("HIT old");
    await on.get("b");
    on.write("a", "new");
    await on.cache.catchUp();
    expect(await on.get("a")).toBe("MISS new");
    expect(await on.get("a")).toBe("HIT new");
    expect(await on.get("b")).toBe("HIT other");
    expect(on.stats.drops.get("store")).toBe(1);
  });

  it("reads the journal on a call when the last reading is too old", async () => {
    await on.get("a");
    on.write("a", "new");
    await on.pass(1_000, false);
    expect(await on.get("a")).toBe("MISS new");
  });

  it("does not let a call join a load from before a write that is known", async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const early = on.cache.get(policy, { id: "a" }, async () => {
      const loaded = await on.load("a");
      await held;
      return loaded;
    });
    await vi.advanceTimersByTimeAsync(1);
    on.write("a", "new");
    await on.cache.catchUp();
    expect(await on.get("a")).toBe("MISS new");
    release();
    expect((await early).value).toBe("old");
    expect(await on.get("a")).toBe("HIT new");
  });

  it("does not answer from memory after a write whose journal event could not be read", async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const early = on.cache.get(policy, { id: "a" }, async () => {
      const loaded = await on.load("a");
      await held;
      return loaded;
    });
    await vi.advanceTimersByTimeAsync(1);
    on.write("a", "new");
    on.double.failure = new Error("away");
    await on.cache.catchUp();
    on.double.failure = undefined;
    expect(await on.get("a")).toBe("MISS new");
    release();
    await early;
  });

  it("shares one load among concurrent calls", async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => on.get("a")));
    expect(new Set(answers)).toEqual(new Set(["MISS old"]));
    expect(on.loads).toBe(1);
  });

  it("refreshes a hot entry once, in the background, before the entry expires", async () => {
    await on.get("a");
    on.rows["a"] = "refreshed";
    on.nowMs += 89_900;
    await on.double.journal.sync();
    const early = await on.get("a");
    on.nowMs += 200;
    for (let i = 0; i < 200 && on.stats.refreshes.get("store") === undefined; i += 1) {
      on.nowMs += 100;
      await on.get("a");
    }
    await on.cache.drain();
    expect(early).toMatch(/^HIT/);
    expect(on.loads).toBe(2);
    expect(await on.get("a")).toBe("HIT refreshed");
  });

  it("serves an expired entry for one hour, but not longer, while the database is unavailable", async () => {
    await on.get("a");
    on.double.failure = new Error("away");
    await on.pass(1_000);
    expect(await on.get("a")).toBe("STALE old");
    await on.pass(3_600_000 - 2_000);
    expect(await on.get("a")).toBe("STALE old");
    await on.pass(200_000);
    await expect(on.get("a")).rejects.toThrow(/cannot answer/);
    await expect(on.get("b")).rejects.toThrow(/cannot answer/);
    on.double.failure = undefined;
    on.rows["a"] = "new";
    await on.pass(10);
    expect(await on.get("a")).toBe("MISS new");
  });

  it("waits no longer than a phone does, and then serves a stale answer if it has one", async () => {
    await on.get("a");
    const hanging = () => new Promise<Loaded<string>>(() => {});
    await on.pass(200_000);
    const served = on.cache.get(policy, { id: "a" }, hanging);
    const told = on.cache.get(policy, { id: "b" }, hanging);
    const outcomes = Promise.allSettled([served, told]);
    await vi.advanceTimersByTimeAsync(2_700);
    const [first, second] = await outcomes;
    expect(first).toMatchObject({ status: "fulfilled", value: { state: "STALE", value: "old" } });
    expect(second).toMatchObject({ status: "rejected", reason: { code: "SERVICE_UNAVAILABLE" } });
  });

  it("does not serve a stale answer for an error that is not an outage", async () => {
    await on.get("a");
    await on.pass(200_000);
    const failing = on.cache.get(policy, { id: "a" }, () => Promise.reject(new Error("a bug")));
    await expect(failing).rejects.toThrow("a bug");
  });

  it("keeps nothing that was loaded from one database while the journal is of another", async () => {
    await on.get("a");
    await on.cache.get(policy, { id: "b" }, async () => {
      const loaded = await on.load("b");
      on.double.databaseId = "2/1/1";
      await on.double.journal.sync();
      return loaded;
    });
    expect(await on.get("a")).toBe("MISS old");
    expect(await on.get("b")).toBe("MISS other");
    expect(await on.get("b")).toBe("HIT other");
  });

  it("keeps serving fresh entries while an old transaction stays open and events flood in", async () => {
    const slow = on.double.begin();
    on.double.write(slow, { ref: "a" });
    for (let round = 0; round < 4; round += 1) {
      for (let i = 0; i < 8_000; i += 1) on.double.commitWrite({ ref: "elsewhere" });
      await on.double.journal.sync();
      await on.get("a");
      expect(await on.get("a")).toBe("HIT old");
    }
    on.rows["a"] = "new";
    on.double.commit(slow);
    await on.double.journal.sync();
    expect(await on.get("a")).toBe("MISS new");
  });

  it("drops the entries of one policy on a flush event", async () => {
    await on.get("a");
    on.double.commitWrite({ topic: "flush", ref: "stores" });
    await on.double.journal.sync();
    expect(await on.get("a")).toBe("HIT old");
    on.double.commitWrite({ topic: "flush", ref: "store" });
    await on.double.journal.sync();
    expect(await on.get("a")).toBe("MISS old");
  });
});
