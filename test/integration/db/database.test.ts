import net from "node:net";
import { sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  type Database,
  type DatabaseOptions,
  openDatabase,
} from "../../../src/db/client/database.ts";
import { appErrorOf } from "../../../src/errors.ts";
import { eventually } from "../../support/calls.ts";
import { type FaultProxy, startFaultProxy } from "../../support/fault-proxy.ts";
import { openStack, type Stack, stackKind } from "../../support/stack.ts";

const DEADLINE_MS = 800;
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "done",
    (error: unknown) => appErrorOf(error)?.code ?? String(error),
  );
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe.skipIf(stackKind() !== "docker")("a database client", () => {
  let stack: Stack;
  let proxy: FaultProxy;
  const opened: Database[] = [];

  beforeAll(async () => {
    stack = await openStack();
    const { hostname, port } = new URL(stack.databaseUrl);
    proxy = await startFaultProxy({ host: hostname, port: Number(port) });
    await stack.sql`create table marks (mark text)`;
    await stack.sql`grant all on marks to app`;
  });

  afterEach(async () => {
    await proxy.heal();
    await Promise.all(opened.splice(0).map((database) => database.close()));
    await stack.sql`truncate marks`;
  });

  afterAll(async () => {
    await proxy.close();
    await stack.close();
  });

  function open(options: Partial<DatabaseOptions> = {}): Database {
    const url = new URL(stack.databaseUrl);
    url.hostname = "127.0.0.1";
    url.port = String(proxy.port);
    const database = openDatabase({
      url: url.href,
      poolMax: 2,
      prepare: false,
      deadlineMs: DEADLINE_MS,
      waitingMax: 5,
      cancellable: true,
      applicationName: "test",
      ...options,
    });
    opened.push(database);
    return database;
  }

  const ping = ({ db }: Database) => codeOf(db.execute(sql`select ${"x"}::text as x`));
  const works = (database: Database) =>
    eventually(
      5_000,
      () => ping(database),
      (outcome) => outcome === "done",
    );
  const marks = async () => (await stack.sql`select mark from marks`).map((row) => row["mark"]);
  const running = async (text: string) => {
    const [row] = await stack.sql<{ count: number }[]>`
      select count(*)::int as count from pg_stat_activity
      where state = 'active' and query like ${`%${text}%`} and pid <> pg_backend_pid()`;
    return row?.count ?? 0;
  };

  it("returns all rows of a statement after a statement that was cancelled in the middle of its rows", async () => {
    const { db } = open({ poolMax: 1 });
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
    const database = open();
    await works(database);
    const beganAt = performance.now();
    expect(await codeOf(database.db.execute(sql`select pg_sleep(30), 'slow-1'`))).toBe(
      "SERVICE_UNAVAILABLE",
    );
    expect(performance.now() - beganAt).toBeLessThan(DEADLINE_MS + 1_000);
    await eventually(
      2_000,
      () => running("slow-1"),
      (count) => count === 0,
    );
    await works(database);
    expect(database.stats()).toMatchObject({ timedOut: 1, running: 0, waiting: 0 });
  });

  it.each(["hang", "cut"] as const)(
    "works normally after any number of faults of the kind %s",
    async (fault) => {
      const database = open({ deadlineMs: 300 });
      for (let round = 0; round < 6; round += 1) {
        await works(database);
        await proxy[fault]();
        const outcomes = await Promise.all(Array.from({ length: 6 }, () => ping(database)));
        expect(new Set(outcomes)).toEqual(new Set(["SERVICE_UNAVAILABLE"]));
        // The proxy is healed at different moments of a reconnect.
        await pause(round * 90);
        await proxy.heal();
      }
      await works(database);
      // Every connection of the pool works again, not only one.
      const both = () =>
        Promise.all([1, 2].map(() => codeOf(database.db.execute(sql`select pg_sleep(0.15)`))));
      await eventually(5_000, both, (outcomes) => outcomes.every((outcome) => outcome === "done"));
    },
  );

  it("retries a read at once after its connection was lost", async () => {
    const database = open({ deadlineMs: 4_000 });
    await works(database);
    const read = codeOf(database.db.execute(sql`select pg_sleep(0.4), 'read-1'`));
    await eventually(
      2_000,
      () => running("read-1"),
      (count) => count === 1,
    );
    await proxy.cut();
    await proxy.heal();
    expect(await read).toBe("done");
    expect(database.stats().retried).toBeGreaterThan(0);
  });

  it("does not run a write twice, and reports at once that its connection was lost", async () => {
    const database = open({ deadlineMs: 4_000 });
    await works(database);
    const write = codeOf(
      database.db.execute(
        sql`with slow as materialized (select pg_sleep(0.5)) insert into marks select 'write-1' from slow`,
      ),
    );
    await eventually(
      2_000,
      () => running("write-1"),
      (count) => count === 1,
    );
    const cutAt = performance.now();
    await proxy.cut();
    expect(await write).toBe("SERVICE_UNAVAILABLE");
    expect(performance.now() - cutAt).toBeLessThan(1_000);
    await proxy.heal();
    await eventually(
      3_000,
      () => running("write-1"),
      (count) => count === 0,
    );
    await pause(300);
    expect((await marks()).length).toBeLessThanOrEqual(1);
  });

  it("runs a write that was certainly not sent once, if the database is available again in time", async () => {
    const database = open({ deadlineMs: 4_000 });
    await proxy.cut();
    const write = codeOf(database.db.execute(sql`insert into marks values (${"late"})`));
    await pause(500);
    await proxy.heal();
    expect(await write).toBe("done");
    expect(await marks()).toEqual(["late"]);
  });

  it("never runs a write after it reported the write as failed", async () => {
    const database = open({ deadlineMs: 300 });
    for (let round = 0; round < 5; round += 1) {
      await proxy.cut();
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
      await proxy.heal();
      await works(database);
    }
    await pause(300);
    expect(await marks()).toEqual([]);
  });

  describe("in a transaction", () => {
    it("commits all or nothing", async () => {
      const { db } = open();
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
      expect(await marks()).toEqual(["a", "b"]);
    });

    it.each([
      ["between two statements", 0],
      ["while the body waits for something else", 100],
    ])("writes nothing when the connection is lost %s", async (_name, waitMs) => {
      const database = open({ deadlineMs: 3_000 });
      for (let round = 0; round < 5; round += 1) {
        await works(database);
        let hasTried = false;
        const transaction = codeOf(
          database.db.transaction(async (tx) => {
            await tx.execute(sql`insert into marks values ('before')`);
            await proxy.cut();
            await proxy.heal();
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
      await works(database);
      expect(await marks()).toEqual([]);
    });

    it("writes nothing when one of its statements loses the connection", async () => {
      const database = open({ deadlineMs: 3_000 });
      await works(database);
      const transaction = codeOf(
        database.db.transaction(async (tx) => {
          await tx.execute(sql`insert into marks values ('before')`);
          await tx.execute(sql`select pg_sleep(0.5), 'in-transaction'`).catch(() => {});
          await tx.execute(sql`insert into marks values ('after')`);
        }),
      );
      await eventually(
        2_000,
        () => running("in-transaction"),
        (count) => count === 1,
      );
      await proxy.cut();
      await proxy.heal();
      expect(await transaction).toBe("SERVICE_UNAVAILABLE");
      await works(database);
      await pause(200);
      expect(await marks()).toEqual([]);
    });

    it("is rolled back at its deadline, whatever its body does then", async () => {
      const database = open({ deadlineMs: 300 });
      await works(database);
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
      expect(await marks()).toEqual([]);
      await works(database);
    });
  });

  it("rejects statements that cannot start in time", async () => {
    const database = open({ poolMax: 1, waitingMax: 2 });
    await works(database);
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
    const database = open({ url: `postgres://app:x@127.0.0.1:${port}/any`, deadlineMs: 1_500 });
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => ping(database)));
    expect(new Set(outcomes)).toEqual(new Set(["SERVICE_UNAVAILABLE"]));
    // Without a pause there would be thousands.
    expect(connections).toBeLessThan(60);
    await database.close();
    await new Promise((resolve) => server.close(resolve));
  });

  it("leaves nothing pending when it is closed", async () => {
    const database = open({ poolMax: 1, waitingMax: 10, deadlineMs: 3_000 });
    await works(database);
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
