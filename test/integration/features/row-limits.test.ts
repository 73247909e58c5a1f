import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { insertProducts, newBarcode } from "../../support/user-rows.ts";

let stack: Stack;
let instance: Instance;

beforeAll(async () => {
  stack = await openStack();
  instance = await stack.startInstance();
});

afterAll(() => stack.close());

/** Inserts scans of a user that the server recorded so many hours ago. */
async function insertScans(user: string, count: number, hoursAgo: number): Promise<void> {
  await stack.sql`
    insert into scans (user_id, id, barcode, scanned_at, recorded_at, halal_status, confidence)
    select ${user}, gen_random_uuid(), '03017620422003', now() - interval '1 year', now() - ${hoursAgo}::int * interval '1 hour', 'unknown', 0
    from generate_series(1, ${count}::int)`;
}

async function countOf(table: string, user: string): Promise<number> {
  const [row] = await stack.sql`
    select count(*)::int as n from ${stack.sql(table)} where user_id = ${user}`;
  return Number(row?.["n"]);
}

const newScan = () => ({ id: randomUUID(), barcode: newBarcode() });

it("records 5,000 scans in 24 hours by the server's clock, and tells each further one", async () => {
  const id = randomUUID();
  const api = await instance.as({ id });
  await insertScans(id, 4_996, 23);
  // Of the day before: they count no more.
  await insertScans(id, 3_000, 25);
  const sent = [newScan(), newScan(), newScan(), newScan(), newScan(), newScan()];
  // The phone's clock says nothing of the day on which it is recorded.
  const scans = sent.map((scan, i) => ({
    ...scan,
    scannedAt: new Date(Date.now() - i * 10 * 86_400_000).toISOString(),
  }));
  const { outcomes } = await api.scans.recordMany.mutate({
    scans: [{ id: "no id", barcode: "1" }, ...scans, ...scans.slice(0, 1)],
  });
  const codes = outcomes.map((outcome) => (outcome.ok ? "OK" : outcome.code));
  expect(codes).toEqual([
    "BAD_REQUEST",
    "OK",
    "OK",
    "OK",
    "OK",
    "TOO_MANY_REQUESTS",
    "TOO_MANY_REQUESTS",
    "OK",
  ]);
  expect(await countOf("scans", id)).toBe(8_000);

  await expect(api.scans.record.mutate(newScan())).rejects.toMatchObject({
    data: { code: "TOO_MANY_REQUESTS", reason: "too_many_scans", retryAfterSeconds: 3_600 },
  });
  // Sent again, it is there and counts nothing.
  const again = await api.scans.recordMany.mutate({ scans: [...scans.slice(0, 4), newScan()] });
  expect(again.outcomes.map(({ ok }) => ok)).toEqual([true, true, true, true, false]);
  await expect(api.scans.record.mutate(scans[0] ?? newScan())).resolves.toMatchObject({
    scan: { id: scans[0]?.id },
  });
  // Another user's scans are their own.
  const other = await instance.as({});
  await expect(other.scans.record.mutate(newScan())).resolves.toBeDefined();
});

it("counts the scans of several phones at once together", async () => {
  const id = randomUUID();
  await insertScans(id, 4_900, 1);
  const phones = await Promise.all([1, 2, 3, 4].map(() => instance.as({ id })));
  const answers = await Promise.all(
    phones.map((phone) =>
      phone.scans.recordMany.mutate({ scans: Array.from({ length: 60 }, newScan) }),
    ),
  );
  const recorded = answers.flatMap(({ outcomes }) => outcomes.filter(({ ok }) => ok));
  expect(recorded).toHaveLength(100);
  expect(await countOf("scans", id)).toBe(5_000);
});

it("removing scans makes no room for others on the same day, and never brings one back", async () => {
  const id = randomUUID();
  const api = await instance.as({ id });
  await insertScans(id, 4_999, 1);
  const scan = newScan();
  await api.scans.record.mutate(scan);
  await api.scans.remove.mutate({ id: scan.id });
  const { outcomes } = await api.scans.recordMany.mutate({ scans: [newScan(), scan] });
  expect(outcomes.map(({ ok }) => ok)).toEqual([false, true]);
  expect(await countOf("scans", id)).toBe(4_999);
});

it("remembers no more than 5,000 removed scans a day that never were, and all that were", async () => {
  const id = randomUUID();
  const api = await instance.as({ id });
  const scan = newScan();
  await api.scans.record.mutate(scan);
  await stack.sql`
    insert into scan_removals (user_id, id) select ${id}, gen_random_uuid() from generate_series(1, 5000)`;
  await expect(api.scans.remove.mutate({ id: randomUUID() })).rejects.toMatchObject({
    data: { code: "NOT_FOUND" },
  });
  expect(await countOf("scan_removals", id)).toBe(5_000);
  await api.scans.remove.mutate({ id: scan.id });
  expect(await countOf("scan_removals", id)).toBe(5_001);
  await expect(api.scans.remove.mutate({ id: scan.id })).rejects.toMatchObject({
    data: { code: "NOT_FOUND" },
  });
});

it("keeps 10,000 favourites, and tells which of a sync were too many", async () => {
  const id = randomUUID();
  const api = await instance.as({ id });
  await stack.sql`
    insert into favorites (user_id, kind, target_id, barcode)
    select ${id}, 'product', barcode_favorite_id(lpad(n::text, 14, '0')), lpad(n::text, 14, '0') from generate_series(1, 9998) as n`;
  const barcodes = Array.from({ length: 4 }, () => newBarcode());
  const day = (n: number) => `2026-01-0${n}T00:00:00.000Z`;
  const add = barcodes.map((barcode, i) => ({
    kind: "product" as const,
    barcode,
    createdAt: day(i + 1),
  }));
  // Known already: it is no new one.
  const known = { kind: "product" as const, barcode: "00000000000017" };
  const synced = await api.favorites.sync.mutate({ add: [...add, known], remove: [] });
  const told = (refs: readonly { readonly barcode?: string | undefined }[]) =>
    refs.map(({ barcode }) => String(barcode)).toSorted();
  expect(told(synced.overLimit)).toEqual(
    barcodes
      .slice(2)
      .map((one) => `0${one}`)
      .toSorted(),
  );
  expect(told(synced.added)).toEqual(
    [...barcodes.slice(0, 2).map((one) => `0${one}`), known.barcode].toSorted(),
  );
  expect(synced.removed).toEqual([]);
  expect(await countOf("favorites", id)).toBe(10_000);

  const [product] = await insertProducts(stack.sql, [{}]);
  const one = { kind: "product" as const, id: product?.id ?? "" };
  await expect(api.favorites.add.mutate(one)).rejects.toMatchObject({
    data: { code: "TOO_MANY_REQUESTS", reason: "too_many_favorites" },
  });
  expect(await api.favorites.add.mutate(known)).toMatchObject({ added: false });
  // Removing makes room, in the same call too.
  const swapped = await api.favorites.sync.mutate({ add: [one], remove: [known] });
  expect([swapped.added.length, swapped.removed.length, swapped.overLimit.length]).toEqual([
    1, 1, 0,
  ]);
  expect(await countOf("favorites", id)).toBe(10_000);
});

it("remembers no more than 5,000 removed favourites a day", async () => {
  const id = randomUUID();
  const api = await instance.as({ id });
  await stack.sql`
    insert into favorite_removals (user_id, kind, target_id, removed_at)
    select ${id}, 'product', gen_random_uuid(), now() from generate_series(1, 4999)`;
  const remove = [newBarcode(), newBarcode(), newBarcode()].map((barcode) => ({
    kind: "product" as const,
    barcode,
  }));
  for (let i = 0; i < 2; i += 1) {
    const { removed } = await api.favorites.sync.mutate({ add: [], remove });
    expect(removed).toHaveLength(3);
    expect(await countOf("favorite_removals", id)).toBe(5_000);
  }
  // A favourite over the limit can be removed all the same.
  await api.favorites.add.mutate(remove[0] ?? { kind: "product", barcode: "" });
  for (const one of remove) await api.favorites.remove.mutate(one);
  expect(await countOf("favorites", id)).toBe(0);
});

it("keeps the 20 phones of a user that were seen last", async () => {
  const id = randomUUID();
  const api = await instance.as({ id });
  const token = (n: number) => `ExponentPushToken[${id.slice(0, 8)}-${n}]`;
  const register = (n: number) =>
    api.push.register.mutate({ token: token(n), platform: "ios", timeZone: "UTC", cell5: "u09tv" });
  for (let n = 0; n < 20; n += 1) {
    await register(n);
    await stack.sql`update devices set seen_at = now() - ${100 - n}::int * interval '1 hour' where token = ${token(n)}`;
  }
  // Seen again: then the second is the one that was not seen for longest.
  await register(0);
  await register(20);
  const left = await stack.sql<{ token: string }[]>`
    select token from devices where user_id = ${id} and token = any(select token from push_tokens where owner = ${id})`;
  expect(new Set(left.map((row) => row.token))).toEqual(
    new Set([0, ...Array.from({ length: 19 }, (_, n) => n + 2)].map(token)),
  );
  const [owner] = await stack.sql`select owner from push_tokens where token = ${token(1)}`;
  expect(owner).toBeUndefined();
});
