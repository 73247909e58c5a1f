import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { insertProducts, newBarcode } from "../../support/user-rows.ts";

let stack: Stack;
let instance: Instance;

beforeAll(async () => {
  stack = await openStack();
  instance = await stack.startInstance();
}, 300_000);

afterAll(() => stack?.close());

it("saves a product by its barcode before anybody knows it, and it stays one favourite when it becomes known", async () => {
  const user = await instance.as({});
  const barcode = newBarcode();
  const gtin = `0${barcode}`;
  const ref = { kind: "product" as const, barcode };
  const added = await user.favorites.add.mutate(ref);
  expect(added).toMatchObject({ kind: "product", barcode: gtin, added: true });
  expect(await user.favorites.add.mutate(ref)).toMatchObject({ added: false, id: added.id });
  expect((await user.favorites.refs.query()).items).toEqual([
    { kind: "product", id: added.id, barcode: gtin },
  ]);
  expect((await user.favorites.list.query()).items).toMatchObject([
    { id: added.id, barcode: gtin, product: null, store: null },
  ]);
  await user.scans.record.mutate({ id: randomUUID(), barcode });
  const unknown = (await user.scans.history.query()).items[0];
  expect(unknown).toMatchObject({ product: null, isFavorite: true });

  const [product] = await insertProducts(stack.sql, [{ barcode, name: "Known now" }]);
  const id = product?.id ?? "";
  expect((await user.favorites.list.query()).items).toMatchObject([
    { id: added.id, product: { id, name: "Known now" } },
  ]);
  expect((await user.scans.history.query()).items[0]).toMatchObject({
    product: { id },
    isFavorite: true,
  });
  expect(await user.favorites.add.mutate({ kind: "product", id })).toMatchObject({ added: false });
  expect((await user.favorites.refs.query()).items).toHaveLength(1);
  expect(await user.favorites.remove.mutate({ kind: "product", id })).toMatchObject({
    removed: true,
  });
  expect((await user.favorites.refs.query()).items).toEqual([]);
  expect((await user.scans.history.query()).items[0]?.isFavorite).toBe(false);
});

it("takes a known product's barcode for the product, and the favourite's own id for it", async () => {
  const user = await instance.as({});
  const [product] = await insertProducts(stack.sql, [{}]);
  const { id = "", barcode = "" } = product ?? {};
  expect(await user.favorites.add.mutate({ kind: "product", barcode })).toMatchObject({ id });
  expect(await user.favorites.add.mutate({ kind: "product", id })).toMatchObject({ added: false });
  const unknown = await user.favorites.add.mutate({ kind: "product", barcode: newBarcode() });
  const sentBack = { kind: unknown.kind, id: unknown.id, barcode: unknown.barcode };
  expect(await user.favorites.remove.mutate(sentBack)).toMatchObject({ removed: true });
});

it("syncs both forms at once, sent again alike, also where both name one product", async () => {
  const user = await instance.as({});
  const [product] = await insertProducts(stack.sql, [{}]);
  const { id = "", barcode = "" } = product ?? {};
  const unknown = newBarcode();
  const input = {
    add: [
      { kind: "product" as const, id },
      { kind: "product" as const, barcode },
      { kind: "product" as const, barcode: unknown },
      { kind: "store" as const, id: randomUUID() },
    ],
    remove: [],
  };
  const answer = await user.favorites.sync.mutate(input);
  expect(answer.added).toHaveLength(3);
  expect(answer.unknown).toHaveLength(1);
  expect(await user.favorites.sync.mutate(input)).toEqual(answer);
  expect((await user.favorites.refs.query()).items).toHaveLength(2);
  // A removal that was told late does not undo a later addition, nor the other way round.
  const at = (ms: number) => new Date(Date.now() + ms).toISOString();
  const ref = { kind: "product" as const, barcode: unknown };
  await user.favorites.sync.mutate({ add: [], remove: [{ ...ref, createdAt: at(-60_000) }] });
  expect((await user.favorites.refs.query()).items).toHaveLength(2);
  await user.favorites.sync.mutate({ add: [], remove: [ref] });
  await user.favorites.sync.mutate({ add: [{ ...ref, createdAt: at(-60_000) }], remove: [] });
  expect((await user.favorites.refs.query()).items).toHaveLength(1);
});

it("keeps one person's favourites by barcode from another's, and refuses what is no barcode", async () => {
  const [user, other] = [await instance.as({}), await instance.as({})];
  const barcode = newBarcode();
  await user.favorites.add.mutate({ kind: "product", barcode });
  expect((await other.favorites.refs.query()).items).toEqual([]);
  await other.scans.record.mutate({ id: randomUUID(), barcode });
  expect((await other.scans.history.query()).items[0]?.isFavorite).toBe(false);
  expect((await user.account.export.query()).favorites).toMatchObject([{ barcode: `0${barcode}` }]);
  await expect(
    user.favorites.add.mutate({ kind: "product", barcode: "4006381333932" }),
  ).rejects.toMatchObject({ data: { code: "BAD_REQUEST" } });
});
