import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KNOWN_ADDITIVES } from "../../support/additive-rows.ts";
import { errorCode, HOSTILE_TEXTS, insertAdditives } from "../../support/catalog-rows.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { insertTestSource } from "../../support/store-rows.ts";

let stack: Stack;
let instance: Instance;
let admin: Instance["client"];
let user: Instance["client"];

beforeAll(async () => {
  stack = await openStack();
  await insertTestSource(stack.sql);
  await insertAdditives(stack.sql, KNOWN_ADDITIVES);
  instance = await stack.startInstance();
  admin = await instance.as({ isAdmin: true });
  user = await instance.as({});
});

afterAll(() => stack.close());

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
    expect(await instance.client.additive.byCode.query({ code: "E160aii" })).toMatchObject({
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
    const { additive } = await instance.as({ isAdmin: true });
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
      const { items } = await instance.client.additive.forCodes.query({ codes: [code], locale });
      const [item] = items;
      const byCode = await instance.client.additive.byCode.query({ code, locale });
      expect(item?.additive).toEqual(byCode);
      const { explanation, explanationLanguage, rulings } = byCode;
      return [explanation, explanationLanguage, rulings[0]?.explanation];
    };
    expect(await shown("fr")).toEqual(["D'origine végétale.", "fr", "Discuté."]);
    expect(await shown("ar-EG")).toEqual(["من أصل نباتي.", "ar", "Discuté."]);
    expect(await shown("en")).toEqual(["Of plants.", "en", "Disputed."]);
    const searched = await instance.client.additive.search.query({ query: code, locale: "fr" });
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
    expect(await instance.client.additive.byCode.query({ code })).toMatchObject(explained);
  });

  it("is for administrators", async () => {
    const additive = { code: "E471", halalStatus: "halal" } as const;
    expect(await errorCode(instance.client.additive.upsert.mutate(additive))).toBe("UNAUTHORIZED");
    expect(await errorCode(user.additive.upsert.mutate(additive))).toBe("FORBIDDEN");
    expect(await errorCode(instance.client.additive.remove.mutate(additive))).toBe("UNAUTHORIZED");
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
    expect(await errorCode(instance.client.additive.byCode.query({ code: "E996" }))).toBe(
      "NOT_FOUND",
    );
    expect(
      await stack.sql`select 1 from additive_rulings where additive_code = 'E996'`,
    ).toHaveLength(0);
  });
});
