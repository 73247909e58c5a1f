import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { reportFigures } from "../../support/calls.ts";
import { PROCEDURES } from "../../support/procedures.ts";
import { openStack, type Instance, type Stack, stackKind } from "../../support/stack.ts";
import { insertTestSource } from "../../support/store-rows.ts";
import { callerOf, explainingDb } from "../../support/user-rows.ts";

const isDocker = stackKind() === "docker";
/** Procedures that phones call; writes of administrators are rare, and use ids. */
const PHONE_PROCEDURES = PROCEDURES.filter(({ auth }) => auth !== "admin");
const BIG_TABLES = [
  "scans",
  "products",
  "stores",
  "favorites",
  "alerts",
  "alert_reads",
  "reports",
  "report_cases",
  "store_words",
  "product_words",
];
const USER = { id: randomUUID(), isAdmin: false };
/** No target has it. */
const TARGET = randomUUID();
const PARIS_BOUNDS = { west: 2.2, south: 48.8, east: 2.4, north: 48.95 };
const NEXT_TO_PARIS = { latitude: 48.9, longitude: 2.3 };

let stack: Stack;
let instance: Instance;
let storeId: string;
let productId: string;
let alertId: string;

/** Fills a table without its indexes, because building them at the end takes a third of the time. */
async function fill(table: string, statement: string): Promise<void> {
  const indexes = await stack.sql<{ name: string; definition: string }[]>`
    select c.relname as name, replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON ') as definition
    from pg_index i join pg_class c on c.oid = i.indexrelid
    where i.indrelid = ${table}::regclass and not i.indisunique`;
  await stack.sql.begin(async (transaction) => {
    // Without triggers and foreign keys, because no cache reads the journal and the rows refer to existing rows.
    await transaction.unsafe(
      "set local session_replication_role = replica; set local maintenance_work_mem = '256MB'",
    );
    for (const { name } of indexes) await transaction.unsafe(`drop index ${name}`);
    await transaction.unsafe(statement);
    for (const { definition } of indexes) await transaction.unsafe(definition);
  });
  await stack.sql.unsafe(`vacuum analyze ${table}`);
}

beforeAll(async () => {
  if (!isDocker) return;
  const beganAt = performance.now();
  stack = await openStack();
  await insertTestSource(stack.sql);
  await fill(
    "products",
    `insert into products (barcode, name, brand, additives, categories, search_text, computed_status, computed_hanafi, source)
     select lpad(i::text, 14, '0'), 'Product ' || i, 'Brand ' || i % 5000, array['E471', 'E120'],
       case when i % 2 = 0 then array['en:snacks', 'en:snacks-' || i % 3000] else '{}' end,
       'product ' || i || ' brand ' || i % 5000, case when i % 3 = 0 then 'halal' else 'unknown' end,
       case when i % 3 = 0 then 'halal' else 'unknown' end, 'test'
     from generate_series(1, 200000) as i`,
  );
  await fill(
    "product_words",
    `insert into product_words (word)
     select 'product' union all select 'brand'
     union all select left(translate(md5(i::text), '0123456789', 'ghijklmnop'), 8) from generate_series(1, 50000) as i`,
  );
  await fill(
    "scans",
    `insert into scans (user_id, id, barcode, scanned_at, recorded_at, halal_status, confidence)
     select case when i % 1000 = 0 then '${USER.id}'::uuid else md5((i % 40000)::text)::uuid end, gen_random_uuid(),
       lpad((i % 200000 + 1)::text, 14, '0'), now() - i * interval '30 seconds', now() - interval '2 days', 'unknown', 0
     from generate_series(1, 1000000) as i`,
  );
  // Half of the stores are around one city, as in reality.
  // Also the search text, which a trigger writes otherwise.
  await fill(
    "stores",
    `insert into stores (
       name, city, search_text, latitude, longitude, store_type, halal_certified, time_zone, source)
     select name, city, store_search_text(name, null, city, '{}', '{}'), latitude, longitude, store_type, halal_certified,
       'UTC', 'test'
     from (select (array['Boucherie', 'Restaurant', 'Market', 'Bakery'])[1 + i % 4] || ' ' || substr(md5(i::text), 1, 6),
       'City ' || i % 300,
       case when i % 2 = 0 then 48.8 + random() * 0.2 else random() * 120 - 60 end,
       case when i % 2 = 0 then 2.2 + random() * 0.3 else random() * 360 - 180 end,
       (array['butcher', 'restaurant', 'bakery', 'supermarket'])[1 + i % 4], i % 5 = 0
     from generate_series(1, 100000) as i) as made (name, city, latitude, longitude, store_type, halal_certified)`,
  );
  // The writes of the disabled trigger.
  await fill(
    "store_words",
    `insert into store_words (word)
     select distinct unnest(tsvector_to_array(search_terms(search_text))) from stores`,
  );
  await fill(
    "favorites",
    `insert into favorites (user_id, kind, target_id, created_at)
     select case when i % 100 = 0 then '${USER.id}'::uuid else gen_random_uuid() end, kind, id,
       now() - i * interval '1 minute'
     from (
       select row_number() over () as i, * from (
         (select 'product' as kind, id from products limit 60000) union all (select 'store', id from stores limit 60000)
       ) as both_kinds
     ) as numbered`,
  );
  await fill(
    "alerts",
    `insert into alerts (title, summary, severity, category, published_at, is_active)
     select 'Alert ' || i, 'Summary', 'info', 'many', now() - i * interval '1 minute', i % 20 = 0
     from generate_series(1, 20000) as i`,
  );
  await fill(
    "alert_reads",
    `insert into alert_reads (user_id, alert_id)
     select case when u = 0 then '${USER.id}'::uuid else md5(u::text)::uuid end, id
     from (select id from alerts where is_active limit 200) as few, generate_series(0, 999) as u`,
  );
  await fill(
    "report_cases",
    `insert into report_cases (id, kind, barcode, state)
     select md5(i::text)::uuid, 'wrong_status', lpad(i::text, 14, '0'), 'open' from generate_series(1, 30000) as i`,
  );
  await fill(
    "reports",
    `insert into reports (user_id, id, is_guest, case_id, kind, barcode, created_at)
     select case when i % 100 = 0 then '${USER.id}'::uuid else gen_random_uuid() end, gen_random_uuid(), false,
       md5((i % 30000 + 1)::text)::uuid, 'wrong_status', lpad((i % 30000 + 1)::text, 14, '0'), now() - i * interval '1 minute'
     from generate_series(1, 60000) as i`,
  );
  await stack.sql.unsafe(`
    insert into certifiers (id, name, country) values ('one', 'One', 'FR');
    insert into additives (code, source) values ('E471', 'test'), ('E120', 'test');
    insert into boycott_targets (company_name, brands, level)
    select 'Company ' || i, array['Brand ' || i], 'official' from generate_series(1, 500) as i;
    analyze certifiers, additives, boycott_targets`);
  const [ids] = await stack.sql<{ store: string; product: string; alert: string }[]>`
    select (select id from stores limit 1) as store, (select id from products limit 1) as product,
      (select id from alerts where is_active limit 1) as alert`;
  storeId = ids?.store ?? "";
  productId = ids?.product ?? "";
  alertId = ids?.alert ?? "";
  instance = await stack.startInstance();
  reportFigures("plans", { preparedInSeconds: Math.round((performance.now() - beganAt) / 1000) });
}, 600_000);

afterAll(() => (isDocker ? stack.close() : undefined));

type Call = (api: ReturnType<typeof callerOf>) => Promise<unknown>;

const product14 = (number: number) => {
  const digits = String(number).padStart(13, "0");
  const sum = Array.from(digits, Number).reduce((s, d, i) => s + d * (i % 2 === 0 ? 3 : 1), 0);
  return `${digits}${(10 - (sum % 10)) % 10}`;
};

const newReport = () => ({
  id: randomUUID(),
  kind: "wrong_status" as const,
  barcode: product14(77),
  proposed: { halalStatus: "haram" as const },
});

/** Inputs for each procedure, one for every form of its statement. */
const CALLS: Readonly<Record<string, readonly Call[]>> = {
  "store.nearby": [
    (api) => api.store.nearby(NEXT_TO_PARIS),
    (api) => api.store.nearby({ ...NEXT_TO_PARIS, radiusKm: 50, limit: 100 }),
    (api) => api.store.nearby({ ...NEXT_TO_PARIS, storeType: "bakery" }),
    (api) => api.store.nearby({ ...NEXT_TO_PARIS, halalCertifiedOnly: true }),
    (api) => api.store.nearby({ ...NEXT_TO_PARIS, storeType: "butcher", halalCertifiedOnly: true }),
    (api) => api.store.nearby({ ...NEXT_TO_PARIS, minRating: 4, certifierIds: ["one"] }),
    (api) => api.store.nearby({ ...NEXT_TO_PARIS, halalClaim: ["only", "yes"], radiusKm: 50 }),
    (api) => api.store.nearby({ ...NEXT_TO_PARIS, openNow: true }),
    // A place without stores nearby.
    (api) => api.store.nearby({ latitude: -89, longitude: 0 }),
  ],
  "store.markers": [
    (api) => api.store.markers({ ...NEXT_TO_PARIS, latitude: 48.85, radiusKm: 50, limit: 500 }),
  ],
  "store.inBounds": [
    (api) => api.store.inBounds(PARIS_BOUNDS),
    (api) => api.store.inBounds({ ...PARIS_BOUNDS, storeType: "bakery", halalCertifiedOnly: true }),
    (api) => api.store.inBounds({ ...PARIS_BOUNDS, minRating: 4, openNow: true }),
    (api) => api.store.inBounds({ west: -180, south: -90, east: 180, north: 90 }),
    (api) => api.store.inBounds({ west: 170, south: -50, east: -170, north: 50, minRating: 4 }),
  ],
  "store.byId": [(api) => api.store.byId({ id: storeId })],
  "store.search": [
    (api) => api.store.search({ query: "boucherie 3fa" }),
    (api) => api.store.search({ query: "restaurnat", near: NEXT_TO_PARIS }),
    (api) => api.store.search({ query: "bakery", storeType: "bakery", halalCertifiedOnly: true }),
    (api) => api.store.search({ query: "city 17 qqqq", near: NEXT_TO_PARIS }),
    (api) => api.store.search({ query: "bakery", near: NEXT_TO_PARIS, minRating: 4.5 }),
    (api) => api.store.search({ query: "bakery", openNow: true, certifierIds: ["one"] }),
    async (api) => {
      const { nextCursor } = await api.store.search({ query: "market" });
      return api.store.search({ query: "market", cursor: nextCursor });
    },
    async (api) => {
      const { nextCursor } = await api.store.search({ query: "market", near: NEXT_TO_PARIS });
      return api.store.search({ query: "market", near: NEXT_TO_PARIS, cursor: nextCursor });
    },
  ],
  "certifier.list": [(api) => api.certifier.list()],
  // From the entry of the list.
  "certifier.byId": [(api) => api.certifier.byId({ id: "one" })],
  "boycott.list": [(api) => api.boycott.list()],
  "boycott.byId": [(api) => api.boycott.byId({ id: TARGET }).catch(() => null)],
  "boycott.check": [
    (api) => api.boycott.check({ brand: "Brand 7", barcode: product14(7) }),
    (api) => api.boycott.check({ barcode: product14(77) }),
  ],
  "additive.byCode": [(api) => api.additive.byCode({ code: "E471" })],
  "additive.forCodes": [(api) => api.additive.forCodes({ codes: ["E471", "E120"] })],
  "additive.search": [(api) => api.additive.search({ query: "e4" })],
  "product.byBarcode": [
    (api) => api.product.byBarcode({ barcode: product14(1234) }),
    (api) => api.product.byBarcode({ barcode: product14(300_001) }),
  ],
  "product.search": [
    (api) => api.product.search({ query: "product 4711" }),
    (api) => api.product.search({ query: "brnad 77", halalStatus: "unknown" }),
    (api) => api.product.search({ query: "prod", category: "en:snacks" }),
    async (api) => {
      const { nextCursor } = await api.product.search({ query: "product" });
      return api.product.search({ query: "product", cursor: nextCursor });
    },
  ],
  "product.alternatives": [
    (api) => api.product.alternatives({ barcode: product14(1234), madhab: "hanafi" }),
    (api) => api.product.alternatives({ barcode: product14(1235) }),
  ],
  "scans.record": [(api) => api.scans.record({ id: randomUUID(), barcode: product14(1234) })],
  "scans.recordMany": [
    (api) =>
      api.scans.recordMany({
        scans: Array.from({ length: 100 }, (_, i) => ({
          id: randomUUID(),
          barcode: product14(100 + i),
        })),
      }),
  ],
  "scans.history": [
    (api) => api.scans.history({ limit: 100 }),
    async (api) => {
      const { nextCursor } = await api.scans.history({});
      return api.scans.history({ cursor: nextCursor });
    },
  ],
  "scans.stats": [(api) => api.scans.stats({ timeZone: "Europe/Paris" })],
  "scans.remove": [
    async (api) => {
      const { items } = await api.scans.history({ limit: 1 });
      return api.scans.remove({ id: items[0]?.id ?? "" });
    },
  ],
  "favorites.list": [
    (api) => api.favorites.list({}),
    (api) => api.favorites.list({ kind: "store", limit: 100 }),
    async (api) => {
      const { nextCursor } = await api.favorites.list({ kind: "product" });
      return api.favorites.list({ kind: "product", cursor: nextCursor });
    },
  ],
  "favorites.refs": [(api) => api.favorites.refs()],
  "favorites.add": [(api) => api.favorites.add({ kind: "store", id: storeId })],
  "favorites.remove": [(api) => api.favorites.remove({ kind: "store", id: storeId })],
  "favorites.sync": [
    (api) =>
      api.favorites.sync({
        add: [
          { kind: "store", id: storeId },
          { kind: "product", id: productId },
        ],
        remove: [{ kind: "store", id: randomUUID() }],
      }),
  ],
  "alerts.categories": [(api) => api.alerts.categories()],
  "alerts.list": [
    (api) => api.alerts.list({}),
    (api) => api.alerts.list({ severity: "critical", limit: 100 }),
    (api) => api.alerts.list({ category: "many" }),
    (api) => api.alerts.list({ category: "nobody's", severity: "critical" }),
  ],
  "alerts.byId": [(api) => api.alerts.byId({ id: alertId })],
  "alerts.unread": [(api) => api.alerts.unread()],
  "alerts.markRead": [
    (api) => api.alerts.markRead({ ids: [alertId] }),
    (api) => api.alerts.markRead({ all: true }),
  ],
  "push.register": [
    (api) => api.push.register({ token: "ExponentPushToken[p]", platform: "ios", timeZone: "UTC" }),
  ],
  "push.unregister": [(api) => api.push.unregister({ token: "ExponentPushToken[p]" })],
  "push.preferences": [(api) => api.push.preferences({ areas: false })],
  "trending.products": [
    (api) => api.trending.products({}),
    (api) => api.trending.products({ cell5: "u09tv" }),
  ],
  "reports.guestToken": [(api) => api.reports.guestToken()],
  "reports.create": [(api) => api.reports.create(newReport())],
  "reports.mine": [
    (api) => api.reports.mine({ limit: 100 }),
    async (api) => {
      const { nextCursor } = await api.reports.mine({ limit: 10 });
      return api.reports.mine({ cursor: nextCursor });
    },
  ],
  "reports.eraseGuest": [
    async (api) => {
      const { guestToken } = await api.reports.guestToken();
      await api.reports.create({ ...newReport(), guestToken });
      return api.reports.eraseGuest({ guestToken });
    },
  ],
  "appConfig.get": [(api) => api.appConfig.get()],
  "account.profile": [(api) => api.account.profile()],
  "account.updateProfile": [(api) => api.account.updateProfile({ madhab: "hanafi" })],
  // Beside other calls, as here, a large export is rejected once its first page was read.
  "account.export": [(api) => api.account.export().catch(() => null)],
  "account.erase": [(api) => api.account.erase()],
};

/** Procedures that read small tables only, or run in a function; the latter are in user-plans.test.ts. */
const SHOWS_NOTHING =
  /^(?:additive|appConfig|certifier)\.|^account\.erase$|^boycott\.(?:byId|list)$|^favorites\.(?:add|remove|sync)$|^push\.|^reports\.(?:create|guestToken)$|Profile$|\.profile$/;

describe.skipIf(!isDocker)(
  "plans with a million scans, 200,000 products and 100,000 stores (docker)",
  () => {
    it("has calls for every procedure of a phone", () => {
      expect(Object.keys(CALLS).toSorted()).toEqual(
        PHONE_PROCEDURES.map(({ path }) => path).toSorted(),
      );
    });

    it.each(Object.keys(CALLS))("%s reads no big table from end to end", async (path) => {
      const { db, plans } = explainingDb(instance.deps.db);
      for (const call of CALLS[path] ?? []) await call(callerOf(instance, { user: USER, db }));
      const nodes = plans.flat().filter(({ relation }) => BIG_TABLES.includes(relation ?? ""));
      expect(nodes.length > 0).toBe(!SHOWS_NOTHING.test(path));
      expect(nodes.filter(({ type }) => type === "Seq Scan")).toEqual([]);
    });
  },
);
