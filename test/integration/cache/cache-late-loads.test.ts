import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { storePolicy } from "../../../src/features/store/policies.ts";
import { findStore } from "../../../src/features/store/queries.ts";
import { insertStores } from "../../support/store-rows.ts";
import { openStack, type Instance, type Stack, stackKind } from "../../support/stack.ts";

const PARIS = { latitude: 48.8566, longitude: 2.3522 };

let stack: Stack;

beforeAll(async () => {
  stack = await openStack();
});

afterAll(() => stack.close());

describe("a load from before a write that ends after it", () => {
  it("restores the old value in no tier", async () => {
    const [a, b] = await Promise.all([stack.startInstance(), stack.startInstance()]);
    const [id = ""] = await insertStores(stack.sql, [{ ...PARIS, name: "old" }]);
    await Promise.all([a, b].map(({ deps }) => deps.cache.catchUp()));
    const name = async (instance: Instance) =>
      (await instance.client.store.byId.query({ id })).name;

    let hasLoaded = () => {};
    let release = () => {};
    const loading = new Promise<void>((resolve) => (hasLoaded = resolve));
    const held = new Promise<void>((resolve) => (release = resolve));
    // A real load on the real cache, paused between its query and its store.
    const late = a.deps.cache.get(storePolicy, { id }, async () => {
      const loaded = await findStore(a.deps.db, id);
      hasLoaded();
      await held;
      return loaded;
    });
    await loading;
    const admin = await b.as({ isAdmin: true });
    await admin.store.update.mutate({ id, name: "new" });
    expect(await name(b)).toBe("new");
    await a.deps.cache.catchUp();
    // A call that starts now does not join the load from before the write.
    expect(await name(a)).toBe("new");
    release();
    expect((await late).value?.name).toBe("old");
    await a.deps.cache.drain();
    expect(await name(a)).toBe("new");
    expect(await name(b)).toBe("new");
    const c = await stack.startInstance();
    expect(await name(c)).toBe("new");
    await Promise.all([a, b, c].map((instance) => instance.close()));
  });

  it("has no effect when it is stored before the instance has read the write's event", async () => {
    const [a, b] = await Promise.all([stack.startInstance(), stack.startInstance()]);
    const [id = ""] = await insertStores(stack.sql, [{ ...PARIS, name: "old" }]);
    await Promise.all([a, b].map(({ deps }) => deps.cache.catchUp()));
    // The write commits between the load's query and its store, while instance A reads no journal.
    await a.deps.cache.get(storePolicy, { id }, async () => {
      const loaded = await findStore(a.deps.db, id);
      await stack.sql`update stores set name = 'new' where id = ${id}`;
      return loaded;
    });
    await a.deps.cache.drain();
    await Promise.all([a, b].map(({ deps }) => deps.cache.catchUp()));
    for (const instance of [a, b])
      expect((await instance.client.store.byId.query({ id })).name).toBe("new");
    await Promise.all([a, b].map((instance) => instance.close()));
  });

  // The embedded database has one session.
  it.skipIf(stackKind() !== "docker")(
    "is also recognised when the write's transaction commits long after newer ones",
    async () => {
      const [a, b] = await Promise.all([stack.startInstance(), stack.startInstance()]);
      const [slow = "", quick = ""] = await insertStores(stack.sql, [
        { ...PARIS, name: "old" },
        { ...PARIS, name: "old" },
      ]);
      const admin = await b.as({ isAdmin: true });
      const name = async (instance: Instance, id: string) =>
        (await instance.client.store.byId.query({ id })).name;
      const slowWrite = await stack.sql.reserve();
      await slowWrite`begin`;
      await slowWrite`update stores set name = 'new' where id = ${slow}`;
      for (const version of ["1", "2", "3"]) {
        await admin.store.update.mutate({ id: quick, name: version });
        expect(await name(b, quick)).toBe(version);
        for (const instance of [a, b]) expect(await name(instance, slow)).toBe("old");
      }
      await slowWrite`commit`;
      slowWrite.release();
      await Promise.all([a, b].map(({ deps }) => deps.cache.catchUp()));
      for (const instance of [a, b]) expect(await name(instance, slow)).toBe("new");
      await Promise.all([a, b].map((instance) => instance.close()));
    },
  );
});
