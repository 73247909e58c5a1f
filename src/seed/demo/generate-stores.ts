import type { stores } from "../../db/tables/stores.ts";
import type { StoreType } from "../../db/tables/vocabulary.ts";
import { CITIES } from "./cities.ts";
import type { City } from "./city.ts";
import { type Country, COUNTRIES } from "./countries.ts";
import { fillDigits, storeDescription, storeName, streetAddress } from "./names.ts";
import { openingHours } from "./opening-hours.ts";
import { createRandom, deterministicUuid, type Random } from "./random.ts";

/** A row for `stores` with every column that the demo data sets. */
export type DemoStore = Required<
  Omit<
    typeof stores.$inferInsert,
    | "removedAt"
    | "createdAt"
    | "updatedAt"
    | "names"
    | "otherNames"
    | "searchText"
    | "hiddenBySource"
  >
>;

const KM_PER_DEGREE = 111.32;
const NEIGHBOURHOOD_SPREAD_KM = 0.7;

const TYPES: readonly (readonly [StoreType, number])[] = [
  ["restaurant", 48],
  ["butcher", 17],
  ["supermarket", 14],
  ["bakery", 9],
  ["other", 6],
  ["wholesaler", 3],
  ["online", 2],
  ["abattoir", 1],
];

/**
 * Makes the stores of the demo data: the same rows, ids and order in every run.
 * A city's stores depend on its own key alone, so another city changes nothing here.
 * Units: latitude and longitude in WGS 84 decimal degrees, rounded to 6 decimals.
 */
export function generateStores(): DemoStore[] {
  return CITIES.flatMap((city) => {
    const random = createRandom(`stores of ${city.key}`);
    return Array.from({ length: city.storeCount }, (_, index) => demoStore(random, city, index));
  });
}

function demoStore(random: Random, city: City, index: number): DemoStore {
  const country: Country = COUNTRIES[city.country];
  const sourceRef = `${city.key}/${index}`;
  const storeType = random.weighted(TYPES);
  const language = random.weighted(country.languages);
  const streetLanguage = country.languages[0][0];
  const certifierId =
    country.certifiers.length > 0 && random.chance(country.certifiedShare)
      ? random.weighted(country.certifiers)
      : null;
  const reviewCount = random.chance(0.12) ? 0 : Math.floor(4 + random.next() ** 4 * 1800);
  return {
    id: deterministicUuid(`store ${sourceRef}`),
    name: storeName(random, language, storeType),
    description: random.chance(0.4) ? storeDescription(random, language, city.name) : null,
    storeType,
    address: random.chance(0.93) ? streetAddress(random, streetLanguage) : null,
    city: city.name,
    postalCode: city.postalCode === null ? null : fillDigits(random, city.postalCode),
    country: city.country,
    phone: random.chance(0.7) ? fillDigits(random, city.phone) : null,
    website:
      storeType === "online" || random.chance(0.3) ? `https://${city.key}-${index}.example/` : null,
    imageUrl: null,
    ...position(random, city, storeType),
    halalCertified: certifierId !== null,
    certifierId,
    averageRating:
      reviewCount === 0
        ? null
        : Math.min(50, Math.max(20, 42 + Math.round(random.bell() * 5))) / 10,
    reviewCount,
    openingHours: openingHours(random, storeType, city.country),
    timeZone: city.timeZone,
    halalClaim: random.weighted([
      ["yes", 5],
      ["only", 4],
      ["limited", storeType === "restaurant" ? 1 : 0],
      [null, 3],
    ]),
    source: "demo",
    sourceRef,
  };
}

function position(
  random: Random,
  city: City,
  storeType: StoreType,
): { latitude: number; longitude: number } {
  let [latitude, longitude, spreadKm]: readonly [number, number, number] = [
    city.latitude,
    city.longitude,
    // The factor thins the bell out towards the edge, so that the centre is the densest.
    city.spreadKm * random.next(),
  ];
  if (storeType === "abattoir" || storeType === "wholesaler") {
    spreadKm = city.spreadKm * 1.5;
  } else if (random.chance(0.5)) {
    [, latitude, longitude] = random.pick(city.neighbourhoods);
    spreadKm = NEIGHBOURHOOD_SPREAD_KM;
  }
  const kmPerDegreeEast = KM_PER_DEGREE * Math.cos((latitude * Math.PI) / 180);
  return {
    latitude: roundDegrees(latitude + (random.bell() * spreadKm) / KM_PER_DEGREE),
    longitude: roundDegrees(
      wrapLongitude(longitude + (random.bell() * spreadKm) / kmPerDegreeEast),
    ),
  };
}

function wrapLongitude(degrees: number): number {
  if (degrees > 180) return degrees - 360;
  return degrees < -180 ? degrees + 360 : degrees;
}

function roundDegrees(degrees: number): number {
  return Math.round(degrees * 1e6) / 1e6;
}
