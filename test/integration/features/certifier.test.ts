import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  cacheStateOf,
  errorCode,
  HOSTILE_TEXTS,
  readWithinASecond,
} from "../../support/catalog-rows.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";

let stack: Stack;
let instance: Instance;
let other: Instance;
let admin: Instance["client"];
let user: Instance["client"];

const body = (id: string, trustScore: number) => ({
  id,
  name: `Body ${id}`,
  country: "FR",
  trustScore,
});

beforeAll(async () => {
  stack = await openStack();
  instance = await stack.startInstance();
  other = await stack.startInstance();
  admin = await instance.as({ isAdmin: true });
  user = await instance.as({});
});

afterAll(() => stack.close());

describe("certifier.list", () => {
  it("gives all by trust score, then by id, and from the cache after the first call", async () => {
    for (const [id, score] of [
      ["cc", 70],
      ["aa", 70],
      ["bb", 90],
      ["dd", 10],
    ] as const) {
      await admin.certifier.upsert.mutate(body(id, score));
    }
    const { items } = await instance.client.certifier.list.query();
    expect(items.map(({ id }) => id)).toEqual(["bb", "aa", "cc", "dd"]);
    expect(await cacheStateOf(instance.url, "certifier.list")).toBe("HIT");
    expect(Object.keys(items[0] ?? {}).sort()).toEqual(
      "country createdAt id name trustCriteria trustScore updatedAt website".split(" "),
    );
  });

  it("shows an admin's edit at once here and within a second on another instance", async () => {
    await other.client.certifier.list.query();
    expect(await cacheStateOf(other.url, "certifier.list")).toBe("HIT");
    await admin.certifier.upsert.mutate({ ...body("aa", 70), name: "Renamed" });
    const nameOn = async ({ client }: Instance) =>
      (await client.certifier.list.query()).items.find(({ id }) => id === "aa")?.name;
    expect(await nameOn(instance)).toBe("Renamed");
    expect(await readWithinASecond(() => nameOn(other), "Renamed")).toBe("Renamed");
    expect((await instance.client.certifier.byId.query({ id: "aa" })).name).toBe("Renamed");
  });

  it("is refreshed by a write that came past the procedures", async () => {
    await instance.client.certifier.list.query();
    await stack.sql`update certifiers set trust_score = 99 where id = 'dd'`;
    const first = async () => (await instance.client.certifier.list.query()).items[0]?.id;
    expect(await readWithinASecond(first, "dd")).toBe("dd");
  });
});

describe("certifier.byId", () => {
  it("finds one that a full list leaves out, and no other", async () => {
    await stack.sql`
      insert into certifiers (id, name, country, trust_score)
      select 'many-' || n, 'One of many', 'DE', 5 from generate_series(1, 1000) n`;
    await admin.certifier.upsert.mutate(body("zz-last", 0));
    expect((await instance.client.certifier.list.query()).items).toHaveLength(1_000);
    expect((await instance.client.certifier.byId.query({ id: "zz-last" })).trustScore).toBe(0);
    expect(await errorCode(instance.client.certifier.byId.query({ id: "none" }))).toBe("NOT_FOUND");
    await stack.sql`delete from certifiers where id like 'many-%' or id = 'zz-last'`;
  });
});

describe("certifier.upsert", () => {
  it("keeps what is left out, empties what is null, and replaces criteria", async () => {
    const trustCriteria = [
      { criterion: "inspectors on site", met: true, points: 60 },
      { criterion: "published rules", met: false, points: 20 },
    ];
    const website = "https://example.org/halal";
    const made = await admin.certifier.upsert.mutate({
      ...body("keeps", 42),
      website,
      trustCriteria,
    });
    expect(made).toMatchObject({ website, trustScore: 42, trustCriteria });
    const named = { id: "keeps", name: "Other", country: "BE" };
    expect(await admin.certifier.upsert.mutate(named)).toMatchObject({
      ...named,
      website,
      trustScore: 42,
      trustCriteria,
    });
    const emptied = await admin.certifier.upsert.mutate({ ...named, website: null });
    expect(emptied.website).toBeNull();
    expect(emptied.createdAt).toBe(made.createdAt);
    expect(await instance.client.certifier.byId.query({ id: "keeps" })).toEqual(emptied);
  });

  it("adds the met criteria up where no score is given, and starts at 50 without either", async () => {
    const points = (id: string, met: number[]) =>
      admin.certifier.upsert.mutate({
        id,
        name: id,
        country: "FR",
        trustCriteria: met.map((value) => ({
          criterion: "c",
          met: value > 0,
          points: Math.abs(value),
        })),
      });
    expect((await points("sum", [30, -50, 25])).trustScore).toBe(55);
    expect((await points("capped", [80, 80])).trustScore).toBe(100);
    const plain = await admin.certifier.upsert.mutate({ id: "plain", name: "P", country: "FR" });
    expect(plain).toMatchObject({ trustScore: 50, trustCriteria: [], website: null });
  });

  it("is for administrators", async () => {
    expect(await errorCode(instance.client.certifier.upsert.mutate(body("no", 1)))).toBe(
      "UNAUTHORIZED",
    );
    expect(await errorCode(user.certifier.upsert.mutate(body("no", 1)))).toBe("FORBIDDEN");
    expect(await errorCode(instance.client.certifier.remove.mutate({ id: "aa" }))).toBe(
      "UNAUTHORIZED",
    );
    expect(await errorCode(user.certifier.remove.mutate({ id: "aa" }))).toBe("FORBIDDEN");
    expect(await errorCode(instance.client.certifier.byId.query({ id: "no" }))).toBe("NOT_FOUND");
  });

  it("refuses bad input", async () => {
    const bad = [
      { id: "Not A Slug" },
      { id: "a".repeat(65) },
      { country: "fr" },
      { trustScore: 101 },
      { trustScore: 1.5 },
      { name: "!!!" },
      { name: "ﷺ".repeat(150) },
      { website: "javascript:alert(1)" },
      { website: "https://example.org/\u0000" },
      { trustCriteria: [{ criterion: "", met: true, points: 1 }] },
      ...HOSTILE_TEXTS.flatMap((text) => [
        { id: text },
        { name: text },
        { website: `https://example.org/${text}` },
        { trustCriteria: [{ criterion: text, met: true, points: 1 }] },
      ]),
    ];
    for (const change of bad) {
      const call = admin.certifier.upsert.mutate({ ...body("bad", 1), ...change });
      expect([change, await errorCode(call)]).toEqual([change, "BAD_REQUEST"]);
    }
  });
});

describe("certifier.remove", () => {
  it("removes it from the list and from the stores that named it", async () => {
    await admin.certifier.upsert.mutate(body("gone", 80));
    await stack.sql`insert into data_sources (id, name, licence, attribution) values ('test', 'Test', 'none', 'test')`;
    const [store] = await stack.sql<{ id: string }[]>`
      insert into stores (name, store_type, latitude, longitude, time_zone, source, certifier_id)
      values ('Shop', 'butcher', 1, 2, 'UTC', 'test', 'gone') returning id`;
    const storeId = store?.id ?? "";
    expect((await instance.client.store.byId.query({ id: storeId })).certifierName).toBe(
      "Body gone",
    );
    expect(await admin.certifier.remove.mutate({ id: "gone" })).toEqual({ id: "gone" });
    expect((await instance.client.store.byId.query({ id: storeId })).certifierId).toBeNull();
    const { items } = await instance.client.certifier.list.query();
    expect(items.map(({ id }) => id)).not.toContain("gone");
    expect(await errorCode(admin.certifier.remove.mutate({ id: "gone" }))).toBe("NOT_FOUND");
  });
});
