import { type Db, PgBoss } from "pg-boss";
import type { Logger } from "pino";
import { type ErrorSummary, summarizeError } from "../observability/error-summary.ts";
import type { Job, JobContext } from "./job.ts";

/** Dependencies of the queue. */
export interface QueueOptions {
  /** Runs pg-boss's statements on the pool of the process. */
  readonly statements: Db;
  readonly logger: Logger;
  readonly jobs: readonly Job[];
  readonly context: Omit<JobContext, "signal">;
  /** Told of each run. Units: seconds. */
  readonly onRun: (queue: string, outcome: "done" | "failed", seconds: number) => void;
  /** How this process is called among the workers: `worker`, or `embedded`. */
  readonly instanceName: string;
}

/** How long a worker that runs jobs may stay silent before its jobs go to another. Units: seconds. */
const HEARTBEAT_SECONDS = 15;
const POLL_SECONDS = 2;
/** How often lost jobs are looked for. Units: seconds. */
const MONITOR_SECONDS = 10;
const RETRY_LIMIT = 5;
const RETRY_DELAY_SECONDS = 5;
const RETRY_DELAY_MAX_SECONDS = 600;
/** Failed and finished jobs are kept so long, for operators to see. Units: seconds. */
const KEPT_SECONDS = 7 * 24 * 3600;

/** The workers of one process: fetches jobs from the queue in PostgreSQL and runs them. */
export class JobQueue {
  readonly #boss: PgBoss;
  readonly #options: QueueOptions;
  readonly #workers = new Map<string, string>();
  readonly #stopping = new AbortController();

  constructor(options: QueueOptions) {
    this.#options = options;
    this.#boss = new PgBoss({
      db: options.statements,
      schema: "pgboss",
      // The migration makes the tables; the role of the service need not own them.
      migrate: false,
      createSchema: false,
      reindex: false,
      persistWarnings: false,
      superviseIntervalSeconds: MONITOR_SECONDS,
      monitorIntervalSeconds: MONITOR_SECONDS,
      instanceName: options.instanceName,
      instanceHeartbeatSeconds: HEARTBEAT_SECONDS,
    });
    this.#boss.on("error", (error) =>
      options.logger.warn({ err: error }, "the queue had an error"),
    );
    this.#boss.on("warning", (warning) => options.logger.warn({ warning }, "the queue warns"));
  }

  /** Begins to work. Errors: those of the database; pg-boss's own when its tables are of another version. */
  async start(): Promise<void> {
    await this.#boss.start();
    for (const job of this.#options.jobs) await this.#register(job);
  }

  /** Looks into a queue now, because a job was put into it. */
  wake(queue: string): void {
    const id = this.#workers.get(queue);
    if (id !== undefined) this.#boss.notifyWorker(id);
  }

  /** Begins nothing more, waits up to `timeoutMs` for what is in hand, and gives the rest back to the queue. */
  async stop(timeoutMs: number): Promise<void> {
    this.#stopping.abort();
    await this.#boss.stop({ graceful: true, timeout: timeoutMs, close: false });
  }

  async #register(job: Job): Promise<void> {
    const { queue, schedule, expireSeconds, concurrency = 1, policy = "exclusive" } = job;
    const options = {
      expireInSeconds: expireSeconds,
      heartbeatSeconds: HEARTBEAT_SECONDS,
      retryLimit: RETRY_LIMIT,
      retryDelay: RETRY_DELAY_SECONDS,
      retryBackoff: true,
      retryDelayMax: RETRY_DELAY_MAX_SECONDS,
      deleteAfterSeconds: KEPT_SECONDS,
    };
    await this.#boss.createQueue(queue, { ...options, policy });
    await this.#boss.updateQueue(queue, options);
    if (schedule !== undefined) await this.#boss.schedule(queue, schedule, null, { tz: "UTC" });
    const work = {
      batchSize: 1,
      localConcurrency: concurrency,
      pollingIntervalSeconds: POLL_SECONDS,
    };
    const id = await this.#boss.work<Record<string, unknown> | null>(queue, work, async (jobs) => {
      for (const { data, signal } of jobs) await this.#run(job, data ?? {}, signal);
    });
    this.#workers.set(queue, id);
  }

  async #run(job: Job, data: Record<string, unknown>, signal: AbortSignal): Promise<void> {
    const beganAt = performance.now();
    const finished = (outcome: "done" | "failed") =>
      this.#options.onRun(job.queue, outcome, (performance.now() - beganAt) / 1000);
    try {
      const either = AbortSignal.any([signal, this.#stopping.signal]);
      await job.run({ ...this.#options.context, signal: either }, data);
      finished("done");
    } catch (error) {
      finished("failed");
      this.#options.logger.error({ err: error, queue: job.queue }, "a job failed");
      throw storable(error);
    }
  }
}

/**
 * The error as the queue keeps it for operators. pg-boss stores all that belongs to an error, and to that of a query
 * belong its parameters and the rejected row, which may be a user's.
 */
function storable(error: unknown): Error {
  const messages: string[] = [];
  const summary = summarizeError(error);
  for (let one: ErrorSummary | undefined = summary; one !== undefined; one = one.cause)
    messages.push(one.message);
  const stored = new Error(messages.join(": "));
  stored.stack = summary.stack ?? "";
  return stored;
}
