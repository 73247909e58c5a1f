import OpeningHours from "opening_hours";
import { describe, expect, test } from "vitest";
import { DEMO_CERTIFIERS } from "../../../../src/seed/demo/certifiers.ts";
import { CITIES } from "../../../../src/seed/demo/cities.ts";
import { COUNTRIES, type Country } from "../../../../src/seed/demo/countries.ts";
import { generateStores } from "../../../../src/seed/demo/generate-stores.ts";
import { STORE_TYPES } from "../../../../src/db/tables/vocabulary.ts";

const stores = generateStores();
const cityOf = new Map(CITIES.map((city) => [city.key, city]));

function cityOfStore(sourceRef: string | null | undefined) {
  const city = cityOf.get(sourceRef?.split("/")[0] ?? "");
  if (city === undefined) throw new Error(`no city for ${sourceRef}`);
  return city;
}

/** Great-circle distance on a sphere of 6,371 km: near enough for a limit of 40 km. */
function distanceKm(a: { latitude: number; longitude: number }, b: typeof a): number {
  const rad = Math.PI / 180;
  const h =
    Math.sin(((b.latitude - a.latitude) * rad) / 2) ** 2 +
    Math.cos(a.latitude * rad) *
      Math.cos(b.latitude * rad) *
      Math.sin(((b.longitude - a.longitude) * rad) / 2) ** 2;
  return 2 * 6371 * Math.asin(Math.sqrt(h));
}

describe("generateStores", () => {
  test("generates the same stores in every run, on every machine", () => {
    expect(generateStores()).toEqual(stores);
    // Ids are kept by users as favourites: they may not wander with a later change.
    expect(stores[0]).toMatchObject({
      sourceRef: "paris/0",
      id: "d428c650-1035-5eac-a5b7-70052fef28e4",
    });
  });

  test("generates at least 3,000 stores in at least 24 cities, with unique ids and keys", () => {
    expect(stores.length).toBeGreaterThanOrEqual(3000);
    expect(new Set(stores.map((store) => cityOfStore(store.sourceRef).key)).size).toBe(
      CITIES.length,
    );
    expect(CITIES.length).toBeGreaterThanOrEqual(24);
    expect(new Set(stores.map((store) => store.id)).size).toBe(stores.length);
    expect(new Set(stores.map((store) => store.sourceRef)).size).toBe(stores.length);
  });

  test("generates stores of every type", () => {
    expect(new Set(stores.map((store) => store.storeType))).toEqual(new Set(STORE_TYPES));
  });

  test("places every store within 40 km of its city, with 6 decimals", () => {
    const astray = stores.filter((store) => distanceKm(store, cityOfStore(store.sourceRef)) >= 40);
    expect(astray).toEqual([]);
    const unrounded = stores.filter(
      ({ latitude, longitude }) =>
        Number(latitude.toFixed(6)) !== latitude || Number(longitude.toFixed(6)) !== longitude,
    );
    expect(unrounded).toEqual([]);
  });

  test("generates stores on both sides of the antimeridian", () => {
    const longitudes = stores
      .filter((store) => store.city === "Taveuni")
      .map((store) => store.longitude);
    expect(longitudes.some((longitude) => longitude > 179 && longitude <= 180)).toBe(true);
    expect(longitudes.some((longitude) => longitude < -179 && longitude >= -180)).toBe(true);
  });

  test("generates opening hours that parse without a warning, and some stores without opening hours", () => {
    const hours = new Set(stores.map((store) => store.openingHours));
    expect(hours).toContain(null);
    expect(hours).toContain("24/7");
    const warnings = [...hours]
      .filter((value) => typeof value === "string")
      .flatMap((value): unknown[] => new OpeningHours(value, null).getWarnings());
    expect(warnings).toEqual([]);
  });

  test("uses only time zones that Intl has", () => {
    for (const { timeZone } of CITIES) {
      expect(() => new Intl.DateTimeFormat("en", { timeZone })).not.toThrow();
    }
    expect(stores.every((s) => s.timeZone === cityOfStore(s.sourceRef).timeZone)).toBe(true);
  });

  test("fills every placeholder of a name's pattern", () => {
    const open = stores.filter(
      ({ name, address, description, phone, postalCode }) =>
        /[{}]/.test([name, address, description].join(" ")) ||
        /[#@+]/.test(`${phone?.slice(1) ?? ""} ${postalCode ?? ""}`),
    );
    expect(open).toEqual([]);
  });

  test("names a certifier of the demo data for certified stores, and none for other stores", () => {
    const known = new Set(DEMO_CERTIFIERS.map((certifier) => certifier.id));
    const named = [
      ...stores.map(({ certifierId }) => certifierId).filter((id) => typeof id === "string"),
      ...Object.values(COUNTRIES).flatMap((country: Country) =>
        country.certifiers.map(([certifierId]) => certifierId),
      ),
    ];
    expect(named.length).toBeGreaterThan(500);
    expect(named.filter((certifierId) => !known.has(certifierId))).toEqual([]);
    expect(stores.filter((s) => s.halalCertified !== (s.certifierId !== null))).toEqual([]);
  });

  test("gives a rating only to a store with reviews", () => {
    expect(stores.filter((s) => (s.averageRating === null) !== (s.reviewCount === 0))).toEqual([]);
    expect(stores.some((s) => s.averageRating === null)).toBe(true);
  });
});
