import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { query } from "../../support/calls.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { insertStores } from "../../support/store-rows.ts";

const TUNIS = { latitude: 36.8, longitude: 10.18 };
const SFAX = { latitude: 34.74, longitude: 10.76 };

let stack: Stack;
let instance: Instance;
/** The clock of all instances. */
let now = new Date("2026-11-27T08:59:30Z");

beforeAll(async () => {
  stack = await openStack();
  await stack.sql`
    insert into certifiers (id, name, country) values ('avs', 'AVS', 'FR'), ('hmc', 'HMC', 'GB')`;
  const place = (i: number) => ({
    latitude: TUNIS.latitude + Math.sin(i) * 0.01,
    longitude: TUNIS.longitude,
  });
  const ids = await insertStores(stack.sql, [
    { ...place(1), name: "Opens at ten", openingHours: "Mo-Su 10:00-22:00", ...TUNISIA },
    { ...place(2), name: "Always open", openingHours: "24/7", ...TUNISIA },
    { ...place(3), name: "Says nothing", ...TUNISIA },
    { ...place(4), name: "Says nonsense", openingHours: "when the moon is up", ...TUNISIA },
    { ...SFAX, name: "Elsewhere", openingHours: "off", ...TUNISIA },
  ]);
  await stack.sql`
    update stores set certifier_id = 'avs', average_rating = 4.1, halal_claim = 'only', review_count = 7
    where id = ${ids[0] ?? ""}`;
  await stack.sql`update stores set halal_claim = 'limited', average_rating = 3 where id = ${ids[1] ?? ""}`;
  instance = await stack.startInstance({ now: () => now });
});

const TUNISIA = { timeZone: "Africa/Tunis" };

afterAll(() => stack.close());

type Shown = Awaited<ReturnType<Instance["client"]["store"]["nearby"]["query"]>>["items"];
const opening = (items: Shown) =>
  Object.fromEntries(
    items.map(({ name, isOpenNow, opensAt, closesAt }) => [name, { isOpenNow, opensAt, closesAt }]),
  );
const nearby = (input: object = {}) => instance.client.store.nearby.query({ ...TUNIS, ...input });
const namesOf = (items: readonly { readonly name: string }[]) => items.map(({ name }) => name);

describe("rows of store.nearby", () => {
  it("say whether a store is open at the moment of the call, and until when, also from memory", async () => {
    const unknown = { isOpenNow: null, opensAt: null, closesAt: null };
    expect(opening((await nearby()).items)).toEqual({
      "Opens at ten": { isOpenNow: false, opensAt: "2026-11-27T09:00:00.000Z", closesAt: null },
      "Always open": { isOpenNow: true, opensAt: null, closesAt: null },
      "Says nothing": unknown,
      "Says nonsense": unknown,
    });
    const closed = await tagged();
    now = new Date("2026-11-27T08:59:59.999Z");
    expect(await tagged()).toEqual(closed);
    now = new Date("2026-11-27T09:00:00Z");
    const open = await tagged();
    expect([open.state, open.status]).toEqual(["HIT", 200]);
    expect(open.etag).not.toBe(closed.etag);
    expect(opening((await nearby()).items)["Opens at ten"]).toEqual({
      isOpenNow: true,
      opensAt: null,
      closesAt: "2026-11-27T21:00:00.000Z",
    });
    now = new Date("2026-11-27T21:00:00Z");
    expect(opening((await nearby()).items)["Opens at ten"]).toEqual({
      isOpenNow: false,
      opensAt: "2026-11-28T09:00:00.000Z",
      closesAt: null,
    });
    now = new Date("2026-11-27T08:59:30Z");
  });

  async function tagged() {
    const input = encodeURIComponent(JSON.stringify(TUNIS));
    const answer = await fetch(`${instance.url}/trpc/store.nearby?input=${input}`);
    const { status, headers } = answer;
    await answer.text();
    return { status, etag: headers.get("etag"), state: headers.get("x-cache") };
  }

  it("say the same as store.byId and store.search", async () => {
    for (const { id, name, isOpenNow, opensAt, closesAt } of (await nearby()).items) {
      const state = { isOpenNow, opensAt, closesAt };
      expect(await instance.client.store.byId.query({ id })).toMatchObject(state);
      const { items } = await instance.client.store.search.query({ query: name, near: TUNIS });
      expect(items.find((item) => item.id === id)).toMatchObject(state);
    }
  });

  it("show a certifier's new name at once, and cells without that certifier keep their entries", async () => {
    const other = await stack.startInstance({ now: () => now });
    const certifierNames = async (one: Instance) =>
      (await one.client.store.nearby.query(TUNIS)).items.map((item) => item.certifierName);
    for (const one of [instance, other]) {
      expect(await certifierNames(one)).toContain("AVS");
      await one.client.store.nearby.query(SFAX);
    }
    const admin = await instance.as({ isAdmin: true });
    await admin.certifier.upsert.mutate({ id: "avs", name: 'A "V" S', country: "FR" });
    await other.deps.cache.catchUp();
    for (const one of [instance, other]) {
      expect(await certifierNames(one)).toContain('A "V" S');
      expect((await query(one.url, "store.nearby", SFAX)).state).toBe("HIT");
    }
    await admin.certifier.upsert.mutate({ id: "hmc", name: "Another", country: "GB" });
    expect((await query(instance.url, "store.nearby", TUNIS)).state).toBe("HIT");
    await admin.certifier.remove.mutate({ id: "avs" });
    expect(new Set(await certifierNames(instance))).toEqual(new Set([null]));
    await admin.certifier.upsert.mutate({ id: "avs", name: "AVS", country: "FR" });
    await stack.sql`update stores set certifier_id = 'avs' where name = 'Opens at ten'`;
    await instance.deps.cache.catchUp();
    await other.close();
  });
});

type Filters = Omit<
  Parameters<Instance["client"]["store"]["inBounds"]["query"]>[0],
  "west" | "south" | "east" | "north" | "limit"
>;

describe("filters", () => {
  it.each<[Filters, string[]]>([
    [{ certifierIds: ["avs", "hmc"] }, ["Opens at ten"]],
    // Kept in single precision, 4.1 is a little less than that.
    [{ minRating: 4.1 }, ["Opens at ten"]],
    [{ minRating: 0 }, ["Opens at ten", "Always open"]],
    [{ minRating: 4.2 }, []],
    [{ halalClaim: ["limited", "yes"] }, ["Always open"]],
    [{ openNow: true }, ["Always open"]],
    [{ openNow: true, minRating: 4 }, []],
  ])("%j", async (filters, names) => {
    const bounds = { west: 10, south: 36, east: 11, north: 37.5 };
    const { client } = instance;
    const answers = await Promise.all([
      client.store.nearby.query({ ...TUNIS, ...filters }),
      client.store.markers.query({ ...TUNIS, ...filters }),
      client.store.inBounds.query({ ...bounds, ...filters }),
      client.store.search.query({ query: "open opens", ...filters }),
    ]);
    const [near, markers, inBounds] = answers.map(({ items }) => namesOf(items).toSorted());
    expect(near).toEqual([...names].toSorted());
    expect([markers, inBounds]).toEqual([near, near]);
  });

  it.each([
    ["certifierIds", { certifierIds: [] }],
    ["certifierIds", { certifierIds: ["Not a slug"] }],
    ["minRating", { minRating: 5.1 }],
    ["halalClaim", { halalClaim: ["no"] }],
    ["openNow", { openNow: "yes" }],
  ])("refuse a bad %s and name it", async (field, filters) => {
    const { status, code } = await query(instance.url, "store.nearby", { ...TUNIS, ...filters });
    expect([status, code]).toEqual([400, "BAD_REQUEST"]);
    await expect(nearby(filters)).rejects.toMatchObject({
      message: expect.stringContaining(field) as string,
    });
  });

  it("see a store's change at once, into a filter and out of it", async () => {
    const admin = await instance.as({ isAdmin: true });
    const rated = async () => namesOf((await nearby({ minRating: 4 })).items);
    const [store] = (await nearby({ minRating: 4 })).items;
    const id = store?.id ?? "";
    await admin.store.update.mutate({ id, averageRating: 3.9 });
    expect(await rated()).toEqual([]);
    await admin.store.update.mutate({ id, averageRating: 4.1 });
    expect(await rated()).toEqual(["Opens at ten"]);
    await admin.store.update.mutate({ id, openingHours: "24/7" });
    const open = namesOf((await nearby({ openNow: true })).items);
    expect(open.toSorted()).toEqual(["Always open", "Opens at ten"]);
    await admin.store.update.mutate({ id, openingHours: "Mo-Su 10:00-22:00" });
    expect(namesOf((await nearby({ openNow: true })).items)).toEqual(["Always open"]);
  });

  it("find an open store behind more closed ones than an entry holds", async () => {
    const far = { latitude: -25, longitude: 130 };
    await insertStores(stack.sql, [
      ...Array.from({ length: 520 }, (_, i) => ({
        latitude: far.latitude + Math.sin(i) * 0.01,
        longitude: far.longitude + Math.cos(i) * 0.01,
        openingHours: i % 2 === 0 ? "off" : "Mo-Su 23:00-23:01",
      })),
      {
        latitude: far.latitude + 0.03,
        longitude: far.longitude,
        openingHours: "24/7",
        name: "Open",
      },
      {
        latitude: far.latitude + 0.03,
        longitude: far.longitude,
        openingHours: "sunrise-sunset",
        timeZone: "Australia/Darwin",
        name: "Sun",
      },
    ]);
    for (const procedure of ["nearby", "markers"] as const) {
      now = new Date("2026-11-27T03:00:00Z");
      const ask = () => instance.client.store[procedure].query({ ...far, openNow: true });
      expect(namesOf((await ask()).items).toSorted()).toEqual(["Open", "Sun"]);
      now = new Date("2026-11-27T15:00:00Z");
      expect(namesOf((await ask()).items)).toEqual(["Open"]);
    }
    now = new Date("2026-11-27T08:59:30Z");
  });
});

describe("store.inBounds", () => {
  beforeAll(async () => {
    await insertStores(
      stack.sql,
      [179.9, 180, -180, -179.9, -179.5].map((longitude) => ({
        latitude: 60,
        longitude,
        name: `At ${longitude}`,
      })),
    );
  });

  it("gives the nearest to the middle first, across the antimeridian too", async () => {
    const bounds = { west: 179.8, south: 59, east: -179.8, north: 61 };
    const found = await instance.client.store.inBounds.query({ ...bounds, limit: 3 });
    expect(found).toMatchObject({ total: 4, truncated: true });
    const names = namesOf(found.items);
    expect(names.slice(0, 2).toSorted()).toEqual(["At -180", "At 180"]);
    expect(found.items.map(({ distance }) => distance)[0]).toBe(0);
    expect(Object.keys(found.items[0] ?? {})).toEqual(
      "id name latitude longitude storeType halalCertified distance".split(" "),
    );
  });

  it("takes 180° and −180° for the same edge", async () => {
    for (const [west, east] of [
      [179.85, 180],
      [-180, -179.85],
    ]) {
      const bounds = { west: west ?? 0, south: 59, east: east ?? 0, north: 61 };
      const { items, total } = await instance.client.store.inBounds.query(bounds);
      expect([items.length, total]).toEqual([3, 3]);
    }
  });

  it("counts stores up to 10,000, and says of more that it does not know how many", async () => {
    const world = { west: -180, south: -90, east: 180, north: 90 };
    const [row] = await stack.sql<{ count: number }[]>`
      select count(*)::int as count from stores where removed_at is null`;
    const few = await instance.client.store.inBounds.query({ ...world, limit: 1 });
    expect(few).toMatchObject({ total: row?.count, truncated: true });
    await stack.sql`
      insert into stores (name, store_type, latitude, longitude, average_rating, time_zone, source)
      select 'Many', 'other', -10 + i * 0.001, 15 + i * 0.0001, 1 + i % 4, 'UTC', 'test' from generate_series(1, 10050) as i`;
    await stack.sql`analyze stores`;
    const many = await instance.client.store.inBounds.query({ ...world, limit: 2 });
    expect(many).toMatchObject({ total: null, truncated: true });
    const rated = await instance.client.store.inBounds.query({ ...world, limit: 2, minRating: 4 });
    expect(rated).toMatchObject({ total: null, truncated: true });
    const nearest = await stack.sql<{ id: string }[]>`
      select id from stores where removed_at is null and average_rating >= 4
      order by ST_Distance(location, ST_MakePoint(0, 0)::geography), id limit 2`;
    expect(rated.items.map(({ id }) => id)).toEqual(nearest.map(({ id }) => id));
    await stack.sql`delete from stores where name = 'Many'`;
  });

  it("refuses bounds upside down", async () => {
    const bounds = { west: 0, south: 2, east: 1, north: 1 };
    await expect(instance.client.store.inBounds.query(bounds)).rejects.toMatchObject({
      message: expect.stringContaining("south") as string,
      data: { code: "BAD_REQUEST" },
    });
  });
});

describe("store.search", () => {
  it("finds a store by its street, with a typo and with its name", async () => {
    const [id = ""] = await insertStores(stack.sql, [{ ...SFAX, name: "Boucherie Hannibal" }]);
    const admin = await instance.as({ isAdmin: true });
    await admin.store.update.mutate({ id, address: "12 avenue Habib Thameur" });
    for (const query of ["habib thameur", "habib thamuer", "hannibal thameur", "thameur 12"]) {
      for (const near of [undefined, TUNIS]) {
        const { items } = await instance.client.store.search.query({ query, near });
        expect([query, namesOf(items)]).toEqual([query, ["Boucherie Hannibal"]]);
      }
    }
    await admin.store.update.mutate({ id, address: null });
    expect((await instance.client.store.search.query({ query: "thameur" })).items).toEqual([]);
  });
});
