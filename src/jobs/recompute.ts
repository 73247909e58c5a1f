import { sql } from "drizzle-orm";
import type { Job } from "./job.ts";
import type { JournalConsumer } from "./journal-consumers.ts";

const QUEUE = "products-analyse";

/**
 * Reads and judges the products that are out of date, until none is left or the signal aborts; gives how many it looked
 * at.
 */
export type AnalyseOutdated = (signal: AbortSignal) => Promise<number>;

/** Puts a job into the queue after a change of the lexicon, of rulings, additives or certifiers has been committed. */
export const recomputeConsumer: JournalConsumer = {
  name: QUEUE,
  topics: ["analysis"],
  async take(transaction) {
    await transaction.execute(sql`select enqueue_job(${QUEUE})`);
  },
};

/**
 * Makes the job that reads and judges products again. The hourly run takes what an import that was killed has left.
 * Given up in the middle it goes on where it was: what is out of date says so itself.
 */
export function recomputeJob(analyse: AnalyseOutdated): Job {
  return {
    queue: QUEUE,
    policy: "short",
    schedule: "47 * * * *",
    expireSeconds: 6 * 3600,
    async run({ logger, signal }) {
      const looked = await analyse(signal);
      if (looked > 0) logger.info({ looked }, "products are judged again");
      // The next run does the rest, on another worker when this one stops.
      signal.throwIfAborted();
    },
  };
}
