import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openStack, type Instance, type Stack, stackKind } from "../../support/stack.ts";
import { insertStores } from "../../support/store-rows.ts";

const EDGE = "public, s-maxage=300, stale-while-revalidate=60, stale-if-error=3600";
const BREAD = "3017620422003";
const GTIN14 = `0${BREAD}`;
const NOON = Date.parse("2026-06-15T12:00:00Z");

const clock = { nowMs: NOON };
let stack: Stack;
let instance: Instance;
let admin: Awaited<ReturnType<Instance["as"]>>;
let store: string;

beforeAll(async () => {
  stack = await openStack();
  instance = await stack.startInstance({ now: () => new Date(clock.nowMs) });
  admin = await instance.as({ isAdmin: true });
  [store = ""] = await insertStores(stack.sql, [
    { latitude: 48.8566, longitude: 2.3522, name: "Here", openingHours: "Mo-Su 09:00-18:00" },
  ]);
  await stack.sql`update stores set names = '{"ar": "هنا"}' where id = ${store}`;
  await admin.product.upsert.mutate({ barcode: BREAD, name: "Bread" });
  // An answer that took long, as the first one does, must be kept by nobody.
  await get(`/stores/${store}`);
  await get(`/products/${GTIN14}`);
});

afterAll(() => stack.close());

const get = async (path: string, headers: Record<string, string> = {}) => {
  const response = await fetch(`${instance.url}${path}`, { headers });
  return {
    status: response.status,
    headers: response.headers,
    control: response.headers.get("cache-control"),
    tags: response.headers.get("xkey"),
    body: (await response.json()) as Record<string, unknown>,
  };
};

describe("GET /stores/{id}", () => {
  it("gives what store.byId gives in no language, with all names, to be kept under the store's tag", async () => {
    const page = await get(`/stores/${store}`, { "accept-language": "ar" });
    expect([page.status, page.control, page.tags]).toEqual([200, EDGE, `store:${store} stores`]);
    expect(page.headers.get("vary")).toBe("accept-encoding");
    expect(page.body).toEqual(await instance.client.store.byId.query({ id: store }));
    expect(page.body).toMatchObject({ name: "Here", names: { ar: "هنا" }, isOpenNow: true });
    expect((await get(`/stores/${store.toUpperCase()}`)).tags).toBe(`store:${store} stores`);
  });

  it("may be kept no longer than its opening state holds", async () => {
    clock.nowMs = Date.parse("2026-06-15T17:58:30Z");
    const page = await get(`/stores/${store}`);
    expect(page.control).toBe("public, s-maxage=90, stale-if-error=3600");
    expect(page.body).toMatchObject({ isOpenNow: true, closesAt: "2026-06-15T18:00:00.000Z" });
    clock.nowMs = Date.parse("2026-06-15T17:59:59.500Z");
    expect(await get(`/stores/${store}`)).toMatchObject({ control: "no-store", tags: null });
    clock.nowMs = Date.parse("2026-06-15T18:00:00Z");
    expect(await get(`/stores/${store}`)).toMatchObject({
      control: EDGE,
      body: { isOpenNow: false },
    });
    clock.nowMs = NOON;
  });

  it.each([
    ["no id", "here", 400],
    ["no store", "0b8f1c1e-5a56-4a52-9b4c-0d2f0e7c9a11", 404],
  ])("is kept by nobody where there is %s", async (_name, id, status) => {
    expect(await get(`/stores/${id}`)).toMatchObject({ status, control: "no-store", tags: null });
  });

  it("is kept by nobody for a caller with a token", async () => {
    const page = await get(`/stores/${store}`, { authorization: "Bearer nonsense" });
    expect(page).toMatchObject({ status: 200, control: "no-store", tags: null });
  });
});

describe("an answer that took long", () => {
  // The embedded database has one session.
  it.skipIf(stackKind() !== "docker")("may be kept when memory still has it", async () => {
    const [other = ""] = await insertStores(stack.sql, [{ latitude: 1, longitude: 1 }]);
    await instance.deps.cache.catchUp();
    const slow = await stack.sql.reserve();
    await slow`begin`;
    await slow`lock table stores in access exclusive mode`;
    const asked = get(`/stores/${other}`);
    await pause(500);
    await slow`rollback`;
    slow.release();
    expect(await asked).toMatchObject({ status: 200, control: EDGE });
  });
});

describe("GET /products/{gtin}", () => {
  it.each([
    ["", {}],
    ["?locale=fr", { locale: "fr" }],
    ["?locale=ar&madhab=hanafi", { locale: "ar", madhab: "hanafi" }],
  ] as const)("gives what product.byBarcode gives, with the query %j", async (query, asked) => {
    const page = await get(`/products/${GTIN14}${query}`, { "accept-language": "tr" });
    expect([page.status, page.control, page.tags]).toEqual([
      200,
      EDGE,
      `product:${GTIN14} products`,
    ]);
    expect(page.body).toEqual(
      await instance.client.product.byBarcode.query({ barcode: BREAD, ...asked }),
    );
    // Whichever way it is written.
    expect((await get(`/products/${BREAD}${query}`)).tags).toBe(`product:${GTIN14} products`);
  });

  it("may be kept no longer than the same recalls are in force", async () => {
    await admin.alerts.publish.mutate({
      title: "Later",
      summary: "From a quarter past",
      severity: "critical",
      category: "recall",
      publishedAt: "2026-06-15T12:01:00Z",
      expiresAt: "2026-06-15T13:00:00Z",
      recall: { barcodes: [BREAD] },
    });
    const before = await get(`/products/${GTIN14}`);
    expect([before.control, before.body["recalls"]]).toEqual([
      "public, s-maxage=60, stale-if-error=3600",
      [],
    ]);
    clock.nowMs = Date.parse("2026-06-15T12:58:00Z");
    const during = await get(`/products/${GTIN14}`);
    expect(during.control).toBe("public, s-maxage=120, stale-if-error=3600");
    expect(during.body).toMatchObject({ recalls: [{ title: "Later" }] });
    clock.nowMs = Date.parse("2026-06-15T13:00:00Z");
    expect(await get(`/products/${GTIN14}`)).toMatchObject({
      control: EDGE,
      body: { recalls: [] },
    });
    clock.nowMs = NOON;
  });

  it("is asked for again as long as nobody knows the barcode", async () => {
    const page = await get("/products/04006381333931");
    expect(page).toMatchObject({ status: 200, control: "no-store", tags: null });
    expect(page.body).toMatchObject({ barcode: "04006381333931", product: null });
  });

  it.each(["/products/3017620422004", "/products/x", "?locale=de", "?madhab=zahiri"])(
    "is kept by nobody where the question is wrong: %s",
    async (wrong) => {
      const path = wrong.startsWith("/") ? wrong : `/products/${GTIN14}${wrong}`;
      expect(await get(path)).toMatchObject({
        status: 400,
        control: "no-store",
        tags: null,
        body: { error: { data: { code: "BAD_REQUEST" } } },
      });
    },
  );
});
