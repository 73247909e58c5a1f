import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FavoriteRef } from "../../../src/features/favorites/schemas.ts";
import { errorCode, HOSTILE_TEXTS } from "../../support/catalog-rows.ts";
import {
  at,
  type FavoritesWorld,
  keyOf,
  openFavoritesWorld,
} from "../../support/favorites-world.ts";
import type { Instance, Stack } from "../../support/stack.ts";
import { insertStores } from "../../support/store-rows.ts";

let stack: Stack;
let instance: Instance;
let products: FavoriteRef[];
let stores: FavoriteRef[];
let someone: FavoritesWorld["someone"];
let rowsOf: FavoritesWorld["rowsOf"];

beforeAll(async () => {
  ({ stack, instance, products, stores, someone, rowsOf } = await openFavoritesWorld());
});

afterAll(() => stack.close());

describe("favorites.add, remove and list", () => {
  it("shows the latest first with the product or the store", async () => {
    const { api } = await someone();
    await api.add.mutate(at(products, 0));
    await api.add.mutate(at(stores, 0));
    const { items, nextCursor } = await api.list.query();
    expect(items.map(keyOf)).toEqual([keyOf(at(stores, 0)), keyOf(at(products, 0))]);
    expect(items[1]).toMatchObject({
      product: {
        id: at(products, 0).id,
        name: "Product 0",
        halalStatus: "unknown",
        additives: ["E330"],
        attribution: { name: "Test", licence: "none" },
      },
      store: null,
    });
    expect(items[0]).toMatchObject({
      product: null,
      store: { id: at(stores, 0).id, name: "Halal shop", latitude: 48, longitude: 2 },
    });
    expect(nextCursor).toBeNull();
    expect((await api.list.query({ kind: "product" })).items.map(keyOf)).toEqual([
      keyOf(at(products, 0)),
    ]);
  });

  it("does nothing the second time", async () => {
    const { api, id } = await someone();
    const ref = at(products, 1);
    expect(await api.add.mutate(ref)).toEqual({ ...ref, added: true });
    const [before] = (await api.list.query()).items;
    expect(await api.add.mutate({ ...ref, id: ref.id.toUpperCase() })).toEqual({
      ...ref,
      added: false,
    });
    expect((await api.list.query()).items).toEqual([before]);
    expect(await api.remove.mutate(ref)).toEqual({ ...ref, removed: true });
    expect(await api.remove.mutate(ref)).toEqual({ ...ref, removed: false });
    expect(await rowsOf(id)).toEqual([]);
  });

  it("makes one row when twenty add it at once", async () => {
    const { api, elsewhere, id } = await someone();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => (i % 2 ? api : elsewhere).add.mutate(at(stores, 1))),
    );
    expect(answers.filter(({ added }) => added)).toHaveLength(1);
    expect(await rowsOf(id)).toEqual([keyOf(at(stores, 1))]);
  });

  it("does not know what does not exist or was removed, and hides what is removed later", async () => {
    const { api, id } = await someone();
    const [gone = "", later = ""] = await insertStores(stack.sql, [
      { latitude: 1, longitude: 1 },
      { latitude: 1, longitude: 1 },
    ]);
    await stack.sql`update stores set removed_at = now() where id = ${gone}`;
    for (const ref of [
      { kind: "store", id: gone },
      { kind: "store", id: randomUUID() },
      { kind: "product", id: later },
    ] as const) {
      expect(await errorCode(api.add.mutate(ref))).toBe("NOT_FOUND");
    }
    await api.add.mutate({ kind: "store", id: later });
    const admin = await instance.as({ isAdmin: true });
    await admin.store.remove.mutate({ id: later });
    expect((await api.list.query()).items).toEqual([]);
    expect(await rowsOf(id)).toEqual([`store ${later}`]);
  });

  it("pages without showing one twice or missing one, also where instants are the same", async () => {
    const { api, id } = await someone();
    const all = [...products, ...stores];
    await stack.sql`
      insert into favorites (user_id, kind, target_id, created_at)
      select ${id}, kind, id, now() - (n / 5) * interval '1 hour'
      from json_to_recordset(${JSON.stringify(all.map((ref, n) => ({ ...ref, n })))}::text::json)
        as r(kind text, id uuid, n int)`;
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof api.list.query>> = await api.list.query({
        limit: 7,
        cursor,
      });
      seen.push(...page.items.map(keyOf));
      cursor = page.nextCursor;
    } while (cursor !== null);
    const expected = await stack.sql<{ key: string }[]>`
      select kind || ' ' || target_id as key from favorites where user_id = ${id}
      order by created_at desc, kind, target_id`;
    expect(seen).toEqual(expected.map(({ key }) => key));
    expect(seen).toHaveLength(24);
  });

  it("refuses bad input", async () => {
    const { api } = await someone();
    const calls = [
      api.add.mutate({ kind: "product", id: "1" }),
      api.add.mutate({ kind: "shop" as "store", id: randomUUID() }),
      api.list.query({ cursor: "bad" }),
      api.list.query({ limit: 0 }),
      api.sync.mutate({
        add: Array.from({ length: 201 }, () => ({ kind: "product" as const, id: randomUUID() })),
      }),
      api.sync.mutate({ add: [{ ...at(products, 0), createdAt: "1969-01-01T00:00:00Z" }] }),
      ...HOSTILE_TEXTS.flatMap((text) => [
        api.add.mutate({ kind: "product", id: text }),
        api.remove.mutate({ kind: text as "store", id: randomUUID() }),
        api.sync.mutate({ remove: [{ kind: "product", id: text }] }),
        api.list.query({ cursor: text }),
      ]),
    ];
    expect(await Promise.all(calls.map(errorCode))).toEqual(calls.map(() => "BAD_REQUEST"));
  });
});

describe("favourites of several users", () => {
  it("keeps one user's rows from another's every procedure", async () => {
    const [owner, stranger] = [await someone(), await someone()];
    await owner.api.add.mutate(at(products, 5));
    expect((await stranger.api.list.query()).items).toEqual([]);
    expect((await stranger.api.remove.mutate(at(products, 5))).removed).toBe(false);
    expect((await stranger.api.add.mutate(at(products, 5))).added).toBe(true);
    await stranger.api.sync.mutate({ add: [at(stores, 5)], remove: [at(products, 5)] });
    expect((await owner.api.list.query()).items.map(keyOf)).toEqual([keyOf(at(products, 5))]);
  });

  it("asks for a token everywhere", async () => {
    const { favorites } = instance.client;
    const calls = [
      favorites.list.query(),
      favorites.add.mutate(at(products, 0)),
      favorites.remove.mutate(at(products, 0)),
      favorites.sync.mutate({}),
    ];
    expect(await Promise.all(calls.map(errorCode))).toEqual(calls.map(() => "UNAUTHORIZED"));
  });
});
