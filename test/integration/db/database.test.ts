import net from "node:net";
import { sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../../support/calls.ts";
import { codeOf, DEADLINE_MS, FaultyDatabase, pause, ping } from "../../support/faulty-database.ts";
import { stackKind } from "../../support/stack.ts";

describe.skipIf(stackKind() !== "docker")("a database client", () => {
  let faulty: FaultyDatabase;

  beforeAll(async () => {
    faulty = await FaultyDatabase.start();
  });
  afterEach(() => faulty.reset());
  afterAll(() => faulty.close());

  it("returns all rows of a statement after a statement that was cancelled in the middle of its rows", async () => {
    const { db } = faulty.open({ poolMax: 1 });
    const stopped = db.execute(
      sql`select 1 / (${5_000}::int - n) from generate_series(1, 10000) as n`,
    );
    await expect(stopped).rejects.toMatchObject({ cause: { code: "22012" } });
    expect(await db.execute(sql`select n from generate_series(1, ${3}::int) as n`)).toEqual([
      { n: 1 },
      { n: 2 },
      { n: 3 },
    ]);
  });

  it("ends a statement at its deadline, also on the server", async () => {
    const database = faulty.open();
    await faulty.works(database);
    const beganAt = performance.now();
    expect(await codeOf(database.db.execute(sql`select pg_sleep(30), 'slow-1'`))).toBe(
      "SERVICE_UNAVAILABLE",
    );
    expect(performance.now() - beganAt).toBeLessThan(DEADLINE_MS + 1_000);
    await eventually(
      2_000,
      () => faulty.running("slow-1"),
      (count) => count === 0,
    );
    await faulty.works(database);
    expect(database.stats()).toMatchObject({ timedOut: 1, running: 0, waiting: 0 });
  });

  it.each(["hang", "cut"] as const)(
    "works normally after any number of faults of the kind %s",
    async (fault) => {
      const database = faulty.open({ deadlineMs: 300 });
      for (let round = 0; round < 6; round += 1) {
        await faulty.works(database);
        await faulty.proxy[fault]();
        const outcomes = await Promise.all(Array.from({ length: 6 }, () => ping(database)));
        expect(new Set(outcomes)).toEqual(new Set(["SERVICE_UNAVAILABLE"]));
        // The proxy is healed at different moments of a reconnect.
        await pause(round * 90);
        await faulty.proxy.heal();
      }
      await faulty.works(database);
      // Every connection of the pool works again, not only one.
      const both = () =>
        Promise.all([1, 2].map(() => codeOf(database.db.execute(sql`select pg_sleep(0.15)`))));
      await eventually(5_000, both, (outcomes) => outcomes.every((outcome) => outcome === "done"));
    },
  );

  it("retries a read at once after its connection was lost", async () => {
    const database = faulty.open({ deadlineMs: 4_000 });
    await faulty.works(database);
    const read = codeOf(database.db.execute(sql`select pg_sleep(0.4), 'read-1'`));
    await eventually(
      2_000,
      () => faulty.running("read-1"),
      (count) => count === 1,
    );
    await faulty.proxy.cut();
    await faulty.proxy.heal();
    expect(await read).toBe("done");
    expect(database.stats().retried).toBeGreaterThan(0);
  });

  it("does not run a write twice, and reports at once that its connection was lost", async () => {
    const database = faulty.open({ deadlineMs: 4_000 });
    await faulty.works(database);
    const write = codeOf(
      database.db.execute(
        sql`with slow as materialized (select pg_sleep(0.5)) insert into marks select 'write-1' from slow`,
      ),
    );
    await eventually(
      2_000,
      () => faulty.running("write-1"),
      (count) => count === 1,
    );
    const cutAt = performance.now();
    await faulty.proxy.cut();
    expect(await write).toBe("SERVICE_UNAVAILABLE");
    expect(performance.now() - cutAt).toBeLessThan(1_000);
    await faulty.proxy.heal();
    await eventually(
      3_000,
      () => faulty.running("write-1"),
      (count) => count === 0,
    );
    await pause(300);
    expect((await faulty.marks()).length).toBeLessThanOrEqual(1);
  });

  it("runs a write that was certainly not sent once, if the database is available again in time", async () => {
    const database = faulty.open({ deadlineMs: 4_000 });
    await faulty.proxy.cut();
    const write = codeOf(database.db.execute(sql`insert into marks values (${"late"})`));
    await pause(500);
    await faulty.proxy.heal();
    expect(await write).toBe("done");
    expect(await faulty.marks()).toEqual(["late"]);
  });

  it("never runs a write after it reported the write as failed", async () => {
    const database = faulty.open({ deadlineMs: 300 });
    for (let round = 0; round < 5; round += 1) {
      await faulty.proxy.cut();
      const writes = Array.from({ length: 4 }, () =>
        codeOf(database.db.execute(sql`insert into marks values (${"too late"})`)),
      );
      const transaction = codeOf(
        database.db.transaction((tx) => tx.execute(sql`insert into marks values (${"too late"})`)),
      );
      expect(new Set(await Promise.all([...writes, transaction]))).toEqual(
        new Set(["SERVICE_UNAVAILABLE"]),
      );
      await pause(round * 60);
      await faulty.proxy.heal();
      await faulty.works(database);
    }
    await pause(300);
    expect(await faulty.marks()).toEqual([]);
  });

  it("rejects statements that cannot start in time", async () => {
    const database = faulty.open({ poolMax: 1, waitingMax: 2 });
    await faulty.works(database);
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, () => codeOf(database.db.execute(sql`select pg_sleep(0.15)`))),
    );
    expect(outcomes).toEqual([
      "done",
      "done",
      "done",
      "SERVICE_UNAVAILABLE",
      "SERVICE_UNAVAILABLE",
      "SERVICE_UNAVAILABLE",
    ]);
    expect(database.stats().shed).toBe(3);
  });

  it("pauses between connections to a server that closes them at once", async () => {
    let connections = 0;
    const server = net.createServer((socket) => {
      connections += 1;
      socket.on("error", () => {});
      socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const database = faulty.open({
      url: `postgres://app:x@127.0.0.1:${port}/any`,
      deadlineMs: 1_500,
    });
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => ping(database)));
    expect(new Set(outcomes)).toEqual(new Set(["SERVICE_UNAVAILABLE"]));
    // Without a pause there would be thousands.
    expect(connections).toBeLessThan(60);
    await database.close();
    await new Promise((resolve) => server.close(resolve));
  });

  it("leaves nothing pending when it is closed", async () => {
    const database = faulty.open({ poolMax: 1, waitingMax: 10, deadlineMs: 3_000 });
    await faulty.works(database);
    const pending = Array.from({ length: 5 }, () =>
      codeOf(database.db.execute(sql`select pg_sleep(20)`)),
    );
    await pause(50);
    const inTransaction = codeOf(
      database.db.transaction((tx) => tx.execute(sql`insert into marks values ('x')`)),
    );
    await database.close();
    const outcomes = await Promise.all([...pending, inTransaction]);
    expect(outcomes).toEqual(outcomes.map(() => "SERVICE_UNAVAILABLE"));
    expect(await ping(database)).toBe("SERVICE_UNAVAILABLE");
  });
});
