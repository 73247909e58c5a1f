import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { insertProducts, newBarcode } from "../../support/user-rows.ts";

let stack: Stack;
let instance: Instance;
let admin: Awaited<ReturnType<Instance["as"]>>;

beforeAll(async () => {
  stack = await openStack();
  instance = await stack.startInstance();
  admin = await instance.as({ isAdmin: true });
}, 300_000);

afterAll(() => stack?.close());

async function openCase(barcodeOrStore: string) {
  const { items } = await admin.reports.list.query({ limit: 100 });
  const found = items.find(
    ({ barcode, storeId }) => barcode === `0${barcodeOrStore}` || storeId === barcodeOrStore,
  );
  if (found === undefined) throw new Error(`no open case of ${barcodeOrStore}`);
  return found;
}

async function newProduct(): Promise<string> {
  const [product] = await insertProducts(stack.sql, [{ name: "Gums" }]);
  return product?.barcode ?? "";
}

const wrongStatus = (barcode: string, halalStatus: "haram" | "halal" = "haram") => ({
  kind: "wrong_status" as const,
  id: randomUUID(),
  barcode,
  proposed: { halalStatus },
});

it("records a report once, makes one case of duplicates, applies what is accepted, and tells the reporters", async () => {
  const barcode = await newProduct();
  const [first, second] = [await instance.as({}), await instance.as({})];
  const report = { ...wrongStatus(barcode), text: "It has lard" };
  const created = await first.reports.create.mutate(report);
  expect(await first.reports.create.mutate(report)).toEqual(created);
  await second.reports.create.mutate({ ...wrongStatus(barcode), text: "  Pork!  " });
  const one = await openCase(barcode);
  expect(one).toMatchObject({
    kind: "wrong_status",
    count: 2,
    guestCount: 0,
    revision: 2,
    name: "Gums",
    proposals: [{ proposed: { halalStatus: "haram" }, count: 2 }],
  });
  expect(one.texts.map(({ text }) => text).sort()).toEqual(["It has lard", "Pork!"]);

  const applied = { halalStatus: "haram" };
  expect(
    await admin.reports.resolve.mutate({
      id: one.id,
      outcome: "accepted",
      note: "Thank you",
      revision: one.revision,
    }),
  ).toEqual({ id: one.id, outcome: "accepted", applied });
  const { items } = await second.reports.mine.query();
  expect(items).toMatchObject([{ state: "accepted", note: "Thank you", text: "Pork!" }]);
  const scan = await first.scans.record.mutate({ id: randomUUID(), barcode });
  expect(scan.product).toMatchObject({
    halalStatus: "haram",
    // The source of the row before the change keeps the attribution; the reason names who changed the status.
    attribution: { name: "Test" },
  });
  expect(scan.verdict.halalStatus).toBe("haram");

  await second.reports.create.mutate(wrongStatus(barcode, "halal"));
  expect((await openCase(barcode)).id).not.toBe(one.id);
});

it("lets one of two administrators decide, and takes the same decision sent again", async () => {
  const barcode = await newProduct();
  await (await instance.as({})).reports.create.mutate(wrongStatus(barcode));
  const { id } = await openCase(barcode);
  const other = await instance.as({ isAdmin: true });
  const outcomes = await Promise.allSettled([
    admin.reports.resolve.mutate({ id, outcome: "accepted" }),
    other.reports.resolve.mutate({ id, outcome: "rejected" }),
  ]);
  expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  const [winner, outcome] =
    outcomes[0]?.status === "fulfilled"
      ? ([admin, "accepted"] as const)
      : ([other, "rejected"] as const);
  await expect(winner.reports.resolve.mutate({ id, outcome })).resolves.toMatchObject({ outcome });
  const [row] = await stack.sql`select halal_status from products where barcode = ${`0${barcode}`}`;
  expect(row?.["halal_status"]).toBe(outcome === "accepted" ? "haram" : "unknown");
});

it("applies nothing that the administrator has not seen or chosen", async () => {
  const barcode = await newProduct();
  const reporter = await instance.as({});
  await reporter.reports.create.mutate(wrongStatus(barcode, "halal"));
  const { id, revision } = await openCase(barcode);
  await (await instance.as({})).reports.create.mutate(wrongStatus(barcode, "haram"));
  const accept = (more: object) =>
    admin.reports.resolve.mutate({ id, outcome: "accepted", ...more });
  await expect(accept({ revision })).rejects.toThrow(/new reports/);
  await expect(accept({})).rejects.toThrow(/different things/);
  await expect(accept({ proposed: { halalStatus: "tasty" } })).rejects.toThrow(/halalStatus/);
  expect((await openCase(barcode)).state).toBe("open");
  await accept({ proposed: { halalStatus: "doubtful" } });
  const [row] = await stack.sql`select halal_status from products where barcode = ${`0${barcode}`}`;
  expect(row?.["halal_status"]).toBe("doubtful");
});

it("makes a missing product, and corrects and hides stores on every instance", async () => {
  const user = await instance.as({});
  const barcode = newBarcode();
  await user.reports.create.mutate({
    kind: "missing_product",
    id: randomUUID(),
    barcode,
    proposed: { name: "Date bar", brand: "Saffrelle", ingredients: "dates" },
  });
  await admin.reports.resolve.mutate({ id: (await openCase(barcode)).id, outcome: "accepted" });
  const scan = await user.scans.record.mutate({ id: randomUUID(), barcode });
  expect(scan.product).toMatchObject({ name: "Date bar", ingredients: "dates" });

  const store = await admin.store.create.mutate({
    name: "Butcher",
    storeType: "butcher",
    latitude: 48.85,
    longitude: 2.35,
  });
  expect((await instance.client.store.byId.query({ id: store.id })).name).toBe("Butcher");
  await user.reports.create.mutate({
    kind: "wrong_store",
    id: randomUUID(),
    storeId: store.id,
    proposed: { name: "Butcher & Sons", latitude: 21.42, longitude: 39.83 },
  });
  await admin.reports.resolve.mutate({ id: (await openCase(store.id)).id, outcome: "accepted" });
  expect(await instance.client.store.byId.query({ id: store.id })).toMatchObject({
    name: "Butcher & Sons",
    latitude: 21.42,
    timeZone: "Asia/Riyadh",
  });
  await user.reports.create.mutate({ kind: "closed_store", id: randomUUID(), storeId: store.id });
  await admin.reports.resolve.mutate({ id: (await openCase(store.id)).id, outcome: "accepted" });
  await expect(instance.client.store.byId.query({ id: store.id })).rejects.toThrow(/no such store/);
});

it("lets guests report with a token of ours, each for themselves, within a tight limit", async () => {
  const barcode = await newProduct();
  const { client } = instance;
  const { guestToken } = await client.reports.guestToken.mutate();
  await client.reports.create.mutate({ ...wrongStatus(barcode), guestToken });
  expect(await openCase(barcode)).toMatchObject({ count: 1, guestCount: 1 });
  expect((await client.reports.mine.query({ guestToken })).items).toHaveLength(1);
  const { guestToken: other } = await client.reports.guestToken.mutate();
  expect((await client.reports.mine.query({ guestToken: other })).items).toEqual([]);

  const forged = guestToken.replace(/^g1\.[0-9a-f]/, (start) =>
    start.endsWith("0") ? "g1.1" : "g1.0",
  );
  for (const token of [undefined, "", "g1", forged, `${guestToken}x`]) {
    const report = {
      ...wrongStatus(barcode),
      ...(token === undefined ? {} : { guestToken: token }),
    };
    await expect(client.reports.create.mutate(report)).rejects.toThrow(/sign in|not one of ours/);
  }
  for (let sent = 1; sent < 20; sent += 1)
    await client.reports.create.mutate({ ...wrongStatus(barcode), guestToken });
  await expect(
    client.reports.create.mutate({ ...wrongStatus(barcode), guestToken }),
  ).rejects.toThrow(/tomorrow/);
  expect((await openCase(barcode)).count).toBe(1);
});

it("erases a guest's reports, and nobody else's", async () => {
  const barcode = await newProduct();
  const { client } = instance;
  const [mine, other] = [
    await client.reports.guestToken.mutate(),
    await client.reports.guestToken.mutate(),
  ];
  for (const token of [mine, mine, other])
    await client.reports.create.mutate({ ...wrongStatus(barcode), ...token });
  expect(await client.reports.eraseGuest.mutate(mine)).toEqual({ reports: 2 });
  expect(await client.reports.eraseGuest.mutate(mine)).toEqual({ reports: 0 });
  expect((await client.reports.mine.query(mine)).items).toEqual([]);
  expect((await client.reports.mine.query(other)).items).toHaveLength(1);
  expect(await openCase(barcode)).toMatchObject({ count: 1, guestCount: 1 });
  await expect(client.reports.eraseGuest.mutate({ guestToken: "g1" })).rejects.toThrow(
    /not one of ours/,
  );
});

it("refuses what is no report", async () => {
  const user = await instance.as({});
  const barcode = await newProduct();
  const create = (report: object) =>
    user.reports.create.mutate(report as Parameters<typeof user.reports.create.mutate>[0]);
  const base = wrongStatus(barcode);
  await expect(create({ ...base, kind: "rude" })).rejects.toThrow(/kind/i);
  await expect(create({ ...base, text: "x".repeat(2001) })).rejects.toThrow(/2000/);
  await expect(create({ ...base, text: "a\u0000b" })).rejects.toThrow(/not text/);
  await expect(
    create({ ...base, proposed: { halalStatus: "haram", source: "admin" } }),
  ).rejects.toThrow(/source/);
  await expect(create({ ...base, barcode: "4006381333932" })).rejects.toThrow(/check digit/i);
  const storeId = randomUUID();
  await expect(create({ kind: "closed_store", id: randomUUID(), storeId })).rejects.toThrow(
    /no such store/,
  );
  await user.reports.create.mutate(base);
  await expect(create({ ...base, barcode: await newProduct() })).rejects.toThrow(/already taken/);
  await expect(user.reports.list.query()).rejects.toThrow(/administrators/);
});

it("keeps one person's reports from another's, exports them, and erases them", async () => {
  const userId = randomUUID();
  const [user, other] = [await instance.as({ id: userId }), await instance.as({})];
  const barcode = await newProduct();
  const report = {
    ...wrongStatus(barcode),
    text: "<script>alert(1)</script>'; drop table reports",
  };
  await user.reports.create.mutate(report);
  // The same id of another person is another report.
  await other.reports.create.mutate({ ...report, text: "mine" });
  expect((await user.reports.mine.query()).items).toMatchObject([{ text: report.text }]);
  expect((await other.reports.mine.query()).items).toMatchObject([{ text: "mine" }]);
  expect((await user.account.export.query()).reports).toMatchObject([
    { id: report.id, text: report.text, barcode: `0${barcode}` },
  ]);
  expect((await user.account.erase.mutate()).reports).toBe(1);
  expect((await user.reports.mine.query()).items).toEqual([]);
  expect(await openCase(barcode)).toMatchObject({ count: 1, texts: [{ text: "mine" }] });
  await other.account.erase.mutate();
  await expect(openCase(barcode)).rejects.toThrow(/no open case/);
});
