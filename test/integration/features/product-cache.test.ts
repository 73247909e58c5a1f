import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  cacheStateOf,
  insertAdditives,
  insertRecall,
  readWithinASecond,
  uniqueName,
} from "../../support/catalog-rows.ts";
import { PRODUCT_ADDITIVES } from "../../support/additive-rows.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { insertTestSource } from "../../support/store-rows.ts";
import { insertBoycotts, insertCertifier, insertProduct } from "../../support/user-rows.ts";

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

const askStatus = async (from: Instance, barcode: string) =>
  (await from.client.product.byBarcode.query({ barcode })).verdict.halalStatus;

/** A change, and the answer after it; each product has its own brand, certifier and additive. */
interface Change {
  readonly what: string;
  readonly change: (product: Subject) => Promise<unknown>;
  readonly see: (answer: Answer) => unknown;
  readonly expected: unknown;
}
interface Subject {
  readonly id: string;
  readonly barcode: string;
  readonly brand: string;
  readonly parent: string;
  readonly certifierId: string;
}
type Answer = Awaited<ReturnType<Instance["client"]["product"]["byBarcode"]["query"]>>;

const CHANGES: readonly Change[] = [
  {
    what: "the product's row",
    change: ({ id }) => stack.sql`update products set name = 'Another name' where id = ${id}`,
    see: ({ product }) => product?.name,
    expected: "Another name",
  },
  {
    what: "the product's removal",
    change: ({ id }) => stack.sql`delete from products where id = ${id}`,
    see: ({ product }) => product,
    expected: null,
  },
  {
    what: "an additive on its label",
    change: () => stack.sql`update additives set halal_status = 'haram' where code = 'E999'`,
    see: ({ verdict }) => verdict.halalStatus,
    expected: "haram",
  },
  {
    what: "a school's ruling on an additive on its label",
    change: () => stack.sql`
      insert into additive_rulings (additive_code, madhab, halal_status) values ('E999', 'shafii', 'haram')`,
    see: ({ verdict }) => verdict.bySchool.shafii.halalStatus,
    expected: "haram",
  },
  {
    what: "its certifier's trust score",
    change: ({ certifierId }) =>
      stack.sql`update certifiers set trust_score = 61 where id = ${certifierId}`,
    see: ({ verdict }) => verdict.confidence,
    expected: 0.61,
  },
  {
    what: "its certifier's removal",
    change: ({ certifierId }) => stack.sql`delete from certifiers where id = ${certifierId}`,
    see: ({ product }) => product?.certifierId,
    expected: null,
  },
  {
    what: "a new boycott of its brand",
    change: ({ brand }) =>
      insertBoycotts(stack.sql, [{ companyName: uniqueName("Maker"), brands: [brand] }]),
    see: ({ boycott }) => boycott.matchedBy,
    expected: "brand",
  },
  {
    what: "a boycott of its brand that becomes active",
    change: ({ parent }) =>
      stack.sql`update boycott_targets set active = true where company_name = ${`${parent} (asleep)`}`,
    see: ({ boycott }) => boycott.boycotted,
    expected: true,
  },
  {
    what: "a new boycott by the first digits of its barcode",
    change: ({ barcode }) =>
      insertBoycotts(stack.sql, [
        { companyName: uniqueName("Registrant"), gtinPrefixes: [barcode.slice(0, 9)] },
      ]),
    see: ({ boycott }) => boycott,
    expected: expect.objectContaining({ boycotted: false, matchedBy: "gtin_prefix" }) as unknown,
  },
  {
    what: "a recall of its barcode",
    change: ({ barcode }) => insertRecall(stack.sql, barcode, "2026-01-01T00:00:00Z"),
    see: ({ recalls }) => recalls.length,
    expected: 1,
  },
  {
    what: "its source's attribution",
    change: () => stack.sql`update data_sources set attribution = 'By others' where id = 'test'`,
    see: ({ product }) => product?.attribution.attribution,
    expected: "By others",
  },
];

describe("the cache of product.byBarcode", () => {
  it.each(CHANGES)("shows $what within a second everywhere", async ({ change, see, expected }) => {
    const brand = uniqueName("Brand");
    const parent = uniqueName("Parent");
    const certifierId = await insertCertifier(stack.sql, uniqueName("Certifier"), 80);
    const { id, barcode } = await makeProduct({ brand, additives: ["E999"], certifierId });
    await insertBoycotts(stack.sql, [
      { companyName: `${parent} (asleep)`, brands: [brand], active: false },
    ]);
    const ask = async () => see(await other.client.product.byBarcode.query({ barcode }));
    const isSeen = async () => {
      try {
        expect(await ask()).toEqual(expected);
        return true;
      } catch {
        return false;
      }
    };
    // The undoing of the previous change may take a second as well.
    expect(await readWithinASecond(isSeen, false)).toBe(false);
    await change({ id, barcode, brand, parent, certifierId });
    await readWithinASecond(isSeen, true);
    expect(await ask()).toEqual(expected);
    await stack.sql`update additives set halal_status = 'halal' where code = 'E999'`;
    await stack.sql`delete from additive_rulings where additive_code = 'E999'`;
    await stack.sql`update data_sources set attribution = 'Test' where id = 'test'`;
  });

  it("shows a new boycott of the parent company of a company that it already names", async () => {
    const brand = uniqueName("Brand");
    const parent = uniqueName("Parent");
    const { barcode } = await makeProduct({ brand });
    await insertBoycotts(stack.sql, [
      { companyName: uniqueName("Maker"), brands: [brand], parentCompany: parent },
    ]);
    const targets = async () =>
      (await other.client.product.byBarcode.query({ barcode })).boycott.targets.length;
    expect(await targets()).toBe(1);
    await insertBoycotts(stack.sql, [{ companyName: parent }]);
    expect(await readWithinASecond(targets, 2)).toBe(2);
  });

  it("keeps its hit whatever happens to what it does not show", async () => {
    const mine = await makeProduct({ brand: uniqueName("Brand"), additives: ["E999"] });
    const theirs = await makeProduct({ brand: uniqueName("Brand") });
    const ask = () => cacheStateOf(instance.url, "product.byBarcode", { barcode: mine.barcode });
    await ask();
    const certifierId = await insertCertifier(stack.sql, uniqueName("Certifier"), 80);
    await stack.sql`update products set name = 'Changed' where id = ${theirs.id}`;
    await stack.sql`update products set computed_status = 'haram', computed_version = 7 where id = ${mine.id}`;
    await stack.sql`delete from products where id = ${theirs.id}`;
    await insertBoycotts(stack.sql, [{ companyName: uniqueName("Maker"), brands: ["Else"] }]);
    await stack.sql`update certifiers set trust_score = 1 where id = ${certifierId}`;
    await insertRecall(stack.sql, theirs.barcode, "2026-01-01T00:00:00Z");
    // A ruling changes what is said of the entry, and not the entry.
    await stack.sql`update additives set halal_status = 'doubtful' where code = 'E999'`;
    const isSeen = async () => (await askStatus(instance, mine.barcode)) === "doubtful";
    expect(await readWithinASecond(isSeen, true)).toBe(true);
    expect(await ask()).toBe("HIT");
    await stack.sql`update additives set halal_status = 'halal' where code = 'E999'`;
  });
});

describe("the journal of products", () => {
  const lines = async (work: () => Promise<unknown>) => {
    const [before] = await stack.sql<
      { id: string }[]
    >`select coalesce(max(id), 0) as id from cache_events`;
    await work();
    return await stack.sql<{ ref: string | null }[]>`
      select ref from cache_events where topic = 'product' and id > ${before?.id ?? "0"} order by id`;
  };
  const insertMany = (prefix: string, count: number) => stack.sql`
    insert into products (barcode, name, source)
    select ${prefix} || lpad(n::text, 8, '0'), 'Many', 'test' from generate_series(1, ${count}::int) as n`;

  it("names up to two hundred barcodes a line, and none where a statement changes more than a thousand", async () => {
    await makeProduct();
    const some = await lines(() => insertMany("090000", 450));
    expect(some.map(({ ref }) => ref?.split(",").length)).toEqual([200, 200, 50]);
    expect(await lines(() => insertMany("091000", 1_500))).toEqual([{ ref: null }]);
    const changed = await lines(
      () => stack.sql`update products set name = 'Other' where barcode like '091000%'`,
    );
    expect(changed).toEqual([{ ref: null }]);
    const few = await lines(
      () =>
        stack.sql`update products set name = 'Third' where barcode in ('09000000000001', '09000000000002')`,
    );
    expect(few.map(({ ref }) => ref?.split(",").toSorted())).toEqual([
      ["09000000000001", "09000000000002"],
    ]);
    const both = await lines(
      () =>
        stack.sql`update products set barcode = '09200000000001' where barcode = '09000000000001'`,
    );
    expect(both.map(({ ref }) => ref?.split(",").toSorted())).toEqual([
      ["09000000000001", "09200000000001"],
    ]);
  });

  it("has no line where only the statuses for lists are computed again", async () => {
    const { id } = await makeProduct();
    const none = await lines(
      () =>
        stack.sql`update products set computed_hanafi = 'halal', computed_version = 3 where id = ${id}`,
    );
    expect(none).toEqual([]);
  });
});
