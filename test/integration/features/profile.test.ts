import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { insertBoycotts, insertProducts } from "../../support/user-rows.ts";

let stack: Stack;
let instance: Instance;

beforeAll(async () => {
  stack = await openStack();
  instance = await stack.startInstance();
}, 300_000);

afterAll(() => stack?.close());

const NOTHING = {
  madhab: null,
  languages: [],
  allergens: [],
  avoidBoycotted: true,
  avoidAdditives: [],
};

it("keeps what a person says, field by field, for them alone, and gives and erases it", async () => {
  const [user, other] = [await instance.as({}), await instance.as({})];
  expect(await user.account.profile.query()).toEqual(NOTHING);
  expect((await user.account.export.query()).profile).toBeNull();
  expect(
    await user.account.updateProfile.mutate({
      madhab: "hanafi",
      languages: ["ar", "fr-CA"],
      avoidAdditives: ["e 120", "INS 471", "E120"],
    }),
  ).toEqual({
    ...NOTHING,
    madhab: "hanafi",
    languages: ["ar", "fr-CA"],
    avoidAdditives: ["E120", "E471"],
  });
  await user.account.updateProfile.mutate({ allergens: ["milk"], avoidBoycotted: false });
  await user.account.updateProfile.mutate({ madhab: null });
  const profile = {
    madhab: null,
    languages: ["ar", "fr-CA"],
    allergens: ["milk"],
    avoidBoycotted: false,
    avoidAdditives: ["E120", "E471"],
  };
  expect(await user.account.updateProfile.mutate({})).toEqual(profile);
  expect(await other.account.profile.query()).toEqual(NOTHING);
  expect((await user.account.export.query()).profile).toMatchObject(profile);
  await user.account.erase.mutate();
  expect(await user.account.profile.query()).toEqual(NOTHING);
});

it("refuses what is no school, language, allergen or additive", async () => {
  const user = await instance.as({});
  const update = (input: object) => user.account.updateProfile.mutate(input);
  await expect(update({ madhab: "zahiri" })).rejects.toThrow(/madhab/);
  await expect(update({ languages: ["French!"] })).rejects.toThrow(/language tag/);
  await expect(update({ allergens: ["love"] })).rejects.toThrow(/allergens/);
  await expect(update({ avoidAdditives: ["sugar"] })).rejects.toThrow(/avoidAdditives/);
  await expect(instance.client.account.profile.query()).rejects.toThrow(/sign in/);
});

it("scans by the profile's school, and warns of its allergens and additives beside the verdict", async () => {
  const user = await instance.as({});
  const [product] = await insertProducts(stack.sql, [{ additives: ["E471", "E223"] }]);
  const barcode = product?.barcode ?? "";
  await stack.sql`update products set allergens = array['en:milk', 'en:peanuts'] where barcode = ${`0${barcode}`}`;
  const scan = () => user.scans.record.mutate({ id: randomUUID(), barcode });
  const before = await scan();
  await user.account.updateProfile.mutate({
    madhab: "maliki",
    allergens: ["milk", "sulphites", "eggs"],
    avoidAdditives: ["E471", "E120"],
  });
  const { verdict } = await scan();
  expect(verdict).toMatchObject({ madhab: "maliki", halalStatus: before.verdict.halalStatus });
  const warnings = verdict.reasons.filter(({ code }) =>
    ["allergen", "avoided_additive"].includes(code),
  );
  expect(warnings.map(({ params }) => params)).toMatchObject([
    { allergen: "milk", found: "contained" },
    { allergen: "sulphites", found: "contained" },
    { additive: "E471", avoided: "E471" },
  ]);
  const asked = await user.scans.record.mutate({ id: randomUUID(), barcode, madhab: "shafii" });
  expect(asked.verdict.madhab).toBe("shafii");
  // Recorded as shown: the history has the warnings, too.
  const { items } = await user.scans.history.query({ limit: 1 });
  expect(items[0]?.reasons.map(({ code }) => code)).toContain("allergen");
});

it("tells nothing of boycotts to those who do not mind them", async () => {
  const user = await instance.as({});
  const brand = `Brand${randomUUID().slice(0, 8)}`;
  await insertBoycotts(stack.sql, [{ companyName: brand }]);
  const [product] = await insertProducts(stack.sql, [{ brand }]);
  const codes = async () => {
    const scan = { id: randomUUID(), barcode: product?.barcode ?? "" };
    return (await user.scans.record.mutate(scan)).verdict.reasons.map(({ code }) => code);
  };
  expect(await codes()).toContain("boycott");
  await user.account.updateProfile.mutate({ avoidBoycotted: false });
  expect(await codes()).not.toContain("boycott");
});
