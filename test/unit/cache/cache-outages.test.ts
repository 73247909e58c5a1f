import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Loaded } from "../../../src/cache/policy.ts";
import { AppError } from "../../../src/errors.ts";
import { text } from "../../../src/texts/text.ts";
import { CacheOnDouble, policy } from "../../support/cache-on-double.ts";

let on: CacheOnDouble;

beforeEach(async () => {
  on = new CacheOnDouble();
  await on.double.journal.sync();
});

afterEach(() => {
  vi.useRealTimers();
});

describe("a cache while the journal alone cannot be read", () => {
  beforeEach(() => {
    on.isAllAway = false;
  });

  it("shows a write of this instance at once", async () => {
    await on.get("a");
    on.write("a", "new");
    on.double.failure = new Error("locked");
    await on.cache.catchUp();
    expect(await on.get("a")).toBe("MISS new");
  });

  it("shows a write of another instance within a second", async () => {
    await on.get("a");
    on.double.failure = new Error("locked");
    await on.pass(500);
    on.write("a", "new");
    await on.pass(1_000);
    expect(await on.get("a")).toBe("MISS new");
  });

  it("loads a value that is requested all the time once in 0.8 s", async () => {
    on.double.failure = new Error("locked");
    await on.pass(1_000);
    for (let i = 0; i < 40; i += 1) {
      expect(await on.get("a")).toMatch(/^(?:MISS|HIT) old$/);
      await on.pass(50);
    }
    expect(on.loads).toBe(3);
  });

  it("does not serve a value that was loaded before a write of this instance", async () => {
    on.double.failure = new Error("locked");
    await on.pass(1_000);
    expect(await on.get("a")).toBe("MISS old");
    on.write("a", "new");
    await on.cache.catchUp();
    expect(await on.get("a")).toBe("MISS new");
  });

  it("loads again after a write of this instance, although earlier loads failed", async () => {
    await on.get("a");
    on.double.failure = new Error("away");
    on.isAllAway = true;
    await on.pass(1_000);
    expect(await on.get("a")).toBe("STALE old");
    on.isAllAway = false;
    on.write("a", "new");
    await on.cache.catchUp();
    expect(await on.get("a")).toBe("MISS new");
  });
});

describe("a cache while the database is unavailable", () => {
  const hanging = () => {
    on.loads += 1;
    return new Promise<Loaded<string>>((_resolve, reject) => {
      setTimeout(() => reject(new AppError("SERVICE_UNAVAILABLE", text("database_away"))), 2_500);
    });
  };
  const waitOf = async (id: string) => {
    const beganAt = performance.now();
    const answer = on.cache.get(policy, { id }, hanging);
    await vi.advanceTimersByTimeAsync(3_000);
    expect((await answer).state).toBe("STALE");
    return performance.now() - beganAt;
  };

  it("serves stale answers at once after the first failed load, and tries a load twice a second", async () => {
    await on.get("a");
    await on.get("b");
    on.double.failure = new Error("away");
    await on.pass(1_000);
    on.loads = 0;
    let first: string | undefined;
    void on.cache.get(policy, { id: "a" }, hanging).then(({ state }) => (first = state));
    await on.pass(2_400);
    expect(first).toBeUndefined();
    await on.pass(200);
    expect([first, on.loads]).toEqual(["STALE", 1]);
    for (let i = 0; i < 200; i += 1) {
      const answer = on.cache.get(policy, { id: i % 2 === 0 ? "a" : "b" }, hanging);
      await vi.advanceTimersByTimeAsync(0);
      expect((await answer).state).toBe("STALE");
      await on.pass(50);
    }
    expect(on.loads).toBeLessThanOrEqual(22);
  });

  it("waits only a moment for the load of a call that comes long after the last one", async () => {
    await on.get("a");
    on.double.failure = new Error("away");
    await on.pass(1_000);
    await waitOf("a");
    await on.pass(10_000);
    const answer = on.cache.get(policy, { id: "a" }, hanging);
    await vi.advanceTimersByTimeAsync(300);
    expect((await answer).state).toBe("STALE");
  });

  it("ends the wait of all calls when one load fails", async () => {
    await on.get("a");
    await on.get("b");
    on.double.failure = new Error("away");
    await on.pass(1_000);
    const first = on.cache.get(policy, { id: "a" }, hanging);
    await on.pass(1_500);
    const second = on.cache.get(policy, { id: "b" }, hanging);
    await vi.advanceTimersByTimeAsync(1_000);
    expect([(await first).state, (await second).state]).toEqual(["STALE", "STALE"]);
  });

  it("returns loaded values as soon as loads succeed again, even while the journal cannot be read", async () => {
    await on.get("a");
    on.double.failure = new Error("away");
    await on.pass(1_000);
    expect(await on.get("a")).toBe("STALE old");
    await on.pass(600);
    on.isAllAway = false;
    on.write("a", "new");
    expect(await on.get("a")).toBe("STALE old");
    expect(await on.get("a")).toMatch(/^(?:HIT|MISS) new$/);
  });
});
