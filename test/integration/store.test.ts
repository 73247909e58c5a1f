import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { insertStores, nearbyByPostgis } from "../support/store-rows.ts";
import { openStack, type Replica, type Stack } from "../support/stack.ts";

const PARIS = { latitude: 48.8566, longitude: 2.3522 };

let stack: Stack;
let replica: Replica;

beforeAll(async () => {
  stack = await openStack();
  const seeds = Array.from({ length: 400 }, (_, i) => ({
    latitude: PARIS.latitude + Math.sin(i * 7.31) * 0.08,
    longitude: PARIS.longitude + Math.cos(i * 3.17) * 0.12,
    storeType: (["butcher", "restaurant", "bakery"] as const)[i % 3] ?? "other",
    halalCertified: i % 4 === 0,
    name: `Shop ${i}`,
  }));
  await insertStores(stack.sql, seeds);
  replica = await stack.startReplica();
});

afterAll(() => stack.close());

describe("store.nearby", () => {
  it("gives the 20 nearest in the order and with the distances of PostGIS", async () => {
    const { items } = await replica.client.store.nearby.query(PARIS);
    const truth = await nearbyByPostgis(stack.sql, { ...PARIS, radiusKm: 5, limit: 20 });
    expect(items).toHaveLength(20);
    expect(items.map(({ id, distance }) => ({ id, distance }))).toEqual(truth);
    expect(Object.keys(items[0] ?? {})).toEqual([
      ...[
        "id",
        "name",
        "storeType",
        "address",
        "city",
        "postalCode",
        "country",
        "phone",
        "website",
        "imageUrl",
      ],
      ...["latitude", "longitude", "halalCertified", "certifierId", "averageRating", "distance"],
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
    const { items } = await replica.client.store.nearby.query(question);
    expect(items.length).toBeGreaterThan(5);
    expect(items.every((item) => item.storeType === "bakery" && item.halalCertified)).toBe(true);
    expect(items.map(({ id, distance }) => ({ id, distance }))).toEqual(
      await nearbyByPostgis(stack.sql, question),
    );
  });

  it("answers an empty place with an empty list", async () => {
    expect(await replica.client.store.nearby.query({ latitude: -54.8, longitude: -68.3 })).toEqual({
      items: [],
    });
  });
});
