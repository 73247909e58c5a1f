import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Database } from "../../../src/db/client/database.ts";
import { gtinCheckDigit } from "../../../src/food/barcode.ts";
import { refreshTrending, rollUpDay, rollUpScans } from "../../../src/jobs/trends.ts";
import { readWithinASecond } from "../../support/catalog-rows.ts";
import { openJobDatabase } from "../../support/job-database.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { insertProducts } from "../../support/user-rows.ts";

let stack: Stack;
let instance: Instance;
let database: Database;

beforeAll(async () => {
  stack = await openStack();
  // The bits of users, hence the estimates, are then always the same. The noise is not, because each day has another.
  await stack.sql`update trend_seed set seed = 1`;
  instance = await stack.startInstance();
  database = openJobDatabase(stack);
});
beforeEach(async () => {
  await stack.sql`truncate scans, scan_rollups, scan_rollup_days`;
  await refreshTrending(database.db);
});
afterAll(async () => {
  await database.close();
  await stack.close();
});

/** One instant for all rows, since a test may run past midnight. */
const NOW = new Date();
const day = (daysAgo: number) =>
  new Date(NOW.getTime() - daysAgo * 86_400_000).toISOString().slice(0, 10);
const barcode = (n: number) => {
  const payload = `0376${String(n).padStart(9, "0")}`;
  return `${payload}${gtinCheckDigit(payload)}`;
};

/** Users `from` to `to` each scan a product `times` times on a day, in Paris. */
async function scan(code: string, from: number, to: number, daysAgo = 1, times = 1): Promise<void> {
  await stack.sql`
    insert into scans (user_id, id, barcode, scanned_at, recorded_at, latitude, longitude, halal_status, confidence)
    select md5('user' || u)::uuid, gen_random_uuid(), ${code}, now(),
      ${day(daysAgo)}::date::timestamp at time zone 'UTC' + interval '1 minute' * (u % 1400), 48.85, 2.35, 'unknown', 0
    from generate_series(${from}::int, ${to}::int) as u, generate_series(1, ${times}::int)`;
}

/** So many other users each scan the product of a number, two days ago. */
async function scanAll(products: number, users: number): Promise<void> {
  const codes = Array.from({ length: products }, (_, n) => barcode(n));
  await stack.sql`
    insert into scans (user_id, id, barcode, scanned_at, recorded_at, latitude, longitude, halal_status, confidence)
    select md5('user' || n * 1000 + u)::uuid, gen_random_uuid(), code, now(),
      ${day(2)}::date::timestamp at time zone 'UTC' + interval '1 minute' * u, 48.85, 2.35, 'unknown', 0
    from unnest(${codes}::text[]) with ordinality as product(code, n), generate_series(1, ${users}::int) as u`;
}

/** The most by which noise and rounding to tens change an estimate. */
const NOISE_MAX = 12;
const SHOWN_ERROR_MAX = NOISE_MAX + 5;
/** More than the error of this seed's estimates of the users of these tests, the largest of which is 0.15. */
const ESTIMATE_ERROR_MAX = 0.2;

const trending = async (input: { cell5?: string; limit?: number } = { limit: 50 }) => {
  await instance.deps.cache.catchUp();
  return (await instance.client.trending.products.query(input)).items;
};

describe("trending.products", () => {
  it("ranks by users within seven whole days, everywhere and in a cell, with what is known of a product", async () => {
    await scan(barcode(1), 1, 400, 2);
    await scan(barcode(2), 1, 1200, 6);
    // The same users again on other days are no more users, and neither are many scans.
    await scan(barcode(1), 1, 400, 3);
    await scan(barcode(3), 1, 100, 1, 9);
    // Too long ago, and today, which is not over.
    await scan(barcode(4), 1, 500, 8);
    await scan(barcode(5), 1, 500, 0);
    expect(await rollUpScans(database.db, NOW)).toHaveLength(8);
    const items = await trending();
    expect(items.map((item) => item.barcode)).toEqual([barcode(2), barcode(1), barcode(3)]);
    for (const [i, users] of [1200, 400, 100].entries()) {
      const error = Math.abs((items[i]?.users ?? 0) - users);
      expect(error).toBeLessThanOrEqual(users * ESTIMATE_ERROR_MAX + SHOWN_ERROR_MAX);
    }
    expect((await trending({ cell5: "u09tv" })).map((item) => item.barcode)).toEqual(
      items.map((item) => item.barcode),
    );
    expect(await trending({ cell5: "u09tw" })).toEqual([]);
    expect(await trending({ limit: 1 })).toHaveLength(1);
  });

  it("comes from memory, and shows a refresh and a product that is renamed within a second", async () => {
    await scan(barcode(1), 1, 300);
    const [product] = await insertProducts(stack.sql, [
      { barcode: barcode(1).slice(1), name: "Before" },
    ]);
    const answered = async () => {
      const response = await fetch(`${instance.url}/trpc/trending.products`);
      const { result } = (await response.json()) as {
        result: { data: { items: { product: { name: string } | null }[] } };
      };
      const names = result.data.items.map(({ product: shown }) => shown?.name).join();
      return { names, state: response.headers.get("x-cache") };
    };
    const names = async () => (await answered()).names;
    expect(await readWithinASecond(names, "")).toBe("");
    await rollUpScans(database.db, NOW);
    expect(await readWithinASecond(names, "Before")).toBe("Before");
    expect(await answered()).toEqual({ names: "Before", state: "HIT" });
    await stack.sql`update products set name = 'After' where id = ${product?.id ?? ""}`;
    expect(await readWithinASecond(names, "After")).toBe("After");
    await stack.sql`delete from products where id = ${product?.id ?? ""}`;
    expect(await readWithinASecond(names, "")).toBe("");
  });

  it("is the same when a day is rolled up again, as after a crash in the middle", async () => {
    await scan(barcode(1), 1, 300);
    await rollUpScans(database.db, NOW);
    const before = await trending();
    expect(before).toHaveLength(1);
    await rollUpDay(database.db, day(1));
    await refreshTrending(database.db);
    expect(await trending()).toEqual(before);
    expect(await rollUpScans(database.db, NOW)).toEqual([]);
  });

  it("shows nothing that fewer than 20 users scanned, however often and whatever the noise", async () => {
    for (let n = 0; n < 300; n += 1) await scan(barcode(n), n * 100, n * 100 + 18, 1 + (n % 7), 3);
    await rollUpScans(database.db, NOW);
    expect(await trending()).toEqual([]);
  });

  it("does not tell whether one person scanned a product, by two successive answers", async () => {
    // Half of the products get a scan of the victim between the answers; all else the attacker knows.
    // So many that the shares below are seven standard deviations from their limits.
    const trials = 1_200;
    const users = 40;
    await scanAll(trials, users);
    for (const ago of [8, 7, 6, 5, 4, 3, 2]) await rollUpDay(database.db, day(ago));
    await refreshTrending(database.db);
    const shown = async () => {
      const rows = await stack.sql<{ barcode: string; users: number }[]>`
        select barcode, users from trending_products where cell5 = ''`;
      return new Map(rows.map((row) => [row.barcode, row.users]));
    };
    const before = await shown();
    for (let n = 0; n < trials; n += 2) await scan(barcode(n), 9_999_999, 9_999_999, 1);
    // Nothing is told while the day is not over and rolled up.
    await refreshTrending(database.db);
    expect(await shown()).toEqual(before);
    await rollUpDay(database.db, day(1));
    await refreshTrending(database.db);
    const after = await shown();
    const differences = Array.from({ length: trials }, (_, n) => ({
      isScanned: n % 2 === 0,
      grew: (after.get(barcode(n)) ?? 0) - (before.get(barcode(n)) ?? 0),
    }));
    // Of the products that grew, and of those that shrank, about half were scanned. Without a new noise each day, all that
    // grew were scanned and none shrank.
    for (const [grewOrShrank, count] of [
      [differences.filter(({ grew }) => grew >= 10), 336],
      [differences.filter(({ grew }) => grew <= -10), 290],
    ] as const) {
      expect(grewOrShrank.length).toBeGreaterThan(count / 3);
      const scanned = grewOrShrank.filter(({ isScanned }) => isScanned).length;
      expect(Math.abs(scanned / grewOrShrank.length - 0.5)).toBeLessThan(0.25);
    }
  });
});

describe("the parts of a number of users", () => {
  it.each([20, 100, 400, 1200])(
    "an estimate of %i users is right on average, and seldom wrong by a fifth",
    async (users) => {
      const rows = await stack.sql<{ estimate: number }[]>`
        select estimate_users(bit_or(user_bit(md5('user' || u)::uuid, seed))) as estimate
        from generate_series(1, 60) as seed, generate_series(1, ${users}::int) as u group by seed`;
      const ratios = rows.map(({ estimate }) => estimate / users);
      const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
      expect(Math.abs(mean - 1)).toBeLessThan(0.05);
      const wrong = ratios.filter((ratio) => Math.abs(ratio - 1) > 0.2);
      expect(wrong.length).toBeLessThan(6);
    },
  );

  it("the noise is Laplace's with scale 4, cut at 12, and another for each product, cell and day", async () => {
    const noises = async (vary: "cell" | "barcode" | "day") => {
      const rows = await stack.sql<{ noise: number }[]>`
        select trend_noise(case when ${vary} = 'cell' then n::text else '' end,
          case when ${vary} = 'barcode' then n::text else '' end,
          '2026-01-01'::date + case when ${vary} = 'day' then n else 0 end, 1) as noise
        from generate_series(1, 10000) as n`;
      return rows.map(({ noise }) => noise);
    };
    for (const vary of ["cell", "barcode", "day"] as const) {
      const drawn = await noises(vary);
      const share = (holds: (noise: number) => boolean) => drawn.filter(holds).length / 10_000;
      expect(Math.max(...drawn.map(Math.abs))).toBe(NOISE_MAX);
      expect(share((noise) => noise > 0)).toBeCloseTo(0.5, 1);
      for (const size of [1, 2, 4, 8, 11.99])
        expect(share((noise) => Math.abs(noise) > size)).toBeCloseTo(Math.exp(-size / 4), 1);
    }
  });
});
