import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KNOWN_ADDITIVES } from "../../support/additive-rows.ts";
import { errorCode, HOSTILE_TEXTS, insertAdditives } from "../../support/catalog-rows.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { insertTestSource } from "../../support/store-rows.ts";

let stack: Stack;
let instance: Instance;

beforeAll(async () => {
  stack = await openStack();
  await insertTestSource(stack.sql);
  await insertAdditives(stack.sql, KNOWN_ADDITIVES);
  instance = await stack.startInstance();
});

afterAll(() => stack.close());

describe("additive.search", () => {
  const found = async (query: string) =>
    (await instance.client.additive.search.query({ query })).items.map(({ code }) => code);

  it("forgives typos in English, French and Arabic", async () => {
    for (const [query, code] of [
      ["gelatine", "E441"],
      ["GELATNE", "E441"],
      ["gelattine", "E441"],
      ["gélatinne", "E441"],
      ["jelatine", "E441"],
      ["lecihtins", "E322"],
      ["lécitines", "E322"],
      ["tartrasine", "E102"],
      ["acide tartrike", "E334"],
      ["digliceride", "E471"],
      ["caroténe", "E160a"],
      ["جيلاتين", "E441"],
      ["جِيلَاتِين", "E441"],
      ["جلاتين", "E441"],
      ["ليسثين", "E322"],
      ["الاحماض الدهنيه", "E471"],
    ] as const) {
      expect([query, (await found(query))[0]]).toEqual([query, code]);
    }
  });

  it("finds a code in any spelling, and codes that begin so", async () => {
    expect((await found("E-471"))[0]).toBe("E471");
    expect((await found("ins 322")).slice(0, 2)).toEqual(["E322", "E322i"]);
    expect((await found("٣٢٢"))[0]).toBe("E322");
    expect((await found("e160")).slice(0, 2)).toEqual(["E160", "E160a"]);
    expect((await found("47")).slice(0, 2)).toEqual(["E471", "E472a"]);
  });

  it("finds nothing for what is nothing", async () => {
    for (const query of ["qqqqqq", "!!!", "😀", "%", "_"]) {
      expect([query, await found(query)]).toEqual([query, []]);
    }
  });

  it("pages without repeating or missing any", async () => {
    await insertAdditives(
      stack.sql,
      Array.from({ length: 25 }, (_, i) => ({
        code: `E${1400 + i}`,
        en: i % 2 === 0 ? "Modified starch" : "Starch",
      })),
    );
    const codes: string[] = [];
    let cursor: string | null = null;
    do {
      const page: { items: { code: string }[]; nextCursor: string | null } =
        await instance.client.additive.search.query({ query: "starch", limit: 4, cursor });
      expect(page.items.length).toBeLessThanOrEqual(4);
      codes.push(...page.items.map(({ code }) => code));
      cursor = page.nextCursor;
    } while (cursor !== null && codes.length < 100);
    expect(codes).toHaveLength(25);
    expect(new Set(codes).size).toBe(25);
    const { items } = await instance.client.additive.search.query({ query: "starch", limit: 100 });
    expect(items.map(({ code }) => code)).toEqual(codes);
  });

  it("refuses bad input and cursors that it did not give", async () => {
    const cursor = (keys: unknown) => Buffer.from(JSON.stringify(keys)).toString("base64url");
    const bad = [
      { query: "" },
      { query: "x", limit: 0 },
      { query: "x", limit: 101 },
      ...[
        "garbage",
        cursor([]),
        cursor([1e15, "E471"]),
        cursor([1, "E471\u0000"]),
        cursor([1.5, "E471"]),
      ].map((one) => ({ query: "x", cursor: one })),
      ...HOSTILE_TEXTS.flatMap((text) => [{ query: text }, { query: "x", cursor: text }]),
    ];
    for (const input of bad) {
      const failed = await errorCode(instance.client.additive.search.query(input));
      expect([input, failed]).toEqual([input, "BAD_REQUEST"]);
    }
  });

  it("leaves the connection's threshold as it was", async () => {
    await found("gelatine");
    const rows = await instance.deps.db.execute<{ threshold: string }>(
      "select word_similarity('a', 'a'), current_setting('pg_trgm.word_similarity_threshold') as threshold",
    );
    expect(Number(rows[0]?.threshold)).toBe(0.6);
  });
});
