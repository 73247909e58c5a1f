import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, mapLimited, query, reportFigures, seededRandom } from "../../support/calls.ts";
import { readWithinASecond } from "../../support/catalog-rows.ts";
import type { Placed } from "../../support/nearby-truth.ts";
import { openStack, type Instance, type Stack, stackKind } from "../../support/stack.ts";
import { insertStores, type StoreSeed } from "../../support/store-rows.ts";

// The embedded database has one connection.
const QUESTIONS = Number(process.env["SEARCH_QUESTIONS"] ?? (stackKind() === "docker" ? 400 : 80));
const random = seededRandom(18);
const bell = () => random() + random() + random() - 1.5;
const wrapped = (longitude: number) => ((longitude + 540) % 360) - 180;
function oneOf<T>(items: readonly T[]): T {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error("nothing to choose from");
  return item;
}

/** The places of shops: a city, villages, the antimeridian and a pole. */
const REGIONS: readonly (() => { latitude: number; longitude: number })[] = [
  () => ({ latitude: 48.86 + bell() * 0.05, longitude: 2.35 + bell() * 0.08 }),
  () => ({ latitude: 48.86 + bell() * 0.05, longitude: 2.35 + bell() * 0.08 }),
  () => ({ latitude: 33 + bell() * 2, longitude: -7 + bell() * 2 }),
  () => ({ latitude: -17 + bell() * 0.3, longitude: wrapped(180 + bell() * 0.3) }),
  () => ({ latitude: 90 - Math.abs(bell()) * 0.4, longitude: random() * 360 - 180 }),
];
/** Words of names and how many names of 100 have them; the last is only in the last region. */
const WORDS = [
  ["Grillhaus", 40],
  ["Bakehouse", 6],
  ["Marwari", 1],
] as const;
const FAR = "Polarhaus";

let stack: Stack;
let first: Instance;
/** Reads the entries of the first instance from Redis, where there is one. */
let second: Instance;

beforeAll(async () => {
  stack = await openStack();
  const seeds = Array.from({ length: 3_000 }, (_, i): StoreSeed => {
    const region = i % REGIONS.length;
    const words: string[] = WORDS.flatMap(([word, share]) =>
      random() * 100 < share ? [word] : [],
    );
    if (region === REGIONS.length - 1 && random() < 0.3) words.push(FAR);
    const place = REGIONS[region]?.() ?? { latitude: 0, longitude: 0 };
    const storeType = oneOf(["butcher", "bakery"] as const);
    return { ...place, storeType, name: `Shop ${words.join(" ")} ${i}` };
  });
  // Some share a place.
  seeds.push(...seeds.slice(0, 200));
  await insertStores(stack.sql, seeds);
  [first, second] = [await stack.startInstance(), await stack.startInstance()];
});

afterAll(() => stack.close());

interface Question {
  readonly query: string;
  readonly near: { readonly latitude: number; readonly longitude: number };
  readonly limit: number;
  readonly storeType?: "butcher";
}

function draw(): Question {
  const region = oneOf(REGIONS);
  const { latitude, longitude } = region();
  const near = { latitude: Math.min(90, latitude + bell() * 0.02), longitude };
  const word = oneOf([...WORDS.map(([one]) => one), FAR]);
  return {
    // Case and spaces make no other question.
    query: oneOf([word, word.toUpperCase(), ` ${word} `, `shop  ${word}`]),
    near,
    limit: oneOf([1, 20, 20]),
    ...(random() < 0.2 ? { storeType: "butcher" as const } : {}),
  };
}

/** Every store with the words, measured by PostGIS, without index and cache. */
async function truthOf({ query: text, near, limit, storeType }: Question): Promise<Placed[]> {
  const words = text.trim().toLowerCase().split(/ +/);
  const rows = await stack.sql<{ id: string; distance: string }[]>`
    select id, round(meters::numeric, 1)::text as distance from (
      select id, ST_Distance(location, ST_SetSRID(ST_MakePoint(${near.longitude}, ${near.latitude}), 4326)::geography) as meters
      from stores where removed_at is null and string_to_array(lower(name), ' ') @> string_to_array(${words.join(" ")}, ' ')
        and (${storeType ?? null}::text is null or store_type = ${storeType ?? null})
    ) as measured order by meters, id limit ${limit}`;
  return rows.map(({ id, distance }) => ({ id, distance: Number(distance) }));
}

interface Page {
  readonly items: readonly Placed[];
  readonly nextCursor: string | null;
}
const placed = (page: Page | undefined) =>
  page?.items.map(({ id, distance }) => ({ id, distance }));

describe("searches that entries of cells answer", () => {
  it(`show what PostGIS finds, for ${QUESTIONS} questions: cold, warm and from the other instance`, async () => {
    const questions = Array.from({ length: QUESTIONS }, draw);
    const truths = await mapLimited(questions, 4, truthOf);
    const states: Record<string, number> = {};
    const wrong: object[] = [];
    for (const [how, instance] of [
      ["cold", first],
      ["warm", first],
      ["shared", second],
    ] as const) {
      await mapLimited(questions, 4, async (question, place) => {
        // A busy machine may reject a call; this test checks the answers of the others.
        const { data, state } = await eventually(
          10_000,
          () => query<Page>(instance.url, "store.search", question),
          ({ status }) => status !== 503,
        );
        states[`${how} ${state}`] = (states[`${how} ${state}`] ?? 0) + 1;
        if (JSON.stringify(placed(data)) !== JSON.stringify(truths[place]))
          wrong.push({ how, question, state, got: placed(data), truth: truths[place] });
      });
      await instance.deps.cache.drain();
    }
    reportFigures("search exact", { questions: QUESTIONS, wrong: wrong.length, states });
    expect(JSON.stringify(wrong.slice(0, 1)).slice(0, 3_000)).toBe("[]");
    expect(states["warm HIT"]).toBeGreaterThan(QUESTIONS / 2);
  }, 300_000);

  it("go on after a page of an entry where it ended, with no store twice and none left out", async () => {
    for (const word of ["Grillhaus", FAR]) {
      const near = { latitude: 48.861234, longitude: 2.345678 };
      const all = await truthOf({ query: word, near, limit: 60 });
      const seen: Placed[] = [];
      let cursor: string | null = null;
      for (let page = 0; page < 3; page += 1) {
        const { data }: { data: Page | undefined } = await query<Page>(first.url, "store.search", {
          query: word,
          near,
          limit: 20,
          ...(cursor === null ? {} : { cursor }),
        });
        seen.push(...(placed(data) ?? []));
        cursor = data?.nextCursor ?? null;
      }
      expect(seen).toEqual(all);
    }
  });
});

describe("a search's entry", () => {
  const near = { latitude: -34.6, longitude: -58.4 };
  const word = "Quesillo";
  const ask = (from: Instance) =>
    query<Page>(from.url, "store.search", { query: word, near, limit: 20 });
  const idsSeen = async (from: Instance) =>
    (await ask(from)).data?.items.map(({ id }) => id).join() ?? "";

  it("shows a store that is made, renamed, moved or removed: here at once, on the other instance within a second", async () => {
    const admin = (await first.as({ isAdmin: true })).store;
    const expectSeen = async (ids: string) => {
      expect(await idsSeen(first)).toBe(ids);
      expect(await readWithinASecond(() => idsSeen(second), ids)).toBe(ids);
    };
    await expectSeen("");
    const { id } = await admin.create.mutate({ ...near, name: `El ${word}`, storeType: "bakery" });
    await expectSeen(id);
    // With one typo only while no store has the word itself is it meant; it is meant beside it, too.
    const other = await admin.create.mutate({
      latitude: near.latitude + 0.01,
      longitude: near.longitude,
      name: "Quesilo",
      storeType: "bakery",
    });
    await expectSeen(`${id},${other.id}`);
    await admin.update.mutate({ id, name: "El Asador" });
    await expectSeen(other.id);
    await admin.update.mutate({ id, name: `El ${word}`, latitude: near.latitude + 0.02 });
    await expectSeen(`${other.id},${id}`);
    await admin.remove.mutate({ id: other.id });
    await expectSeen(id);
    await admin.remove.mutate({ id });
    await expectSeen("");
  });

  it("stays when a store changes that is farther than any that it shows, and goes when one nearer does", async () => {
    const common = "Carniceria";
    const ids = await insertStores(
      stack.sql,
      Array.from({ length: 40 }, (_, i) => ({
        latitude: near.latitude + i * 0.0001,
        longitude: near.longitude,
        name: common,
      })),
    );
    const [far] = await insertStores(stack.sql, [{ latitude: 60, longitude: 25, name: common }]);
    const state = async () =>
      (await query<Page>(first.url, "store.search", { query: common, near })).state;
    await first.deps.cache.catchUp();
    expect(await state()).toBe("MISS");
    await stack.sql`update stores set phone = '1' where id = ${far ?? ""}`;
    await first.deps.cache.catchUp();
    expect(await state()).toBe("HIT");
    await stack.sql`update stores set phone = '1' where id = ${ids[3] ?? ""}`;
    await first.deps.cache.catchUp();
    expect(await state()).toBe("MISS");
  });
});
