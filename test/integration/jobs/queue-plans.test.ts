import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type QueueStatements, queueStatements } from "../../../src/db/client/queue-statements.ts";
import type { Database } from "../../../src/db/client/database.ts";
import type { Job } from "../../../src/jobs/job.ts";
import { JobQueue } from "../../../src/jobs/queue.ts";
import { createLogger } from "../../../src/observability/logger.ts";
import { type Plan, readWhole } from "../../support/explained-plan.ts";
import { openJobDatabase } from "../../support/job-database.ts";
import { openStack, type Stack, stackKind } from "../../support/stack.ts";

const JOBS_ENDED = 50_000;

/** Tables with a row for each queue, each worker, or one row. */
const SMALL = new Set(["version", "instance", "queue", "schedule"]);

/** The statements of a text that can be explained: not those that open a transaction or take its lock. */
function singleStatements({ text, values }: { text: string; values: unknown[] }) {
  return text
    .split(";")
    .map((one) => ({ text: one.trim(), values }))
    .filter((one) => /^(?:with|select|update|delete|insert)\b/i.test(one.text))
    .filter((one) => !/pg_advisory_xact_lock|pgboss\.create_queue/.test(one.text));
}

// Plans are those of a server; PGlite plans with other costs.
describe.skipIf(stackKind() !== "docker")("statements of the queue (docker stack)", () => {
  let stack: Stack;
  let database: Database;

  beforeAll(async () => {
    stack = await openStack();
    database = openJobDatabase(stack);
  });
  afterAll(async () => {
    await database.close();
    await stack.close();
  });

  it("find jobs by an index among 50,000 that ended, when they are fetched, ended, tried again and watched", async () => {
    const { db } = database;
    const sent: { text: string; values: unknown[] }[] = [];
    const real = queueStatements(db);
    const statements: QueueStatements = {
      executeSql(text, values = []) {
        sent.push({ text, values });
        return real.executeSql(text, values);
      },
    };
    const logger = createLogger("silent");
    let runs = 0;
    const job: Job = {
      queue: `plans-${randomUUID()}`,
      schedule: "0 3 * * *",
      expireSeconds: 60,
      run() {
        runs += 1;
        return runs % 2 === 0 ? Promise.reject(new Error("the cause")) : Promise.resolve();
      },
    };
    const queue = new JobQueue({
      statements,
      logger,
      jobs: [job],
      context: { db, logger, now: () => new Date() },
      onRun: () => {},
      instanceName: "test",
    });
    await queue.start();
    await stack.sql`
      insert into pgboss.job (name, state, created_on, started_on, completed_on)
      select ${job.queue}, 'completed', now() - interval '1 day', now() - interval '1 day', now() - interval '1 day'
      from generate_series(1, ${JOBS_ENDED}::int)`;
    await stack.sql`analyze pgboss.job`;
    for (let n = 0; n < 4; n += 1)
      await db.execute(sql`select enqueue_job(${job.queue}, '{}'::jsonb, ${`key-${n}`})`);
    queue.wake(job.queue);
    await vi.waitUntil(() => runs >= 4, 30_000);
    // The queue looks after lost and old jobs every ten seconds.
    await vi.waitUntil(() => sent.some(({ text }) => text.includes("retained_count = ")), 40_000);
    await queue.stop(1_000);
    const explained: string[] = [];
    for (const { text, values } of sent.flatMap(singleStatements)) {
      const { rows } = await real.executeSql(`explain (format json) ${text}`, values);
      const [explanation] = rows as { "QUERY PLAN": [{ Plan: Plan }] }[];
      if (explanation === undefined) throw new Error(`no plan of ${text}`);
      const [{ Plan: plan }] = explanation["QUERY PLAN"];
      const whole = readWhole(plan).filter((table) => !SMALL.has(table));
      expect({ text, whole }).toEqual({ text, whole: [] });
      explained.push(text);
    }
    // Fetching, ending, trying again, looking for lost and for old jobs, and counting.
    for (const part of [
      "next AS",
      "results AS",
      "deleted_jobs",
      "locked_parents",
      "retained_count",
    ])
      expect(explained.filter((text) => text.includes(part))).not.toEqual([]);
  }, 120_000);
});
