import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HALAL_CLAIMS, STORE_TYPES } from "../../../src/db/tables/vocabulary.ts";
import { eventually, mapLimited, query, reportFigures, seededRandom } from "../../support/calls.ts";
import {
  type Filters,
  filterTruths,
  type FilterQuestion,
  isOpenAt,
  plainHours,
} from "../../support/filter-truth.ts";
import type { Placed } from "../../support/nearby-truth.ts";
import { openStack, type Instance, type Stack, stackKind } from "../../support/stack.ts";
import { insertStores, type StoreSeed } from "../../support/store-rows.ts";

const QUESTIONS = Number(process.env["FILTER_QUESTIONS"] ?? 2_000);
/** Instants at which the questions are asked, in a week in which clocks in Europe go back. */
const EPOCHS = 10;
const BEGIN_MS = Date.UTC(2026, 9, 21, 4, 20);
const EPOCH_MS = 3.7 * 3_600_000 * 4;

const random = seededRandom(Number(process.env["FILTER_SEED"] ?? 16));
const between = (low: number, high: number) => low + (high - low) * random();
const bell = () => random() + random() + random() - 1.5;
function oneOf<T>(items: readonly T[]): T {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error("nothing to choose from");
  return item;
}
const someOf = <T>(items: readonly T[]) => {
  const some = items.filter(() => random() < 0.5);
  return some.length === 0 ? [oneOf(items)] : some;
};
const wrapped = (longitude: number) => ((longitude + 540) % 360) - 180;

interface Region {
  readonly stores: number;
  readonly timeZone: string;
  readonly place: () => { latitude: number; longitude: number };
  /** Units: degrees of a map's height. */
  readonly spread: number;
}

const REGIONS: readonly Region[] = [
  {
    stores: 2_500,
    timeZone: "Europe/Paris",
    place: () => ({ latitude: 48.86 + bell() * 0.06, longitude: 2.35 + bell() * 0.09 }),
    spread: 0.1,
  },
  {
    stores: 300,
    timeZone: "Africa/Casablanca",
    place: () => ({ latitude: between(32, 35), longitude: between(-9, -5) }),
    spread: 1,
  },
  {
    stores: 400,
    timeZone: "Pacific/Fiji",
    place: () => ({ latitude: -17 + bell() * 0.3, longitude: wrapped(180 + bell() * 0.3) }),
    spread: 0.3,
  },
  {
    stores: 150,
    timeZone: "Etc/GMT",
    place: () => ({ latitude: 90 - Math.abs(bell()) * 0.4, longitude: between(-180, 180) }),
    spread: 0.3,
  },
];
const CERTIFIERS = ["avs", "hmc", "jakim", "lppom"];
const HOURS = Array.from({ length: 60 }, () => {
  const days = [0, 1, 2, 3, 4, 5, 6].filter(() => random() < 0.8);
  const from = Math.floor(between(0, 24)) * 60 + oneOf([0, 0, 15, 30]);
  const until = (from + Math.floor(between(1, 9)) * 60) % 1440;
  return plainHours(days.length === 0 ? [5] : days, from, until);
});

type Procedure = "store.nearby" | "store.markers" | "store.inBounds" | "store.search";

interface Question extends FilterQuestion {
  readonly procedure: Procedure;
  readonly input: Readonly<Record<string, unknown>>;
}

function drawFilters(): Filters {
  const filters = {
    ...(random() < 0.2 ? { storeType: oneOf(STORE_TYPES) } : {}),
    ...(random() < 0.15 ? { halalCertifiedOnly: true } : {}),
    ...(random() < 0.3 ? { certifierIds: someOf(CERTIFIERS) } : {}),
    ...(random() < 0.35 ? { minRating: Math.round(between(0, 5) * 10) / 10 } : {}),
    ...(random() < 0.5 ? { openNow: true } : {}),
    ...(random() < 0.25 ? { halalClaim: someOf(HALAL_CLAIMS) } : {}),
  };
  return Object.keys(filters).length === 0 ? { openNow: true } : filters;
}

function draw(): Question {
  const region = oneOf(REGIONS);
  const here = region.place();
  const filters = drawFilters();
  const procedure = oneOf<Procedure>([
    "store.nearby",
    "store.nearby",
    "store.markers",
    "store.inBounds",
    "store.search",
  ]);
  if (procedure === "store.inBounds") {
    const [height, width] = [between(0, region.spread), between(0, region.spread * 2)];
    const bounds = oneOf([
      {
        south: here.latitude - height,
        north: Math.min(90, here.latitude + height),
        west: wrapped(here.longitude - width),
        east: wrapped(here.longitude + width),
      },
      { south: -90, north: 90, west: -180, east: 180 },
      { south: -60, north: between(-10, 80), west: between(100, 179), east: between(-179, 0) },
    ]);
    const limit = oneOf([1, 20, 200, 500]);
    const turn = bounds.east < bounds.west ? 360 : 0;
    const middle = {
      latitude: (bounds.south + bounds.north) / 2,
      longitude: wrapped(bounds.west + (bounds.east - bounds.west + turn) / 2),
    };
    const input = { ...bounds, limit, ...filters };
    return { procedure, filters, ...middle, limit, meters: null, bounds, input };
  }
  const radiusKm = oneOf([0.5, 2, 5, 20, 50, between(0.1, 50)]);
  if (procedure === "store.search") {
    const limit = oneOf([1, 20, 100]);
    const input = { query: "halal shop", near: here, limit, ...filters };
    return { procedure, filters, ...here, limit, meters: null, bounds: null, input };
  }
  const limit = oneOf(procedure === "store.nearby" ? [1, 20, 20, 100] : [20, 100, 300, 500]);
  const input = { ...here, radiusKm, limit, ...filters };
  return { procedure, filters, ...here, limit, meters: radiusKm * 1000, bounds: null, input };
}

const isCached = (procedure: Procedure) =>
  procedure === "store.nearby" || procedure === "store.markers";

let stack: Stack;
let first: Instance;
/** Reads the entries of the first instance from Redis. */
let second: Instance;
let now = new Date(BEGIN_MS);

beforeAll(async () => {
  if (stackKind() !== "docker") return;
  stack = await openStack();
  for (const id of CERTIFIERS)
    await stack.sql`insert into certifiers (id, name, country) values (${id}, ${id.toUpperCase()}, 'FR')`;
  const seeds = REGIONS.flatMap(({ stores, timeZone, place }) =>
    Array.from({ length: stores }, (): StoreSeed => {
      const { text } = oneOf(HOURS);
      const hours = random() < 0.8 ? { openingHours: text } : {};
      const kind = { storeType: oneOf(STORE_TYPES), halalCertified: random() < 0.4 };
      return { ...place(), ...kind, ...hours, timeZone };
    }),
  );
  await insertStores(stack.sql, seeds);
  await stack.sql`
    update stores set
      certifier_id = (array[null, ${CERTIFIERS[0] ?? ""}, ${CERTIFIERS[1] ?? ""}, ${CERTIFIERS[2] ?? ""}, ${CERTIFIERS[3] ?? ""}])[1 + floor(random() * 5)],
      average_rating = case when random() < 0.8 then round((random() * 5)::numeric, 1) end,
      halal_claim = (array[null, 'only', 'yes', 'limited'])[1 + floor(random() * 4)]`;
  await stack.sql`vacuum analyze stores`;
  const start = () => stack.startInstance({ now: () => now });
  [first, second] = await Promise.all([start(), start()]);
});

afterAll(() => (stackKind() === "docker" ? stack.close() : undefined));

interface Answered {
  readonly items: readonly Placed[];
  readonly total?: number | null;
  readonly truncated?: boolean;
}

/** The zones of every pair of hours that is open now. */
function openPairs(): string[] {
  return REGIONS.flatMap(({ timeZone }) =>
    HOURS.filter((hours) => isOpenAt(hours, timeZone, now)).map(
      ({ text }) => `${text} ${timeZone}`,
    ),
  );
}

// The embedded database's one connection cannot answer thousands of queries within their deadlines.
describe.skipIf(stackKind() !== "docker")(
  "answers with filters are the nearest that match, and as many as PostGIS finds,",
  () => {
    it(`for ${QUESTIONS} questions while shops open and close: cold, warm and from Redis`, async () => {
      const states: Record<string, number> = {};
      const wrong: object[] = [];
      let stores = 0;
      for (let epoch = 0; epoch < EPOCHS; epoch += 1) {
        now = new Date(BEGIN_MS + epoch * EPOCH_MS);
        const questions = Array.from({ length: Math.ceil(QUESTIONS / EPOCHS) }, draw);
        const truths = await filterTruths(stack.sql, questions, openPairs());
        // The entries for everybody of some cells, which answer filtered calls where they can.
        await mapLimited(questions, 8, async ({ procedure, filters, input }, place) => {
          if (place % 3 > 0 || !isCached(procedure)) return;
          const { storeType, halalCertifiedOnly } = filters;
          const { latitude, longitude, radiusKm, limit } = input;
          const everybody = { latitude, longitude, radiusKm, limit, storeType, halalCertifiedOnly };
          await query(first.url, procedure, everybody);
        });
        for (const [how, instance] of [
          ["cold", first],
          ["warm", first],
          ["shared", second],
        ] as const) {
          await mapLimited(questions, 8, async ({ procedure, input, limit }, place) => {
            if (how !== "cold" && procedure === "store.inBounds") return;
            // A busy machine may reject a call; this test checks the answers of the others.
            const { data, state, code } = await eventually(
              10_000,
              () => query<Answered>(instance.url, procedure, input),
              ({ status }) => status !== 503,
            );
            const truth = truths[place];
            const key = `${how} ${procedure} ${state}`;
            states[key] = (states[key] ?? 0) + 1;
            const items = data?.items.map(({ id, distance }) => ({ id, distance }));
            stores += items?.length ?? 0;
            const isRight =
              JSON.stringify(items) === JSON.stringify(truth?.items) &&
              (procedure !== "store.inBounds" ||
                (data?.total === truth?.total && data?.truncated === (truth?.total ?? 0) > limit));
            if (!isRight)
              wrong.push({ how, procedure, input, now, code, got: items?.length, data, truth });
          });
          await instance.deps.cache.drain();
        }
      }
      reportFigures("filters exact", { questions: QUESTIONS, stores, wrong: wrong.length, states });
      expect(JSON.stringify(wrong.slice(0, 2)).slice(0, 3_000)).toBe("[]");
      expect(stores).toBeGreaterThan(QUESTIONS * 10);
      // Entries answered, and the database where entries were cut.
      expect(states["cold store.nearby HIT"]).toBeGreaterThan(QUESTIONS / 40);
      expect(states["warm store.nearby HIT"]).toBeGreaterThan(QUESTIONS / 10);
      expect(states["warm store.nearby BYPASS"]).toBeGreaterThan(0);
    }, 300_000);
  },
);
