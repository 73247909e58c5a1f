import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, query, reportFigures } from "../support/calls.ts";
import { insertStores } from "../support/store-rows.ts";
import { openStack, type Instance, type Stack, stackKind } from "../support/stack.ts";

/** Within this time every instance shows a write. */
const SEEN_WITHIN_MS = 1_000;

// The embedded database has one session, so a lock would block the whole test.
describe.skipIf(stackKind() !== "docker")("while the journal alone cannot be read", () => {
  let stack: Stack;
  let a: Instance;
  let b: Instance;

  beforeAll(async () => {
    stack = await openStack();
    [a, b] = await Promise.all([stack.startInstance(), stack.startInstance()]);
  });

  afterAll(() => stack.close());

  it("a write is shown at once by its instance, and within a second by another", async () => {
    const [id = ""] = await insertStores(stack.sql, [{ latitude: 1, longitude: 1, name: "old" }]);
    const admin = await a.as({ isAdmin: true });
    const name = async ({ url }: Instance) => {
      const answer = await query<{ name: string }>(url, "store.byId", { id });
      return [answer.data?.name, answer.state];
    };
    await Promise.all([a, b].map(({ deps }) => deps.cache.catchUp()));
    for (const instance of [a, b]) {
      expect((await name(instance))[0]).toBe("old");
      expect(await name(instance)).toEqual(["old", "HIT"]);
    }
    const [first, second] = await Promise.all([stack.sql.reserve(), stack.sql.reserve()]);
    const lock = "lock table cache_events in access exclusive mode";
    await first.unsafe("begin");
    await second.unsafe("begin");
    await first.unsafe(lock);
    // The write waits for the first lock, and the second lock waits for the write; meanwhile the journal cannot be read.
    const write = admin.store.update.mutate({ id, name: "new" });
    await eventually(
      5_000,
      () => stack.sql<{ mode: string }[]>`
        select mode from pg_locks where relation = 'cache_events'::regclass and not granted`,
      (waiting) => waiting.some(({ mode }) => mode === "RowExclusiveLock"),
    );
    const locked = second.unsafe(lock).execute();
    await eventually(
      5_000,
      () => stack.sql<{ mode: string }[]>`
        select mode from pg_locks where relation = 'cache_events'::regclass and not granted`,
      (waiting) => waiting.some(({ mode }) => mode === "AccessExclusiveLock"),
    );
    await first.unsafe("commit");
    await locked;
    await write;
    const writtenAt = performance.now();
    const states = new Set<string>();
    const lateThere = new Set<string | undefined>();
    while (performance.now() - writtenAt < 3_000) {
      const beganAt = performance.now();
      const [here, there] = await Promise.all([name(a), name(b)]);
      expect(here[0]).toBe("new");
      if (beganAt - writtenAt > SEEN_WITHIN_MS) lateThere.add(there[0]);
      states.add(`${here[1]}`);
    }
    expect([...lateThere]).toEqual(["new"]);
    reportFigures("journal locked", { states: [...states] });
    await second.unsafe("commit");
    first.release();
    second.release();
    await eventually(
      5_000,
      () => Promise.all([name(a), name(b)]),
      (answers) => answers.every(([, state]) => state === "HIT"),
    );
  });
});
