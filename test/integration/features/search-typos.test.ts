import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as fc from "fast-check";
import { insertAdditives } from "../../support/catalog-rows.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { insertStores, insertTestSource } from "../../support/store-rows.ts";
import { callerOf } from "../../support/user-rows.ts";

const LYON = { latitude: 45.76, longitude: 4.84 };
const RUNS = 400;

let stack: Stack;
let instance: Instance;

beforeAll(async () => {
  stack = await openStack();
  await insertTestSource(stack.sql);
  instance = await stack.startInstance();
});

afterAll(() => stack.close());

/** Every text that one typo makes of a word: a letter wrong, missing or too many, or two neighbours swapped. */
function typosOf(word: string, wrongLetter: string): string[] {
  const letters = Array.from(word);
  const typos = letters.flatMap((_letter, at) => [
    letters.with(at, wrongLetter),
    letters.toSpliced(at, 1),
    letters.toSpliced(at, 0, wrongLetter),
    letters.toSpliced(at, 2, ...letters.slice(at, at + 2).toReversed()),
  ]);
  return [...new Set([...typos, [...letters, wrongLetter]].map((typo) => typo.join("")))];
}

/** Whether one typo at most is between two words; the reference. */
function isOneTypoAway(one: string, other: string): boolean {
  const [a, b] = [Array.from(one), Array.from(other)];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  const [restA, restB] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  return (
    Math.max(restA.length, restB.length) <= 1 ||
    (restA.length === 2 && restB.length === 2 && restA[0] === restB[1] && restA[1] === restB[0])
  );
}

it("takes a word for another exactly where one typo is between them", async () => {
  // Few letters, so that words are often near each other.
  const letter = fc.constantFrom("a", "b", "c", "é", "ح");
  const word = fc.array(letter, { minLength: 2, maxLength: 8 }).map((letters) => letters.join(""));
  const typo = fc
    .tuple(word, fc.nat(), letter)
    .map(([from, at, wrong]): [string, string] => [
      from,
      typosOf(from, wrong)[at % typosOf(from, wrong).length] ?? from,
    ]);
  const pairs = fc.sample(fc.oneof(fc.tuple(word, word), typo), 3_000);
  const rows = await stack.sql<{ meant: boolean }[]>`
    select search_forms(known) && array_append(search_slips(asked), asked) as meant
    from json_to_recordset(${JSON.stringify(pairs.map(([known, asked]) => ({ known, asked })))}::text::json)
      as pairs(known text, asked text)`;
  const wrong = pairs.filter(([known, asked], index) => {
    const findable = known.length >= 4 && (asked.length >= 3 || asked === known);
    return rows[index]?.meant !== (findable && isOneTypoAway(known, asked));
  });
  expect(wrong).toEqual([]);
  expect(rows.filter(({ meant }) => meant).length).toBeGreaterThan(RUNS);
});

describe("store.search", () => {
  const names = [
    ["French", "z", ["Épicerie", "Boucherie", "Halles", "Côté"]],
    ["English", "x", ["Bakery", "Atlas", "Zaytuna", "Deli"]],
    ["Arabic", "ظ", ["ملحمة", "الأندلس", "مخبز", "مطعم"]],
  ] as const;

  beforeAll(async () => {
    await insertStores(
      stack.sql,
      names.flatMap(([, , words]) => words.map((name) => ({ name, latitude: 10, longitude: 20 }))),
    );
  });

  it.each(names)("finds a %s name of one word by every typo", async (_language, wrong, words) => {
    const api = callerOf(instance, {});
    const missed: string[] = [];
    for (const name of words) {
      for (const query of typosOf(name, wrong)) {
        for (const near of [undefined, LYON]) {
          const { items } = await api.store.search({ query, near });
          if (!items.some((item) => item.name === name)) missed.push(`${query} for ${name}`);
        }
      }
    }
    expect(missed).toEqual([]);
  });

  it("takes the Arabic article for granted, there or not", async () => {
    const api = callerOf(instance, {});
    for (const query of ["اندلس", "الملحمة", "أندسل"]) {
      const { items } = await api.store.search({ query });
      expect([query, items.length]).toEqual([query, 1]);
    }
  });

  it("does not take one number for another, or a short word for another", async () => {
    const names = ["1789", "1798", "Sel", "Sal"];
    await insertStores(
      stack.sql,
      names.map((name) => ({ name, ...LYON })),
    );
    const api = callerOf(instance, {});
    for (const query of ["1798", "Sal"]) {
      const { items } = await api.store.search({ query });
      expect(items.map(({ name }) => name)).toEqual([query]);
    }
  });

  it("wants all words, and forgives a typo in each", async () => {
    await insertStores(stack.sql, [
      { name: "Poissonnerie Miramar", ...LYON },
      { name: "Poissonnerie du Port", ...LYON },
      { name: "Miramar", ...LYON },
    ]);
    const api = callerOf(instance, {});
    for (const near of [undefined, LYON]) {
      const { items } = await api.store.search({ query: "la posisonnerie mirramar", near });
      expect(items.map(({ name }) => name)).toEqual(["Poissonnerie Miramar"]);
    }
    // No name has both words.
    const { items } = await api.store.search({ query: "poissonnerie miramont" });
    expect(items[0]?.name).toBe("Poissonnerie Miramar");
  });

  it("knows the words of a store as soon as it is renamed", async () => {
    const [id = ""] = await insertStores(stack.sql, [{ name: "Before", ...LYON }]);
    const admin = callerOf(instance, { user: { id, isAdmin: true } });
    const search = async (query: string) =>
      (await admin.store.search({ query })).items.map(({ name }) => name);
    await admin.store.update({ id, name: "Quetsche" });
    expect(await search("quetcshe")).toEqual(["Quetsche"]);
    await admin.store.remove({ id });
    expect(await search("quetcshe")).toEqual([]);
  });

  it("pages without repeats, nearest first, when thousands match", async () => {
    const around = (i: number) => ({
      latitude: LYON.latitude + 3 * Math.sin(i * 7.7),
      longitude: LYON.longitude + 3 * Math.cos(i * 3.3),
    });
    await insertStores(stack.sql, [
      ...Array.from({ length: 1_500 }, (_, i) => ({ ...around(i), name: `Lavomatic ${i}` })),
      // More than are measured, and none of them among the nearest.
      ...Array.from({ length: 5_500 }, (_, i) => ({
        latitude: 30 + 2 * Math.sin(i * 5.1),
        longitude: 120 + 2 * Math.cos(i * 2.9),
        name: `Quincaillerie ${i}`,
      })),
    ]);
    const api = callerOf(instance, {});
    for (const near of [undefined, LYON]) {
      const seen = new Set<string>();
      const keys: number[] = [];
      let cursor: string | null = null;
      for (let page = 0; page < 4; page += 1) {
        const found: Awaited<ReturnType<typeof api.store.search>> = await api.store.search({
          query: "quinciallerie",
          near,
          limit: 100,
          cursor,
        });
        for (const { id, distance } of found.items) {
          seen.add(id);
          keys.push(distance ?? 0);
        }
        cursor = found.nextCursor;
      }
      expect(seen.size).toBe(400);
      expect(keys).toEqual(keys.toSorted((a, b) => a - b));
      if (near === undefined) continue;
      const [nearest] = await stack.sql<{ meters: number }[]>`
        select round(min(ST_Distance(location, ST_MakePoint(${LYON.longitude}, ${LYON.latitude})::geography))::numeric, 1)::float8
          as meters from stores where name like 'Quincaillerie %'`;
      expect(keys[0]).toBe(nearest?.meters);
    }
  });
});

describe("additive.search", () => {
  const named = { code: "E322", en: "Lecithin", fr: "Gélatine", ar: "جيلاتين" };

  beforeAll(() => insertAdditives(stack.sql, [named, { code: "E330", en: "Citric acid" }]));

  it.each([
    ["English", "Lecithin", "x"],
    ["French", "gélatine", "o"],
    ["Arabic", "جيلاتين", "ظ"],
  ])("finds a name in %s by every typo", async (_language, name, wrong) => {
    const api = callerOf(instance, {});
    const missed: string[] = [];
    for (const query of typosOf(name, wrong)) {
      const { items } = await api.additive.search({ query });
      if (items[0]?.code !== named.code) missed.push(query);
    }
    expect(missed).toEqual([]);
  });
});
