import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  cacheStateOf,
  errorCode,
  insertAdditives,
  insertRecall,
  readWithinASecond,
} from "../../support/catalog-rows.ts";
import { PRODUCT_ADDITIVES } from "../../support/additive-rows.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { insertTestSource } from "../../support/store-rows.ts";
import { insertProduct, newBarcode } from "../../support/user-rows.ts";

let stack: Stack;
let instance: Instance;
let other: Instance;

beforeAll(async () => {
  stack = await openStack();
  await insertTestSource(stack.sql);
  await insertAdditives(stack.sql, PRODUCT_ADDITIVES);
  instance = await stack.startInstance();
  other = await stack.startInstance();
});

afterAll(() => stack.close());

/** A product that no other test has. */
const makeProduct = (seed: Parameters<typeof insertProduct>[1] = {}) =>
  insertProduct(stack.sql, seed);

describe("product.byBarcode", () => {
  it("says of a product what a scan says, for the school asked for and for all schools", async () => {
    const { barcode } = await makeProduct({
      name: "Red sweets",
      additives: ["E120"],
      ingredients: "sugar, carmine",
    });
    const user = await instance.as({});
    for (const madhab of [undefined, "hanafi", "maliki"] as const) {
      const scan = await user.scans.record.mutate({ id: randomUUID(), barcode, madhab });
      const answer = await instance.client.product.byBarcode.query({ barcode, madhab });
      expect(answer.verdict).toEqual(scan.verdict);
      expect(answer.product).toEqual(scan.product);
      expect(answer.verdict.madhab).toBe(madhab ?? null);
    }
    const { verdict, product, boycott, recalls, lookup } =
      await instance.client.product.byBarcode.query({ barcode });
    expect(verdict.bySchool.hanafi.halalStatus).toBe("haram");
    expect(verdict.bySchool.hanafi).not.toEqual(verdict.bySchool.maliki);
    expect(product?.attribution).toMatchObject({ name: "Test", licence: "none" });
    expect({ boycott, recalls, lookup }).toEqual({
      boycott: { boycotted: false, targets: [], matchedBy: null },
      recalls: [],
      lookup: null,
    });
  });

  it("records nothing for whoever looks", async () => {
    const { barcode } = await makeProduct();
    const user = await instance.as({});
    await user.product.byBarcode.query({ barcode });
    expect((await user.scans.history.query({})).items).toEqual([]);
  });

  it("knows nothing of a barcode that nobody has described, until somebody does", async () => {
    const barcode = newBarcode();
    const unknown = await instance.client.product.byBarcode.query({ barcode });
    expect(unknown).toMatchObject({
      barcode: `0${barcode}`,
      product: null,
      verdict: { halalStatus: "unknown", reasons: [{ code: "product_not_found" }] },
      lookup: null,
    });
    await makeProduct({ barcode, name: "Described" });
    const name = async () =>
      (await other.client.product.byBarcode.query({ barcode })).product?.name ?? null;
    expect(await readWithinASecond(name, "Described")).toBe("Described");
  });

  it("refuses what is no barcode", async () => {
    const call = instance.client.product.byBarcode.query({ barcode: "4006381333932" });
    expect(await errorCode(call)).toBe("BAD_REQUEST");
  });

  it("shows the recalls that are in force, as they begin and end", async () => {
    let nowMs = Date.UTC(2027, 0, 1);
    const later = await stack.startInstance({ now: () => new Date(nowMs) });
    const { barcode } = await makeProduct();
    await insertRecall(stack.sql, barcode, "2026-12-01T00:00:00Z", "2027-01-02T00:00:00Z");
    await insertRecall(stack.sql, barcode, "2027-01-03T00:00:00Z");
    const starts = async () =>
      (await later.client.product.byBarcode.query({ barcode })).recalls.map(
        ({ publishedAt }) => publishedAt,
      );
    expect(await starts()).toEqual(["2026-12-01T00:00:00.000Z"]);
    nowMs = Date.UTC(2027, 0, 2, 12);
    expect(await starts()).toEqual([]);
    nowMs = Date.UTC(2027, 0, 4);
    expect(await starts()).toEqual(["2027-01-03T00:00:00.000Z"]);
    await later.close();
  });

  it("serves every school from one entry", async () => {
    const { barcode } = await makeProduct({ additives: ["E120"] });
    await instance.client.product.byBarcode.query({ barcode });
    for (const madhab of ["hanafi", "shafii", "maliki", "hanbali"]) {
      const input = { barcode, madhab };
      expect(await cacheStateOf(instance.url, "product.byBarcode", input)).toBe("HIT");
    }
  });
});
