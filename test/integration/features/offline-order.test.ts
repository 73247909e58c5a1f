import { randomUUID } from "node:crypto";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FavoriteRef } from "../../../src/features/favorites/schemas.ts";
import { openStack, type Instance, type Stack, stackKind } from "../../support/stack.ts";
import { insertStores, insertTestSource } from "../../support/store-rows.ts";
import { insertProducts, newBarcode } from "../../support/user-rows.ts";

const isDocker = stackKind() === "docker";
const RUNS = isDocker ? 120 : 40;

let stack: Stack;
let instance: Instance;
let other: Instance;
let refs: FavoriteRef[];

beforeAll(async () => {
  stack = await openStack();
  await insertTestSource(stack.sql);
  const [product] = await insertProducts(stack.sql, [{}]);
  const [store = ""] = await insertStores(stack.sql, [{ latitude: 1, longitude: 1 }]);
  refs = [
    { kind: "product", id: product?.id ?? "" },
    { kind: "store", id: store },
  ];
  instance = await stack.startInstance();
  other = await stack.startInstance();
});

afterAll(() => stack.close());

const someone = async () => {
  const id = randomUUID();
  return { id, api: await instance.as({ id }), elsewhere: await other.as({ id }) };
};

const BEGAN_MS = Date.now() - 3_600_000;
const at = (minute: number) => new Date(BEGAN_MS + minute * 60_000).toISOString();
const keyOf = ({ kind, id }: Pick<FavoriteRef, "kind" | "id">) => `${kind} ${id}`;

/** Something that a phone did to one of `refs`. */
interface Deed {
  readonly item: number;
  readonly minute: number;
  readonly isRemoval: boolean;
}

/** All that a phone did, cut into the requests that tell it, in the order in which those arrive. */
const arrivals = fc
  .array(
    fc.record({
      item: fc.integer({ min: 0, max: 1 }),
      minute: fc.integer({ min: 0, max: 4 }),
      isRemoval: fc.boolean(),
    }),
    { minLength: 1, maxLength: 7 },
  )
  .chain((deeds: Deed[]) =>
    fc.record({
      deeds: fc.constant(deeds),
      // Each is told once or more.
      told: fc
        .shuffledSubarray([...deeds, ...deeds], { minLength: deeds.length })
        .map((some) => [...some, ...deeds.filter((deed) => !some.includes(deed))]),
      cuts: fc.array(fc.boolean(), { minLength: 14, maxLength: 14 }),
    }),
  )
  .map(({ deeds, told, cuts }) => {
    const requests: Deed[][] = [[]];
    told.forEach((deed, place) => {
      if (cuts[place] === true) requests.push([]);
      requests.at(-1)?.push(deed);
    });
    return { deeds, requests };
  });

/** Which are favourites once everything is told: where the last deed was an addition. */
function expectedFrom(deeds: readonly Deed[]): string[] {
  return refs
    .filter((_, item) => {
      const last = (isRemoval: boolean) =>
        Math.max(
          -1,
          ...deeds
            .filter((one) => one.item === item && one.isRemoval === isRemoval)
            .map((one) => one.minute),
        );
      return last(false) > last(true);
    })
    .map(keyOf)
    .sort();
}

function syncInput(deeds: readonly Deed[]) {
  const items = (isRemoval: boolean) =>
    deeds.flatMap((deed) => {
      const ref = refs[deed.item];
      return deed.isRemoval !== isRemoval || ref === undefined
        ? []
        : [{ ...ref, createdAt: at(deed.minute) }];
    });
  return { add: items(false), remove: items(true) };
}

describe("favorites.sync", () => {
  it("ends alike in whatever order its requests arrive, however often", async () => {
    await fc.assert(
      fc.asyncProperty(arrivals, async ({ deeds, requests }) => {
        const { api, elsewhere } = await someone();
        for (const [place, some] of requests.entries()) {
          const { favorites } = place % 2 === 0 ? api : elsewhere;
          const answer = await favorites.sync.mutate(syncInput(some));
          const { items } = await favorites.list.query();
          const sent = new Set(some.map(({ item }) => item).map((item) => refs[item]));
          // Each item of the request is told as it is, in one list.
          expect(answer.added.map(keyOf).sort()).toEqual(
            items
              .map(keyOf)
              .filter((key) => [...sent].some((ref) => ref !== undefined && keyOf(ref) === key))
              .sort(),
          );
          expect(answer.added.length + answer.removed.length).toBe(sent.size);
          expect(answer.unknown).toEqual([]);
        }
        const { items } = await api.favorites.list.query();
        expect(items.map(keyOf).sort()).toEqual(expectedFrom(deeds));
      }),
      { numRuns: RUNS },
    );
  }, 60_000);

  it("ends alike when all of its requests arrive at once", async () => {
    await fc.assert(
      fc.asyncProperty(arrivals, async ({ deeds, requests }) => {
        const { api, elsewhere } = await someone();
        await Promise.all(
          requests.map((some, place) =>
            (place % 2 === 0 ? api : elsewhere).favorites.sync.mutate(syncInput(some)),
          ),
        );
        const { items } = await api.favorites.list.query();
        expect(items.map(keyOf).sort()).toEqual(expectedFrom(deeds));
      }),
      { numRuns: RUNS },
    );
  }, 60_000);

  it("has one time for a favourite that was added, removed and added, in all six orders", async () => {
    const [ref] = refs;
    if (ref === undefined) throw new Error("no seed");
    const told = [
      { add: [{ ...ref, createdAt: at(1) }] },
      { remove: [{ ...ref, createdAt: at(2) }] },
      { add: [{ ...ref, createdAt: at(3) }] },
    ];
    for (const order of [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ]) {
      const { api } = await someone();
      for (const place of order) await api.favorites.sync.mutate(told[place] ?? {});
      const { items } = await api.favorites.list.query();
      expect([order, items.map(({ createdAt }) => createdAt)]).toEqual([order, [at(3)]]);
    }
  });

  it("gives way to what is done online, which is later than all before", async () => {
    const { api, elsewhere } = await someone();
    const [ref] = refs;
    if (ref === undefined) throw new Error("no seed");
    const { favorites } = api;
    for (let i = 0; i < 20; i += 1) {
      expect((await favorites.add.mutate(ref)).added).toBe(true);
      expect((await elsewhere.favorites.remove.mutate(ref)).removed).toBe(true);
      expect((await favorites.sync.mutate({ add: [ref] })).added).toEqual([ref]);
      expect((await elsewhere.favorites.sync.mutate({ remove: [ref] })).removed).toEqual([ref]);
    }
    const late = { add: [{ ...ref, createdAt: at(1) }] };
    expect(await favorites.sync.mutate(late)).toEqual({
      added: [],
      removed: [ref],
      unknown: [],
      overLimit: [],
    });
    await favorites.add.mutate(ref);
    const lateRemoval = { remove: [{ ...ref, createdAt: at(2) }] };
    expect((await favorites.sync.mutate(lateRemoval)).added).toEqual([ref]);
  });

  it("forgets half a year later what was removed, when the user next changes something", async () => {
    const { api, id } = await someone();
    await api.favorites.sync.mutate({ remove: refs });
    await stack.sql`
      update favorite_removals set recorded_at = recorded_at - interval '7 months' where user_id = ${id}`;
    await api.favorites.sync.mutate({ add: refs.slice(0, 1) });
    expect(await stack.sql`select from favorite_removals where user_id = ${id}`).toHaveLength(0);
  });
});

describe("a removed scan", () => {
  it("does not come back, in whatever order it is sent and removed, one by one or at once", async () => {
    const calls = fc.array(fc.constantFrom("record", "recordMany", "remove"), {
      minLength: 1,
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(calls, fc.boolean(), async (kinds, atOnce) => {
        const { api, elsewhere, id: userId } = await someone();
        const scan = { id: randomUUID(), barcode: newBarcode(), scannedAt: at(0) };
        const kept = { ...scan, id: randomUUID() };
        const call = async (kind: string, place: number) => {
          const { scans } = place % 2 === 0 ? api : elsewhere;
          if (kind === "record") return [await scans.record.mutate(scan)];
          if (kind === "recordMany")
            return (await scans.recordMany.mutate({ scans: [kept, scan] })).outcomes.slice(1);
          await scans.remove.mutate({ id: scan.id }).catch(() => {});
          return [];
        };
        const answers: unknown[] = [];
        if (atOnce) answers.push(...(await Promise.all(kinds.map(call))).flat());
        else
          for (const [place, kind] of kinds.entries()) answers.push(...(await call(kind, place)));
        // The phone is told the same each time, so that it stops sending.
        const told = { scan: { id: scan.id }, verdict: { halalStatus: "unknown" } };
        const sent = kinds.filter((kind) => kind !== "remove");
        expect(answers).toMatchObject(sent.map(() => told));
        const rows = await stack.sql<
          { id: string }[]
        >`select id from scans where user_id = ${userId}`;
        const expected = [
          ...(kinds.includes("recordMany") ? [kept.id] : []),
          ...(kinds.includes("remove") ? [] : [scan.id]),
        ];
        expect(rows.map(({ id }) => id).sort()).toEqual(expected.sort());
      }),
      { numRuns: RUNS },
    );
  }, 60_000);

  it("is forgotten half a year later, when the user next removes one", async () => {
    const { api, id } = await someone();
    await api.scans.remove.mutate({ id: randomUUID() }).catch(() => {});
    await stack.sql`
      update scan_removals set removed_at = removed_at - interval '7 months' where user_id = ${id}`;
    await api.scans.remove.mutate({ id: randomUUID() }).catch(() => {});
    expect(await stack.sql`select from scan_removals where user_id = ${id}`).toHaveLength(1);
  });
});
