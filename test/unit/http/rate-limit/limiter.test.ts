import * as fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import {
  RateLimiter,
  type ShareCounts,
  WINDOW_MS,
} from "../../../../src/http/rate-limit/limiter.ts";
import { sharedCounts } from "../../../support/shared-counts.ts";

const START = 29_000_000 * WINDOW_MS;

function clock() {
  let nowMs = START;
  return {
    nowMs: () => nowMs,
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

function takeAll(limiter: RateLimiter, key: string, tries: number): number {
  let taken = 0;
  for (let i = 0; i < tries; i += 1) if (limiter.take(key, 1).allowed) taken += 1;
  return taken;
}

describe("RateLimiter", () => {
  it("admits as many calls as the limit for each caller", () => {
    const limiter = new RateLimiter({ limitPerMinute: 5, share: null, nowMs: clock().nowMs });
    expect([1, 2, 3, 4, 5].map(() => limiter.take("a", 1).remaining)).toEqual([4, 3, 2, 1, 0]);
    expect(limiter.take("a", 1)).toMatchObject({ allowed: false, remaining: 0, limit: 5 });
    expect(limiter.take("b", 1).allowed).toBe(true);
  });

  it("admits all calls of a batch or none, and does not count rejected calls", () => {
    const limiter = new RateLimiter({ limitPerMinute: 10, share: null, nowMs: clock().nowMs });
    expect(limiter.take("a", 8).allowed).toBe(true);
    expect(limiter.take("a", 4)).toMatchObject({ allowed: false, remaining: 2 });
    expect(limiter.take("a", 2).allowed).toBe(true);
  });

  it("restores used calls gradually over the next minute, not all at once", () => {
    const { nowMs, pass } = clock();
    const limiter = new RateLimiter({ limitPerMinute: 100, share: null, nowMs });
    pass(50_000);
    expect(takeAll(limiter, "a", 200)).toBe(100);
    pass(10_000);
    expect(takeAll(limiter, "a", 200)).toBe(0);
    pass(30_000);
    expect(takeAll(limiter, "a", 200)).toBe(50);
    pass(2 * WINDOW_MS);
    expect(takeAll(limiter, "a", 200)).toBe(100);
  });

  it("never admits more than the limit in a minute of the clock, or twice the limit in any 60 s", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.array(fc.tuple(fc.nat(20_000), fc.integer({ min: 1, max: 12 })), { maxLength: 200 }),
        (limitPerMinute, steps) => {
          const { nowMs, pass } = clock();
          const limiter = new RateLimiter({ limitPerMinute, share: null, nowMs });
          const taken: [at: number, calls: number][] = [];
          for (const [ms, calls] of steps) {
            pass(ms);
            if (limiter.take("a", calls).allowed) taken.push([nowMs(), calls]);
          }
          const within = (from: number) =>
            taken
              .filter(([at]) => at >= from && at < from + WINDOW_MS)
              .reduce((sum, [, calls]) => sum + calls, 0);
          for (const [at] of taken) {
            expect(within(at)).toBeLessThan(2 * limitPerMinute + 1);
            expect(within(Math.floor(at / WINDOW_MS) * WINDOW_MS)).toBeLessThanOrEqual(
              limitPerMinute,
            );
          }
        },
      ),
    );
  });

  it("returns when the same request will be admitted, with a small delay at most", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 5, max: 300 }),
        fc.array(fc.tuple(fc.nat(9_000), fc.integer({ min: 1, max: 5 })), { minLength: 1 }),
        (limitPerMinute, steps) => {
          const { nowMs, pass } = clock();
          const limiter = new RateLimiter({ limitPerMinute, share: null, nowMs });
          for (const [ms, calls] of steps) {
            pass(ms);
            const verdict = limiter.take("a", calls);
            if (verdict.allowed) continue;
            const soonerMs = (verdict.resetSeconds - 1) * 1000 - 1;
            pass(Math.max(0, soonerMs));
            const isEarly = soonerMs > 0 && limiter.take("a", calls).allowed;
            pass(verdict.resetSeconds * 1000 - Math.max(0, soonerMs));
            expect([isEarly, limiter.take("a", calls).allowed]).toEqual([false, true]);
          }
        },
      ),
    );
  });

  it("is one limit for all instances after a synchronisation", async () => {
    const { nowMs, pass } = clock();
    const { share } = sharedCounts();
    const limiters = [1, 2, 3].map(() => new RateLimiter({ limitPerMinute: 100, share, nowMs }));
    let taken = 0;
    for (let round = 0; round < 40; round += 1) {
      for (const limiter of limiters) taken += takeAll(limiter, "a", 3);
      for (const limiter of limiters) await limiter.reconcile();
      pass(250);
    }
    expect(taken).toBeGreaterThanOrEqual(100);
    // Between two synchronisations each instance admits at most three calls that the others do not know of.
    expect(taken).toBeLessThanOrEqual(100 + 3 * 3);
    pass(WINDOW_MS - 10_000);
    expect(
      takeAll(limiters[0] ?? new RateLimiter({ limitPerMinute: 1, share, nowMs }), "a", 5),
    ).toBe(0);
    await Promise.all(limiters.map((limiter) => limiter.close()));
  });

  it("counts calls once that were sent twice, and works alone while the counts cannot be shared", async () => {
    const { nowMs } = clock();
    const shared = sharedCounts();
    const [one, two] = [1, 2].map(
      () => new RateLimiter({ limitPerMinute: 100, share: shared.share, nowMs }),
    );
    if (one === undefined || two === undefined) throw new Error("two limiters");
    expect(takeAll(one, "a", 30)).toBe(30);
    shared.deafen();
    await one.reconcile();
    await one.reconcile();
    expect(shared.total("a", START / WINDOW_MS)).toBe(30);
    shared.cut();
    expect(takeAll(one, "a", 100)).toBe(70);
    await one.reconcile();
    expect(takeAll(two, "a", 10)).toBe(10);
    shared.heal();
    await one.reconcile();
    await two.reconcile();
    expect(shared.total("a", START / WINDOW_MS)).toBe(110);
    expect(two.take("a", 1).allowed).toBe(false);
    await one.close();
    await two.close();
  });

  it("remembers a bounded number of callers, and forgets a flood of new callers before busy ones", () => {
    const { nowMs } = clock();
    const limiter = new RateLimiter({ limitPerMinute: 3, share: null, nowMs, callersMax: 1_000 });
    takeAll(limiter, "busy", 3);
    let forgotten = 0;
    let tooMany = 0;
    for (let i = 0; i < 50_000; i += 1) {
      limiter.take(`flood ${i}`, 1);
      if (i % 100 === 0 && limiter.take("busy", 1).allowed) forgotten += 1;
      if (limiter.callers > 1_000) tooMany += 1;
    }
    expect({ forgotten, tooMany }).toEqual({ forgotten: 0, tooMany: 0 });
  });

  it("does not overwrite the shared count of a caller that it has forgotten", async () => {
    const { nowMs } = clock();
    const shared = sharedCounts();
    const limiter = new RateLimiter({
      limitPerMinute: 10,
      share: shared.share,
      nowMs,
      callersMax: 10,
    });
    expect(takeAll(limiter, "a", 8)).toBe(8);
    await limiter.reconcile();
    for (let i = 0; i < 40; i += 1) limiter.take(`flood ${i}`, 1);
    limiter.take("a", 1);
    await limiter.reconcile();
    expect(shared.total("a", START / WINDOW_MS)).toBe(9);
    expect(takeAll(limiter, "a", 8)).toBe(1);
    await limiter.close();
  });

  it("forgets callers after two minutes without a call", () => {
    const { nowMs, pass } = clock();
    const limiter = new RateLimiter({ limitPerMinute: 3, share: null, nowMs });
    for (let i = 0; i < 100; i += 1) limiter.take(`caller ${i}`, 1);
    for (let minute = 0; minute < 3; minute += 1) {
      pass(WINDOW_MS);
      limiter.take("still here", 1);
    }
    expect(limiter.callers).toBeLessThanOrEqual(2);
  });

  it("reports the first rejection of a caller in a minute", () => {
    const { nowMs, pass } = clock();
    const limiter = new RateLimiter({ limitPerMinute: 1, share: null, nowMs });
    expect([
      limiter.noteRejection("a"),
      limiter.noteRejection("a"),
      limiter.noteRejection("b"),
    ]).toEqual([true, false, true]);
    pass(WINDOW_MS);
    expect(limiter.noteRejection("a")).toBe(true);
  });
});

describe("a burst", () => {
  /** Two processes of one limit of 60, whose counts need a while to the shared place and back. */
  async function pair(tripMs: number, run: (one: RateLimiter, two: RateLimiter) => Promise<void>) {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    try {
      const { share } = sharedCounts();
      const slow: ShareCounts = async (counts) => {
        const answers = await share(counts);
        await new Promise((resolve) => setTimeout(resolve, tripMs));
        return answers;
      };
      const options = { limitPerMinute: 60, share: slow, nowMs: clock().nowMs };
      await run(new RateLimiter(options), new RateLimiter(options));
    } finally {
      vi.useRealTimers();
    }
  }

  it("is told to the others at once, and not only after it is over", async () => {
    await pair(1, async (one, two) => {
      takeAll(one, "a", 40);
      await vi.advanceTimersByTimeAsync(2);
      // Asks only now, and hears of the other's within a trip.
      takeAll(two, "a", 6);
      await vi.advanceTimersByTimeAsync(2);
      expect(takeAll(two, "a", 60)).toBe(60 - 40 - 6);
    });
  });

  it("that went on while counts were on their way is told in a hurry, too", async () => {
    await pair(50, async (one, two) => {
      takeAll(one, "a", 6);
      await vi.advanceTimersByTimeAsync(10);
      // The last that it takes: nothing of its own will wake it again.
      takeAll(one, "a", 30);
      await vi.advanceTimersByTimeAsync(45);
      takeAll(two, "a", 6);
      await vi.advanceTimersByTimeAsync(51);
      expect(takeAll(two, "a", 60)).toBe(60 - 36 - 6);
    });
  });

  it("is told no more often than every 25 ms", async () => {
    let told = 0;
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    try {
      const share: ShareCounts = (counts) => {
        told += 1;
        return Promise.resolve(counts.map(({ own }) => ({ total: own, totalBefore: 0 })));
      };
      const limiter = new RateLimiter({ limitPerMinute: 10_000, share, nowMs: clock().nowMs });
      for (let ms = 0; ms < 250; ms += 1) {
        takeAll(limiter, `caller ${ms}`, 1_000);
        await vi.advanceTimersByTimeAsync(1);
      }
      expect(told).toBeLessThanOrEqual(11);
    } finally {
      vi.useRealTimers();
    }
  });
});
