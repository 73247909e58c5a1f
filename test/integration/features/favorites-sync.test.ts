import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FavoriteRef } from "../../../src/features/favorites/schemas.ts";
import { errorCode } from "../../support/catalog-rows.ts";
import { startFaultProxy } from "../../support/fault-proxy.ts";
import {
  at,
  type FavoritesWorld,
  keysOf,
  openFavoritesWorld,
} from "../../support/favorites-world.ts";
import { type Instance, type Stack, stackKind } from "../../support/stack.ts";
import { callerOf, countingDb } from "../../support/user-rows.ts";

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
