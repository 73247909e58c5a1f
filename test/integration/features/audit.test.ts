import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { caseOf } from "../../support/procedure-cases.ts";
import { callOverHttp, PROCEDURES } from "../../support/procedures.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { insertTestSource } from "../../support/store-rows.ts";
import { bearer } from "../../support/tokens.ts";
import { newBarcode } from "../../support/user-rows.ts";

let stack: Stack;
let instance: Instance;
const adminId = randomUUID();
let admin: Awaited<ReturnType<Instance["as"]>>;

beforeAll(async () => {
  stack = await openStack();
  await insertTestSource(stack.sql);
  instance = await stack.startInstance();
  admin = await instance.as({ id: adminId, isAdmin: true });
}, 300_000);

afterAll(() => stack?.close());

const place = { storeType: "butcher" as const, latitude: 48.85, longitude: 2.35 };

it("has a line for each row that an administrator wrote: who, by what, and what changed", async () => {
  const { id } = await admin.store.create.mutate({ name: "First", ...place });
  await admin.store.update.mutate({ id, name: "Second" });
  await admin.store.remove.mutate({ id });
  const { items } = await admin.audit.list.query({ target: "store", targetId: id });
  expect(items).toMatchObject([
    { action: "update", procedure: "store.remove", before: { removed_at: null } },
    {
      action: "update",
      procedure: "store.update",
      before: { name: "First" },
      after: { name: "Second" },
    },
    { action: "insert", procedure: "store.create", before: null, after: { name: "First" } },
  ]);
  expect(new Set(items.map(({ userId }) => userId))).toEqual(new Set([adminId]));
  // Neither derived columns nor the time of the change.
  expect(Object.keys(items[1]?.after ?? {})).toEqual(["name"]);
});

it("says what a procedure did to which kind of row", async () => {
  const since = (await admin.audit.list.query({ limit: 1 })).items[0]?.id ?? 0;
  const certifierId = `c-${randomUUID().slice(0, 8)}`;
  await admin.certifier.upsert.mutate({ id: certifierId, name: "Certifier", country: "FR" });
  await admin.certifier.remove.mutate({ id: certifierId });
  const target = await admin.boycott.upsert.mutate({
    companyName: `C ${certifierId}`,
    level: "official",
  });
  await admin.boycott.remove.mutate({ id: target.id });
  const rulings = [{ madhab: "hanafi" as const, halalStatus: "halal" as const }];
  await admin.additive.upsert.mutate({ code: "E999", halalStatus: "doubtful", rulings });
  await admin.additive.remove.mutate({ code: "E999" });
  const alert = await admin.alerts.publish.mutate({
    title: "A",
    summary: "B",
    severity: "info",
    category: "c",
  });
  await admin.alerts.update.mutate({ id: alert.id, title: "C" });
  await admin.alerts.retract.mutate({ id: alert.id });
  const { items } = await admin.audit.list.query({ userId: adminId, limit: 100 });
  const lines = items
    .filter((line) => line.id > since)
    .map(({ procedure, target: what, action }) => `${procedure} ${what} ${action}`);
  expect(lines.sort()).toEqual([
    "additive.remove additive delete",
    "additive.upsert additive insert",
    "additive.upsert additive insert",
    "alerts.publish alert insert",
    "alerts.retract alert update",
    "alerts.update alert update",
    "boycott.remove boycott delete",
    "boycott.upsert boycott insert",
    "certifier.remove certifier delete",
    "certifier.upsert certifier insert",
  ]);
});

const WRITES = PROCEDURES.filter(({ auth, isMutation }) => auth === "admin" && isMutation);

it.each(WRITES)("has a line of a call of $path", async (procedure) => {
  const { guestToken } = await instance.client.reports.guestToken.mutate();
  const world = { stack, instance, userId: randomUUID(), barcode: newBarcode(), guestToken };
  const input = await caseOf(procedure, world).input();
  const since = (await admin.audit.list.query({ limit: 1 })).items[0]?.id ?? 0;
  const token = await bearer({ id: adminId, isAdmin: true });
  const { status, text } = await callOverHttp(instance.url, procedure, input, token);
  expect([status, text]).toEqual([200, expect.any(String)]);
  const { items } = await admin.audit.list.query({ userId: adminId, limit: 100 });
  const lines = items.filter((line) => line.id > since && line.procedure === procedure.path);
  expect(lines).not.toEqual([]);
});

it("has no line of a write that failed, and none of writes by others than administrators", async () => {
  const before = (await admin.audit.list.query({ limit: 1 })).items[0]?.id ?? 0;
  const alert = { title: "A", summary: "B", severity: "info" as const, category: "c" };
  await expect(
    admin.alerts.publish.mutate({ ...alert, expiresAt: "2020-01-01T00:00:00Z" }),
  ).rejects.toThrow(/later than publishedAt/);
  await expect(
    admin.store.create.mutate({ name: "X", ...place, certifierId: "no-such" }),
  ).rejects.toThrow(/no such certifier/);
  const user = await instance.as({});
  await expect(user.alerts.publish.mutate(alert)).rejects.toThrow(/administrators/);
  await user.scans.record.mutate({ id: randomUUID(), barcode: "4006381333931" });
  await stack.sql`update stores set name = name || '!'`;
  expect((await admin.audit.list.query({ limit: 1 })).items[0]?.id ?? 0).toBe(before);
  await expect(user.audit.list.query()).rejects.toThrow(/administrators/);
});

it("pages by its own order, and refuses a target's id without a target", async () => {
  const { id } = await admin.store.create.mutate({ name: "0", ...place });
  for (const name of ["1", "2", "3", "4"]) await admin.store.update.mutate({ id, name });
  const seen: unknown[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof admin.audit.list.query>> = await admin.audit.list.query({
      target: "store",
      targetId: id,
      limit: 2,
      cursor,
    });
    seen.push(...page.items.map(({ after }) => after?.["name"]));
    cursor = page.nextCursor;
  } while (cursor !== null);
  expect(seen).toEqual(["4", "3", "2", "1", "0"]);
  await expect(admin.audit.list.query({ targetId: id })).rejects.toThrow(/comes with target/);
});

/** Tables that no administrator's procedure writes, or that are the trail itself. */
const UNWATCHED = [
  "analysis_state",
  "audit_log",
  "cache_events",
  "data_sources",
  "journal_consumers",
  "lexicon_phrases",
  // Beside each line of a product's removal.
  "product_removals",
  "product_words",
  "push_notifications",
  "push_rate",
  "push_slots",
  "push_tokens",
  "push_unsent",
  "recall_feeds",
  "scan_rollup_days",
  "scan_rollups",
  "signing_secrets",
  "spatial_ref_sys",
  "store_words",
  "substance_words",
  "substances",
  "trend_seed",
];

it("watches every table that is not a user's own", async () => {
  const rows = await stack.sql<{ table: string }[]>`
    select c.relname as table from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      and not exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'user_id')
      and not exists (select from pg_trigger t where t.tgrelid = c.oid and t.tgname = 'audit')`;
  expect(rows.map(({ table }) => table).sort()).toEqual(UNWATCHED);
});
