import { sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../../support/calls.ts";
import { codeOf, FaultyDatabase, pause } from "../../support/faulty-database.ts";
import { stackKind } from "../../support/stack.ts";

describe.skipIf(stackKind() !== "docker")("a transaction of a database client", () => {
  let faulty: FaultyDatabase;

  beforeAll(async () => {
    faulty = await FaultyDatabase.start();
  });
  afterEach(() => faulty.reset());
  afterAll(() => faulty.close());

  it("commits all or nothing", async () => {
    const { db } = faulty.open();
    await db.transaction(async (tx) => {
      await tx.execute(sql`insert into marks values ('a')`);
      await expect(
        tx.transaction(async (inner) => {
          await inner.execute(sql`insert into marks values ('inner')`);
          throw new Error("only the inner one");
        }),
      ).rejects.toThrow("only the inner one");
      await tx.execute(sql`insert into marks values ('b')`);
    });
    const failing = db.transaction(async (tx) => {
      await tx.execute(sql`insert into marks values ('c')`);
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    expect(await faulty.marks()).toEqual(["a", "b"]);
  });

  it.each([
    ["between two statements", 0],
    ["while the body waits for something else", 100],
  ])("writes nothing when the connection is lost %s", async (_name, waitMs) => {
    const database = faulty.open({ deadlineMs: 3_000 });
    for (let round = 0; round < 5; round += 1) {
      await faulty.works(database);
      let hasTried = false;
      const transaction = codeOf(
        database.db.transaction(async (tx) => {
          await tx.execute(sql`insert into marks values ('before')`);
          await faulty.proxy.cut();
          await faulty.proxy.heal();
          if (waitMs > 0) await pause(waitMs);
          // The body continues after the error, and none of its statements may reach the next connection.
          for (let i = 0; i < 5; i += 1) {
            await codeOf(tx.execute(sql`insert into marks values ('after')`));
            hasTried = true;
            await pause(20);
          }
        }),
      );
      expect(await transaction).toBe("SERVICE_UNAVAILABLE");
      await eventually(2_000, () => Promise.resolve(hasTried), Boolean);
      await pause(150);
    }
    await faulty.works(database);
    expect(await faulty.marks()).toEqual([]);
  });

  it("writes nothing when one of its statements loses the connection", async () => {
    const database = faulty.open({ deadlineMs: 3_000 });
    await faulty.works(database);
    const transaction = codeOf(
      database.db.transaction(async (tx) => {
        await tx.execute(sql`insert into marks values ('before')`);
        await tx.execute(sql`select pg_sleep(0.5), 'in-transaction'`).catch(() => {});
        await tx.execute(sql`insert into marks values ('after')`);
      }),
    );
    await eventually(
      2_000,
      () => faulty.running("in-transaction"),
      (count) => count === 1,
    );
    await faulty.proxy.cut();
    await faulty.proxy.heal();
    expect(await transaction).toBe("SERVICE_UNAVAILABLE");
    await faulty.works(database);
    await pause(200);
    expect(await faulty.marks()).toEqual([]);
  });

  it("is rolled back at its deadline, whatever its body does then", async () => {
    const database = faulty.open({ deadlineMs: 300 });
    await faulty.works(database);
    const outcome = codeOf(
      database.db.transaction(async (tx) => {
        await tx.execute(sql`insert into marks values ('before')`);
        await pause(500);
        await codeOf(tx.execute(sql`insert into marks values ('after')`));
        return "as if nothing had been";
      }),
    );
    expect(await outcome).toBe("SERVICE_UNAVAILABLE");
    await pause(600);
    expect(await faulty.marks()).toEqual([]);
    await faulty.works(database);
  });
});
