import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  cacheStateOf,
  errorCode,
  HOSTILE_TEXTS,
  insertAdditives,
  readWithinASecond,
} from "../../support/catalog-rows.ts";
import { openStack, type Replica, type Stack } from "../../support/stack.ts";
import { insertTestSource } from "../../support/store-rows.ts";

let stack: Stack;
let replica: Replica;
let other: Replica;
let admin: Replica["client"];
let user: Replica["client"];

beforeAll(async () => {
  stack = await openStack();
  await insertTestSource(stack.sql);
  await insertAdditives(stack.sql, [
    {
      code: "E471",
      en: "Mono- and diglycerides of fatty acids",
      fr: "Mono- et diglycérides d'acides gras",
      ar: "أحادي وثنائي غليسريد الأحماض الدهنية",
      halalStatus: "doubtful",
    },
    {
      code: "E441",
      en: "Gelatine",
      fr: "Gélatine",
      ar: "جيلاتين",
      halalStatus: "doubtful",
      rulings: [
        { madhab: "shafii", halalStatus: "haram" },
        { madhab: "hanafi", halalStatus: "halal" },
      ],
    },
    { code: "E160", en: "Carotenoids", halalStatus: "halal" },
    { code: "E160a", en: "Carotenes", fr: "Carotènes", halalStatus: "halal" },
    { code: "E322", en: "Lecithins", fr: "Lécithines", ar: "ليسيثين", halalStatus: "halal" },
    { code: "E322i", en: "Lecithin", halalStatus: "halal" },
    { code: "E102", en: "Tartrazine", fr: "Tartrazine", ar: "تارترازين", halalStatus: "halal" },
    {
      code: "E334",
      en: "Tartaric acid",
      fr: "Acide tartrique",
      ar: "حمض الطرطريك",
      halalStatus: "halal",
    },
    {
      code: "E450",
      en: "Diphosphates",
      fr: "Diphosphates",
      ar: "ثنائي الفوسفات",
      halalStatus: "halal",
    },
    { code: "E472a", en: "Acetic acid esters", halalStatus: "doubtful" },
  ]);
  replica = await stack.startReplica();
  other = await stack.startReplica();
  admin = await replica.as({ isAdmin: true });
  user = await replica.as({});
});

afterAll(() => stack.close());

describe("additive.byCode", () => {
  it("takes every usual spelling", async () => {
    for (const code of ["E471", "e 471", "E-471", "INS 471", "en:e471", "471", "E٤٧١"]) {
      const answer = await replica.client.additive.byCode.query({ code });
      expect(answer).toMatchObject({
        code: "E471",
        requestedCode: "E471",
        viaParent: false,
        names: { en: "Mono- and diglycerides of fatty acids" },
        attribution: { name: "Test", licence: "none" },
      });
    }
    expect((await replica.client.additive.byCode.query({ code: "e472A" })).code).toBe("E472a");
  });

  it("answers a sub-code without an entry with its nearest parent, and says so", async () => {
    for (const [code, requestedCode, answering] of [
      ["E450(i)", "E450i", "E450"],
      ["E160a(ii)", "E160aii", "E160a"],
      ["E160c", "E160c", "E160"],
      ["en:e471b", "E471b", "E471"],
    ] as const) {
      const answer = await replica.client.additive.byCode.query({ code });
      expect(answer).toMatchObject({ code: answering, requestedCode, viaParent: true });
    }
    expect((await replica.client.additive.byCode.query({ code: "E322i" })).viaParent).toBe(false);
  });

  it("serves every madhab from one cached entry", async () => {
    const by = (madhab?: "hanafi" | "shafii" | "maliki") =>
      replica.client.additive.byCode.query({ code: "E441", ...(madhab && { madhab }) });
    expect(await by()).toMatchObject({ ruling: null, effectiveStatus: "doubtful" });
    const state = await cacheStateOf(replica.url, "additive.byCode", {
      code: "441",
      madhab: "shafii",
    });
    expect(state).toBe("HIT");
    expect(await by("shafii")).toMatchObject({
      halalStatus: "doubtful",
      effectiveStatus: "haram",
      ruling: { madhab: "shafii", halalStatus: "haram", explanation: "as a test says" },
    });
    expect((await by("hanafi")).effectiveStatus).toBe("halal");
    const maliki = await by("maliki");
    expect(maliki).toMatchObject({ ruling: null, effectiveStatus: "doubtful" });
    expect(maliki.rulings.map(({ madhab }) => madhab)).toEqual(["hanafi", "shafii"]);
  });

  it("refuses what is no E-number and does not find what has no entry", async () => {
    for (const code of [
      "",
      "E",
      "E47",
      "gelatine",
      "E471'; drop table additives",
      ...HOSTILE_TEXTS,
    ]) {
      const failed = await errorCode(replica.client.additive.byCode.query({ code }));
      expect([code, failed]).toEqual([code, "BAD_REQUEST"]);
    }
    expect(await errorCode(replica.client.additive.byCode.query({ code: "E999" }))).toBe(
      "NOT_FOUND",
    );
    expect(await cacheStateOf(replica.url, "additive.byCode", { code: "E999" })).toBe("HIT");
  });

  it("shows an edit of an entry, of its rulings and of its parent on every replica", async () => {
    const read = async ({ client }: Replica, code: string) => {
      const { code: answering, effectiveStatus } = await client.additive.byCode.query({
        code,
        madhab: "maliki",
      });
      return `${answering} ${effectiveStatus}`;
    };
    const shows = async (code: string, expected: string) => {
      expect(await read(replica, code)).toBe(expected);
      expect(await readWithinASecond(() => read(other, code), expected)).toBe(expected);
    };
    await admin.additive.upsert.mutate({ code: "E500", halalStatus: "halal" });
    await shows("E500ii", "E500 halal");
    await admin.additive.upsert.mutate({ code: "E500", halalStatus: "doubtful" });
    await shows("E500ii", "E500 doubtful");
    const maliki = { madhab: "maliki", halalStatus: "haram" } as const;
    await admin.additive.upsert.mutate({
      code: "E500",
      halalStatus: "doubtful",
      rulings: [maliki],
    });
    await shows("E500ii", "E500 haram");
    await admin.additive.upsert.mutate({ code: "E500ii", halalStatus: "unknown" });
    await shows("E500ii", "E500ii unknown");
    await admin.additive.remove.mutate({ code: "E500ii" });
    await shows("E500ii", "E500 haram");
  });

  it("keeps the entries that a write is not about, and shows a changed attribution", async () => {
    await replica.client.additive.byCode.query({ code: "E334" });
    await admin.additive.upsert.mutate({ code: "E999", halalStatus: "unknown" });
    await admin.additive.remove.mutate({ code: "E999" });
    expect(await cacheStateOf(replica.url, "additive.byCode", { code: "E334" })).toBe("HIT");
    await stack.sql`update data_sources set attribution = 'another' where id = 'test'`;
    const attribution = async () =>
      (await replica.client.additive.byCode.query({ code: "E334" })).attribution?.attribution;
    expect(await readWithinASecond(attribution, "another")).toBe("another");
  });
});

describe("additive.forCodes", () => {
  it("answers each code in the order asked, and marks those without an entry", async () => {
    const codes = ["en:e441", "E450(i)", "E998", "E 441", "322"];
    const { items } = await replica.client.additive.forCodes.query({ codes, madhab: "shafii" });
    expect(items.map(({ requested }) => requested)).toEqual(codes);
    expect(
      items.map(({ requestedCode, additive }) => [
        requestedCode,
        additive?.code,
        additive?.viaParent,
        additive?.effectiveStatus,
      ]),
    ).toEqual([
      ["E441", "E441", false, "haram"],
      ["E450i", "E450", true, "halal"],
      ["E998", undefined, undefined, undefined],
      ["E441", "E441", false, "haram"],
      ["E322", "E322", false, "halal"],
    ]);
  });

  it("answers as byCode does", async () => {
    const asked = { madhab: "hanafi" } as const;
    for (const code of ["E441", "E160aii", "E322i"]) {
      const { items } = await replica.client.additive.forCodes.query({ codes: [code], ...asked });
      expect(items[0]?.additive).toEqual(
        await replica.client.additive.byCode.query({ code, ...asked }),
      );
    }
  });

  it("lets a code that is none fail alone, and names it", async () => {
    const codes = ["E441", "sugar", "\u0415322", "", "E1", "9".repeat(900), ...HOSTILE_TEXTS];
    const { items, notUnderstood } = await replica.client.additive.forCodes.query({ codes });
    expect(items.map(({ requested }) => requested)).toEqual(codes);
    expect(items.map(({ requestedCode }) => requestedCode)).toEqual(
      codes.map((_code, place) => ({ 0: "E441", 2: "E322" })[place] ?? null),
    );
    expect(items.flatMap(({ additive }) => additive?.code ?? [])).toEqual(["E441", "E322"]);
    expect(notUnderstood).toEqual(codes.filter((_code, place) => place !== 0 && place !== 2));
    expect(await replica.client.additive.forCodes.query({ codes: ["sugar"] })).toEqual({
      items: [{ requested: "sugar", requestedCode: null, additive: null }],
      notUnderstood: ["sugar"],
    });
  });

  it("takes 1 to 100 codes", async () => {
    const hundred = Array.from({ length: 100 }, (_, i) => `E${100 + i}`);
    const { items } = await replica.client.additive.forCodes.query({ codes: hundred });
    expect(items).toHaveLength(100);
    for (const codes of [[], [...hundred, "E471"]]) {
      const failed = await errorCode(replica.client.additive.forCodes.query({ codes }));
      expect(failed).toBe("BAD_REQUEST");
    }
  });

  it("reads look-alike letters of other scripts, as byCode and search do", async () => {
    for (const code of ["\u0415441", "\u0395441", "\u212E441", "E\u096A\u096A\u0967"]) {
      expect((await replica.client.additive.byCode.query({ code })).code).toBe("E441");
      const { items } = await replica.client.additive.search.query({ query: code });
      expect(items[0]?.code).toBe("E441");
    }
  });
});

describe("additive.search", () => {
  const found = async (query: string) =>
    (await replica.client.additive.search.query({ query })).items.map(({ code }) => code);

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
        await replica.client.additive.search.query({ query: "starch", limit: 4, cursor });
      expect(page.items.length).toBeLessThanOrEqual(4);
      codes.push(...page.items.map(({ code }) => code));
      cursor = page.nextCursor;
    } while (cursor !== null && codes.length < 100);
    expect(codes).toHaveLength(25);
    expect(new Set(codes).size).toBe(25);
    const { items } = await replica.client.additive.search.query({ query: "starch", limit: 100 });
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
      const failed = await errorCode(replica.client.additive.search.query(input));
      expect([input, failed]).toEqual([input, "BAD_REQUEST"]);
    }
  });

  it("leaves the connection's threshold as it was", async () => {
    await found("gelatine");
    const rows = await replica.deps.db.execute<{ threshold: string }>(
      "select word_similarity('a', 'a'), current_setting('pg_trgm.word_similarity_threshold') as threshold",
    );
    expect(Number(rows[0]?.threshold)).toBe(0.6);
  });
});

describe("additive.upsert", () => {
  it("keeps what is left out, empties what is null, replaces rulings whole and locks the status", async () => {
    const made = await admin.additive.upsert.mutate({
      code: "ins 160a (ii)",
      names: { en: "Plant carotenes", fr: "Carotènes végétaux" },
      category: "colour",
      origin: "plant",
      halalStatus: "doubtful",
      explanation: "carrier unknown",
      source: "a book",
      vegan: "maybe",
      rulings: [
        { madhab: "hanafi", halalStatus: "halal", explanation: "why" },
        { madhab: "maliki", halalStatus: "doubtful" },
      ],
    });
    expect(made).toMatchObject({
      code: "E160aii",
      names: { en: "Plant carotenes", fr: "Carotènes végétaux", ar: null },
      parents: ["E160a", "E160"],
      source: "a book",
      vegetarian: null,
      attribution: null,
      rulings: [
        { madhab: "hanafi", halalStatus: "halal", explanation: "why", source: null },
        { madhab: "maliki", halalStatus: "doubtful", explanation: null, source: null },
      ],
    });
    const changed = await admin.additive.upsert.mutate({
      code: "E160aii",
      names: { fr: null },
      halalStatus: "halal",
      explanation: null,
      rulings: [
        { madhab: "hanbali", halalStatus: "halal" },
        { madhab: "maliki", halalStatus: "haram" },
      ],
    });
    expect(changed).toMatchObject({
      names: { en: "Plant carotenes", fr: null },
      category: "colour",
      halalStatus: "halal",
      explanation: null,
      vegan: "maybe",
      createdAt: made.createdAt,
    });
    expect(changed.rulings.map(({ madhab, halalStatus }) => [madhab, halalStatus])).toEqual([
      ["hanbali", "halal"],
      ["maliki", "haram"],
    ]);
    const kept = await admin.additive.upsert.mutate({ code: "E160aii", halalStatus: "halal" });
    expect(kept.rulings).toEqual(changed.rulings);
    const { explanationTexts: _, rulings, ...shown } = kept;
    expect(await replica.client.additive.byCode.query({ code: "E160aii" })).toMatchObject({
      ...shown,
      rulings: rulings.map(({ explanationTexts: _texts, ...ruling }) => ruling),
    });
    const [row] = await stack.sql`select status_locked from additives where code = 'E160aii'`;
    expect(row?.["status_locked"]).toBe(true);
    const bare = await admin.additive.upsert.mutate({
      code: "E160aii",
      halalStatus: "halal",
      rulings: [],
    });
    expect(bare.rulings).toEqual([]);
  });

  it("explains in the reader's language, as long as that explanation stays", async () => {
    const { additive } = await replica.as({ isAdmin: true });
    const code = "E994";
    const explanationTexts = { fr: "D'origine végétale.", ar: "من أصل نباتي." };
    const ruling = {
      madhab: "hanafi" as const,
      halalStatus: "doubtful" as const,
      explanation: "Discuté.",
      explanationLanguage: "fr" as const,
      explanationTexts: { en: "Disputed." },
    };
    const halal = { code, halalStatus: "halal" as const };
    await additive.upsert.mutate({
      ...halal,
      explanation: "Of plants.",
      explanationTexts,
      rulings: [ruling],
    });
    const shown = async (locale: string) => {
      const { items } = await replica.client.additive.forCodes.query({ codes: [code], locale });
      const [item] = items;
      const byCode = await replica.client.additive.byCode.query({ code, locale });
      expect(item?.additive).toEqual(byCode);
      const { explanation, explanationLanguage, rulings } = byCode;
      return [explanation, explanationLanguage, rulings[0]?.explanation];
    };
    expect(await shown("fr")).toEqual(["D'origine végétale.", "fr", "Discuté."]);
    expect(await shown("ar-EG")).toEqual(["من أصل نباتي.", "ar", "Discuté."]);
    expect(await shown("en")).toEqual(["Of plants.", "en", "Disputed."]);
    const searched = await replica.client.additive.search.query({ query: code, locale: "fr" });
    expect(searched.items[0]).toMatchObject({ explanation: "D'origine végétale." });

    expect((await additive.upsert.mutate(halal)).explanationTexts).toEqual(explanationTexts);
    const reworded = await additive.upsert.mutate({ ...halal, explanation: "Of plants only." });
    expect(reworded).toMatchObject({ explanationTexts: {}, explanationLanguage: "en" });
    expect(await shown("fr")).toEqual(["Of plants only.", "en", "Discuté."]);
    await additive.upsert.mutate({ ...halal, explanation: "Of plants.", explanationTexts });
    const other = await additive.upsert.mutate({ code, halalStatus: "doubtful" });
    expect(other).toMatchObject({
      explanation: null,
      explanationLanguage: null,
      explanationTexts: {},
    });
    const nothing = additive.upsert.mutate({ ...halal, explanationTexts });
    await expect(nothing).rejects.toMatchObject({ data: { code: "BAD_REQUEST" } });
  });

  it("keeps an explanation and a source no longer than the status they speak of", async () => {
    await insertAdditives(stack.sql, [{ code: "E996", halalStatus: "halal" }]);
    const spoken = { explanation: "Plant origin, so halal.", source: "Imported list A" };
    await stack.sql`
      update additives set explanation = ${spoken.explanation}, status_source = ${spoken.source} where code = 'E996'`;
    const { upsert } = admin.additive;
    const code = "E996";
    expect(await upsert.mutate({ code, halalStatus: "halal" })).toMatchObject(spoken);
    expect(await upsert.mutate({ code, halalStatus: "halal", source: "List B" })).toMatchObject({
      ...spoken,
      source: "List B",
    });
    expect(await upsert.mutate({ code, halalStatus: "haram" })).toMatchObject({
      explanation: null,
      source: null,
    });
    const explained = { halalStatus: "doubtful", explanation: "Depends.", source: null } as const;
    expect(
      await upsert.mutate({ code, halalStatus: "doubtful", explanation: "Depends." }),
    ).toMatchObject(explained);
    expect(await replica.client.additive.byCode.query({ code })).toMatchObject(explained);
  });

  it("is for administrators", async () => {
    const additive = { code: "E471", halalStatus: "halal" } as const;
    expect(await errorCode(replica.client.additive.upsert.mutate(additive))).toBe("UNAUTHORIZED");
    expect(await errorCode(user.additive.upsert.mutate(additive))).toBe("FORBIDDEN");
    expect(await errorCode(replica.client.additive.remove.mutate(additive))).toBe("UNAUTHORIZED");
    expect(await errorCode(user.additive.remove.mutate(additive))).toBe("FORBIDDEN");
  });

  it("refuses bad input", async () => {
    const halal = "halal" as const;
    const twice = [1, 2].map(() => ({ madhab: "hanafi" as const, halalStatus: halal }));
    const bad = [
      { code: "sugar" },
      { rulings: twice },
      { names: { en: "" } },
      ...HOSTILE_TEXTS.flatMap((text) => [
        { code: text },
        { names: { en: text } },
        { names: { fr: text } },
        { names: { ar: text } },
        { category: text },
        { explanation: text },
        { source: text },
        { rulings: [{ madhab: "hanafi" as const, halalStatus: halal, explanation: text }] },
        { rulings: [{ madhab: "hanafi" as const, halalStatus: halal, source: text }] },
      ]),
    ];
    for (const change of bad) {
      const call = admin.additive.upsert.mutate({ code: "E997", halalStatus: halal, ...change });
      expect([change, await errorCode(call)]).toEqual([change, "BAD_REQUEST"]);
    }
    expect(await errorCode(admin.additive.remove.mutate({ code: "E997" }))).toBe("NOT_FOUND");
  });
});

describe("additive.remove", () => {
  it("removes the very code with its rulings, and no parent in its place", async () => {
    const rulings = [{ madhab: "hanafi", halalStatus: "haram" }] as const;
    await admin.additive.upsert.mutate({
      code: "E996",
      halalStatus: "haram",
      rulings: [...rulings],
    });
    expect(await errorCode(admin.additive.remove.mutate({ code: "E996a" }))).toBe("NOT_FOUND");
    expect(await admin.additive.remove.mutate({ code: "e-996" })).toEqual({ code: "E996" });
    expect(await errorCode(replica.client.additive.byCode.query({ code: "E996" }))).toBe(
      "NOT_FOUND",
    );
    expect(
      await stack.sql`select 1 from additive_rulings where additive_code = 'E996'`,
    ).toHaveLength(0);
  });
});
