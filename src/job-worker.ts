import type { Logger } from "pino";
import { Journal } from "./cache/journal.ts";
import type { Config } from "./config.ts";
import { JOB_TOPIC, readCacheEvents, trimCacheEvents } from "./db/cache-events.ts";
import { openDatabase } from "./db/client/database.ts";
import { queueStatements } from "./db/client/queue-statements.ts";
import { rawClientOf } from "./db/client/raw-rows.ts";
import type { DeliveryState } from "./db/tables/vocabulary.ts";
import type { DatabaseSource } from "./deps.ts";
import type { Probe } from "./http/health.ts";
import { JournalConsumers } from "./jobs/journal-consumers.ts";
import { listJobs } from "./jobs/list-jobs.ts";
import { countOpen } from "./jobs/push/deliveries.ts";
import { openPushService } from "./jobs/push/expo.ts";
import { readHalt } from "./jobs/push/rate.ts";
import { PushSender } from "./jobs/push/sender.ts";
import { JobQueue } from "./jobs/queue.ts";
import { readFeeds } from "./jobs/recall-feeds.ts";
import { readQueues } from "./jobs/queue-state.ts";
import { recomputeConsumer } from "./jobs/recompute.ts";
import type { Metrics } from "./observability/metrics.ts";
import { type AnalysisClient, analyseProducts } from "./verdict/analyse-products.ts";

/** The worker that runs jobs in this process. */
export interface JobWorker {
  readonly probes: readonly Probe[];
  /** Finishes what is in hand within `timeoutMs`, and gives the rest back. */
  stop(timeoutMs: number): Promise<void>;
}

/** The parts of a worker. */
export interface JobWorkerOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly source: DatabaseSource;
}

/** A worker does little at a time; its connections are PgBouncer's, which has 25 for everybody. */
const POOL_MAX = 4;
/** Jobs work in steps that are far shorter; a transaction that takes so long has hung. */
const STATEMENT_DEADLINE_MS = 60_000;
/** The queue that a line of the journal names when deliveries were planned. */
const SEND_SIGNAL = "push-send";
const FIGURES_INTERVAL_MS = 10_000;
/** How often consumers of the journal look without having been woken. Units: milliseconds. */
const CONSUMERS_INTERVAL_MS = 60_000;
/** Between batches of products, so that the service keeps its speed. Units: milliseconds. */
const ANALYSIS_REST_MS = 50;

/**
 * Starts to work on jobs, on connections of its own.
 * Errors: those of the database; pg-boss's own when the queue's tables are of another version.
 */
export async function startJobWorker(options: JobWorkerOptions): Promise<JobWorker> {
  const { config, logger, metrics, source } = options;
  const isEmbedded = source.socketPath !== null;
  const database = openDatabase({
    url: source.databaseUrl,
    ...(source.socketPath === null ? {} : { socketPath: source.socketPath }),
    poolMax: isEmbedded ? 1 : POOL_MAX,
    prepare: config.databasePrepare,
    deadlineMs: STATEMENT_DEADLINE_MS,
    waitingMax: 1_000,
    cancellable: !isEmbedded,
    applicationName: "halal-worker",
  });
  const { db } = database;
  metrics.watchDatabase("jobs", () => database.stats());
  const jobMetrics = metrics.watchJobs();
  const onOutcome = (state: DeliveryState, count: number) => jobMetrics.delivered(state, count);
  const pushService = openPushService(config.expoAccessToken, config.expoBaseUrl);
  const sender = new PushSender({
    db,
    logger,
    service: pushService,
    onOutcome,
    onSent: (window) => jobMetrics.sent(window),
  });
  const queue = new JobQueue({
    statements: queueStatements(db),
    logger,
    jobs: listJobs({
      ...config,
      pushService,
      onOutcome,
      async analyseOutdated(signal) {
        // Why the cast: the client's type names only what is used of it elsewhere.
        const client = rawClientOf(db) as unknown as AnalysisClient;
        const isStopped = () => signal.aborted;
        return (await analyseProducts(client, { isStopped, restMs: ANALYSIS_REST_MS })).looked;
      },
      async importFeed(...feed) {
        // Loaded with the first feed, because most deployments have none.
        const { createFeedImport } = await import("./feed-import.ts");
        return await createFeedImport(config, source)(...feed);
      },
    }),
    context: { db, logger, now: () => new Date() },
    onRun: (name, outcome, seconds) => jobMetrics.ran(name, outcome, seconds),
    instanceName: isEmbedded ? "embedded" : "worker",
  });
  const consumers = new JournalConsumers(db, [recomputeConsumer], (consumer, error) =>
    logger.warn({ err: error, consumer }, "a consumer of the journal could not go on"),
  );
  const journal = new Journal({
    read: (seen, limit) => readCacheEvents(db, seen, limit),
    trim: (olderThanSeconds) => trimCacheEvents(db, olderThanSeconds),
    onError: (error) =>
      logger.warn({ err: error }, "the journal cannot be read: jobs are polled for"),
    onRead: ({ events }) => {
      if (events.some(({ topic }) => consumers.topics.has(topic))) consumers.wake();
      for (const { topic, ref } of events) {
        if (topic !== JOB_TOPIC || ref === null) continue;
        if (ref === SEND_SIGNAL) sender.wake();
        else queue.wake(ref);
      }
    },
  });
  const readFigures = async () => {
    try {
      jobMetrics.seen(await readQueues(db));
      jobMetrics.sawDeliveries(await countOpen(db));
      jobMetrics.sawFeeds(await readFeeds(db));
      jobMetrics.sawHalt((await readHalt(db)) !== null);
    } catch (error) {
      logger.warn({ err: error }, "the figures of the queues cannot be read");
    }
  };
  const figures = setInterval(() => void readFigures(), FIGURES_INTERVAL_MS);
  const looks = setInterval(() => consumers.wake(), CONSUMERS_INTERVAL_MS);
  const close = async () => {
    clearInterval(figures);
    clearInterval(looks);
    await journal.stop();
    await consumers.settled();
    await database.close();
  };
  try {
    await queue.start();
    await journal.start();
    consumers.wake();
    await readFigures();
    sender.start();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    probes: [
      {
        name: "database",
        required: true,
        check: async () => {
          await journal.sync();
          return { ok: true };
        },
      },
      {
        name: "migrations",
        required: true,
        check: async () => {
          const pending = await source.pendingMigrations(db);
          return pending.length === 0
            ? { ok: true }
            : { ok: false, detail: `missing: ${pending.join(", ")}` };
        },
      },
    ],
    async stop(timeoutMs) {
      await Promise.all([queue.stop(timeoutMs), sender.stop()]);
      await close();
    },
  };
}
