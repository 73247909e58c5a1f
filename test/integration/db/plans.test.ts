import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { reportFigures } from "../../support/calls.ts";
import { BIG_TABLES, fillBigTables } from "../../support/big-tables.ts";
import { exampleInput, type ListedProcedure, PROCEDURES } from "../../support/procedures.ts";
import { openStack, type Instance, type Stack, stackKind } from "../../support/stack.ts";
import { insertTestSource } from "../../support/store-rows.ts";
import { callerOf, explainingDb } from "../../support/user-rows.ts";

const isDocker = stackKind() === "docker";
/** Procedures that phones call; writes of administrators are rare, and use ids. */
const PHONE_PROCEDURES = PROCEDURES.filter(({ auth }) => auth !== "admin");
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

beforeAll(async () => {
  if (!isDocker) return;
  const beganAt = performance.now();
  stack = await openStack();
  await insertTestSource(stack.sql);
  await fillBigTables(stack.sql, USER.id);
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

/** Calls of procedures whose statement has several forms, or that need rows of this file; others are called by example. */
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
  // From the entry of the list.
  "certifier.byId": [(api) => api.certifier.byId({ id: "one" })],
  "boycott.byId": [(api) => api.boycott.byId({ id: TARGET }).catch(() => null)],
  "boycott.check": [
    (api) => api.boycott.check({ brand: "Brand 7", barcode: product14(7) }),
    (api) => api.boycott.check({ barcode: product14(77) }),
  ],
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
  "trending.products": [
    (api) => api.trending.products({}),
    (api) => api.trending.products({ cell5: "u09tv" }),
  ],
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
  // Beside other calls, as here, a large export is rejected once its first page was read.
  "account.export": [(api) => api.account.export().catch(() => null)],
  "account.erase": [(api) => api.account.erase()],
};

/** Procedures that read small tables only, or run in a function; the latter are in user-plans.test.ts. */
const SHOWS_NOTHING =
  /^(?:additive|appConfig|certifier)\.|^account\.erase$|^boycott\.(?:byId|list)$|^favorites\.(?:add|remove|sync)$|^push\.|^reports\.(?:create|guestToken)$|Profile$|\.profile$/;

/** The call of a procedure with the example of the reference; an example's row may be of the demo data alone. */
function exampleCall(procedure: ListedProcedure): Call {
  return async (api) => {
    const [feature = "", name = ""] = procedure.path.split(".");
    const calls = api as unknown as Record<string, Record<string, (input: unknown) => unknown>>;
    const input = await exampleInput(procedure, () =>
      Promise.reject(new Error("needs a row here")),
    );
    try {
      await calls[feature]?.[name]?.(input);
    } catch (error) {
      if ((error as { code?: string }).code !== "NOT_FOUND") throw error;
    }
  };
}

describe.skipIf(!isDocker)(
  "plans with a million scans, 200,000 products and 100,000 stores (docker)",
  () => {
    it("has no calls of a procedure that no phone has", () => {
      const paths = PHONE_PROCEDURES.map(({ path }) => path);
      expect(paths).toEqual(expect.arrayContaining(Object.keys(CALLS)));
    });

    it.each(PHONE_PROCEDURES)("$path reads no big table from end to end", async (procedure) => {
      const { path } = procedure;
      const { db, plans } = explainingDb(instance.deps.db);
      const own = CALLS[path];
      for (const call of own ?? [exampleCall(procedure)])
        await call(callerOf(instance, { user: USER, db }));
      const nodes = plans.flat().filter(({ relation }) => BIG_TABLES.includes(relation ?? ""));
      // An example may be of rows that are not here, so what it reads is not known.
      const readsMuch = own === undefined ? nodes.length > 0 : !SHOWS_NOTHING.test(path);
      expect(nodes.length > 0).toBe(readsMuch);
      expect(nodes.filter(({ type }) => type === "Seq Scan")).toEqual([]);
    });
  },
);
