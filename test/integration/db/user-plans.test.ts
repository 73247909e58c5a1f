import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listAlerts } from "../../../src/features/alerts/queries.ts";
import { summedUp } from "../../../src/features/favorites/changes.ts";
import { listFavorites } from "../../../src/features/favorites/queries.ts";
import {
  countScans,
  findBarcodeEvidence,
  findUserEvidence,
  listScans,
} from "../../../src/features/scans/queries.ts";
import { openStack, type Instance, type Stack, stackKind } from "../../support/stack.ts";
import { insertTestSource } from "../../support/store-rows.ts";
import { planOf } from "../../support/user-rows.ts";

const isDocker = stackKind() === "docker";

let stack: Stack;
let instance: Instance;
const userId = randomUUID();

beforeAll(async () => {
  if (!isDocker) return;
  stack = await openStack();
  await insertTestSource(stack.sql);
  instance = await stack.startInstance();
  await stack.sql`
    insert into products (barcode, name, brand, source)
    select lpad(i::text, 14, '0'), 'Product ' || i, 'Brand', 'test' from generate_series(1, 100000) as i`;
  await stack.sql`
    insert into scans (user_id, id, barcode, scanned_at, halal_status, confidence)
    select case when i % 100 = 0 then ${userId}::uuid else gen_random_uuid() end, gen_random_uuid(),
      lpad((i % 100000)::text, 14, '0'), now() - i * interval '1 minute', 'unknown', 0
    from generate_series(1, 200000) as i`;
  await stack.sql`
    insert into favorites (user_id, kind, target_id, created_at)
    select case when random() < 0.01 then ${userId}::uuid else gen_random_uuid() end, 'product', id,
      now() - random() * interval '1 year'
    from products limit 60000`;
  await stack.sql`
    insert into alerts (title, summary, severity, category, published_at, is_active, recall_barcodes, recall_lots,
      recall_countries)
    select 'Alert ' || i, 'Summary', 'info', 'many', now() - i * interval '1 minute', i % 20 = 0,
      array[lpad(i::text, 14, '0')], '{}', '{}'
    from generate_series(1, 50000) as i`;
  await stack.sql.unsafe("vacuum analyze scans, products, favorites, stores, alerts");
}, 300_000);

afterAll(() => (isDocker ? stack.close() : undefined));

describe.skipIf(!isDocker)("plans with 200,000 scans (docker)", () => {
  it("reads no big table from end to end", async () => {
    const { db } = instance.deps;
    const now = new Date();
    const wanted = Array.from({ length: 100 }, (_, i) => ({
      barcode: String(i * 997).padStart(14, "0"),
      prefixes: ["0000"],
    }));
    for (const query of [
      (one: typeof db) => listScans(one, userId, { limit: 20, after: null, now }),
      (one: typeof db) =>
        listScans(one, userId, { limit: 100, after: [now.toISOString(), randomUUID()], now }),
      (one: typeof db) => findUserEvidence(one, userId, [randomUUID()]),
      (one: typeof db) =>
        findUserEvidence(
          one,
          userId,
          wanted.map(() => randomUUID()),
        ),
      (one: typeof db) => findBarcodeEvidence(one, wanted.slice(0, 1), now),
      (one: typeof db) => findBarcodeEvidence(one, wanted, now),
      (one: typeof db) => countScans(one, userId, "Europe/Paris", now),
    ]) {
      const nodes = await planOf(db, query);
      const whole = nodes.filter(({ type, relation }) => type === "Seq Scan" && relation !== null);
      expect(
        whole.filter(({ relation }) => ["scans", "products", "alerts"].includes(relation ?? "")),
      ).toEqual([]);
      expect(nodes.some(({ relation }) => ["scans", "products"].includes(relation ?? ""))).toBe(
        true,
      );
    }
  });

  it("scans.history scans its index, and reads a product's name from the covering index", async () => {
    const nodes = await planOf(instance.deps.db, (db) =>
      listScans(db, userId, { limit: 20, after: null, now: new Date() }),
    );
    expect(nodes).toContainEqual(
      expect.objectContaining({ relation: "scans", index: "scans_user_id_scanned_at_idx" }),
    );
    expect(nodes).toContainEqual({
      type: "Index Only Scan",
      relation: "products",
      index: "products_barcode_id_covering_idx",
    });
    expect(nodes.filter(({ type }) => type === "Sort")).toEqual([]);
  });

  it("a barcode look-up reads the covering index only", async () => {
    const { db } = instance.deps;
    const nodes = await planOf(db, (one) =>
      one.execute(
        sql`select name, brand, halal_status, image_url, confidence_score from products where barcode = ${"00000000000042"}`,
      ),
    );
    expect(nodes).toEqual([
      { type: "Index Only Scan", relation: "products", index: "products_barcode_id_covering_idx" },
    ]);
  });

  it("favorites.list scans the index of the caller's favourites", async () => {
    for (const kind of [undefined, "product"] as const) {
      const nodes = await planOf(instance.deps.db, (db) =>
        listFavorites(db, userId, { kind, limit: 20, after: null, now: new Date() }),
      );
      const whole = nodes.filter(({ type }) => type === "Seq Scan").map(({ relation }) => relation);
      expect(whole).not.toContain("favorites");
      expect(whole).not.toContain("products");
      expect(whole).not.toContain("alerts");
      expect(nodes.map(({ index }) => index)).toContain("alerts_recall_barcodes_idx");
      expect(nodes.map(({ index }) => index)).toContain("favorites_user_id_created_at_idx");
    }
  });

  it("statements inside functions, which plans do not show, write by keys only", async () => {
    const [product] = await stack.sql`select id from products limit 1`;
    await stack.sql`
      insert into favorite_removals (user_id, kind, target_id, removed_at)
      select case when random() < 0.01 then ${userId}::uuid else gen_random_uuid() end, 'product', id, now()
      from products limit 60000`;
    await stack.sql`
      insert into scan_removals (user_id, id) select gen_random_uuid(), gen_random_uuid() from generate_series(1, 60000)`;
    await stack.sql.unsafe("vacuum analyze favorite_removals, scan_removals");
    const ref = { kind: "product" as const, id: String(product?.["id"]) };
    const now = new Date();
    const changes = summedUp([ref], [{ ...ref, kind: "store" }], now.toISOString());
    const scan = { id: randomUUID(), barcode: "00000000000042", scannedAt: now.toISOString() };
    const rest = {
      latitude: null,
      longitude: null,
      halalStatus: "unknown",
      confidence: 0,
      reasons: [],
    };
    const read = await stack.sql.begin(async (tx) => {
      await tx`select change_favorites(${userId}, ${JSON.stringify(changes)}::text::jsonb, 10000)`;
      await tx`select record_scans(${userId}, ${JSON.stringify([{ ...scan, ...rest }])}::text::jsonb, 5000)`;
      await tx`select remove_scan(${userId}, ${scan.id})`;
      await tx`select erase_user(${randomUUID()})`;
      return await tx<{ table: string; whole: number; byIndex: number }[]>`
        select regexp_replace(relname, '_p[0-9]+$', '') as "table", sum(seq_scan)::int as "whole",
          sum(idx_scan)::int as "byIndex"
        from pg_stat_xact_user_tables
        where regexp_replace(relname, '_p[0-9]+$', '') in ('favorites', 'favorite_removals', 'scans', 'scan_removals', 'products', 'stores')
          and coalesce(seq_scan, 0) + coalesce(idx_scan, 0) > 0
        group by 1 order by 1`;
    });
    const big = read.filter(({ table }) => table !== "stores");
    expect(big.map(({ table }) => table)).toEqual([
      "favorite_removals",
      "favorites",
      "products",
      "scan_removals",
      "scans",
    ]);
    expect(big.filter(({ whole }) => whole > 0)).toEqual([]);
  });

  it("alerts.list scans the index of active alerts, newest first", async () => {
    const after = [new Date(Date.now() - 86_400_000).toISOString(), randomUUID()] as [
      string,
      string,
    ];
    for (const from of [null, after]) {
      const page = { severity: undefined, category: undefined, limit: 20, after: from };
      const nodes = await planOf(instance.deps.db, (db) =>
        listAlerts(db, new Date(), { ...page, readerId: null }),
      );
      expect(nodes.map(({ type, index }) => [type, index])).toEqual([
        ["Limit", null],
        ["Index Scan", "alerts_active_published_at_idx"],
      ]);
      const asUser = await planOf(instance.deps.db, (db) =>
        listAlerts(db, new Date(), { ...page, readerId: randomUUID() }),
      );
      expect(asUser.map(({ index }) => index)).toContain("alert_reads_user_id_alert_id_pk");
      expect(asUser.map(({ type }) => type)).not.toContain("Seq Scan");
    }
  });
});
