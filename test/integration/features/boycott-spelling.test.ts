import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { insertProduct } from "../../support/catalog-rows.ts";
import { countsOf, type Importer, openImporter } from "../../support/import-run.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { insertTestSource } from "../../support/store-rows.ts";

let stack: Stack;
let instance: Instance;
let admin: Instance["client"];
let user: Instance["client"];
let importer: Importer;

const TARGETS = [
  { companyName: "Coca-Cola", brands: ["كوكاكولا", "Fanta"] },
  { companyName: "McDonald's", brands: ["ماكدونالدز"] },
  { companyName: "Ben & Jerry's", brands: ["بن & جيري"] },
  { companyName: "Nestlé", brands: ["Häagen-Dazs"], parentCompany: "Holding SA" },
  { companyName: "PepsiCo", brands: ["7up"] },
  { companyName: "Up", brands: [] },
  { companyName: "Ülker", brands: ["H&M"] },
  { companyName: "Рошен", brands: ["Strauß"] },
];

/** Each spelling with the one company that it means. */
const SPELLINGS: readonly (readonly [spelling: string, company: string])[] = [
  ["COCA-COLA®", "Coca-Cola"],
  ["CocaCola", "Coca-Cola"],
  ["coca cola", "Coca-Cola"],
  ["Coca‑Cola™", "Coca-Cola"],
  ["Coca-Cola (R)", "Coca-Cola"],
  ["Ｃｏｃａ－Ｃｏｌａ", "Coca-Cola"],
  ["The Coca-Cola Company", "Coca-Cola"],
  ["Coca-Cola Co.", "Coca-Cola"],
  ["كوكاكولا", "Coca-Cola"],
  ["كُوكَا كُولَا", "Coca-Cola"],
  ["كـوكـاكـولا", "Coca-Cola"],
  ["کوکاکولا", "Coca-Cola"],
  ["شركة كوكا كولا", "Coca-Cola"],
  ["ميرندا، كوكاكولا", "Coca-Cola"],
  ["McDonalds", "McDonald's"],
  ["MC DONALD’S", "McDonald's"],
  ["McDonald`s Corporation", "McDonald's"],
  ["ماكدونالدز", "McDonald's"],
  ["Ben and Jerrys", "Ben & Jerry's"],
  ["BEN ET JERRY'S", "Ben & Jerry's"],
  ["Ben und Jerry’s", "Ben & Jerry's"],
  ["Ben&Jerry's Inc.", "Ben & Jerry's"],
  ["Ben＆Jerry's", "Ben & Jerry's"],
  ["Ben Jerry's", "Ben & Jerry's"],
  ["BenJerrys", "Ben & Jerry's"],
  ["BENJERRY’S Inc.", "Ben & Jerry's"],
  ["بن و جيري", "Ben & Jerry's"],
  ["NESTLE S.A.", "Nestlé"],
  ["Nestle, SA", "Nestlé"],
  ["HAAGEN DAZS", "Nestlé"],
  ["HäagenDazs GmbH & Co. KG", "Nestlé"],
  ["Pepsi Co", "PepsiCo"],
  ["Pepsico, Inc.", "PepsiCo"],
  ["7 UP", "PepsiCo"],
  ["٧up", "PepsiCo"],
  ["up!", "Up"],
  ["Up Ltd", "Up"],
  ["ULKER SAN. VE TİC. A.Ş.", "Ülker"],
  ["ülker plc", "Ülker"],
  ["H & M", "Ülker"],
  ["H and M", "Ülker"],
  ["ООО «Рошен»", "Рошен"],
  ["STRAUSS Sp. z o.o.", "Рошен"],
];

const STRANGERS = [
  "Coca",
  "Cola",
  "Coca-Cola Zero",
  "Ben",
  "Jerry's",
  "7",
  "Upper",
  "Cup",
  "HM",
  "Nestlé Waters",
  "Co",
  "S.A.",
  "GmbH",
  "®",
  "and",
  "جيري",
  "ماك",
];

beforeAll(async () => {
  stack = await openStack();
  await insertTestSource(stack.sql);
  instance = await stack.startInstance();
  admin = await instance.as({ isAdmin: true });
  user = await instance.as({});
  importer = openImporter(stack);
  for (const target of TARGETS) {
    await admin.boycott.upsert.mutate({ ...target, level: "official" });
  }
});

afterAll(async () => {
  await importer.close();
  await stack.close();
});

describe("boycott.check of everyday spellings", () => {
  it("finds the company that each one means, and no other", async () => {
    const answers = await Promise.all(
      SPELLINGS.map(async ([brand]) => {
        const { boycotted, targets } = await instance.client.boycott.check.query({ brand });
        return [brand, boycotted, targets.map(({ companyName }) => companyName)];
      }),
    );
    expect(answers).toEqual(SPELLINGS.map(([brand, company]) => [brand, true, [company]]));
  });

  it("takes no part of a name for the name", async () => {
    for (const brand of STRANGERS) {
      const { boycotted, targets } = await instance.client.boycott.check.query({ brand });
      expect([brand, boycotted, targets]).toEqual([brand, false, []]);
    }
  });

  it("tells by what a company was found, however it is spelt", async () => {
    const matchedBy = async (brand: string) =>
      (await instance.client.boycott.check.query({ brand })).matchedBy;
    expect(await matchedBy("Pepsi Co")).toBe("company");
    expect(await matchedBy("HAAGEN DAZS")).toBe("brand");
    expect(await matchedBy("Holding S.A.")).toBe("parent");
  });
});

describe("scans of products with everyday spellings of a brand", () => {
  it("have the same boycott evidence as boycott.check", async () => {
    const outcomes: unknown[] = [];
    for (const [index, [brand]] of [...SPELLINGS, ...STRANGERS.map((one) => [one])].entries()) {
      const payload = `40063810${String(index).padStart(4, "0")}`;
      const sum = Array.from(payload, Number).reduce(
        (total, digit, place) => total + digit * (place % 2 === 0 ? 1 : 3),
        0,
      );
      const barcode = `${payload}${(10 - (sum % 10)) % 10}`;
      await insertProduct(stack.sql, { barcode: `0${barcode}`, brand: brand ?? "" });
      const { verdict } = await user.scans.record.mutate({ id: randomUUID(), barcode });
      outcomes.push([brand, verdict.reasons.some(({ code }) => code === "boycott")]);
    }
    expect(outcomes).toEqual([
      ...SPELLINGS.map(([brand]) => [brand, true]),
      ...STRANGERS.map((brand) => [brand, false]),
    ]);
  });
});

describe("imports of boycott targets", () => {
  it("take another spelling of a company for the company", async () => {
    const rows = ["COCACOLA®", "Mc Donalds Corp.", "BEN AND JERRY'S", "Somebody Else"];
    const path = importer.write(
      "targets.csv",
      `company_name,source_url\n${rows.map((name) => `${name},https://a.example/x`).join("\n")}\n`,
    );
    expect(countsOf(await importer.run("boycotts", path))).toEqual([4, 1, 3, 0, 0]);
    expect(countsOf(await importer.run("boycotts", path))).toEqual([4, 0, 0, 4, 0]);
    const { items } = await instance.client.boycott.list.query();
    expect(items).toHaveLength(TARGETS.length + 1);
  });
});
