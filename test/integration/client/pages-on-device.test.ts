import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  createHalalClient,
  type FetchLike,
  type HalalClient,
  type HalalStorage,
  memoryStorage,
} from "../../../packages/client/src/index.ts";
import { writeListRows } from "../../support/list-rows.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { insertStores } from "../../support/store-rows.ts";

const BREAD = "3017620422003";
const NOON = Date.parse("2026-06-15T12:00:00Z");

const clock = { nowMs: NOON };
let stack: Stack;
let instance: Instance;
let admin: Awaited<ReturnType<Instance["as"]>>;
let store: string;
const clients: HalalClient[] = [];

beforeAll(async () => {
  stack = await openStack();
  instance = await stack.startInstance({ now: () => new Date(clock.nowMs) });
  admin = await instance.as({ isAdmin: true });
  [store = ""] = await insertStores(stack.sql, [
    { latitude: 48.8566, longitude: 2.3522, name: "Here", openingHours: "Mo-Su 09:00-18:00" },
  ]);
  await stack.sql`update stores set names = '{"ar": "هنا"}' where id = ${store}`;
  await admin.product.upsert.mutate({ barcode: BREAD, name: "Bread" });
  await writeListRows(admin, ["E471", "E120"]);
  // An answer that took long, as the first one does, is kept by nobody.
  for (const path of [`/stores/${store}`, `/products/0${BREAD}?locale=en`, "/lists/additives"])
    await (await fetch(`${instance.url}${path}`)).arrayBuffer();
});
afterEach(async () => {
  clock.nowMs = NOON;
  for (const client of clients.splice(0)) await client.close();
});
afterAll(() => stack.close());

function phone(storage: HalalStorage = memoryStorage(), languages: readonly string[] = []) {
  const state = { isOn: true, hasPages: true };
  const asked: string[] = [];
  const statuses: number[] = [];
  const watched: FetchLike = async (url, init) => {
    const path = url.slice(instance.url.length);
    asked.push(path.split("?", 1)[0] ?? "");
    if (!state.isOn) throw new TypeError("Network request failed");
    const isPage = path.startsWith("/stores/") || path.startsWith("/products/");
    // A release without pages answers as for any address that is none.
    const target = isPage && !state.hasPages ? `${instance.url}/none` : url;
    const response = await fetch(target, init);
    statuses.push(response.status);
    return response;
  };
  const nowMs = () => clock.nowMs;
  const client = createHalalClient({
    url: instance.url,
    fetch: watched,
    storage,
    languages,
    nowMs,
  });
  clients.push(client);
  return { client, state, asked, statuses };
}

describe("a store's page on the device", () => {
  it("is the server's, in the caller's language, asked for once, confirmed later, and there without a network", async () => {
    for (const languages of [[], ["ar-EG", "en"]]) {
      const storage = memoryStorage();
      const { client, state, asked, statuses } = phone(storage, languages);
      const locale = languages[0];
      const expected = await instance.client.store.byId.query({ id: store, locale });
      for (const answeredBy of ["server", "device"]) {
        const answer = await client.stores.byId({ id: store });
        expect(answer).toEqual({ ...expected, answeredBy, ageSeconds: 0 });
      }
      expect(asked).toEqual([`/stores/${store}`]);
      clock.nowMs += 61_000;
      expect(await client.stores.byId({ id: store })).toMatchObject({ ageSeconds: 0 });
      expect(statuses).toEqual([200, 304]);
      state.isOn = false;
      clock.nowMs += 3_600_000;
      expect(await client.stores.byId({ id: store })).toEqual({
        ...expected,
        answeredBy: "device",
        ageSeconds: 3_600,
      });
      clock.nowMs = NOON;
    }
  });

  it("shows a change when it is confirmed, and no opening state that is over", async () => {
    const { client, state } = phone();
    await client.stores.byId({ id: store });
    await stack.sql`update stores set name = 'There' where id = ${store}`;
    await instance.deps.cache.catchUp();
    clock.nowMs += 61_000;
    expect(await client.stores.byId({ id: store })).toMatchObject({ name: "There" });
    await stack.sql`update stores set name = 'Here' where id = ${store}`;
    await instance.deps.cache.catchUp();
    clock.nowMs = Date.parse("2026-06-15T17:59:50Z");
    await client.stores.byId({ id: store });
    // Ten seconds later the page is fresh, but the store has closed.
    clock.nowMs += 15_000;
    expect(await client.stores.byId({ id: store })).toMatchObject({ isOpenNow: false });
    state.isOn = false;
    clock.nowMs = Date.parse("2026-06-16T10:00:00Z");
    expect(await client.stores.byId({ id: store })).toMatchObject({
      name: "Here",
      isOpenNow: null,
      opensAt: null,
      closesAt: null,
      answeredBy: "device",
    });
  });

  it("is the procedure's where a server has no such address, and an error where there is no store", async () => {
    const { client, state, asked } = phone();
    state.hasPages = false;
    expect(await client.stores.byId({ id: store })).toMatchObject({ answeredBy: "server" });
    expect(asked).toEqual([`/stores/${store}`, "/trpc/store.byId"]);
    state.hasPages = true;
    const id = "0b8f1c1e-5a56-4a52-9b4c-0d2f0e7c9a11";
    await expect(client.stores.byId({ id })).rejects.toMatchObject({ data: { code: "NOT_FOUND" } });
    state.isOn = false;
    await expect(client.stores.byId({ id })).rejects.toThrow("Network");
  });
});

describe("a product's page", () => {
  it("answers instead of the procedure, for one school and in one language, and is kept", async () => {
    const { client, state, asked } = phone(memoryStorage(), ["fr-CA"]);
    for (const question of [
      { barcode: BREAD },
      { barcode: BREAD, madhab: "hanafi" },
      { barcode: BREAD, locale: "ar" },
    ] as const) {
      const { ageSeconds, ...answer } = await client.products.byBarcode(question);
      const expected = await instance.client.product.byBarcode.query({ locale: "fr", ...question });
      expect(answer).toMatchObject(expected);
      expect(ageSeconds).toBe(0);
    }
    expect(new Set(asked)).toEqual(new Set([`/products/0${BREAD}`]));
    state.isOn = false;
    clock.nowMs += 60_000;
    expect(await client.products.byBarcode({ barcode: BREAD, madhab: "hanafi" })).toMatchObject({
      product: { name: "Bread" },
      ageSeconds: 60,
    });
  });

  it("is asked of the procedure where a server has no such address, and never again there", async () => {
    const { client, state, asked } = phone();
    state.hasPages = false;
    for (let n = 0; n < 2; n += 1)
      expect(await client.products.byBarcode({ barcode: BREAD })).toMatchObject({
        product: { name: "Bread" },
      });
    const procedure = "/trpc/product.byBarcode";
    expect(asked).toEqual([`/products/0${BREAD}`, procedure, procedure]);
  });
});

describe("several additives", () => {
  it("come from the list of the device as from the server, without another request", async () => {
    const { client, state, asked } = phone();
    const question = { codes: ["e 471", "E120a", "E999", "no code"], madhab: "hanafi" as const };
    const expected = await instance.client.additive.forCodes.query(question);
    for (const isOn of [true, false]) {
      state.isOn = isOn;
      expect(await client.additives.forCodes(question)).toMatchObject({ ...expected });
    }
    expect(asked).toEqual(["/lists/additives"]);
    state.isOn = true;
    await client.additives.forCodes({ ...question, locale: "fr" });
    expect(asked.at(-1)).toBe("/trpc/additive.forCodes");
  });
});
