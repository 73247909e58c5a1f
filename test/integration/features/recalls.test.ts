import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { callerOf, insertProducts, newBarcode } from "../../support/user-rows.ts";

let stack: Stack;
let instance: Instance;
let admin: Awaited<ReturnType<Instance["as"]>>;

beforeAll(async () => {
  stack = await openStack();
  instance = await stack.startInstance();
  admin = await instance.as({ isAdmin: true });
}, 300_000);

afterAll(() => stack?.close());

const notice = {
  title: "Recall: gums",
  summary: "Glass",
  severity: "critical" as const,
  category: "recall",
};

async function knownProduct(): Promise<{ id: string; barcode: string }> {
  const [product] = await insertProducts(stack.sql, [{}]);
  if (product === undefined) throw new Error("no product");
  return product;
}

it("shows a recall in scans, history and favourites as soon as it is published, changed or taken back", async () => {
  const user = await instance.as({});
  const { id: productId, barcode } = await knownProduct();
  const scanId = randomUUID();
  await user.favorites.add.mutate({ kind: "product", id: productId });
  expect((await user.scans.record.mutate({ id: scanId, barcode })).recalls).toEqual([]);

  const alert = await admin.alerts.publish.mutate({
    ...notice,
    recall: { barcodes: [barcode], lots: ["L1"], whatToDo: "Bring it back", countries: ["FR"] },
  });
  expect(alert.recall).toMatchObject({ barcodes: [`0${barcode}`], lots: ["L1"], brand: null });
  const shown = { alertId: alert.id, lots: ["L1"], whatToDo: "Bring it back", countries: ["FR"] };
  expect((await user.scans.record.mutate({ id: scanId, barcode })).recalls).toMatchObject([shown]);
  expect((await user.scans.history.query()).items[0]?.recalls).toMatchObject([shown]);
  expect((await user.favorites.list.query()).items[0]?.recalls).toMatchObject([shown]);
  const { outcomes } = await user.scans.recordMany.mutate({ scans: [{ id: scanId, barcode }] });
  expect(outcomes).toMatchObject([{ ok: true, recalls: [shown] }]);
  expect((await instance.client.alerts.byId.query({ id: alert.id })).recall).toEqual(alert.recall);

  await admin.alerts.update.mutate({ id: alert.id, recall: { barcodes: [barcode], lots: ["L2"] } });
  expect((await user.scans.history.query()).items[0]?.recalls).toMatchObject([{ lots: ["L2"] }]);
  await admin.alerts.update.mutate({ id: alert.id, title: "Recall: more gums" });
  expect((await user.scans.history.query()).items[0]?.recalls).toMatchObject([
    { title: "Recall: more gums", lots: ["L2"] },
  ]);
  await admin.alerts.update.mutate({ id: alert.id, recall: null });
  expect((await user.scans.history.query()).items[0]?.recalls).toEqual([]);
  await admin.alerts.update.mutate({ id: alert.id, recall: { barcodes: [barcode] } });
  await admin.alerts.retract.mutate({ id: alert.id });
  expect((await user.favorites.list.query()).items[0]?.recalls).toEqual([]);
});

it("shows a recall of a barcode that nobody has described, and none of another barcode", async () => {
  const user = await instance.as({});
  const [recalled, other] = [newBarcode(), newBarcode()];
  await admin.alerts.publish.mutate({ ...notice, recall: { barcodes: [recalled] } });
  const answer = await user.scans.record.mutate({ id: randomUUID(), barcode: recalled });
  expect(answer.product).toBeNull();
  expect(answer.recalls).toHaveLength(1);
  const elsewhere = await user.scans.record.mutate({ id: randomUUID(), barcode: other });
  expect(elsewhere.recalls).toEqual([]);
});

it("shows a recall from its publication until its end", async () => {
  const { barcode } = await knownProduct();
  const user = { id: randomUUID(), isAdmin: false };
  const publishedAt = "2030-01-01T00:00:00.000Z";
  const expiresAt = "2030-02-01T00:00:00.000Z";
  await admin.alerts.publish.mutate({
    ...notice,
    publishedAt,
    expiresAt,
    recall: { barcodes: [barcode] },
  });
  const id = randomUUID();
  const countAt = async (at: string) => {
    const caller = callerOf(instance, { user, now: () => new Date(at) });
    const scan = { id, barcode, scannedAt: "2026-01-01T00:00:00Z" };
    return (await caller.scans.record(scan)).recalls.length;
  };
  expect(await countAt("2029-12-31T23:59:59.999Z")).toBe(0);
  expect(await countAt(publishedAt)).toBe(1);
  expect(await countAt("2030-01-31T23:59:59.999Z")).toBe(1);
  expect(await countAt(expiresAt)).toBe(0);
});

it("leaves a line in the journal for each barcode that a changed recall names, before or after", async () => {
  const [first, second] = [newBarcode(), newBarcode()];
  const alert = await admin.alerts.publish.mutate({ ...notice, recall: { barcodes: [first] } });
  const [last] = await stack.sql`select max(id)::int as id from cache_events`;
  await admin.alerts.update.mutate({ id: alert.id, recall: { barcodes: [second] } });
  const lines = await stack.sql<{ ref: string }[]>`
    select ref from cache_events where topic = 'recall' and id > ${Number(last?.["id"])}`;
  expect(lines.map(({ ref }) => ref).sort()).toEqual([`0${first}`, `0${second}`].sort());
});

it("refuses barcodes and countries that are none", async () => {
  const publish = (recall: object) => admin.alerts.publish.mutate({ ...notice, recall });
  await expect(publish({ barcodes: ["4006381333932"] })).rejects.toThrow(/check digit/i);
  await expect(publish({ countries: ["France"] })).rejects.toThrow(/ISO 3166/);
  await expect(publish({ lots: ["x".repeat(201)] })).rejects.toThrow(/200/);
});

it("lists alerts in every state to administrators, and lets held ones out once", async () => {
  const [held] = await stack.sql<{ id: string }[]>`
    insert into alerts (title, summary, severity, category, is_active, is_held, published_at)
    values ('Held', 'Held', 'info', 'held', false, true, '2026-01-01') returning id`;
  const id = String(held?.id);
  const listed = await admin.alerts.adminList.query({ state: "held" });
  expect(listed.items.map((one) => one.id)).toEqual([id]);
  await expect(instance.client.alerts.byId.query({ id })).rejects.toThrow(/no such alert/);
  expect(await admin.alerts.approve.mutate({ ids: [id] })).toEqual({ approved: [id] });
  expect(await admin.alerts.approve.mutate({ ids: [id] })).toEqual({ approved: [] });
  expect((await instance.client.alerts.byId.query({ id })).title).toBe("Held");
  await admin.alerts.retract.mutate({ id });
  const retracted = await admin.alerts.adminList.query({ state: "retracted", limit: 100 });
  expect(retracted.items.map((one) => one.id)).toContain(id);
  await expect(instance.client.alerts.byId.query({ id })).rejects.toThrow(/no such alert/);
});
