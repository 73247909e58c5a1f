import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Database } from "../../../src/db/client/database.ts";
import {
  consumeJournal,
  type JournalChange,
  type JournalConsumer,
  JournalConsumers,
} from "../../../src/jobs/journal-consumers.ts";
import { openJobDatabase } from "../../support/job-database.ts";
import { openStack, type Stack, stackKind } from "../../support/stack.ts";

let stack: Stack;
let database: Database;
let changes: JournalChange[];

/** Takes note of what it is given. */
const noting: JournalConsumer = {
  name: "test",
  topics: ["test-a", "test-b"],
  take: (_transaction, change) => {
    changes.push(change);
    return Promise.resolve();
  },
};
const write = (topic: string, ref: string) =>
  stack.sql`insert into cache_events (topic, ref) values (${topic}, ${ref})`;
const refs = () =>
  changes.flatMap((change) =>
    change.kind === "lines" ? change.lines.map(({ ref }) => ref) : ["everything"],
  );
const consume = (consumer = noting) => consumeJournal(database.db, consumer);

beforeAll(async () => {
  stack = await openStack();
  database = openJobDatabase(stack);
});
beforeEach(async () => {
  changes = [];
  await stack.sql`delete from journal_consumers where name = 'test'`;
  await consume();
  changes = [];
});
afterAll(async () => {
  await database.close();
  await stack.close();
});

describe("a durable consumer of the journal", () => {
  it("takes everything at first, then each line of its topics once", async () => {
    await stack.sql`delete from journal_consumers where name = 'test'`;
    await write("test-a", "before");
    expect(await consume()).toBe(true);
    expect(changes).toEqual([{ kind: "everything" }]);
    await write("test-a", "1");
    await write("other", "2");
    await write("test-b", "3");
    expect(await consume()).toBe(true);
    expect(changes.slice(1)).toEqual([
      {
        kind: "lines",
        lines: [
          { topic: "test-a", ref: "1" },
          { topic: "test-b", ref: "3" },
        ],
      },
    ]);
    expect(await consume()).toBe(false);
    expect(changes).toHaveLength(2);
  });

  it("stays where it was when its effects fail, and they are undone with it", async () => {
    await write("test-a", "again");
    const failing: JournalConsumer = {
      ...noting,
      async take(transaction) {
        await transaction.execute(
          sql`insert into cache_events (topic, ref) values ('test-b', 'undone')`,
        );
        throw new Error("the effect failed");
      },
    };
    await expect(consume(failing)).rejects.toThrow("the effect failed");
    await consume();
    expect(refs()).toEqual(["again"]);
  });

  it("takes everything when the journal cannot tell any more: too many lines, too long ago, another database", async () => {
    await stack.sql`insert into cache_events (topic, ref) select 'test-a', i::text from generate_series(1, 1001) as i`;
    await consume();
    await stack.sql`update journal_consumers set seen_at = now() - interval '91 minutes' where name = 'test'`;
    await consume();
    await stack.sql`update journal_consumers set database_id = '1/1/00000009' where name = 'test'`;
    await consume();
    expect(refs()).toEqual(["everything", "everything", "everything"]);
    expect(await consume()).toBe(false);
  });

  it("notes its place now and then though nothing comes, so that it does not grow too old", async () => {
    const place = async () =>
      (
        await stack.sql<{ old: boolean; seen: string }[]>`
          select seen_at < now() - interval '5 minutes' as old, seen::text from journal_consumers where name = 'test'`
      )[0];
    await stack.sql`update journal_consumers set seen_at = now() - interval '11 minutes' where name = 'test'`;
    expect(await consume()).toBe(false);
    expect((await place())?.old).toBe(false);
    const before = await place();
    await write("other", "x");
    await consume();
    expect(await place()).toEqual(before);
  });

  it.skipIf(stackKind() !== "docker")(
    "misses nothing of a transaction that began before its place and commits after it (docker)",
    async () => {
      const { promise: mayCommit, resolve: commit } = Promise.withResolvers<void>();
      const { promise: hasWritten, resolve: wrote } = Promise.withResolvers<void>();
      const slow = stack.sql.begin(async (transaction) => {
        await transaction`insert into cache_events (topic, ref) values ('test-a', 'slow')`;
        wrote();
        await mayCommit;
      });
      await hasWritten;
      await write("test-a", "quick");
      await consume();
      expect(refs()).toEqual(["quick"]);
      // The place lies behind both ids, and one of them is not committed yet.
      await write("test-a", "later");
      await consume();
      expect(refs()).toEqual(["quick", "later"]);
      commit();
      await slow;
      await consume();
      await consume();
      expect(refs()).toEqual(["quick", "later", "slow"]);
      const ids = await stack.sql<{ ref: string }[]>`
        select ref from cache_events where topic = 'test-a' and ref in ('slow', 'quick', 'later') order by id`;
      expect(ids.map(({ ref }) => ref)).toEqual(["slow", "quick", "later"]);
    },
  );

  it.skipIf(stackKind() !== "docker")(
    "is one worker's at a time, and the lines are taken once (docker)",
    async () => {
      const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>();
      const { promise: hasBegun, resolve: began } = Promise.withResolvers<void>();
      await write("test-a", "once");
      const first = consume({
        ...noting,
        async take(transaction, change) {
          await noting.take(transaction, change);
          began();
          await mayEnd;
        },
      });
      await hasBegun;
      expect(await consume()).toBe(false);
      end();
      expect(await first).toBe(true);
      expect(await consume()).toBe(false);
      expect(refs()).toEqual(["once"]);
    },
  );

  it("reads on when it is woken during a run, and one that fails does not stop the others", async () => {
    const failures: string[] = [];
    const failing: JournalConsumer = {
      name: "test-failing",
      topics: ["test-a"],
      take: () => Promise.reject(new Error("broken")),
    };
    const consumers = new JournalConsumers(database.db, [failing, noting], (name) =>
      failures.push(name),
    );
    expect([...consumers.topics]).toEqual(["test-a", "test-b"]);
    await write("test-a", "1");
    consumers.wake();
    consumers.wake();
    await write("test-a", "2");
    consumers.wake();
    await consumers.settled();
    expect(refs()).toEqual(["1", "2"]);
    expect(failures.length).toBeGreaterThan(0);
    await stack.sql`delete from journal_consumers where name = 'test-failing'`;
  });
});
