import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KNOWN_ADDITIVES } from "../../support/additive-rows.ts";
import {
  cacheStateOf,
  errorCode,
  HOSTILE_TEXTS,
  insertAdditives,
  readWithinASecond,
} from "../../support/catalog-rows.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { insertTestSource } from "../../support/store-rows.ts";

let stack: Stack;
let instance: Instance;
let other: Instance;
let admin: Instance["client"];

beforeAll(async () => {
  stack = await openStack();
  await insertTestSource(stack.sql);
  await insertAdditives(stack.sql, KNOWN_ADDITIVES);
  instance = await stack.startInstance();
  other = await stack.startInstance();
  admin = await instance.as({ isAdmin: true });
});

afterAll(() => stack.close());

describe("additive.byCode", () => {
  it("takes every usual spelling", async () => {
    for (const code of ["E471", "e 471", "E-471", "INS 471", "en:e471", "471", "E٤٧١"]) {
      const answer = await instance.client.additive.byCode.query({ code });
      expect(answer).toMatchObject({
        code: "E471",
        requestedCode: "E471",
        viaParent: false,
        names: { en: "Mono- and diglycerides of fatty acids" },
        attribution: { name: "Test", licence: "none" },
      });
    }
    expect((await instance.client.additive.byCode.query({ code: "e472A" })).code).toBe("E472a");
  });

  it("answers a sub-code without an entry with its nearest parent, and says so", async () => {
    for (const [code, requestedCode, answering] of [
      ["E450(i)", "E450i", "E450"],
      ["E160a(ii)", "E160aii", "E160a"],
      ["E160c", "E160c", "E160"],
      ["en:e471b", "E471b", "E471"],
    ] as const) {
      const answer = await instance.client.additive.byCode.query({ code });
      expect(answer).toMatchObject({ code: answering, requestedCode, viaParent: true });
    }
    expect((await instance.client.additive.byCode.query({ code: "E322i" })).viaParent).toBe(false);
  });

  it("serves every madhab from one cached entry", async () => {
    const by = (madhab?: "hanafi" | "shafii" | "maliki") =>
      instance.client.additive.byCode.query({ code: "E441", ...(madhab && { madhab }) });
    expect(await by()).toMatchObject({ ruling: null, effectiveStatus: "doubtful" });
    const state = await cacheStateOf(instance.url, "additive.byCode", {
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
      const failed = await errorCode(instance.client.additive.byCode.query({ code }));
      expect([code, failed]).toEqual([code, "BAD_REQUEST"]);
    }
    expect(await errorCode(instance.client.additive.byCode.query({ code: "E999" }))).toBe(
      "NOT_FOUND",
    );
    expect(await cacheStateOf(instance.url, "additive.byCode", { code: "E999" })).toBe("HIT");
  });

  it("shows an edit of an entry, of its rulings and of its parent on every instance", async () => {
    const read = async ({ client }: Instance, code: string) => {
      const { code: answering, effectiveStatus } = await client.additive.byCode.query({
        code,
        madhab: "maliki",
      });
      return `${answering} ${effectiveStatus}`;
    };
    const shows = async (code: string, expected: string) => {
      expect(await read(instance, code)).toBe(expected);
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
    await instance.client.additive.byCode.query({ code: "E334" });
    await admin.additive.upsert.mutate({ code: "E999", halalStatus: "unknown" });
    await admin.additive.remove.mutate({ code: "E999" });
    expect(await cacheStateOf(instance.url, "additive.byCode", { code: "E334" })).toBe("HIT");
    await stack.sql`update data_sources set attribution = 'another' where id = 'test'`;
    const attribution = async () =>
      (await instance.client.additive.byCode.query({ code: "E334" })).attribution?.attribution;
    expect(await readWithinASecond(attribution, "another")).toBe("another");
  });
});

describe("additive.forCodes", () => {
  it("answers each code in the order asked, and marks those without an entry", async () => {
    const codes = ["en:e441", "E450(i)", "E998", "E 441", "322"];
    const { items } = await instance.client.additive.forCodes.query({ codes, madhab: "shafii" });
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
      const { items } = await instance.client.additive.forCodes.query({ codes: [code], ...asked });
      expect(items[0]?.additive).toEqual(
        await instance.client.additive.byCode.query({ code, ...asked }),
      );
    }
  });

  it("shows an edit, a new entry and a removed one at once here, and within a second on another instance", async () => {
    const read = async ({ client }: Instance) => {
      const { items } = await client.additive.forCodes.query({ codes: ["E501ii", "E999"] });
      return items.map(({ additive }) => `${additive?.code} ${additive?.halalStatus}`).join();
    };
    const shows = async (expected: string) => {
      expect(await read(instance)).toBe(expected);
      expect(await readWithinASecond(() => read(other), expected)).toBe(expected);
    };
    const { items } = await instance.client.additive.forCodes.query({ codes: ["E999"] });
    const kept = `${items[0]?.additive?.code} ${items[0]?.additive?.halalStatus}`;
    await admin.additive.upsert.mutate({ code: "E501", halalStatus: "halal" });
    await shows(`E501 halal,${kept}`);
    await admin.additive.upsert.mutate({ code: "E501", halalStatus: "doubtful" });
    await shows(`E501 doubtful,${kept}`);
    await admin.additive.upsert.mutate({ code: "E501ii", halalStatus: "halal" });
    await shows(`E501ii halal,${kept}`);
    await admin.additive.remove.mutate({ code: "E501ii" });
    await admin.additive.remove.mutate({ code: "E501" });
    await shows(`undefined undefined,${kept}`);
  });

  it("lets a code that is none fail alone, and names it", async () => {
    const codes = ["E441", "sugar", "\u0415322", "", "E1", "9".repeat(900), ...HOSTILE_TEXTS];
    const { items, notUnderstood } = await instance.client.additive.forCodes.query({ codes });
    expect(items.map(({ requested }) => requested)).toEqual(codes);
    expect(items.map(({ requestedCode }) => requestedCode)).toEqual(
      codes.map((_code, place) => ({ 0: "E441", 2: "E322" })[place] ?? null),
    );
    expect(items.flatMap(({ additive }) => additive?.code ?? [])).toEqual(["E441", "E322"]);
    expect(notUnderstood).toEqual(codes.filter((_code, place) => place !== 0 && place !== 2));
    expect(await instance.client.additive.forCodes.query({ codes: ["sugar"] })).toEqual({
      items: [{ requested: "sugar", requestedCode: null, additive: null }],
      notUnderstood: ["sugar"],
    });
  });

  it("takes 1 to 100 codes", async () => {
    const hundred = Array.from({ length: 100 }, (_, i) => `E${100 + i}`);
    const { items } = await instance.client.additive.forCodes.query({ codes: hundred });
    expect(items).toHaveLength(100);
    for (const codes of [[], [...hundred, "E471"]]) {
      const failed = await errorCode(instance.client.additive.forCodes.query({ codes }));
      expect(failed).toBe("BAD_REQUEST");
    }
  });

  it("reads look-alike letters of other scripts, as byCode and search do", async () => {
    for (const code of ["\u0415441", "\u0395441", "\u212E441", "E\u096A\u096A\u0967"]) {
      expect((await instance.client.additive.byCode.query({ code })).code).toBe("E441");
      const { items } = await instance.client.additive.search.query({ query: code });
      expect(items[0]?.code).toBe("E441");
    }
  });
});
