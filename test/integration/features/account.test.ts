import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, it } from "vitest";
import { errorCode } from "../../support/catalog-rows.ts";
import { openStack, type Instance, type Stack, stackKind } from "../../support/stack.ts";
import {
  callerOf,
  countingDb,
  insertProducts,
  insertScansAt,
  newBarcode,
} from "../../support/user-rows.ts";

let stack: Stack;
let instance: Instance;
let other: Instance;

beforeAll(async () => {
  stack = await openStack();
  instance = await stack.startInstance();
  other = await stack.startInstance();
});

afterAll(() => stack.close());

/** A user who has something in every table. */
async function busyUser(): Promise<{
  id: string;
  api: Instance["client"];
  scanId: string;
  productId: string;
  removedScanId: string;
  removedProductId: string;
}> {
  const id = randomUUID();
  const api = await instance.as({ id });
  const admin = await instance.as({ isAdmin: true });
  const [product] = await insertProducts(stack.sql, [{}]);
  const productId = product?.id ?? "";
  const alert = await admin.alerts.publish.mutate({
    title: "Recall",
    summary: "Do not eat this",
    severity: "info",
    category: "food",
  });
  const scanId = randomUUID();
  await api.scans.record.mutate({ id: scanId, barcode: newBarcode(), latitude: 1, longitude: 2 });
  await api.favorites.add.mutate({ kind: "product", id: productId });
  const [gone] = await insertProducts(stack.sql, [{}]);
  await api.favorites.add.mutate({ kind: "product", id: gone?.id ?? "" });
  await api.favorites.remove.mutate({ kind: "product", id: gone?.id ?? "" });
  const removed = { id: randomUUID(), barcode: newBarcode() };
  await api.scans.record.mutate(removed);
  await api.scans.remove.mutate({ id: removed.id });
  await api.alerts.markRead.mutate({ ids: [alert.id] });
  const token = `ExponentPushToken[${id}]`;
  await api.push.register.mutate({ token, platform: "ios", timeZone: "UTC", cell5: "u09tv" });
  await api.push.preferences.mutate({ areas: false });
  await stack.sql`
    insert into deliveries (user_id, notification_id, token, is_gravest, due_at)
    values (${id}, gen_random_uuid(), ${token}, false, now())`;
  await api.account.updateProfile.mutate({ madhab: "hanafi" });
  const report = { id: randomUUID(), barcode: newBarcode(), text: `Of ${id}` };
  await api.reports.create.mutate({ kind: "wrong_status", ...report });
  return {
    id,
    api,
    scanId,
    productId,
    removedScanId: removed.id,
    removedProductId: gone?.id ?? "",
  };
}

const NO_ROWS = {
  alert_reads: 0,
  deliveries: 0,
  devices: 0,
  favorite_removals: 0,
  favorites: 0,
  profiles: 0,
  push_preferences: 0,
  reports: 0,
  scan_removals: 0,
  scans: 0,
};

/** How many rows name a user, in every table that has a column for one; those of partitions are their table's. */
async function rowsNaming(userId: string): Promise<Record<string, number>> {
  const tables = await stack.sql<{ name: string }[]>`
    select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      and a.attname = 'user_id' and not a.attisdropped order by 1`;
  const counts: Record<string, number> = {};
  for (const { name } of tables) {
    const [row] = await stack.sql`
      select count(*)::int as n from ${stack.sql(name)} where user_id = ${userId}`;
    counts[name] = Number(row?.["n"]);
  }
  return counts;
}

it("exports a scan whose reasons are kept without their words", async () => {
  const user = await busyUser();
  await stack.sql`
    update scans set reasons = '[{"code": "product_not_found"}]' where user_id = ${user.id}`;
  const { scans } = await user.api.account.export.query();
  expect(scans.flatMap(({ reasons }) => reasons)).toEqual([
    { code: "product_not_found", message: expect.any(String), source: expect.any(String) },
  ]);
});

it("exports everything that any table keeps about the caller, and nobody else's", async () => {
  const [user, stranger] = [await busyUser(), await busyUser()];
  const exported = await user.api.account.export.query();
  expect(exported.userId).toBe(user.id);
  expect(exported.scans).toEqual([
    expect.objectContaining({
      id: user.scanId,
      latitude: 1,
      longitude: 2,
      halalStatus: "unknown",
      reasons: [expect.objectContaining({ code: "product_not_found" })],
    }),
  ]);
  expect(exported.favorites.map(({ kind, id }) => [kind, id])).toEqual([
    ["product", user.productId],
  ]);
  expect(exported.alertReads).toHaveLength(1);
  expect(exported.devices).toEqual([expect.objectContaining({ cell5: "u09tv" })]);
  expect(exported.deliveries).toHaveLength(1);
  expect(exported.profile).toMatchObject({ madhab: "hanafi" });
  expect(exported.reports).toMatchObject([{ text: `Of ${user.id}` }]);
  expect(exported.removedScans.map(({ id }) => id)).toEqual([user.removedScanId]);
  expect(exported.removedFavorites.map(({ id }) => id)).toEqual([user.removedProductId]);
  expect(await rowsNaming(user.id)).toEqual({
    alert_reads: exported.alertReads.length,
    deliveries: exported.deliveries.length,
    devices: exported.devices.length,
    favorite_removals: exported.removedFavorites.length,
    favorites: exported.favorites.length,
    push_preferences: exported.pushPreferences === null ? 0 : 1,
    profiles: exported.profile === null ? 0 : 1,
    reports: exported.reports.length,
    scan_removals: exported.removedScans.length,
    scans: exported.scans.length,
  });
  expect(JSON.stringify(exported)).not.toContain(stranger.scanId);
});

it("exports two hundred rows of each table in one statement", async () => {
  const id = randomUUID();
  const instants = Array.from({ length: 199 }, (_, i) => new Date(i * 60_000).toISOString());
  const ids = await insertScansAt(stack.sql, id, instants);
  const { db, count } = countingDb(instance.deps.db);
  const user = { id, isAdmin: false };
  const exported = await callerOf(instance, { user, db }).account.export();
  expect(count()).toBe(1);
  expect(exported.scans.map((scan) => scan.id)).toEqual(ids.toReversed());
});

it("erases all of it at once, everywhere, and nobody else's", async () => {
  const [user, stranger] = [await busyUser(), await busyUser()];
  expect(await user.api.account.erase.mutate()).toEqual({
    scans: 1,
    favorites: 1,
    alertReads: 1,
    reports: 1,
  });
  expect(await rowsNaming(user.id)).toEqual(NO_ROWS);
  expect(await rowsNaming(stranger.id)).toEqual({
    alert_reads: 1,
    deliveries: 1,
    devices: 1,
    favorite_removals: 1,
    favorites: 1,
    profiles: 1,
    reports: 1,
    push_preferences: 1,
    scan_removals: 1,
    scans: 1,
  });
  const elsewhere = await other.as({ id: user.id });
  expect((await elsewhere.scans.history.query()).items).toEqual([]);
  expect((await elsewhere.scans.stats.query()).total).toBe(0);
  expect((await elsewhere.favorites.list.query()).items).toEqual([]);
  expect(await elsewhere.account.export.query()).toMatchObject({
    scans: [],
    favorites: [],
    alertReads: [],
    removedScans: [],
    removedFavorites: [],
    profile: null,
    reports: [],
  });
  expect(await elsewhere.account.erase.mutate()).toEqual({
    scans: 0,
    favorites: 0,
    alertReads: 0,
    reports: 0,
  });
});

it("erases while the same user's other phone is still sending", async () => {
  const { id, api } = await busyUser();
  const phone = await other.as({ id });
  const scans = Array.from({ length: 30 }, () => ({ id: randomUUID(), barcode: newBarcode() }));
  const sent = Array.from({ length: 8 }, () => phone.scans.recordMany.mutate({ scans }));
  const erased = Array.from({ length: 4 }, () => api.account.erase.mutate());
  await Promise.all([...sent, ...erased]);
  await api.account.erase.mutate();
  expect(await rowsNaming(id)).toEqual(NO_ROWS);
});

/** Keys of Redis and all that is in them, as text. */
async function redisTexts(redisUrl: string): Promise<Map<string, { text: string; ttl: number }>> {
  const redis = new Redis(redisUrl, { protocol: 2 });
  const texts = new Map<string, { text: string; ttl: number }>();
  let cursor = "0";
  do {
    const [next, keys] = await redis.scan(cursor, "COUNT", 1_000);
    cursor = next;
    for (const key of keys) {
      const type = await redis.type(key);
      // Other files' keys may be gone by then.
      if (type === "none") continue;
      expect([key, type]).toEqual([key, expect.stringMatching(/^(string|hash)$/)]);
      const text =
        type === "hash" ? JSON.stringify(await redis.hgetall(key)) : String(await redis.get(key));
      texts.set(key, { text, ttl: await redis.ttl(key) });
    }
  } while (cursor !== "0");
  redis.disconnect();
  return texts;
}

it.skipIf(stackKind() !== "docker")(
  "leaves nothing of a user in Redis but that somebody called, for minutes (docker)",
  async () => {
    const { id, api, scanId, removedScanId } = await busyUser();
    const { favorites } = await api.account.export.query();
    await api.store.nearby.query({ latitude: 12.345678, longitude: 98.765432 });
    await Promise.all([
      api.scans.history.query(),
      api.favorites.list.query(),
      api.alerts.unread.query(),
      api.alerts.list.query(),
    ]);
    await api.account.erase.mutate();
    await instance.deps.limiter.reconcile();
    const texts = await redisTexts(stack.redisUrl ?? "");
    // The answers near the position are there, for everybody.
    expect([...texts.keys()].some((key) => key.includes("stores:nearby:"))).toBe(true);
    for (const [key, { text, ttl }] of texts) {
      for (const secret of [id, scanId, removedScanId, "12.345678", "98.765432"])
        expect([key, text.includes(secret)]).toEqual([key, false]);
      for (const secret of [scanId, removedScanId, ...favorites.map((one) => one.id)])
        expect(key).not.toContain(secret);
      // The limit's counts of callers expire by themselves.
      const isCount = key.startsWith("limit:") && ttl > 0 && ttl <= 180;
      expect([key, !key.includes(id) || isCount]).toEqual([key, true]);
    }
  },
);

it("asks for a token", async () => {
  expect(await errorCode(instance.client.account.export.query())).toBe("UNAUTHORIZED");
  expect(await errorCode(instance.client.account.erase.mutate())).toBe("UNAUTHORIZED");
});
