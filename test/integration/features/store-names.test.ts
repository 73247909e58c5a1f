import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { COPENHAGEN, countsOf, type Importer, openImporter } from "../../support/import-run.ts";
import { openStack, type Replica, type Stack } from "../../support/stack.ts";

let stack: Stack;
let replica: Replica;
let importer: Importer;
/** What the same file did the second time. */
let again: readonly number[];

const PLACES = [
  {
    name: "مطعم الشام",
    "name:en": "Damascus Gate",
    "name:fr": 'La "Porte", de Damas',
    "name:zh-Hant": "大馬士革",
    alt_name: "Bab Sharqi",
    old_name: "Palmyra House",
    brand: "Shamco",
  },
  { "name:ms-Arab": "کدای مکن" },
  { name: "Plain Grill" },
  { name: "Köşk", "name:en": "Kiosk", int_name: "Kosk International" },
];

beforeAll(async () => {
  stack = await openStack();
  replica = await stack.startReplica();
  importer = openImporter(stack);
  const elements = PLACES.map((tags, id) => ({
    type: "node",
    id,
    lat: COPENHAGEN.latitude,
    lon: COPENHAGEN.longitude + id / 1e4,
    tags: { ...tags, amenity: "restaurant" },
  }));
  const path = importer.write("places.json", JSON.stringify({ elements }));
  await importer.run("stores", path);
  again = countsOf(await importer.run("stores", path));
});

afterAll(async () => {
  await importer.close();
  await stack.close();
});

describe("names in other languages", () => {
  it("are the same when they are imported again", () => {
    expect(again).toEqual([4, 0, 0, 4, 0]);
  });

  it.each([
    ["Damascus Gate", "مطعم الشام"],
    ["damascs gate", "مطعم الشام"],
    ["porte damas", "مطعم الشام"],
    ["大馬士革", "مطعم الشام"],
    ["Bab Sharqi", "مطعم الشام"],
    ["Palmyra", "مطعم الشام"],
    ["shamco", "مطعم الشام"],
    ["الشام", "مطعم الشام"],
    ["کدای", "کدای مکن"],
    ["kosk international", "Köşk"],
  ])("find a store by %s", async (query, name) => {
    for (const near of [undefined, COPENHAGEN]) {
      const { items } = await replica.client.store.search.query({ query, near });
      expect(items.map((item) => item.name)).toEqual([name]);
    }
  });

  it("are shown in the caller's language by search, nearby and markers, from one cached cell", async () => {
    const own = PLACES.map((place) => place.name ?? "کدای مکن");
    const shown = {
      en: ["Damascus Gate", own[1], "Plain Grill", "Kiosk"],
      "en-GB": ["Damascus Gate", own[1], "Plain Grill", "Kiosk"],
      fr: ['La "Porte", de Damas', own[1], "Plain Grill", "Köşk"],
      "zh-Hant-TW": ["大馬士革", ...own.slice(1)],
      zh: own,
      "ms-arab": own,
      da: own,
    };
    const { client } = replica;
    const without = await client.store.nearby.query(COPENHAGEN);
    expect(without.items.map(({ name }) => name)).toEqual(own);
    for (const [locale, names] of Object.entries(shown)) {
      const nearby = await client.store.nearby.query({ ...COPENHAGEN, locale });
      expect([locale, nearby.items.map(({ name }) => name)]).toEqual([locale, names]);
      // All but the names is the same for everyone.
      expect(nearby.items.map((item) => ({ ...item, name: "" }))).toEqual(
        without.items.map((item) => ({ ...item, name: "" })),
      );
      const markers = await client.store.markers.query({ ...COPENHAGEN, locale });
      expect(markers.items.map(({ name }) => name)).toEqual(names);
      expect(Object.keys(markers.items[0] ?? {})).not.toContain("names");
      const search = await client.store.search.query({ query: "Damascus Gate", locale });
      expect(search.items[0]?.name).toBe(names[0]);
    }
    const url = `${replica.url}/trpc/store.nearby?input=${encodeURIComponent(
      JSON.stringify({ ...COPENHAGEN, locale: "fr" }),
    )}`;
    expect((await fetch(url)).headers.get("x-cache")).toBe("HIT");
  });

  it("are the same by the long way as by the short one", async () => {
    for (const [path, input] of [
      ["store.nearby", { ...COPENHAGEN, locale: "fr" }],
      ["store.markers", { ...COPENHAGEN, locale: "en" }],
    ] as const) {
      const url = `${replica.url}/trpc/${path}?input=${encodeURIComponent(JSON.stringify(input))}`;
      const short = await (await fetch(url)).text();
      const long = await (await fetch(url, { headers: { origin: "https://a.example" } })).text();
      expect(long).toBe(short);
    }
  });

  it("are all in store.byId, with the one of the caller's language in front", async () => {
    const { items } = await replica.client.store.search.query({ query: "Damascus Gate" });
    const id = items[0]?.id ?? "";
    const detail = {
      mainName: "مطعم الشام",
      names: { en: "Damascus Gate", fr: 'La "Porte", de Damas', "zh-Hant": "大馬士革" },
      otherNames: ["Bab Sharqi", "Palmyra House", "Shamco"],
    };
    const { client } = replica;
    expect(await client.store.byId.query({ id })).toMatchObject({ ...detail, name: "مطعم الشام" });
    for (let time = 0; time < 2; time += 1) {
      expect(await client.store.byId.query({ id, locale: "fr-CA" })).toMatchObject({
        ...detail,
        name: 'La "Porte", de Damas',
      });
      expect(await client.store.byId.query({ id, locale: "de" })).toMatchObject({
        ...detail,
        name: "مطعم الشام",
      });
    }
    await expect(client.store.byId.query({ id, locale: "no language" })).rejects.toMatchObject({
      data: { code: "BAD_REQUEST" },
    });
  });

  it("change with the store, in every language at once", async () => {
    const admin = await replica.as({ isAdmin: true });
    const { items } = await replica.client.store.search.query({ query: "Kiosk" });
    const id = items[0]?.id ?? "";
    await admin.store.update.mutate({ id, name: "Yeni Köşk" });
    const names = async (locale?: string) =>
      (await replica.client.store.nearby.query({ ...COPENHAGEN, locale })).items.map(
        ({ name }) => name,
      );
    expect((await names())[3]).toBe("Yeni Köşk");
    expect((await names("en"))[3]).toBe("Kiosk");
    const { items: found } = await replica.client.store.search.query({ query: "yeni kosk" });
    expect(found.map((one) => one.id)).toEqual([id]);
  });
});
