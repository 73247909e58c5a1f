import { createTRPCClient, httpLink } from "@trpc/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AppRouter } from "../../../src/trpc/router.ts";
import { COPENHAGEN, countsOf, type Importer, openImporter } from "../../support/import-run.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { bearer } from "../../support/tokens.ts";

let stack: Stack;
let instance: Instance;
let importer: Importer;
/** The summary of importing the same file again. */
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
  instance = await stack.startInstance();
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
      const { items } = await instance.client.store.search.query({ query, near });
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
    const { client } = instance;
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
    const url = `${instance.url}/trpc/store.nearby?input=${encodeURIComponent(
      JSON.stringify({ ...COPENHAGEN, locale: "fr" }),
    )}`;
    expect((await fetch(url)).headers.get("x-cache")).toBe("HIT");
  });

  it("are the same by the long way as by the short one", async () => {
    for (const [path, input] of [
      ["store.nearby", { ...COPENHAGEN, locale: "fr" }],
      ["store.markers", { ...COPENHAGEN, locale: "en" }],
    ] as const) {
      const url = `${instance.url}/trpc/${path}?input=${encodeURIComponent(JSON.stringify(input))}`;
      const short = await (await fetch(url)).text();
      const long = await (await fetch(url, { headers: { origin: "https://a.example" } })).text();
      expect(long).toBe(short);
    }
  });

  it("are all in store.byId, with the one of the caller's language in front", async () => {
    const { items } = await instance.client.store.search.query({ query: "Damascus Gate" });
    const id = items[0]?.id ?? "";
    const detail = {
      mainName: "مطعم الشام",
      names: { en: "Damascus Gate", fr: 'La "Porte", de Damas', "zh-Hant": "大馬士革" },
      otherNames: ["Bab Sharqi", "Palmyra House", "Shamco"],
    };
    const { client } = instance;
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
    const admin = await instance.as({ isAdmin: true });
    const { items } = await instance.client.store.search.query({ query: "Kiosk" });
    const id = items[0]?.id ?? "";
    await admin.store.update.mutate({ id, name: "Yeni Köşk" });
    const names = async (locale?: string) =>
      (await instance.client.store.nearby.query({ ...COPENHAGEN, locale })).items.map(
        ({ name }) => name,
      );
    expect((await names())[3]).toBe("Yeni Köşk");
    expect((await names("en"))[3]).toBe("Kiosk");
    const { items: found } = await instance.client.store.search.query({ query: "yeni kosk" });
    expect(found.map((one) => one.id)).toEqual([id]);
  });
});

describe("Accept-Language, where no locale is asked for", () => {
  interface Shown {
    readonly names: readonly string[];
    readonly headers: Headers;
  }

  /** The names of the stores around, as a phone with these languages sees them. */
  async function ask(
    acceptLanguage: string | undefined,
    more: { readonly locale?: string; readonly headers?: Record<string, string> } = {},
  ): Promise<Shown> {
    const input = { ...COPENHAGEN, ...(more.locale === undefined ? {} : { locale: more.locale }) };
    const url = `${instance.url}/trpc/store.nearby?input=${encodeURIComponent(JSON.stringify(input))}`;
    const answer = await fetch(url, {
      headers: {
        ...(acceptLanguage === undefined ? {} : { "accept-language": acceptLanguage }),
        ...more.headers,
      },
    });
    const body = (await answer.json()) as { result: { data: { items: { name: string }[] } } };
    return { names: body.result.data.items.map(({ name }) => name), headers: answer.headers };
  }

  const arabic = "مطعم الشام";
  it.each<[string, readonly [first: string, last: string]]>([
    ["en", ["Damascus Gate", "Kiosk"]],
    ["EN-us", ["Damascus Gate", "Kiosk"]],
    ["fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", ['La "Porte", de Damas', "Kiosk"]],
    ["en;q=0.2,fr;q=0.9", ['La "Porte", de Damas', "Kiosk"]],
    ["de,zh-Hant-HK;q=0.5 , en ; q=0.1", ["大馬士革", "Kiosk"]],
    ["en;q=0, fr;q=0.1", ['La "Porte", de Damas', "own"]],
    ["*, en;q=0.5", ["own", "own"]],
    ["*", ["own", "own"]],
    ["da, *;q=0.9, en;q=0.5", ["own", "own"]],
    ["de, ja", ["own", "own"]],
    ["", ["own", "own"]],
    [",,;q=1,en", ["Damascus Gate", "Kiosk"]],
    ["en;q=2, fr;q=abc, x;;;, \u00e9, toolongtobealanguage, a-b-c-d", ["own", "own"]],
    ["en;level=1", ["own", "own"]],
    ["__proto__, constructor, toString", ["own", "own"]],
    [`${"xx,".repeat(4_000)}en`, ["own", "own"]],
  ])("%s", async (acceptLanguage, [first, last]) => {
    const own = await ask("*");
    const wanted = [first === "own" ? arabic : first, last === "own" ? own.names[3] : last];
    // Past Hono, and through it, where only the procedure may answer.
    for (const headers of [{}, { origin: "https://a.example" }]) {
      const { names } = await ask(acceptLanguage, { headers });
      expect([names[0], names[3]]).toEqual(wanted);
      expect(names.slice(1, 3)).toEqual(own.names.slice(1, 3));
    }
  });

  it("gives way to the locale of the input", async () => {
    expect((await ask("en", { locale: "fr" })).names[0]).toBe('La "Porte", de Damas');
    expect((await ask("en", { locale: "da" })).names[0]).toBe(arabic);
  });

  it("is a different representation of the same cell, which stays one entry", async () => {
    const english = await ask("en");
    const french = await ask("fr");
    const own = await ask("*");
    const tags = [english, french, own].map(({ headers }) => headers.get("etag"));
    expect(new Set(tags).size).toBe(3);
    for (const { headers } of [english, french, own]) {
      expect(headers.get("x-cache")).toBe("HIT");
      expect(headers.get("vary")?.split(", ")).toContain("accept-language");
    }
    const url = `${instance.url}/trpc/store.nearby?input=${encodeURIComponent(JSON.stringify(COPENHAGEN))}`;
    const again = async (language: string, etag: string | null | undefined) => {
      const headers = { "accept-language": language, "if-none-match": etag ?? "" };
      return (await fetch(url, { headers })).status;
    };
    expect(await again("en", tags[0])).toBe(304);
    expect(await again("fr", tags[0])).toBe(200);
    const other = await fetch(`${instance.url}/trpc/boycott.list`);
    expect(other.headers.get("vary")).not.toContain("accept-language");
  });

  it("names stores in byId, markers, search and a user's favourites, too", async () => {
    const client = createTRPCClient<AppRouter>({
      links: [
        httpLink({
          url: `${instance.url}/trpc`,
          headers: { "accept-language": "fr;q=0.5, en", authorization: await bearer() },
        }),
      ],
    });
    const { items } = await client.store.search.query({ query: "Damascus Gate" });
    const id = items[0]?.id ?? "";
    expect(items[0]?.name).toBe("Damascus Gate");
    expect((await client.store.markers.query(COPENHAGEN)).items[0]?.name).toBe("Damascus Gate");
    expect((await client.store.byId.query({ id })).name).toBe("Damascus Gate");
    expect((await client.store.byId.query({ id, locale: "zh-Hant" })).name).toBe("大馬士革");
    await stack.sql`update stores set halal_claim = 'only' where id = ${id}`;
    await client.favorites.add.mutate({ kind: "store", id });
    const first = async (locale?: string) =>
      (await client.favorites.list.query({ locale })).items[0]?.store;
    expect(await first()).toMatchObject({ name: "Damascus Gate", halalClaim: "only" });
    expect(await first("fr-BE")).toMatchObject({ name: 'La "Porte", de Damas' });
    expect(await first("da")).toMatchObject({ name: arabic });
    expect(await first()).not.toHaveProperty("names");
  });
});
