import { describe, expect, it } from "vitest";
import { Cache } from "../../../src/cache/cache.ts";
import { KEPT_SECONDS } from "../../../src/cache/journal.ts";
import { type CachePolicy, ENTRY_LIFE_SECONDS } from "../../../src/cache/policy.ts";
import { STALE_IF_ERROR_MS } from "../../../src/cache/stale-if-error.ts";
import { CacheStats } from "../../../src/cache/stats.ts";
import { additiveListPolicy, additivesPolicy } from "../../../src/features/additive/policies.ts";
import { appConfigPolicy } from "../../../src/features/app-config/policies.ts";
import { boycottPolicy } from "../../../src/features/boycott/policies.ts";
import { certifiersPolicy } from "../../../src/features/certifier/policies.ts";
import { productPolicy } from "../../../src/trpc/product-policy.ts";
import { storePolicy, storesPolicy } from "../../../src/features/store/policies.ts";
import { searchPolicy } from "../../../src/features/store/search-policy.ts";
import { rulingsPolicy } from "../../../src/verdict/rulings-policy.ts";
import { JournalDouble } from "../../support/journal-double.ts";

const policy: CachePolicy<null, string> = {
  name: "store",
  shape: "test-1",
  freshSeconds: ENTRY_LIFE_SECONDS,
  key: () => "test",
  isAffected: () => false,
  encode: (value) => Buffer.from(value),
  decode: (payload) => payload.toString(),
};

/** A cache with one entry, which no event affects. */
async function cacheWithEntry() {
  const double = new JournalDouble();
  const clock = { nowMs: 1_000_000 };
  const cache = new Cache({
    memoryBytesMax: 1_000_000,
    redis: null,
    journal: double.journal,
    stats: new CacheStats(),
    nowMs: () => clock.nowMs,
  });
  await double.journal.sync();
  const read = () =>
    cache.get(policy, null, () => Promise.resolve({ value: "x", snapshot: double.snapshot() }));
  await read();
  return { double, clock, read };
}

describe("an entry's life", () => {
  it.each([
    additiveListPolicy,
    additivesPolicy,
    appConfigPolicy,
    boycottPolicy,
    certifiersPolicy,
    productPolicy,
    rulingsPolicy,
    searchPolicy,
    storePolicy,
    storesPolicy,
  ])(
    "of $name ends before the journal forgets what it did not see",
    ({ freshSeconds = ENTRY_LIFE_SECONDS }) => {
      // A load takes a minute at most, and the clocks of two instances differ by minutes at most.
      const longest = freshSeconds * 1.1 + STALE_IF_ERROR_MS / 1000 + 60 + 600;
      expect(longest).toBeLessThan(KEPT_SECONDS);
    },
  );

  it("does not end while the journal knows of nothing that affects it", async () => {
    const { double, clock, read } = await cacheWithEntry();
    clock.nowMs += ENTRY_LIFE_SECONDS * 800;
    for (let i = 0; i < 100; i += 1) double.commitWrite();
    await double.journal.sync();
    expect((await read()).state).toBe("HIT");
  });

  it("ends when the journal was cut, because events may be missing", async () => {
    const { double, read } = await cacheWithEntry();
    for (let i = 0; i < 20_000; i += 1) double.commitWrite();
    await double.journal.sync();
    expect((await read()).state).toBe("MISS");
    expect((await read()).state).toBe("HIT");
  });

  it("ends when the journal was not read for longer than it surely keeps events", async () => {
    const { double, read } = await cacheWithEntry();
    double.nowMs += KEPT_SECONDS * 1000;
    await double.journal.sync();
    expect((await read()).state).toBe("MISS");
    expect((await read()).state).toBe("HIT");
  });
});
