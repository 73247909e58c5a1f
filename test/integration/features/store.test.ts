import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { StoreType } from "../../../src/db/tables/vocabulary.ts";
import { insertStores, nearbyByPostgis } from "../../support/store-rows.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";

const TYPES: readonly StoreType[] = ["butcher", "restaurant", "bakery"];
const PARIS = { latitude: 48.8566, longitude: 2.3522 };

let stack: Stack;
let instance: Instance;

beforeAll(async () => {
  stack = await openStack();
  const seeds = Array.from({ length: 400 }, (_, i) => ({
    latitude: PARIS.latitude + Math.sin(i * 7.31) * 0.08,
    longitude: PARIS.longitude + Math.cos(i * 3.17) * 0.12,
    storeType: TYPES[i % 3] ?? "other",
    halalCertified: i % 4 === 0,
    name: `Shop ${i}`,
  }));
  await insertStores(stack.sql, seeds);
  instance = await stack.startInstance();
});

afterAll(() => stack.close());

describe("store.nearby", () => {
  it("gives the 20 nearest in the order and with the distances of PostGIS", async () => {
    const { items } = await instance.client.store.nearby.query(PARIS);
    const truth = await nearbyByPostgis(stack.sql, { ...PARIS, radiusKm: 5, limit: 20 });
    expect(items).toHaveLength(20);
    expect(items.map(({ id, distance }) => ({ id, distance }))).toEqual(truth);
    expect(Object.keys(items[0] ?? {})).toEqual([
      "id",
      "name",
      "latitude",
      "longitude",
      "storeType",
      "halalCertified",
      "address",
      "city",
      "postalCode",
      "country",
      "phone",
      "website",
      "imageUrl",
      "certifierId",
      "averageRating",
      "halalClaim",
      "certifierName",
      "reviewCount",
      "isOpenNow",
      "opensAt",
      "closesAt",
      "distance",
    ]);
  });

  it("filters by type and certification", async () => {
    const question = {
      ...PARIS,
      radiusKm: 20,
      limit: 100,
      storeType: "bakery",
      halalCertifiedOnly: true,
    } as const;
    const { items } = await instance.client.store.nearby.query(question);
    expect(items.length).toBeGreaterThan(5);
    expect(items.every((item) => item.storeType === "bakery" && item.halalCertified)).toBe(true);
    expect(items.map(({ id, distance }) => ({ id, distance }))).toEqual(
      await nearbyByPostgis(stack.sql, question),
    );
  });

  it("writes numbers near zero as JavaScript does, whatever PostgreSQL writes", async () => {
    const places = [
      [0.00001, 10.5, 0],
      [20.5, -0.00002, 4.5],
      [-30.5, 40.5, 0.00003],
    ];
    for (const [latitude = 0, longitude = 0, rating = 0] of places) {
      await stack.sql`
        insert into stores (name, store_type, latitude, longitude, average_rating, time_zone, source)
        values ('Tiny', 'other', ${latitude}, ${longitude}, ${rating}, 'Etc/GMT', 'admin')`;
      const input = encodeURIComponent(JSON.stringify({ latitude, longitude }));
      const text = await (await fetch(`${instance.url}/trpc/store.nearby?input=${input}`)).text();
      expect(text).toContain('"Tiny"');
      expect(text).toBe(JSON.stringify(JSON.parse(text)));
    }
  });

  it("answers an empty place with an empty list", async () => {
    const nowhere = { latitude: -54.8, longitude: -68.3 };
    expect(await instance.client.store.nearby.query(nowhere)).toEqual({ items: [] });
  });

  it.each([
    ["latitude", { ...PARIS, latitude: 91 }],
    ["latitude", { longitude: 2 }],
    ["longitude", { ...PARIS, longitude: Number.NaN }],
    ["longitude", { ...PARIS, longitude: Number.POSITIVE_INFINITY }],
    ["radiusKm", { ...PARIS, radiusKm: 0 }],
    ["radiusKm", { ...PARIS, radiusKm: 51 }],
    ["storeType", { ...PARIS, storeType: "casino" }],
    ["limit", { ...PARIS, limit: 101 }],
    ["limit", { ...PARIS, limit: 1.5 }],
  ])("refuses a bad %s and names it", async (field, input) => {
    // @ts-expect-error -- what a client without types may send
    const call = instance.client.store.nearby.query(input);
    await expect(call).rejects.toMatchObject({
      message: expect.stringContaining(field) as string,
      data: { code: "BAD_REQUEST", httpStatus: 400 },
    });
  });
});

describe("store.markers", () => {
  it("gives the same stores with what a pin needs", async () => {
    const question = { ...PARIS, radiusKm: 50, limit: 300 };
    const { items } = await instance.client.store.markers.query(question);
    expect(items.map(({ id, distance }) => ({ id, distance }))).toEqual(
      await nearbyByPostgis(stack.sql, question),
    );
    expect(Object.keys(items[0] ?? {})).toEqual([
      "id",
      "name",
      "latitude",
      "longitude",
      "storeType",
      "halalCertified",
      "distance",
    ]);
  });
});

describe("store.byId", () => {
  it("tells whether a store is open in its own time zone", async () => {
    const [open = "", shut = "", vague = ""] = await insertStores(stack.sql, [
      { latitude: 1, longitude: 1, openingHours: "24/7", timeZone: "Asia/Karachi" },
      { latitude: 1, longitude: 1, openingHours: "off", timeZone: "Asia/Karachi" },
      { latitude: 1, longitude: 1, openingHours: "when the moon is up" },
    ]);
    expect(await instance.client.store.byId.query({ id: open })).toMatchObject({
      id: open,
      isOpenNow: true,
      openingHours: "24/7",
      timeZone: "Asia/Karachi",
      attribution: { name: "Test", licence: "none" },
    });
    expect((await instance.client.store.byId.query({ id: shut })).isOpenNow).toBe(false);
    expect((await instance.client.store.byId.query({ id: vague })).isOpenNow).toBeNull();
  });

  it("does not find what is not there", async () => {
    const call = instance.client.store.byId.query({ id: "00000000-0000-4000-8000-000000000000" });
    await expect(call).rejects.toMatchObject({ data: { code: "NOT_FOUND", httpStatus: 404 } });
  });
});

describe("store.search", () => {
  beforeAll(async () => {
    await insertStores(stack.sql, [
      { name: "Épicerie du Détroit", city: "Marseille", latitude: 43.3, longitude: 5.37 },
      { name: "Epicerie du Detroit", city: "Lille", latitude: 50.63, longitude: 3.06 },
      { name: "ملحمة الأندلس", city: "القاهرة", latitude: 30.04, longitude: 31.24 },
    ]);
  });

  it.each([
    ["accents and case", "EPICERIE du detroit", "Épicerie du Détroit"],
    ["a typo", "epiceri du detroi", "Épicerie du Détroit"],
    ["a city", "marseile", "Épicerie du Détroit"],
    ["Arabic alef forms and marks", "مَلحمه الاندلس", "ملحمة الأندلس"],
  ])("forgives %s", async (_what, query, name) => {
    const { items } = await instance.client.store.search.query({ query });
    expect(items.map((item) => item.name)).toContain(name);
  });

  it("gives the nearest first when it knows where", async () => {
    const near = { latitude: 50.6, longitude: 3 };
    const { items } = await instance.client.store.search.query({ query: "epicerie detroit", near });
    expect(items.map((item) => item.city)).toEqual(["Lille", "Marseille"]);
    expect(items[0]?.distance).toBeGreaterThan(1000);
  });

  it("pages without gaps or repeats while rows are added", async () => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: { items: { id: string }[]; nextCursor: string | null } =
        await instance.client.store.search.query({ query: "shop", limit: 60, cursor });
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
      await insertStores(stack.sql, [{ name: "Other place", latitude: 0, longitude: 0 }]);
    } while (cursor !== null);
    expect(new Set(seen).size).toBe(seen.length);
    const [row] =
      await stack.sql`select count(*)::int as count from stores where name like 'Shop %'`;
    expect(seen.length).toBeGreaterThanOrEqual(Number(row?.["count"]));
  });

  it.each([
    ["in every third name", "falafel", 700],
    ["in a few names, most of them far away", "sfiha", 7],
  ])("gives all in order of distance when the word is %s", async (_what, query, count) => {
    const near = { latitude: -33.87, longitude: 151.21 };
    const spread = (i: number) => ({
      latitude: near.latitude + 0.4 * Math.sin(i * 7.7),
      longitude: near.longitude + 0.6 * Math.cos(i * 3.3),
    });
    if (query === "falafel") {
      const nameOf = (i: number) => (i % 3 === 0 ? "Falafel" : i % 300 === 1 ? "Sfiha" : "Grocer");
      await insertStores(
        stack.sql,
        Array.from({ length: 2_100 }, (_, i) => ({ ...spread(i), name: `${nameOf(i)} ${i}` })),
      );
    }
    const found: string[] = [];
    let cursor: string | null = null;
    do {
      const page: { items: { id: string }[]; nextCursor: string | null } =
        await instance.client.store.search.query({ query, near, limit: 100, cursor });
      found.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor !== null);
    const expected = await stack.sql<{ id: string }[]>`
      select id from stores where name ilike ${`${query}%`}
      order by ST_Distance(location, ST_SetSRID(ST_MakePoint(${near.longitude}, ${near.latitude}), 4326)::geography), id`;
    expect(found).toHaveLength(count);
    expect(found).toEqual(expected.map(({ id }) => id));
  });

  it("finds a store at the caller's own point, though that has another longitude", async () => {
    const places = [
      { latitude: 0, longitude: 180 },
      { latitude: 90, longitude: -180 },
    ];
    await insertStores(
      stack.sql,
      places.map((place) => ({ ...place, name: "Polar musk ox" })),
    );
    for (const place of places) {
      const near = { ...place, longitude: -place.longitude };
      const { items } = await instance.client.store.search.query({ query: "musk ox", near });
      expect(items[0]?.distance).toBe(0);
      expect((await instance.client.store.nearby.query(near)).items[0]?.distance).toBe(0);
    }
  });

  it("refuses a cursor that it did not give", async () => {
    const call = instance.client.store.search.query({ query: "shop", cursor: "bm9uc2Vuc2U" });
    await expect(call).rejects.toMatchObject({ data: { code: "BAD_REQUEST" } });
  });
});
