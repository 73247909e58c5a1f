import type { Config } from "./config.ts";
import { openSession } from "./db/client/session.ts";
import type { DatabaseSource } from "./deps.ts";
import { FeedError, importRecallFeed } from "./import/recall-feed.ts";
import type { ImportFeed } from "./jobs/recall-feeds.ts";

/** Makes what imports a feed of recalls, on a session of its own past the pooler. */
export function createFeedImport(config: Config, source: DatabaseSource): ImportFeed {
  const { socketPath } = source;
  const url =
    socketPath === null ? (config.databaseDirectUrl ?? source.databaseUrl) : source.databaseUrl;
  return async (feed, known, signal) => {
    const session = await openSession(url, socketPath, "halal-feeds").catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      throw new FeedError(
        reason.includes("unsupported startup parameter")
          ? "feeds need a direct connection, and this one goes through PgBouncer: set DATABASE_DIRECT_URL"
          : `the database cannot be used: ${reason}`,
        { cause: error },
      );
    });
    try {
      return await importRecallFeed({
        url: feed,
        ...known,
        sql: session.sql,
        lost: session.lost,
        signal,
      });
    } finally {
      await session.close();
    }
  };
}
