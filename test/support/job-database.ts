import { readConfig } from "../../src/config.ts";
import { pendingMigrations } from "../../src/db/migrations/migrate.ts";
import { type JobWorker, startJobWorker } from "../../src/job-worker.ts";
import { createMetrics, type Metrics } from "../../src/observability/metrics.ts";
import { createLogger } from "../../src/observability/logger.ts";
import { type Database, openDatabase } from "../../src/db/client/database.ts";
import { queueStatements } from "../../src/db/client/queue-statements.ts";
import type { Job } from "../../src/jobs/job.ts";
import { JobQueue } from "../../src/jobs/queue.ts";
import type { Stack } from "./stack.ts";

/** A worker's connections to a stack's database, through PgBouncer on docker. */
export function openJobDatabase(stack: Stack): Database {
  return openDatabase({
    url: stack.databaseUrl,
    ...(stack.socketPath === null ? {} : { socketPath: stack.socketPath }),
    poolMax: stack.kind === "embedded" ? 1 : 4,
    prepare: false,
    deadlineMs: 60_000,
    waitingMax: 1_000,
    cancellable: stack.kind === "docker",
    applicationName: "test-worker",
  });
}

/** Starts a worker on a stack's database as the process has it. */
export function startStackWorker(
  stack: Stack,
  environment: Readonly<Record<string, string>> = {},
): Promise<{ readonly worker: JobWorker; readonly metrics: Metrics }> {
  const metrics = createMetrics();
  return startJobWorker({
    config: readConfig(environment),
    logger: createLogger("silent"),
    metrics,
    source: {
      databaseUrl: stack.databaseUrl,
      socketPath: stack.socketPath,
      tokenKey: { kind: "secret", secret: "" },
      pendingMigrations,
    },
  }).then((worker) => ({ worker, metrics }));
}

/** A run that ended. */
export interface EndedRun {
  readonly queue: string;
  readonly outcome: "done" | "failed";
}

/** Makes a worker for some jobs; `runs` grows as they end. */
export function makeQueue(
  { db }: Database,
  jobs: readonly Job[],
): { readonly queue: JobQueue; readonly runs: EndedRun[] } {
  const runs: EndedRun[] = [];
  const logger = createLogger("silent");
  const queue = new JobQueue({
    statements: queueStatements(db),
    logger,
    jobs,
    context: { db, logger, now: () => new Date() },
    onRun: (name, outcome) => void runs.push({ queue: name, outcome }),
    instanceName: "test",
  });
  return { queue, runs };
}
