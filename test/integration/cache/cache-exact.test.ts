import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { STORE_TYPES } from "../../../src/db/tables/vocabulary.ts";
import geographiclib from "geographiclib-geodesic";
import { cellBounds, cellOf } from "../../../src/geo/cell.ts";
import { eventually, mapLimited, query, reportFigures, seededRandom } from "../../support/calls.ts";
import { nearbyTruths, type Placed } from "../../support/nearby-truth.ts";
import { insertStores, type NearbyQuestion, type StoreSeed } from "../../support/store-rows.ts";
import { openStack, type Instance, type Stack, stackKind } from "../../support/stack.ts";

const random = seededRandom(20_261_121);
const between = (low: number, high: number) => low + (high - low) * random();
const bell = () => random() + random() + random() - 1.5;
function oneOf<T>(items: readonly T[]): T {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error("nothing to choose from");
  return item;
}
const wrapped = (longitude: number) => ((longitude + 540) % 360) - 180;
const clamped = (latitude: number) => Math.max(-90, Math.min(90, latitude));

interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

/** Kinds of places where cells could be wrong, with the positions of stores and callers. */
const REGIONS: Record<
  string,
  { stores: number; draws: number; store: () => Place; caller: () => Place }
> = {
  denseCity: {
    stores: 1_500,
    draws: 550,
    store: () => ({ latitude: 48.86 + bell() * 0.08, longitude: 2.35 + bell() * 0.12 }),
    caller: () => ({ latitude: 48.86 + bell() * 0.09, longitude: 2.35 + bell() * 0.13 }),
  },
  sparseCountry: {
    stores: 300,
    draws: 300,
    store: () => ({ latitude: between(44, 47), longitude: between(-1, 4) }),
    caller: () => ({ latitude: between(44, 47), longitude: between(-1, 4) }),
  },
  cellEdgesAndCorners: {
    stores: 800,
    draws: 500,
    store: () => ({ latitude: 33.57 + bell() * 0.05, longitude: -7.6 + bell() * 0.05 }),
    caller: () => {
      const { minLatitude, maxLatitude, minLongitude, maxLongitude } = cellBounds(
        cellOf({ latitude: 33.57 + bell() * 0.05, longitude: -7.6 + bell() * 0.05 }),
      );
      const nudge = () => oneOf([0, 0, 1e-12, -1e-12, 1e-9, -1e-9]);
      return oneOf([
        { latitude: minLatitude + nudge(), longitude: between(minLongitude, maxLongitude) },
        { latitude: between(minLatitude, maxLatitude), longitude: maxLongitude + nudge() },
        {
          latitude: oneOf([minLatitude, maxLatitude]) + nudge(),
          longitude: oneOf([minLongitude, maxLongitude]) + nudge(),
        },
      ]);
    },
  },
  antimeridian: {
    stores: 400,
    draws: 300,
    store: () => ({ latitude: -17 + bell() * 0.5, longitude: wrapped(180 + bell() * 0.5) }),
    caller: () => ({
      latitude: -17 + bell() * 0.5,
      longitude: oneOf([180, -180, wrapped(180 + bell() * 0.02), wrapped(180 + bell() * 0.5)]),
    }),
  },
  poles: {
    stores: 400,
    draws: 300,
    store: () => ({
      latitude: clamped(oneOf([1, -1]) * (90 - Math.abs(bell()) * 0.5)),
      longitude: between(-180, 180),
    }),
    caller: () => ({
      latitude: oneOf([90, -90, clamped(oneOf([1, -1]) * (90 - Math.abs(bell()) * 0.4))]),
      longitude: oneOf([180, -180, between(-180, 180)]),
    }),
  },
  manyAtOnePoint: {
    stores: 600,
    draws: 200,
    store: () =>
      oneOf([
        { latitude: 21.4225, longitude: 39.8262 },
        { latitude: 21.4225, longitude: 39.8262 },
        { latitude: 21.4225 + bell() * 0.02, longitude: 39.8262 + bell() * 0.02 },
      ]),
    caller: () =>
      oneOf([
        { latitude: 21.4225, longitude: 39.8262 },
        { latitude: 21.4225 + bell() * 0.02, longitude: 39.8262 + bell() * 0.02 },
      ]),
  },
};

function seed(place: Place): StoreSeed {
  return { ...place, storeType: oneOf(STORE_TYPES), halalCertified: random() < 0.4 };
}

function draw(place: Place): NearbyQuestion {
  return {
    ...place,
    radiusKm: oneOf([0.1, 1, 2, 5, 10, 20, 50, between(0.1, 50), between(0.1, 2)]),
    limit: oneOf([1, 2, 20, 100, Math.ceil(between(0, 100)), 500, Math.ceil(between(100, 500))]),
    ...(random() < 0.3 ? { storeType: oneOf(STORE_TYPES) } : {}),
    ...(random() < 0.3 ? { halalCertifiedOnly: true } : {}),
  };
}

/**
 * The place where PostGIS's order by the sphere is most wrong: near a pole the sphere makes distances to the north and
 * south 0.45 % too short. As many stores as an entry has are 45 km south of a cell's centre, and as many are slightly
 * farther in the north, but nearer to callers at the cell's northern edge.
 */
const MARGIN_CELL = cellBounds(cellOf({ latitude: 80, longitude: 20 }));
const MARGIN_METERS = 45_000;
const marginStores: StoreSeed[] = Array.from({ length: 100 }, (_, i) => i).flatMap((i) =>
  [
    { azimuth: 180, meters: MARGIN_METERS - (i % 10) },
    { azimuth: 0, meters: MARGIN_METERS + 50 + i * 5 },
  ].map(({ azimuth, meters }) => {
    const { minLatitude, maxLatitude, minLongitude, maxLongitude } = MARGIN_CELL;
    const { lat2 = 0, lon2 = 0 } = geographiclib.Geodesic.WGS84.Direct(
      (minLatitude + maxLatitude) / 2,
      (minLongitude + maxLongitude) / 2,
      azimuth,
      meters,
    );
    return { latitude: lat2, longitude: lon2 };
  }),
);
const marginQuestions: NearbyQuestion[] = [20, 60, 100].flatMap((limit) => {
  const { minLatitude, maxLatitude, minLongitude, maxLongitude } = MARGIN_CELL;
  return [maxLatitude - 1e-9, minLatitude].flatMap((latitude) =>
    [minLongitude, maxLongitude - 1e-9].map((longitude) => ({
      latitude,
      longitude,
      radiusKm: 50,
      limit,
    })),
  );
});

const questions: NearbyQuestion[] = [
  ...Object.values(REGIONS).flatMap(({ draws, caller }) =>
    Array.from({ length: draws }, () => draw(caller())),
  ),
  ...marginQuestions,
];

let stack: Stack;
let instance: Instance;
/** Reads the entries of the first instance from Redis. */
let second: Instance;
let ids: string[];

beforeAll(async () => {
  stack = await openStack();
  ids = await insertStores(
    stack.sql,
    Object.values(REGIONS).flatMap(({ stores, store }) =>
      Array.from({ length: stores }, () => seed(store())),
    ),
  );
  await insertStores(stack.sql, marginStores);
  [instance, second] = await Promise.all([stack.startInstance(), stack.startInstance()]);
});

afterAll(() => stack.close());

interface Asked {
  readonly wrong: { question: NearbyQuestion; got: Placed[]; truth: Placed[] | undefined }[];
  readonly states: Record<string, number>;
  readonly stores: number;
}

/** Limits above that of `store.nearby` are used with `store.markers` only. */
async function ask({ url }: Instance, truths: readonly Placed[][]): Promise<Asked> {
  const states: Record<string, number> = {};
  let stores = 0;
  const answers = await mapLimited(questions, 8, async (question) => {
    // A busy machine may reject a call; this test checks the answers of the others.
    const { data, state, code } = await eventually(
      10_000,
      () =>
        query<{ items: readonly Placed[] }>(
          url,
          question.limit > 100 ? "store.markers" : "store.nearby",
          question,
        ),
      ({ status }) => status !== 503,
    );
    if (data === undefined) throw new Error(`${code} to ${JSON.stringify(question)}`);
    states[state] = (states[state] ?? 0) + 1;
    stores += data.items.length;
    return data.items.map(({ id, distance }) => ({ id, distance }));
  });
  const wrong = answers.flatMap((got, place) => {
    const question = questions[place];
    const truth = truths[place];
    return question === undefined || JSON.stringify(got) === JSON.stringify(truth)
      ? []
      : [{ question, got, truth }];
  });
  return { wrong, states, stores };
}

async function writeAtRandom(): Promise<void> {
  const regions = Object.values(REGIONS);
  for (let i = 0; i < 60; i += 1) {
    const moved = oneOf(regions).store();
    await stack.sql`update stores set latitude = ${moved.latitude}, longitude = ${moved.longitude} where id = ${oneOf(ids)}`;
    await stack.sql`update stores set removed_at = now() where id = ${oneOf(ids)}`;
    await stack.sql`update stores set halal_certified = not halal_certified, store_type = ${oneOf(STORE_TYPES)} where id = ${oneOf(ids)}`;
  }
  await insertStores(
    stack.sql,
    Array.from({ length: 60 }, () => seed(oneOf(regions).store())),
  );
  await stack.sql`delete from stores where id in ${stack.sql(Array.from({ length: 20 }, () => oneOf(ids)))}`;
  await Promise.all([instance, second].map(({ deps }) => deps.cache.catchUp()));
}

// The embedded database's one connection cannot answer thousands of queries within their deadlines.
describe.skipIf(stackKind() !== "docker")(
  "cached answers of store.nearby and store.markers equal PostGIS's answers for the exact position",
  () => {
    it("for 2,150 draws in all kinds of places: cold, from Redis, warm, and after random writes", async () => {
      expect(questions.length).toBeGreaterThanOrEqual(2_000);
      const truths = await nearbyTruths(stack.sql, questions);
      const cold = await ask(instance, truths);
      expect(cold.wrong.slice(0, 3)).toEqual([]);
      await instance.deps.cache.drain();
      const shared = await ask(second, truths);
      expect(shared.wrong.slice(0, 3)).toEqual([]);
      expect(second.deps.metrics.cacheStats.answers.get("stores")?.redis.HIT).toBeGreaterThan(500);
      const warm = await ask(second, truths);
      expect(warm.wrong.slice(0, 3)).toEqual([]);
      expect(warm.states["HIT"]).toBeGreaterThan(questions.length * 0.9);
      await writeAtRandom();
      const truthsAfter = await nearbyTruths(stack.sql, questions);
      const afterWrites = await ask(instance, truthsAfter);
      expect(afterWrites.wrong.slice(0, 3)).toEqual([]);
      expect(afterWrites.states["MISS"]).toBeGreaterThan(0);
      await instance.deps.cache.drain();
      const sharedAfter = await ask(second, truthsAfter);
      expect(sharedAfter.wrong.slice(0, 3)).toEqual([]);
      expect(cold.stores).toBeGreaterThan(20_000);
      reportFigures("exact", {
        draws: questions.length,
        stores: cold.stores,
        cold: cold.states,
        shared: shared.states,
        warm: warm.states,
        afterWrites: afterWrites.states,
        sharedAfterWrites: sharedAfter.states,
      });
    }, 300_000);
  },
);
