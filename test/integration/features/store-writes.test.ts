import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";

let stack: Stack;
let instance: Instance;

beforeAll(async () => {
  stack = await openStack();
  instance = await stack.startInstance();
});

afterAll(() => stack.close());

describe("store.create, update and remove", () => {
  it("moves by one coordinate alone, into the time zone of the new place", async () => {
    const admin = await instance.as({ isAdmin: true });
    const { id, timeZone } = await admin.store.create.mutate({
      name: "Moving",
      storeType: "butcher",
      latitude: 40,
      longitude: -3.7,
    });
    expect(timeZone).toBe("Europe/Madrid");
    const east = await admin.store.update.mutate({ id, longitude: 32.8 });
    expect(east).toMatchObject({ latitude: 40, longitude: 32.8, timeZone: "Europe/Istanbul" });
    const south = await admin.store.update.mutate({ id, latitude: 30, name: "Moved" });
    expect(south).toMatchObject({ latitude: 30, longitude: 32.8, timeZone: "Africa/Cairo" });
    const told = await admin.store.update.mutate({ id, latitude: 40, timeZone: "UTC" });
    expect(told).toMatchObject({ latitude: 40, timeZone: "UTC", name: "Moved" });
    expect(await instance.client.store.byId.query({ id })).toMatchObject(told);
    const missing = crypto.randomUUID();
    await expect(admin.store.update.mutate({ id: missing, latitude: 1 })).rejects.toMatchObject({
      data: { code: "NOT_FOUND" },
    });
  });

  it("moves by one coordinate each of many times at once, and ends in the time zone of where it is", async () => {
    const admin = await instance.as({ isAdmin: true });
    const { id } = await admin.store.create.mutate({
      name: "Pulled about",
      storeType: "butcher",
      latitude: 40,
      longitude: -3.7,
    });
    for (let round = 0; round < 5; round += 1) {
      const [south, east] = round % 2 === 0 ? [30, 32.8] : [40, -3.7];
      await Promise.all([
        admin.store.update.mutate({ id, latitude: south }),
        admin.store.update.mutate({ id, longitude: east }),
      ]);
      expect(await instance.client.store.byId.query({ id })).toMatchObject({
        latitude: south,
        longitude: east,
        timeZone: round % 2 === 0 ? "Africa/Cairo" : "Europe/Madrid",
      });
    }
  });

  const shop = {
    name: "New butcher",
    storeType: "butcher",
    latitude: 35.68,
    longitude: 139.69,
  } as const;

  it("are for administrators", async () => {
    const user = await instance.as({});
    await expect(instance.client.store.create.mutate(shop)).rejects.toMatchObject({
      data: { code: "UNAUTHORIZED" },
    });
    await expect(user.store.create.mutate(shop)).rejects.toMatchObject({
      data: { code: "FORBIDDEN" },
    });
  });

  it("are seen by the very next call", async () => {
    const admin = await instance.as({ isAdmin: true });
    const tokyo = { latitude: 35.681, longitude: 139.691 };
    const osaka = { latitude: 34.69, longitude: 135.5 };
    const names = async (place: typeof tokyo) =>
      (await instance.client.store.nearby.query(place)).items.map(({ name }) => name);
    expect(await names(tokyo)).toEqual([]);
    const made = await admin.store.create.mutate(shop);
    expect(made).toMatchObject({ name: "New butcher", timeZone: "Asia/Tokyo", source: "admin" });
    expect(await names(tokyo)).toEqual(["New butcher"]);
    expect((await instance.client.store.byId.query({ id: made.id })).name).toBe("New butcher");
    expect(await names(osaka)).toEqual([]);
    await admin.store.update.mutate({ id: made.id, name: "Moved butcher", ...osaka });
    expect(await names(tokyo)).toEqual([]);
    expect(await names(osaka)).toEqual(["Moved butcher"]);
    expect((await instance.client.store.byId.query({ id: made.id })).name).toBe("Moved butcher");
    await admin.store.remove.mutate({ id: made.id });
    expect(await names(osaka)).toEqual([]);
    await expect(instance.client.store.byId.query({ id: made.id })).rejects.toMatchObject({
      data: { code: "NOT_FOUND" },
    });
    await expect(admin.store.remove.mutate({ id: made.id })).rejects.toMatchObject({
      data: { code: "NOT_FOUND" },
    });
  });

  it.each([
    ["openingHours", { ...shop, openingHours: "Mo-Fr 25:99-" }],
    ["certifierId", { ...shop, certifierId: "nobody" }],
    ["timeZone", { ...shop, timeZone: "Mars/Olympus" }],
    ["website", { ...shop, website: "javascript:alert(1)" }],
    ["name", { ...shop, name: "a\u0000b" }],
  ])("refuse a bad %s", async (field, input) => {
    const admin = await instance.as({ isAdmin: true });
    await expect(admin.store.create.mutate(input)).rejects.toMatchObject({
      message: expect.stringContaining(field) as string,
      data: { code: "BAD_REQUEST" },
    });
  });
});
