import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FavoriteRef } from "../../../src/features/favorites/schemas.ts";
import { errorCode, HOSTILE_TEXTS } from "../../support/catalog-rows.ts";
import { startFaultProxy } from "../../support/fault-proxy.ts";
import { openStack, type Instance, type Stack, stackKind } from "../../support/stack.ts";
import { insertStores } from "../../support/store-rows.ts";
import { callerOf, countingDb, insertProducts } from "../../support/user-rows.ts";

let stack: Stack;
let instance: Instance;
let other: Instance;
let products: FavoriteRef[];
let stores: FavoriteRef[];

beforeAll(async () => {
  stack = await openStack();
  const made = await insertProducts(
    stack.sql,
    Array.from({ length: 12 }, (_, i) => ({ name: `Product ${i}`, additives: ["E330"] })),
  );
  products = made.map(({ id }) => ({ kind: "product", id }));
  const ids = await insertStores(
    stack.sql,
    Array.from({ length: 12 }, (_, i) => ({ latitude: 48, longitude: 2 + i / 100 })),
  );
  stores = ids.map((id) => ({ kind: "store", id }));
  instance = await stack.startInstance();
  other = await stack.startInstance();
});

afterAll(() => stack.close());

const someone = async () => {
  const id = randomUUID();
  return {
    id,
    api: (await instance.as({ id })).favorites,
    elsewhere: (await other.as({ id })).favorites,
  };
};

const keyOf = ({ kind, id }: Pick<FavoriteRef, "kind" | "id">) => `${kind} ${id}`;
const keysOf = (refs: readonly FavoriteRef[]) => refs.map(keyOf).sort();
const at = (refs: readonly FavoriteRef[], index: number): FavoriteRef => {
  const ref = refs[index];
  if (ref === undefined) throw new Error("no such seed");
  return ref;
};

async function rowsOf(userId: string): Promise<string[]> {
  const rows = await stack.sql<
    { key: string }[]
  >`select kind || ' ' || target_id as key from favorites where user_id = ${userId}`;
  return rows.map(({ key }) => key).sort();
}

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

describe("favorites.sync", () => {
  it("adds, removes, and reports what does not exist", async () => {
    const { api, id } = await someone();
    await api.add.mutate(at(products, 0));
    await api.add.mutate(at(products, 1));
    const unknown: FavoriteRef = { kind: "store", id: randomUUID() };
    const createdAt = "2026-01-01T10:00:00.000Z";
    const ahead = new Date(Date.now() + 3_600_000).toISOString();
    const sent = {
      add: [
        { ...at(stores, 0), createdAt },
        { ...at(stores, 1), createdAt: ahead },
        at(stores, 0),
        at(products, 1),
        unknown,
        at(products, 2),
      ],
      remove: [at(products, 0), at(products, 2), at(products, 3)],
    };
    const answer = await api.sync.mutate(sent);
    expect(keysOf(answer.added)).toEqual(keysOf([at(stores, 0), at(stores, 1), at(products, 1)]));
    expect(keysOf(answer.removed)).toEqual(keysOf([0, 2, 3].map((i) => at(products, i))));
    expect(answer.unknown).toEqual([unknown]);
    expect(await rowsOf(id)).toEqual(keysOf(answer.added));
    const { items } = await api.list.query();
    expect(items.find((item) => item.id === at(stores, 0).id)?.createdAt).toBe(createdAt);
    expect(Date.parse(items[0]?.createdAt ?? ahead)).toBeLessThan(Date.parse(ahead));
    expect(await api.sync.mutate(sent)).toEqual(answer);
    expect((await api.list.query()).items).toEqual(items);
  });

  it("is settled alike when the same changes arrive twenty times at once, in any order", async () => {
    const { api, elsewhere, id } = await someone();
    await api.sync.mutate({ add: products.slice(6) });
    const add = [...products.slice(0, 6), ...stores];
    const remove = products.slice(6);
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        const mixed =
          i % 2 ? { add, remove } : { add: add.toReversed(), remove: remove.toReversed() };
        const { added, removed, unknown } = await (i % 3 ? api : elsewhere).sync.mutate(mixed);
        return JSON.stringify([keysOf(added), keysOf(removed), unknown]);
      }),
    );
    expect(new Set(answers).size).toBe(1);
    expect(await rowsOf(id)).toEqual(keysOf(add));
  });

  it("never deadlocks when opposite changes meet", async () => {
    const { api, elsewhere, id } = await someone();
    const [left, right] = [
      [...products, ...stores].slice(0, 12),
      [...stores, ...products].slice(0, 12),
    ];
    const calls = Array.from({ length: 30 }, (_, i) =>
      i % 2
        ? api.sync.mutate({ add: left, remove: right })
        : elsewhere.sync.mutate({ add: right, remove: left }),
    );
    await Promise.all([
      ...calls,
      api.add.mutate(at(products, 0)),
      elsewhere.remove.mutate(at(stores, 0)),
    ]);
    await api.sync.mutate({ add: left, remove: right });
    expect(await rowsOf(id)).toEqual(keysOf(left));
  });

  it("needs one statement, and none when there is nothing to do", async () => {
    const user = { id: randomUUID(), isAdmin: false };
    const { db, count } = countingDb(instance.deps.db);
    const api = callerOf(instance, { user, db }).favorites;
    await api.sync({ add: products, remove: stores });
    expect(count()).toBe(1);
    expect(await api.sync({})).toEqual({ added: [], removed: [], unknown: [], overLimit: [] });
    expect(count()).toBe(1);
  });

  it.skipIf(stackKind() !== "docker")(
    "is made good by sending it again when its answer was lost (docker)",
    async () => {
      const { hostname, port } = new URL(stack.databaseUrl);
      const proxy = await startFaultProxy({ host: hostname, port: Number(port) });
      const direct = `${hostname}:${port}`;
      const databaseUrl = stack.databaseUrl.replace(direct, `127.0.0.1:${proxy.port}`);
      const behind = await stack.startInstance({ databaseUrl });
      const id = randomUUID();
      const api = (await behind.as({ id })).favorites;
      const ref = at(products, 3);
      // A row that another transaction holds stops the sync in the midst of its writing.
      const code = await stack.sql.begin(async (tx) => {
        await tx`insert into favorites (user_id, kind, target_id) values (${id}, 'product', ${ref.id})`;
        const call = errorCode(api.sync.mutate({ add: products }));
        const waiting = () => tx`select from pg_locks where not granted`;
        while ((await waiting()).length === 0) await new Promise((done) => setTimeout(done, 10));
        await proxy.cut();
        return await call;
      });
      expect(code).toBe("SERVICE_UNAVAILABLE");
      await proxy.heal();
      expect((await api.sync.mutate({ add: products })).added).toHaveLength(products.length);
      expect(await rowsOf(id)).toEqual(keysOf(products));
      await behind.close();
      await proxy.close();
    },
  );
});

describe("whose favourites", () => {
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
