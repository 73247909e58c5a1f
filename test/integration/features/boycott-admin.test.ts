import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { errorCode, HOSTILE_TEXTS, uniqueName } from "../../support/catalog-rows.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { insertTestSource } from "../../support/store-rows.ts";

let stack: Stack;
let instance: Instance;
let admin: Instance["client"];
let user: Instance["client"];

beforeAll(async () => {
  stack = await openStack();
  await insertTestSource(stack.sql);
  instance = await stack.startInstance();
  admin = await instance.as({ isAdmin: true });
  user = await instance.as({});
});

afterAll(() => stack.close());

/** The answer of `boycott.check`, shortened. */
async function check(input: { brand?: string; barcode?: string }) {
  const { boycotted, targets, matchedBy } = await instance.client.boycott.check.query(input);
  return { boycotted, matchedBy, found: targets.map((t) => [t.companyName, t.matchedBy]) };
}

describe("boycott.upsert", () => {
  it("finds the target by its company's name or by its id, and keeps what is left out", async () => {
    const companyName = uniqueName("Café");
    const made = await admin.boycott.upsert.mutate({
      companyName,
      level: "official",
      brands: ['Quo"ted', "Back\\slash", "{braces}, NULL"],
      reasons: ["a reason"],
      sourceUrl: "https://example.org/list",
    });
    expect(made).toMatchObject({ active: true, parentCompany: null, gtinPrefixes: [] });
    const again = await admin.boycott.upsert.mutate({
      companyName: companyName.toUpperCase(),
      level: "pressure",
    });
    expect(again).toMatchObject({
      id: made.id,
      level: "pressure",
      brands: made.brands,
      reasons: ["a reason"],
    });
    expect(again.brands).toEqual(['Quo"ted', "Back\\slash", "{braces}, NULL"]);
    const renamed = await admin.boycott.upsert.mutate({
      id: made.id,
      companyName: uniqueName("Renamed"),
      level: "pressure",
      sourceUrl: null,
    });
    expect(renamed).toMatchObject({ id: made.id, sourceUrl: null });
    const { items } = await instance.client.boycott.list.query();
    expect(items.find(({ id }) => id === made.id)).toEqual(renamed);
  });

  it("makes a target with the id it is given", async () => {
    const id = randomUUID();
    const target = { id, companyName: uniqueName("Own id"), level: "community" } as const;
    expect((await admin.boycott.upsert.mutate(target)).id).toBe(id);
  });

  it("gives CONFLICT when the name is another target's", async () => {
    const companyName = uniqueName("Taken");
    await admin.boycott.upsert.mutate({ companyName, level: "official" });
    const mine = await admin.boycott.upsert.mutate({
      companyName: uniqueName("Mine"),
      level: "official",
    });
    for (const id of [mine.id, randomUUID()]) {
      const clash = { id, companyName: `${companyName}!`, level: "official" } as const;
      expect(await errorCode(admin.boycott.upsert.mutate(clash))).toBe("CONFLICT");
    }
  });

  it("is for administrators", async () => {
    const target = { companyName: "Nobody's", level: "official" } as const;
    const id = randomUUID();
    expect(await errorCode(instance.client.boycott.upsert.mutate(target))).toBe("UNAUTHORIZED");
    expect(await errorCode(user.boycott.upsert.mutate(target))).toBe("FORBIDDEN");
    expect(await errorCode(instance.client.boycott.remove.mutate({ id }))).toBe("UNAUTHORIZED");
    expect(await errorCode(user.boycott.remove.mutate({ id }))).toBe("FORBIDDEN");
  });

  it("refuses bad input", async () => {
    const bad = [
      { companyName: "..." },
      { brands: ["ok", "-"] },
      { gtinPrefixes: ["123"] },
      { gtinPrefixes: ["12a4"] },
      { sourceUrl: "ftp://example.org" },
      { parentCompany: "ﷺ".repeat(150) },
      ...HOSTILE_TEXTS.flatMap((text) => [
        { companyName: text },
        { brands: [text] },
        { parentCompany: text },
        { reasons: [text] },
        { sourceUrl: `https://example.org/${text}` },
        { gtinPrefixes: [text] },
      ]),
    ];
    for (const change of bad) {
      const call = admin.boycott.upsert.mutate({
        companyName: "Bad",
        level: "official",
        ...change,
      });
      expect([change, await errorCode(call)]).toEqual([change, "BAD_REQUEST"]);
    }
    expect((await check({ brand: "Bad" })).boycotted).toBe(false);
  });
});

describe("boycott.remove", () => {
  it("removes for good", async () => {
    const companyName = uniqueName("Removed");
    const { id } = await admin.boycott.upsert.mutate({ companyName, level: "official" });
    expect((await check({ brand: companyName })).boycotted).toBe(true);
    expect(await admin.boycott.remove.mutate({ id })).toEqual({ id });
    expect((await check({ brand: companyName })).boycotted).toBe(false);
    const { items } = await instance.client.boycott.list.query();
    expect(items.map((target) => target.id)).not.toContain(id);
    expect(await errorCode(admin.boycott.remove.mutate({ id }))).toBe("NOT_FOUND");
  });
});
