import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { Database } from "../../../src/db/client/database.ts";
import type { Job } from "../../../src/jobs/job.ts";
import type { JobQueue } from "../../../src/jobs/queue.ts";
import { listTroubled, readQueues, retryFailed } from "../../../src/jobs/queue-state.ts";
import { makeQueue, openJobDatabase, startStackWorker } from "../../support/job-database.ts";
import { openStack, type Stack, stackKind } from "../../support/stack.ts";

let stack: Stack;
let database: Database;
let running: JobQueue[] = [];

beforeAll(async () => {
  stack = await openStack();
  database = openJobDatabase(stack);
});
afterEach(async () => {
  await Promise.all(running.map((queue) => queue.stop(1_000)));
  running = [];
});
afterAll(async () => {
  await database.close();
  await stack.close();
});

async function start(jobs: readonly Job[]) {
  const made = makeQueue(database, jobs);
  running.push(made.queue);
  await made.queue.start();
  return made;
}

/** A job of a queue of its own that notes what it was given. */
function notingJob(
  work: (data: Readonly<Record<string, unknown>>) => Promise<void> | void = () => {},
) {
  const seen: unknown[] = [];
  const job: Job = {
    queue: `noting-${randomUUID()}`,
    expireSeconds: 60,
    async run(_context, data) {
      seen.push(data);
      await work(data);
    },
  };
  return { job, seen };
}

const enqueue = (queue: string, data: unknown, key: string | null = null) =>
  database.db.execute<{ id: string | null }>(
    sql`select enqueue_job(${queue}, ${JSON.stringify(data)}::jsonb, ${key}) as id`,
  );

describe("the queue in PostgreSQL", () => {
  it("runs a job once that was committed, and none that was rolled back", async () => {
    const { job, seen } = notingJob();
    const { queue, runs } = await start([job]);
    const undone = new Error("undone");
    await expect(
      database.db.transaction(async (transaction) => {
        await transaction.execute(
          sql`select enqueue_job(${job.queue}, '{"which": "rolled back"}')`,
        );
        throw undone;
      }),
    ).rejects.toBe(undone);
    await enqueue(job.queue, { which: "committed" });
    queue.wake(job.queue);
    await vi.waitFor(() => expect(runs).toEqual([{ queue: job.queue, outcome: "done" }]), 10_000);
    expect(seen).toEqual([{ which: "committed" }]);
  });

  it("holds a job with a key once, and again when the first has ended", async () => {
    const { job, seen } = notingJob();
    const { queue, runs } = await start([job]);
    await queue.stop(1_000);
    const [first] = await enqueue(job.queue, { a: 1 }, "key");
    const [second] = await enqueue(job.queue, { a: 2 }, "key");
    expect([typeof first?.id, second?.id]).toEqual(["string", null]);
    await start([job]);
    await vi.waitFor(() => expect(seen).toEqual([{ a: 1 }]), 10_000);
    await vi.waitFor(async () => {
      const [third] = await enqueue(job.queue, { a: 3 }, "key");
      expect(third?.id).not.toBeNull();
    }, 10_000);
    expect(runs).toEqual([]);
  });

  it("keeps of a failed job what operators need, and nothing of the rows that its statement wrote", async () => {
    const owner = randomUUID();
    const token = `ExponentPushToken[${owner.slice(0, 8)}]`;
    const { job } = notingJob(async () => {
      for (let i = 0; i < 2; i += 1)
        await database.db.execute(
          sql`insert into push_tokens (token, owner) values (${token}, ${owner}::uuid)`,
        );
    });
    const { queue } = await start([job]);
    await enqueue(job.queue, {});
    queue.wake(job.queue);
    const output = () =>
      stack.sql<{ output: { message: string } | null; text: string | null }[]>`
        select output, output::text as text from pgboss.job where name = ${job.queue}`;
    await vi.waitUntil(async () => typeof (await output())[0]?.text === "string", 10_000);
    const [kept] = await output();
    expect(kept?.output?.message).toBe(
      'a query failed: duplicate key value violates unique constraint "push_tokens_pkey"',
    );
    for (const secret of [owner, token, owner.slice(0, 8)])
      expect(kept?.text).not.toContain(secret);
    await stack.sql`delete from push_tokens where owner = ${owner}`;
  });

  it("refuses a queue that nobody made", async () => {
    await expect(enqueue("nobody's", {})).rejects.toMatchObject({
      cause: { message: "there is no queue nobody's" },
    });
  });

  it("tries a failed job again, shows it to operators, and lets them retry what failed for good", async () => {
    let isBroken = true;
    const { job, seen } = notingJob(() => {
      if (isBroken) throw new Error("the cause");
    });
    const { queue, runs } = await start([job]);
    await enqueue(job.queue, { x: "1" });
    queue.wake(job.queue);
    await vi.waitFor(() => expect(runs).toHaveLength(1), 10_000);
    const troubled = () =>
      listTroubled(database.db, 10).then((jobs) => jobs.find((one) => one.queue === job.queue));
    await vi.waitFor(async () => expect((await troubled())?.state).toBe("retry"), 10_000);
    await stack.sql`update pgboss.job set retry_limit = 1, start_after = now() where name = ${job.queue}`;
    queue.wake(job.queue);
    await vi.waitFor(async () => expect((await troubled())?.state).toBe("failed"), 10_000);
    expect(await troubled()).toMatchObject({ tries: 2, data: { x: "1" }, error: "the cause" });
    const states = await readQueues(database.db);
    expect(states.find((one) => one.queue === job.queue)).toMatchObject({ failed: 1, waiting: 0 });
    isBroken = false;
    expect(await retryFailed(database.db, { queue: job.queue })).toBe(1);
    queue.wake(job.queue);
    await vi.waitFor(() => expect(runs.at(-1)?.outcome).toBe("done"), 10_000);
    expect(seen).toHaveLength(3);
    expect(await retryFailed(database.db, { queue: job.queue })).toBe(0);
  });

  it("finishes what is in hand when it stops, and gives back what does not end in time", async () => {
    const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>();
    const quick = notingJob(() => mayEnd);
    const endless = notingJob(() => new Promise(() => {}));
    const { queue, runs } = await start([quick.job, endless.job]);
    await enqueue(quick.job.queue, {});
    await enqueue(endless.job.queue, {});
    queue.wake(quick.job.queue);
    queue.wake(endless.job.queue);
    await vi.waitFor(() => expect([...quick.seen, ...endless.seen]).toHaveLength(2), 10_000);
    const stopped = queue.stop(1_000);
    end();
    await stopped;
    expect(runs).toEqual([{ queue: quick.job.queue, outcome: "done" }]);
    const states = await database.db.execute<{ name: string; state: string }>(
      sql`select name, state::text from pgboss.job where name in (${quick.job.queue}, ${endless.job.queue})`,
    );
    expect(Object.fromEntries(states.map(({ name, state }) => [name, state]))).toEqual({
      [quick.job.queue]: "completed",
      [endless.job.queue]: "retry",
    });
  });

  it.skipIf(stackKind() !== "docker")(
    "goes on while a transaction elsewhere has been open for long (docker)",
    async () => {
      const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>();
      const { promise: hasBegun, resolve: began } = Promise.withResolvers<void>();
      const open = stack.sql.begin(async (transaction) => {
        await transaction`insert into cache_events (topic, ref) values ('test', 'open')`;
        await transaction`select count(*) from pgboss.job`;
        began();
        await mayEnd;
      });
      await hasBegun;
      const { job, seen } = notingJob();
      const { queue } = await start([job]);
      // Each waits for the next look into the queue, which comes every two seconds at the latest.
      const JOBS = 5;
      for (let i = 0; i < JOBS; i += 1) {
        await enqueue(job.queue, { i }, String(i));
        queue.wake(job.queue);
      }
      await vi.waitFor(() => expect(seen).toHaveLength(JOBS), 25_000);
      end();
      await open;
    },
  );

  it("works on jobs as the process does, woken by the journal", async () => {
    const { worker, metrics } = await startStackWorker(stack);
    try {
      for (const { name, check } of worker.probes)
        expect([name, await check()]).toEqual([name, { ok: true }]);
      await enqueue("retention-removals", {});
      await vi.waitFor(async () => {
        expect(await metrics.registry.metrics()).toMatch(
          /halal_job_duration_seconds_count\{[^}]*queue="retention-removals"[^}]*\} 1/,
        );
      }, 10_000);
    } finally {
      await worker.stop(1_000);
    }
  });
});
