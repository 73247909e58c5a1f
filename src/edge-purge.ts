import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import type { Config } from "./config.ts";
import type { Db } from "./db/client/database.ts";
import { makeJournalPlace, readHeldJournal } from "./db/held-journal.ts";
import { openEdge } from "./edge/open-edge.ts";
import { EdgePurger } from "./edge/purger.ts";
import { PURGED_TOPICS } from "./edge/tags-of-events.ts";
import type { Metrics } from "./observability/metrics.ts";

/** The purger's place among the consumers of the journal. */
const PURGER = "edge-purge";

/** Starts to tell the edge of writes, where one is configured; gives what stops it. */
export function startPurger(
  config: Config,
  db: Db,
  metrics: Metrics,
  logger: Logger,
): () => Promise<void> {
  const provider = openEdge(config);
  if (provider === null) return () => Promise.resolve();
  const consumer = { name: PURGER, topics: PURGED_TOPICS, holder: randomUUID() };
  let hasPlace = false;
  const purger = new EdgePurger({
    provider,
    async read(from, done) {
      if (!hasPlace) await makeJournalPlace(db, PURGER);
      hasPlace = true;
      return await readHeldJournal(db, consumer, from, done);
    },
    onPurge: (purge) => edgeMetrics.purged(purge),
    onError: (error) =>
      logger.warn({ err: error }, "the edge could not be purged: it may show old answers"),
  });
  const edgeMetrics = metrics.watchEdge(() => purger);
  purger.start();
  return () => purger.stop();
}
