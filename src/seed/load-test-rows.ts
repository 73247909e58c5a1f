import tzLookup from "@photostructure/tz-lookup";
import { CITIES } from "./demo/cities.ts";
import { COUNTRIES } from "./demo/countries.ts";
import { storeName, streetAddress } from "./demo/names.ts";
import { createRandom, deterministicUuid, type Random } from "./demo/random.ts";
import type { HalalStatus, StoreType } from "../db/tables/vocabulary.ts";
import { gtinCheckDigit } from "../food/barcode.ts";
import type { InsertTarget } from "../import/write/bulk-copy.ts";
import type { Cell } from "../import/write/copy-text.ts";
import { BENCH_SOURCE } from "../import/write/data-sources.ts";

/** Rows for one table, made one after the other; the same in every run. */
export interface BenchRows {
  readonly target: InsertTarget;
  readonly rows: Iterable<readonly Cell[]>;
}

interface Town {
  readonly key: string;
  readonly city: (typeof CITIES)[number];
  readonly latitude: number;
  readonly longitude: number;
  readonly timeZone: string;
  readonly weight: number;
}

const TOWNS = 3_000;
/** How far towns lie from the city they belong to. Units: degrees. */
const TOWN_SPREAD_DEGREES = 2.5;
/** Half of all shops are in the big cities. */
const CITY_SHARE = 0.5;
/** Shops of a city of any size lie about as dense: its area grows with them. */
const STORES_PER_SQUARE_DEGREE = 250_000;

const TYPES: readonly (readonly [StoreType, number])[] = [
  ["restaurant", 50],
  ["butcher", 16],
  ["supermarket", 16],
  ["bakery", 9],
  ["other", 5],
  ["wholesaler", 2],
  ["online", 1],
  ["abattoir", 1],
];
const HOURS = [
  "Mo-Su 10:00-22:00",
  "Mo-Fr 08:00-19:00; Sa 09:00-18:00",
  "24/7",
  "Tu-Su 11:30-14:30,18:00-23:00",
  null,
];
const STATUSES: readonly (readonly [HalalStatus, number])[] = [
  ["unknown", 70],
  ["halal", 20],
  ["doubtful", 7],
  ["haram", 3],
];
const FOODS = ["Biscuits", "Noodles", "Soup", "Sausages", "Cheese", "Yoghurt", "Sweets", "Sauce"];
const TASTES = ["Classic", "Spicy", "Lemon", "Vanilla", "Tomato", "Chicken", "Mint", "Honey"];
const ADDITIVES = ["E100", "E120", "E202", "E322", "E330", "E407", "E412", "E471", "E500", "E621"];
const BRANDS = 5_000;

/** Stores, half of them in real cities and half in towns around them. */
export function benchStores(count: number): BenchRows {
  return {
    target: {
      table: "stores",
      columns: [
        "id",
        "name",
        "store_type",
        "address",
        "city",
        "country",
        "latitude",
        "longitude",
        "average_rating",
        "review_count",
        "opening_hours",
        "time_zone",
        "halal_claim",
        "source",
        "source_ref",
      ],
    },
    rows: storeRows(count),
  };
}

function* storeRows(count: number): Generator<readonly Cell[]> {
  const towns = makeTowns();
  const totalWeight = towns.reduce((sum, { weight }) => sum + weight, 0);
  let made = 0;
  let weightSoFar = 0;
  for (const town of towns) {
    weightSoFar += town.weight;
    const until = Math.round((count * weightSoFar) / totalWeight);
    const random = createRandom(`bench stores of ${town.key}`);
    const spread = Math.sqrt((until - made) / STORES_PER_SQUARE_DEGREE);
    for (let index = 0; made < until; index += 1, made += 1) {
      yield storeRow(random, town, spread, index);
    }
  }
}

/** The cities of the demo data, and towns around them whose sizes fall as 1/rank (Zipf's law). */
function makeTowns(): Town[] {
  const random = createRandom("bench towns");
  const cityStores = CITIES.reduce((sum, { storeCount }) => sum + storeCount, 0);
  const towns: Town[] = CITIES.map((city) => ({
    key: city.key,
    city,
    latitude: city.latitude,
    longitude: city.longitude,
    timeZone: city.timeZone,
    weight: (CITY_SHARE * city.storeCount) / cityStores,
  }));
  let harmonic = 0;
  for (let rank = 1; rank <= TOWNS; rank += 1) harmonic += 1 / rank;
  for (let rank = 1; rank <= TOWNS; rank += 1) {
    const city = random.pick(CITIES);
    const latitude = city.latitude + random.bell() * TOWN_SPREAD_DEGREES;
    const longitude = wrap(city.longitude + random.bell() * TOWN_SPREAD_DEGREES);
    towns.push({
      key: `${city.key}-town-${rank}`,
      city,
      latitude,
      longitude,
      timeZone: tzLookup(latitude, longitude),
      weight: (1 - CITY_SHARE) / (rank * harmonic),
    });
  }
  return towns;
}

function storeRow(random: Random, town: Town, spread: number, index: number): readonly Cell[] {
  const type = random.weighted(TYPES);
  const country = COUNTRIES[town.city.country];
  const language = random.weighted(country.languages);
  const reviews = random.chance(0.3) ? 0 : random.integer(1, 900);
  const ref = `${town.key}/${index}`;
  // A product of two spreads is dense in the middle and thin at the edge.
  const distance = spread * random.next();
  const eastward = distance / Math.max(0.1, Math.cos((town.latitude * Math.PI) / 180));
  return [
    deterministicUuid(`bench store ${ref}`),
    storeName(random, language, type),
    type,
    streetAddress(random, country.languages[0][0]),
    town.city.name,
    town.city.country,
    town.latitude + random.bell() * distance,
    wrap(town.longitude + random.bell() * eastward),
    reviews === 0 ? null : random.integer(25, 50) / 10,
    reviews,
    random.pick(HOURS),
    town.timeZone,
    random.pick(["yes", "only", "limited", null]),
    BENCH_SOURCE.id,
    ref,
  ];
}

/** A barcode of the range that GS1 keeps for demonstrations; the number is below a hundred million. */
export function benchBarcode(number: number): string {
  const payload = `09521${String(number).padStart(8, "0")}`;
  return `${payload}${gtinCheckDigit(payload)}`;
}

const productId = (number: number) => deterministicUuid(`bench product ${number}`);

/** Products, three in ten with a status of their own. */
export function benchProducts(count: number): BenchRows {
  return {
    target: {
      table: "products",
      columns: [
        "id",
        "barcode",
        "name",
        "names",
        "brand",
        "halal_status",
        "confidence_score",
        "additives",
        "ingredients",
        "labels",
        "source",
      ],
    },
    rows: productRows(count),
  };
}

function* productRows(count: number): Generator<readonly Cell[]> {
  const random = createRandom("bench products");
  for (let number = 0; number < count; number += 1) {
    const status = random.weighted(STATUSES);
    const brand = `Brand ${random.integer(1, BRANDS)}`;
    const name = `${random.pick(TASTES)} ${random.pick(FOODS)} ${number}`;
    const additives = ADDITIVES.filter(() => random.chance(0.15));
    yield [
      productId(number),
      benchBarcode(number),
      name,
      JSON.stringify({ en: name }),
      brand,
      status,
      status === "unknown" ? 0 : random.integer(50, 95) / 100,
      additives,
      `water, sugar, salt, ${additives.join(", ")}`,
      status === "halal" ? ["en:halal"] : [],
      BENCH_SOURCE.id,
    ];
  }
}

const userId = (number: number) => deterministicUuid(`bench user ${number}`);
/** The newest scan; older ones lie in the half year before. */
const SCANS_UNTIL_MS = Date.UTC(2026, 10, 1);
const SCANS_SPAN_MS = 180 * 86_400_000;

/** Scans, eight a user on average; few users have very many. */
export function benchScans(users: number, products: number): BenchRows {
  return {
    target: {
      table: "scans",
      columns: [
        "user_id",
        "id",
        "barcode",
        "scanned_at",
        "recorded_at",
        "halal_status",
        "confidence",
      ],
    },
    rows: scanRows(users, products),
  };
}

function* scanRows(users: number, products: number): Generator<readonly Cell[]> {
  const random = createRandom("bench scans");
  for (let user = 0; user < users; user += 1) {
    const owner = userId(user);
    // A power of a uniform number: most users scan a little, a few a lot; the mean is 8.
    const scans = Math.floor(random.next() ** 4 * 40);
    for (let index = 0; index <= scans; index += 1) {
      const status = random.weighted(STATUSES);
      const at = new Date(SCANS_UNTIL_MS - Math.floor(random.next() * SCANS_SPAN_MS)).toISOString();
      yield [
        owner,
        deterministicUuid(`bench scan ${user} ${index}`),
        benchBarcode(Math.floor(random.next() ** 2 * Math.max(products, 1))),
        at,
        at,
        status,
        status === "unknown" ? 0 : 0.8,
      ];
    }
  }
}

/** Favourite products, three a user on average; none without products. */
export function benchFavorites(users: number, products: number): BenchRows {
  return {
    target: { table: "favorites", columns: ["user_id", "kind", "target_id", "created_at"] },
    rows: favoriteRows(users, products),
  };
}

function* favoriteRows(users: number, products: number): Generator<readonly Cell[]> {
  const random = createRandom("bench favourites");
  if (products === 0) return;
  for (let user = 0; user < users; user += 1) {
    const owner = userId(user);
    const chosen = new Set<number>();
    for (let left = random.integer(0, 6); left > 0; left -= 1) {
      chosen.add(Math.floor(random.next() ** 2 * products));
    }
    for (const product of chosen) {
      const at = SCANS_UNTIL_MS - Math.floor(random.next() * SCANS_SPAN_MS);
      yield [owner, "product", productId(product), new Date(at).toISOString()];
    }
  }
}

function wrap(longitude: number): number {
  if (longitude > 180) return longitude - 360;
  return longitude < -180 ? longitude + 360 : longitude;
}
