import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { COPENHAGEN, countsOf, type Importer, openImporter } from "../../support/import-run.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";

/** Running instances show an import within 1 s of its end; the second one is for a loaded machine. */
const SHOWN_WITHIN = { timeout: 5_000, interval: 50 };
const NOW = new Date("2026-11-26T12:00:00Z");

let stack: Stack;
let instance: Instance;
let importer: Importer;

beforeAll(async () => {
  stack = await openStack();
  instance = await stack.startInstance();
  importer = openImporter(stack);
});

afterAll(async () => {
  await importer.close();
  await stack.close();
});

/** A file with one node for each set of tags, eastward from the centre. */
function nodes(all: readonly Readonly<Record<string, unknown>>[]): string {
  const elements = all.map((tags, id) => ({
    type: "node",
    id,
    lat: COPENHAGEN.latitude,
    lon: COPENHAGEN.longitude + id / 1e4,
    tags,
  }));
  return JSON.stringify({ elements });
}

const place = (name: string) => ({ name, amenity: "restaurant", "diet:halal": "yes" });

async function importNodes(all: readonly Readonly<Record<string, unknown>>[]) {
  const summary = await importer.run("stores", importer.write("places.json", nodes(all)), {
    now: NOW,
  });
  return { counts: countsOf(summary), reasons: Object.fromEntries(summary.reasons) };
}

const names = async () => {
  const { items } = await instance.client.store.nearby.query({ ...COPENHAGEN, radiusKm: 1 });
  return items.map(({ name }) => name);
};

describe("places that are closed or not halal", () => {
  const open = [place("A"), place("B"), place("C"), place("D")];
  const shut = [
    { name: "A", "disused:amenity": "restaurant", "diet:halal": "yes" },
    { ...place("B"), end_date: "2020" },
    { ...place("C"), "diet:halal": "no" },
    place("D"),
  ];

  it("are not taken when they are new", async () => {
    expect(await importNodes(shut)).toEqual({
      counts: [4, 1, 0, 0, 3],
      reasons: { closed: 2, not_halal: 1 },
    });
    await expect.poll(names, SHOWN_WITHIN).toEqual(["D"]);
  });

  it("disappear when their source says so, everywhere, and return when it says otherwise", async () => {
    expect((await importNodes(open)).counts).toEqual([4, 3, 0, 1, 0]);
    await expect.poll(names, SHOWN_WITHIN).toEqual(["A", "B", "C", "D"]);
    const { items } = await instance.client.store.nearby.query(COPENHAGEN);
    const ids = items.map(({ id }) => id);

    expect(await importNodes(shut)).toEqual({ counts: [4, 0, 3, 1, 0], reasons: {} });
    await expect.poll(names, SHOWN_WITHIN).toEqual(["D"]);
    for (const id of ids.slice(0, 3)) {
      await expect(instance.client.store.byId.query({ id })).rejects.toMatchObject({
        data: { code: "NOT_FOUND" },
      });
    }
    for (const query of ["A", "B", "C"]) {
      const found = await instance.client.store.search.query({ query, near: COPENHAGEN });
      expect(found.items).toEqual([]);
    }
    expect((await importNodes(shut)).counts).toEqual([4, 0, 0, 4, 0]);

    expect((await importNodes(open)).counts).toEqual([4, 0, 3, 1, 0]);
    await expect.poll(names, SHOWN_WITHIN).toEqual(["A", "B", "C", "D"]);
    const again = await instance.client.store.nearby.query(COPENHAGEN);
    expect(again.items.map(({ id }) => id)).toEqual(ids);
  });

  it("keep what they were called where they are only marked, and stay removed by an editor", async () => {
    const [, b] = (await instance.client.store.nearby.query(COPENHAGEN)).items;
    const admin = await instance.as({ isAdmin: true });
    await admin.store.remove.mutate({ id: b?.id ?? "" });
    await importNodes(shut);
    await importNodes(open);
    await expect.poll(names, SHOWN_WITHIN).toEqual(["A", "C", "D"]);
  });

  it("disappear when they became something else, and return when they are again what they were", async () => {
    const at = (all: readonly Readonly<Record<string, unknown>>[]) => {
      const elements = all.map((tags, i) => ({
        type: "node",
        id: 10 + i,
        lat: COPENHAGEN.latitude + 0.3,
        lon: COPENHAGEN.longitude + i / 1e4,
        tags,
      }));
      return importer.write("became.json", JSON.stringify({ elements }));
    };
    const run = async (all: readonly Readonly<Record<string, unknown>>[]) =>
      await importer.run("stores", at(all), { now: NOW });
    const shown = async () => {
      const there = { latitude: COPENHAGEN.latitude + 0.3, longitude: COPENHAGEN.longitude };
      const { items } = await instance.client.store.nearby.query({ ...there, radiusKm: 1 });
      return items.map(({ name }) => name);
    };
    const before = [
      { name: "Was a butcher's", shop: "butcher", "diet:halal": "only" },
      { name: "Was a kiosk", amenity: "clinic", "diet:halal": "yes" },
      place("E"),
      place("F"),
      place("G"),
    ];
    const all = before.map(({ name }) => name);
    expect(countsOf(await run(before))).toEqual([5, 5, 0, 0, 0]);
    await expect.poll(shown, SHOWN_WITHIN).toEqual(all);
    const became = [
      // Another shop, with another name.
      { name: "Threads", shop: "clothes" },
      // Its claim alone made it a place.
      { name: "Was a kiosk", amenity: "clinic" },
      // A point is left of it.
      {},
      { name: "F", amenity: "parking", "diet:halal": "maybe" },
      place("G"),
    ];
    const summary = await run(became);
    expect([countsOf(summary), Object.fromEntries(summary.reasons)]).toEqual([[5, 0, 4, 1, 0], {}]);
    await expect.poll(shown, SHOWN_WITHIN).toEqual(["G"]);
    const { items } = await instance.client.store.search.query({ query: "Was a butcher's" });
    expect(items).toEqual([]);
    expect(countsOf(await run(became))).toEqual([5, 0, 0, 5, 0]);
    expect(countsOf(await run(before))).toEqual([5, 0, 4, 1, 0]);
    await expect.poll(shown, SHOWN_WITHIN).toEqual(all);
  });

  it("are told to a dry run without being touched", async () => {
    const path = importer.write("dry.json", nodes(shut));
    const summary = await importer.run("stores", path, { now: NOW, isDryRun: true });
    expect(countsOf(summary)).toEqual([4, 0, 2, 2, 0]);
    expect(await names()).toEqual(["A", "C", "D"]);
  });

  it("follow the clock that the import is given", async () => {
    const until = [{ ...place("A"), end_date: "2030-06" }];
    await importNodes(until);
    expect(await names()).toContain("A");
    const path = importer.write("later.json", nodes(until));
    await importer.run("stores", path, { now: new Date("2030-07-01T00:00:00Z") });
    await expect.poll(names, SHOWN_WITHIN).toEqual(["C", "D"]);
  });

  it("of a table are known by their column", async () => {
    const csv = (status: string) =>
      importer.write(
        "table.csv",
        `id,name,lat,lon,type,operational_status\n1,Table,1,2,other,${status}\n`,
      );
    expect(countsOf(await importer.run("stores", csv("open")))).toEqual([1, 1, 0, 0, 0]);
    expect(countsOf(await importer.run("stores", csv("closed")))).toEqual([1, 0, 1, 0, 0]);
    const [row] = await stack.sql`
      select name, removed_at is null as shown from stores where name = 'Table'`;
    expect(row).toEqual({ name: "Table", shown: false });
  });
});

describe("the halal claim", () => {
  it("is in the answers of nearby, byId and search, and follows its source", async () => {
    const claimed = (claim: string) => [
      { ...place("Claimed"), "diet:halal": claim, "addr:city": "Claimville" },
    ];
    const claims = async () => {
      const { items } = await instance.client.store.nearby.query({ ...COPENHAGEN, radiusKm: 0.1 });
      const [nearest] = items;
      if (nearest === undefined) return [];
      const found = await instance.client.store.search.query({ query: "Claimville" });
      const detail = await instance.client.store.byId.query({ id: nearest.id });
      return [nearest.halalClaim, detail.halalClaim, found.items[0]?.halalClaim];
    };
    for (const [written, claim] of [
      ["only", "only"],
      ["True", "yes"],
      ["limited", "limited"],
      ["yes;only", "only"],
      ["ask inside", null],
    ] as const) {
      await importNodes(claimed(written));
      await expect.poll(claims, SHOWN_WITHIN).toEqual([claim, claim, claim]);
    }
  });
});

describe("tables of spreadsheets", () => {
  it.each([
    ["sep", Buffer.from("sep=;\r\nid;name;lat;lon;type\r\n7;Sep;3;4;other\r\n")],
    ["cr", Buffer.from("id,name,lat,lon,type\r8,Cr,3,4,other\r9,Cr 2,3,4,other\r")],
    [
      "utf16",
      Buffer.from("\uFEFFid\tname\tlat\tlon\ttype\r\n10\tمطعم\t3\t4\tother\r\n", "utf16le"),
    ],
  ])("are read: %s", async (name, bytes) => {
    const summary = await importer.run("stores", importer.write(`${name}.csv`, bytes));
    expect(summary.fault).toBeNull();
    expect(summary.inserted).toBe(name === "cr" ? 2 : 1);
  });

  it("without rows give a reason", async () => {
    const summary = await importer.run("stores", importer.write("none.csv", "id,name,lat,lon\n"));
    expect(summary.fault).toMatch(/no records/);
  });
});
