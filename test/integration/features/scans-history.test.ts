import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MADHABS } from "../../../src/db/tables/vocabulary.ts";
import { errorCode, HOSTILE_TEXTS } from "../../support/catalog-rows.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { insertTestSource } from "../../support/store-rows.ts";
import { callerOf, insertProducts, insertScansAt, newBarcode } from "../../support/user-rows.ts";

let stack: Stack;
let instance: Instance;
let other: Instance;

beforeAll(async () => {
  stack = await openStack();
  await insertTestSource(stack.sql);
  instance = await stack.startInstance();
  other = await stack.startInstance();
});

afterAll(() => stack.close());

const someone = async () => {
  const id = randomUUID();
  return { id, api: (await instance.as({ id })).scans, elsewhere: (await other.as({ id })).scans };
};

describe("scans.history", () => {
  it("pages newest first, no row twice and none missed, while scans are added", async () => {
    const { api, id: userId } = await someone();
    const instants = Array.from({ length: 23 }, (_, i) =>
      new Date(Date.UTC(2026, 0, 1 + Math.floor(i / 4))).toISOString(),
    );
    const ids = await insertScansAt(stack.sql, userId, instants);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof api.history.query>> = await api.history.query({
        limit: 5,
        cursor,
      });
      expect(page.items.length).toBeLessThanOrEqual(5);
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
      await api.record.mutate({ id: randomUUID(), barcode: newBarcode() });
    } while (cursor !== null);
    const expected = await stack.sql`
      select id from scans where user_id = ${userId} and id = any(${ids}::uuid[]) order by scanned_at desc, id desc`;
    expect(seen).toEqual(expected.map(({ id }) => String(id)));
  });

  it("shows the verdict and what the product is called", async () => {
    const [product] = await insertProducts(stack.sql, [{ name: "Date bar", brand: "Zay" }]);
    const { api } = await someone();
    await api.record.mutate({ id: randomUUID(), barcode: product?.barcode ?? "" });
    await api.record.mutate({ id: randomUUID(), barcode: newBarcode() });
    const { items, nextCursor } = await api.history.query();
    expect(items.map((item) => item.product)).toEqual([
      null,
      { id: product?.id, name: "Date bar", brand: "Zay", imageUrl: null },
    ]);
    expect(items[1]?.reasons[0]?.code).toBe("ingredients_unknown");
    expect(nextCursor).toBeNull();
  });

  it("refuses a cursor that it did not give, and a limit out of range", async () => {
    const { api } = await someone();
    const forged = [["0000-01-01T00:00:00Z", randomUUID()], [1, 2], {}, null, ["x"]].map((keys) =>
      Buffer.from(JSON.stringify(keys)).toString("base64url"),
    );
    for (const cursor of [...forged, "!!!", "", ...HOSTILE_TEXTS]) {
      expect(await errorCode(api.history.query({ cursor }))).toBe("BAD_REQUEST");
    }
    expect(await errorCode(api.history.query({ limit: 101 }))).toBe("BAD_REQUEST");
  });
});

describe("scans.stats", () => {
  const noon = "2026-03-10T12:00:00.000Z";
  const statsAt = (userId: string, now: string, timeZone?: string) =>
    callerOf(instance, {
      user: { id: userId, isAdmin: false },
      now: () => new Date(now),
    }).scans.stats(timeZone === undefined ? undefined : { timeZone });

  it("counts by status", async () => {
    const userId = randomUUID();
    await insertScansAt(stack.sql, userId, [noon, noon], "haram");
    await insertScansAt(stack.sql, userId, [noon], "doubtful");
    expect(await statsAt(userId, noon)).toEqual({
      total: 3,
      byStatus: { halal: 0, haram: 2, doubtful: 1, unknown: 0 },
      streakDays: 1,
    });
    expect((await statsAt(randomUUID(), noon)).streakDays).toBe(0);
  });

  it("does not change by asking for four schools", async () => {
    const userId = randomUUID();
    const user = await instance.as({ id: userId });
    const [product] = await insertProducts(stack.sql, [{ halalStatus: "doubtful" }]);
    const { barcode = "" } = product ?? {};
    const id = randomUUID();
    await user.scans.record.mutate({ id, barcode });
    const before = await user.scans.stats.query();
    expect(before.total).toBe(1);
    for (const madhab of MADHABS) {
      await user.product.byBarcode.query({ barcode, madhab });
      await user.product.alternatives.query({ barcode, madhab });
      await user.scans.record.mutate({ id, barcode, madhab });
    }
    expect(await user.scans.stats.query()).toEqual(before);
  });

  it("counts days on end up to today, or up to yesterday while today has none", async () => {
    const userId = randomUUID();
    await insertScansAt(stack.sql, userId, [
      "2026-03-10T00:00:00Z",
      "2026-03-10T23:00:00Z",
      "2026-03-09T05:00:00Z",
      "2026-03-08T23:59:59Z",
      "2026-03-06T12:00:00Z",
      "2026-03-05T12:00:00Z",
    ]);
    expect((await statsAt(userId, noon)).streakDays).toBe(3);
    expect((await statsAt(userId, "2026-03-11T23:59:00Z")).streakDays).toBe(3);
    expect((await statsAt(userId, "2026-03-12T00:00:00Z")).streakDays).toBe(0);
    expect((await statsAt(userId, "2026-03-07T12:00:00Z")).streakDays).toBe(2);
  });

  it("begins and ends days in the caller's time zone", async () => {
    const userId = randomUUID();
    await insertScansAt(stack.sql, userId, ["2026-03-09T22:30:00Z", "2026-03-10T03:00:00Z"]);
    expect((await statsAt(userId, noon)).streakDays).toBe(2);
    expect((await statsAt(userId, noon, "Europe/Paris")).streakDays).toBe(2);
    expect((await statsAt(userId, noon, "Asia/Tokyo")).streakDays).toBe(1);
    expect((await statsAt(userId, noon, "America/New_York")).streakDays).toBe(1);
    const { api } = await someone();
    for (const timeZone of ["Mars/Olympus", "+02:00", "<+05>-05", "", ...HOSTILE_TEXTS]) {
      expect(await errorCode(api.stats.query({ timeZone }))).toBe("BAD_REQUEST");
    }
  });
});

describe("whose scans", () => {
  it("keeps one user's rows from another's every procedure", async () => {
    const [owner, stranger, remover] = [await someone(), await someone(), await someone()];
    const scan = { id: randomUUID(), barcode: newBarcode() };
    const first = await owner.api.record.mutate(scan);
    expect((await stranger.api.history.query()).items).toEqual([]);
    expect((await stranger.api.stats.query()).total).toBe(0);
    expect(await errorCode(remover.api.remove.mutate({ id: scan.id }))).toBe("NOT_FOUND");
    // The same id from another phone is another scan.
    const theirs = await stranger.api.record.mutate({ id: scan.id, barcode: newBarcode() });
    expect(theirs.scan.barcode).not.toBe(first.scan.barcode);
    await stranger.api.recordMany.mutate({ scans: [{ ...scan, id: randomUUID() }] });
    await stranger.api.remove.mutate({ id: scan.id });
    expect((await owner.api.history.query()).items.map(({ id }) => id)).toEqual([scan.id]);
    expect(await owner.api.record.mutate(scan)).toEqual(first);
    await owner.api.remove.mutate({ id: scan.id });
    expect(await errorCode(owner.api.remove.mutate({ id: scan.id }))).toBe("NOT_FOUND");
    expect((await owner.api.history.query()).items).toEqual([]);
  });

  it("asks for a token everywhere", async () => {
    const { scans } = instance.client;
    const calls = [
      scans.record.mutate({ id: randomUUID(), barcode: newBarcode() }),
      scans.recordMany.mutate({ scans: [] }),
      scans.history.query(),
      scans.stats.query(),
      scans.remove.mutate({ id: randomUUID() }),
    ];
    expect(await Promise.all(calls.map(errorCode))).toEqual(calls.map(() => "UNAUTHORIZED"));
  });
});
