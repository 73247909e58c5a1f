import { createTRPCClient, httpBatchLink } from "@trpc/client";
import { expect } from "vitest";
import { loadDemoData } from "../../src/seed/demo/load.ts";
import { DEMO_PRODUCTS } from "../../src/seed/demo/products.ts";
import type { Language } from "../../src/texts/language.ts";
import type { AppRouter } from "../../src/trpc/router.ts";
import { readWithinASecond } from "./catalog-rows.ts";
import { nearbyByPostgis } from "./store-rows.ts";
import type { Stack } from "./stack.ts";
import { bearer } from "./tokens.ts";

const USER = "0b1e2d3c-4a59-4687-9788-a9bacbdcedfe";
const STARTED_AT = Date.UTC(2026, 9, 14, 10, 30);
const PARIS = { latitude: 48.8566, longitude: 2.3522 };

/** Fields that the database's clock fills: different in every run. */
const SERVER_MADE = new Set(["createdAt", "updatedAt", "recordedAt"]);

/** One thing that a phone did, and what came of it. */
export interface Step {
  readonly does: string;
  /** The requests on the wire: the method and the procedures of each. */
  readonly requests: string[];
  answer: unknown;
}

const scanId = (number: number) => `5ca00000-0000-4000-8000-00000000000${number}`;

function barcodeOf(brand: string, kind: string): string {
  const product = DEMO_PRODUCTS.find(({ name }) => name === `${brand} ${kind}`);
  if (product === undefined) throw new Error(`the demo data has no ${brand} ${kind}`);
  // As it is printed: a GTIN-13.
  return product.barcode.slice(1);
}

/** Plays the session of a phone in a language on the demo data; gives what it did and was answered. */
export async function playPhoneSession(stack: Stack, language: Language): Promise<Step[]> {
  let nowMs = STARTED_AT;
  const transcript: Step[] = [];
  await loadDemoData(stack.sql, () => {});
  const instance = await stack.startInstance({ now: () => new Date(nowMs) });
  const other = await stack.startInstance({ now: () => new Date(nowMs) });

  /** The client of a phone, which notes what it sends; a guest's sends no token. */
  async function phone(user: { readonly id: string } | null) {
    const token = user === null ? {} : { authorization: await bearer(user) };
    const headers = { ...token, "accept-language": language };
    return createTRPCClient<AppRouter>({
      links: [
        httpBatchLink({
          url: `${instance.url}/trpc`,
          maxItems: 10,
          headers,
          fetch: (address, init) => {
            const { pathname } = new URL(String(address));
            transcript.at(-1)?.requests.push(`${init?.method} ${pathname.replace("/trpc/", "")}`);
            return fetch(address, init as RequestInit);
          },
        }),
      ],
    });
  }

  /** Notes what is done next and what came of it; a minute later than the step before. */
  async function step<T>(does: string, work: () => Promise<T>): Promise<T> {
    nowMs += 60_000;
    const entry: Step = { does, requests: [], answer: undefined };
    transcript.push(entry);
    const answer = await work();
    entry.answer = answer;
    return answer;
  }

  /** Returns whether an instant is of the database's clock; rows that the session wrote have the session's clock. */
  function isServerMade(instant: string): boolean {
    const ms = Date.parse(instant);
    return ms < STARTED_AT || ms > nowMs;
  }

  function withoutServerMade(_key: string, value: unknown): unknown {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, field]) => [
        name,
        SERVER_MADE.has(name) && typeof field === "string" && isServerMade(field)
          ? "(when it was written)"
          : field,
      ]),
    );
  }

  const app = await phone({ id: USER });

  const [nearby, markers] = await step("opens the map", () =>
    Promise.all([
      app.store.nearby.query({ ...PARIS, limit: 5 }),
      app.store.markers.query({ ...PARIS, limit: 8 }),
    ]),
  );
  const truth = await nearbyByPostgis(stack.sql, { ...PARIS, radiusKm: 5, limit: 5 });
  expect(nearby.items.map(({ id, distance }) => ({ id, distance }))).toEqual(truth);
  expect(markers.items.slice(0, 5).map(({ id }) => id)).toEqual(truth.map(({ id }) => id));

  await step("pans to the north", () =>
    app.store.markers.query({ ...PARIS, latitude: 48.88, limit: 5 }),
  );
  const filtered = await step("shows certified restaurants only", () =>
    app.store.nearby.query({
      ...PARIS,
      radiusKm: 10,
      storeType: "restaurant",
      halalCertifiedOnly: true,
      limit: 3,
    }),
  );
  expect(filtered.items.every((store) => store.halalCertified)).toBe(true);

  const [first] = nearby.items;
  if (first === undefined) throw new Error("no store in Paris");
  const shop = await step("opens a shop", () => app.store.byId.query({ id: first.id }));
  expect(shop.name).toBe(first.name);

  // Two letters swapped, as thumbs do.
  const typo = shop.name.replace(/(\p{L})(\p{L})(?=\P{L}*$)/u, "$2$1").toLowerCase();
  expect(typo).not.toBe(shop.name.toLowerCase());
  const found = await step(`searches "${typo}"`, () =>
    app.store.search.query({ query: typo, near: PARIS, limit: 3 }),
  );
  expect(found.items.map(({ id }) => id)).toContain(shop.id);
  // One word, and in its middle: little of it is left to go by.
  const word = (shop.name.split(" ").at(-1) ?? "").replace(/^(\p{L})(\p{L})(\p{L})/u, "$1$3$2");
  expect(shop.name).not.toContain(word);
  const foundByWord = await step(`searches "${word}"`, () =>
    app.store.search.query({ query: word, near: PARIS, limit: 3 }),
  );
  expect(foundByWord.items.map(({ id }) => id)).toContain(shop.id);

  const certified = await step("scans a certified product", () =>
    app.scans.record.mutate({
      id: scanId(1),
      barcode: barcodeOf("Zaytara", "Beef burgers"),
      ...PARIS,
    }),
  );
  expect(certified.verdict.halalStatus).toBe("halal");
  const doubtful = await step("scans fruit gums as a Hanafi does", () =>
    app.scans.record.mutate({
      id: scanId(2),
      barcode: barcodeOf("Saffrelle", "Fruit gums"),
      madhab: "hanafi",
    }),
  );
  expect(doubtful.verdict.halalStatus).not.toBe("halal");

  const offline = {
    scans: [
      {
        id: scanId(3),
        barcode: barcodeOf("Saffrelle", "Pork pâté"),
        scannedAt: "2026-10-13T18:05:00+02:00",
      },
      { id: scanId(4), barcode: barcodeOf("Fizzarra", "Cola drink") },
      { id: scanId(5), barcode: "4006381333931", scannedAt: "2026-10-13T18:07:00Z" },
      { id: scanId(6), barcode: "3.02E+12" },
    ],
  };
  const sent = await step("comes back online and sends what it scanned", () =>
    app.scans.recordMany.mutate(offline),
  );
  expect(sent.outcomes.map(({ ok }) => ok)).toEqual([true, true, true, false]);
  const again = await step("missed the answer and sends it again", () =>
    app.scans.recordMany.mutate(offline),
  );
  expect(again).toEqual(sent);
  await step("looks at its scans", () =>
    Promise.all([
      app.scans.history.query({ limit: 3 }),
      app.scans.stats.query({ timeZone: "Europe/Paris" }),
    ]),
  );

  const productId = certified.product?.id ?? "";
  await step("keeps the shop and the product", () =>
    Promise.all([
      app.favorites.add.mutate({ kind: "store", id: shop.id }),
      app.favorites.add.mutate({ kind: "product", id: productId }),
    ]),
  );
  await step("looks at its favourites", () => app.favorites.list.query());
  await step("lets the product go", () =>
    app.favorites.remove.mutate({ kind: "product", id: productId }),
  );
  const kept = await step("looks again", () => app.favorites.list.query({ kind: "product" }));
  expect(kept.items).toEqual([]);

  const [feed, unread] = await step("opens the alerts", () =>
    Promise.all([app.alerts.list.query({ limit: 2 }), app.alerts.unread.query()]),
  );
  expect(unread.count).toBeGreaterThan(feed.items.length);
  const left = await step("reads them", () =>
    app.alerts.markRead.mutate({ ids: feed.items.map(({ id }) => id) }),
  );
  expect(left.count).toBe(unread.count - feed.items.length);

  nowMs = Date.UTC(2026, 10, 2, 9);
  const gums = barcodeOf("Gumdrolls", "Fruit gums");
  const guest = await phone(null);
  const looked = await step("as a guest, looks at a product that was scanned before", () =>
    guest.product.byBarcode.query({ barcode: gums }),
  );
  expect(looked.recalls).toMatchObject([{ brand: "Gumdrolls" }]);
  expect(looked.verdict.halalStatus).not.toBe("haram");
  const listed = await step("searches the product with a typo in its name", () =>
    guest.product.search.query({ query: "gumdrols fruit", limit: 3 }),
  );
  expect(listed.items.map(({ id }) => id)).toContain(looked.product?.id);
  await step("signs in, and says what it avoids", () =>
    app.account.updateProfile.mutate({
      madhab: "shafii",
      allergens: ["milk"],
      avoidAdditives: ["e 120"],
    }),
  );
  const {
    outcomes: [recalled],
  } = await step("scans it offline, and sends the scan later", () =>
    app.scans.recordMany.mutate({
      scans: [{ id: scanId(7), barcode: gums, scannedAt: "2026-11-02T08:00:00Z" }],
    }),
  );
  if (recalled?.ok !== true) throw new Error("the scan was refused");
  expect(recalled.recalls).toMatchObject([{ brand: "Gumdrolls" }]);
  expect(recalled.verdict.reasons.map(({ code }) => code)).toContain("avoided_additive");
  const instead = await step("asks for alternatives", () =>
    app.product.alternatives.query({ barcode: gums, madhab: "shafii", limit: 3 }),
  );
  expect(instead.items.map(({ bySchool }) => bySchool.shafii.halalStatus)).toEqual([
    "halal",
    "halal",
    "halal",
  ]);
  await step("keeps a product that nobody knows", () =>
    app.favorites.add.mutate({ kind: "product", barcode: "4006381333931" }),
  );
  await step("asks for its hearts", () => app.favorites.refs.query());
  await step("reports the recalled product's status", () =>
    app.reports.create.mutate({
      kind: "wrong_status",
      id: scanId(8),
      barcode: gums,
      text: "The gelatine is pork's",
      proposed: { halalStatus: "haram" },
    }),
  );
  const admin = await instance.as({ isAdmin: true });
  const { items: cases } = await admin.reports.list.query();
  await admin.reports.resolve.mutate({ id: cases[0]?.id ?? "", outcome: "accepted" });
  for (const { client } of [instance, other]) {
    const status = async () =>
      (await client.product.byBarcode.query({ barcode: gums })).verdict.halalStatus;
    expect(await readWithinASecond(status, "haram")).toBe("haram");
  }
  await step("as a guest, looks at the product again", () =>
    guest.product.byBarcode.query({ barcode: gums }),
  );
  const [mine, corrected] = await step("sees what became of it", () =>
    Promise.all([
      app.reports.mine.query(),
      app.scans.record.mutate({ id: scanId(9), barcode: gums }),
    ]),
  );
  expect(mine.items).toMatchObject([{ state: "accepted" }]);
  expect(corrected.verdict.halalStatus).toBe("haram");

  const kept2 = await step("asks for everything that is kept about it", () =>
    app.account.export.query(),
  );
  expect(kept2.scans.map(({ id }) => id).toSorted()).toEqual([1, 2, 3, 4, 5, 7, 9].map(scanId));
  await step("leaves", () => app.account.erase.mutate());
  const gone = await step("asks once more", () => app.account.export.query());
  expect(gone).toMatchObject({ scans: [], favorites: [], alertReads: [] });
  return JSON.parse(JSON.stringify(transcript, withoutServerMade)) as Step[];
}
