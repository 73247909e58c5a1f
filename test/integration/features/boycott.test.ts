import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  cacheStateOf,
  errorCode,
  HOSTILE_TEXTS,
  insertProduct,
  readWithinASecond,
  uniqueName,
} from "../../support/catalog-rows.ts";
import { matchTargets } from "../../../src/features/boycott/queries.ts";
import { companyPrefixes, parseBarcode } from "../../../src/food/barcode.ts";
import { newBarcode } from "../../support/user-rows.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { insertTestSource } from "../../support/store-rows.ts";

let stack: Stack;
let instance: Instance;
let other: Instance;
let admin: Instance["client"];

beforeAll(async () => {
  stack = await openStack();
  await insertTestSource(stack.sql);
  instance = await stack.startInstance();
  other = await stack.startInstance();
  admin = await instance.as({ isAdmin: true });
});

afterAll(() => stack.close());

/** The answer of `boycott.check`, shortened. */
async function check(input: { brand?: string; barcode?: string }) {
  const { boycotted, targets, matchedBy } = await instance.client.boycott.check.query(input);
  return { boycotted, matchedBy, found: targets.map((t) => [t.companyName, t.matchedBy]) };
}

const NOTHING = { boycotted: false, matchedBy: null, found: [] };

describe("boycott.list", () => {
  it("gives the active targets by company, from the cache after the first call", async () => {
    await admin.boycott.upsert.mutate({ companyName: "Zeta List", level: "official" });
    await admin.boycott.upsert.mutate({ companyName: "Álpha List", level: "community" });
    await admin.boycott.upsert.mutate({
      companyName: "Idle List",
      level: "official",
      active: false,
    });
    const { items } = await instance.client.boycott.list.query();
    expect(items.map(({ companyName }) => companyName)).toEqual(["Álpha List", "Zeta List"]);
    expect(await cacheStateOf(instance.url, "boycott.list")).toBe("HIT");
  });

  it("shows an admin's edit at once here and within a second on another instance", async () => {
    const target = await admin.boycott.upsert.mutate({ companyName: "Edited", level: "official" });
    const isListed = async ({ client }: Instance) =>
      (await client.boycott.list.query()).items.some(({ id }) => id === target.id);
    expect(await isListed(instance)).toBe(true);
    expect(await readWithinASecond(() => isListed(other), true)).toBe(true);
    expect(await cacheStateOf(other.url, "boycott.list")).toBe("HIT");
    await admin.boycott.upsert.mutate({ companyName: "EDITED", level: "official", active: false });
    expect(await isListed(instance)).toBe(false);
    expect(await readWithinASecond(() => isListed(other), false)).toBe(false);
  });
});

describe("boycott.byId", () => {
  it("gives a target, also one that is not active, and NOT_FOUND for any other id", async () => {
    const made = await admin.boycott.upsert.mutate({
      companyName: "Asked By Id",
      level: "community",
      active: false,
    });
    expect(await instance.client.boycott.byId.query({ id: made.id })).toEqual(made);
    await expect(instance.client.boycott.byId.query({ id: randomUUID() })).rejects.toMatchObject({
      data: { code: "NOT_FOUND", reason: "not_found" },
    });
  });
});

describe("boycott.check", () => {
  beforeAll(async () => {
    await admin.boycott.upsert.mutate({
      companyName: "Kesmar Foods",
      brands: ["Crème Kesa", "Snack & Go", "حلوى"],
      parentCompany: "Orlun Holding",
      level: "official",
      gtinPrefixes: ["301762"],
    });
    await admin.boycott.upsert.mutate({ companyName: "Orlun Holding", level: "pressure" });
    await admin.boycott.upsert.mutate({
      companyName: "Pelt Drinks",
      brands: ["Pelt"],
      parentCompany: "Mother Co",
      level: "grassroots",
    });
  });

  it("tells company, brand and parent apart, whatever case, accents and punctuation", async () => {
    const kesmarAndOrlun = [
      ["Kesmar Foods", "brand"],
      ["Orlun Holding", "parent"],
    ];
    for (const brand of ["creme kesa", "CRÈME-KESA", "snack go", "حَلْوَى", "Other, Crème Kesa"]) {
      const answer = { boycotted: true, matchedBy: "brand", found: kesmarAndOrlun };
      expect([brand, await check({ brand })]).toEqual([brand, answer]);
    }
    expect(await check({ brand: "Orlun holding" })).toEqual({
      boycotted: true,
      matchedBy: "company",
      found: [
        ["Orlun Holding", "company"],
        ["Kesmar Foods", "parent"],
      ],
    });
    expect(await check({ brand: "mother co." })).toEqual({
      boycotted: true,
      matchedBy: "parent",
      found: [["Pelt Drinks", "parent"]],
    });
  });

  it("does not take a part of a name for the name", async () => {
    for (const brand of ["Kesa", "Pel", "Peltier", "Foods", "!!!", "😀", ","]) {
      expect([brand, await check({ brand })]).toEqual([brand, NOTHING]);
    }
  });

  it("looks the product's own brand up by any spelling of its barcode", async () => {
    await insertProduct(stack.sql, { barcode: "05449000000996", brand: "Someone, Pelt" });
    for (const barcode of ["5449000000996", "05449000000996", "٥٤٤٩٠٠٠٠٠٠٩٩٦"]) {
      const answer = { boycotted: true, matchedBy: "brand", found: [["Pelt Drinks", "brand"]] };
      expect([barcode, await check({ barcode })]).toEqual([barcode, answer]);
    }
    expect(await check({ barcode: "4006381333931" })).toEqual(NOTHING);
    expect(await check({ barcode: "4006381333931", brand: "pelt" })).toMatchObject({
      boycotted: true,
    });
  });

  it("gives a barcode's prefix as a hint that proves nothing", async () => {
    const hint = {
      boycotted: false,
      matchedBy: "gtin_prefix",
      found: [["Kesmar Foods", "gtin_prefix"]],
    };
    expect(await check({ barcode: "3017620422003" })).toEqual(hint);
    expect(await check({ barcode: "3017620422003", brand: "Pelt" })).toEqual({
      boycotted: true,
      matchedBy: "brand",
      found: [
        ["Pelt Drinks", "brand"],
        ["Kesmar Foods", "gtin_prefix"],
      ],
    });
    expect((await check({ barcode: "3017620422003", brand: "Crème Kesa" })).matchedBy).toBe(
      "brand",
    );
  });

  it("is blind to what is not active, and sees an edit at once", async () => {
    const companyName = uniqueName("Sleeper");
    const target = { companyName, level: "official" as const, gtinPrefixes: ["400638"] };
    await admin.boycott.upsert.mutate({ ...target, active: false });
    expect(await check({ brand: companyName, barcode: "4006381333931" })).toEqual(NOTHING);
    await admin.boycott.upsert.mutate({ ...target, active: true });
    expect((await check({ brand: companyName })).boycotted).toBe(true);
    await admin.boycott.upsert.mutate({ ...target, active: false });
  });

  it("answers about barcodes from entries as the statement does, also where names share a key only by their spelling", async () => {
    const makers = [
      "Aa & Bb",
      "AaBb GmbH",
      "Cc, Inc.",
      "Çç",
      "Dd-Ee",
      "Dd Ee Ltd",
      "Ff™",
      "FF and Gg",
    ];
    const unique = uniqueName("").toLowerCase();
    const named = (i: number) => `${makers[i % makers.length]} ${unique}${Math.floor(i / 4)}`;
    for (let i = 0; i < 24; i += 1)
      await stack.sql`
        insert into boycott_targets (company_name, brands, parent_company, level, gtin_prefixes, active)
        values (${named(i)}, array[${named(i + 5)}, ${named(i * 3)}], ${i % 3 === 0 ? null : named(i + 1)}, 'official',
          array[${`40063${i % 4}`}], ${i % 7 !== 0})
        on conflict do nothing`;
    await instance.deps.cache.catchUp();
    const matched = new Set<string>();
    for (let i = 0; i < 40; i += 1) {
      const barcode = newBarcode(i % 2 === 0 ? `40063${i % 5}` : "371");
      const brand = i % 9 === 0 ? null : `${named(i)}${i % 4 === 0 ? `, ${named(i + 2)}` : ""}`;
      await stack.sql`
        insert into products (barcode, name, brand, source) values (${`0${barcode}`}, 'A product', ${brand}, 'test')`;
      const { gtin14 } = parseBarcode(barcode);
      const statement = await matchTargets(instance.deps.db, {
        brand: null,
        gtin14,
        gtinPrefixes: companyPrefixes(gtin14),
      });
      const { targets } = await instance.client.boycott.check.query({ barcode });
      expect(targets).toEqual(statement);
      for (const { matchedBy } of targets) matched.add(matchedBy);
    }
    expect([...matched].toSorted()).toEqual(["brand", "company", "gtin_prefix", "parent"]);
  });

  it("shows a new target and another brand of the product at once, and on another instance within a second", async () => {
    const [barcode, maker] = [newBarcode("372"), uniqueName("Maker")];
    await insertProduct(stack.sql, { barcode: `0${barcode}`, brand: "Nobody" });
    const matchedBy = async (from: Instance) =>
      (await from.client.boycott.check.query({ barcode })).matchedBy;
    expect([await matchedBy(instance), await matchedBy(other)]).toEqual([null, null]);
    const target = { companyName: maker, level: "official" as const };
    await admin.boycott.upsert.mutate({ ...target, brands: ["Nobody"] });
    expect(await matchedBy(instance)).toBe("brand");
    expect(await readWithinASecond(() => matchedBy(other), "brand")).toBe("brand");
    await admin.boycott.upsert.mutate({ ...target, brands: [] });
    expect(await matchedBy(instance)).toBeNull();
    await admin.product.upsert.mutate({ barcode, brand: maker });
    expect(await matchedBy(instance)).toBe("company");
    expect(await readWithinASecond(() => matchedBy(other), "company")).toBe("company");
    expect(await cacheStateOf(instance.url, "boycott.check", { barcode })).toBe("HIT");
  });

  it("refuses what cannot be checked", async () => {
    const bad = [
      {},
      { barcode: "" },
      { barcode: "4006381333932" },
      { barcode: "3.02E+12" },
      { brand: "" },
      { brand: "   " },
      ...HOSTILE_TEXTS.flatMap((text) => [{ brand: text }, { barcode: text }]),
    ];
    for (const input of bad) {
      const code = await errorCode(instance.client.boycott.check.query(input));
      expect([input, code]).toEqual([input, "BAD_REQUEST"]);
    }
  });
});
