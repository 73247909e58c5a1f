import { sql } from "drizzle-orm";
import type { Db } from "../db/client/database.ts";
import type { Job, JobContext } from "./job.ts";

/** Which edition of a feed was imported last, as its server calls it. */
export interface FeedEdition {
  readonly etag: string | null;
  readonly lastModified: string | null;
}

/** The outcome of asking a feed. */
export interface FeedResult {
  readonly edition: FeedEdition;
  /** Alerts that are new or changed; null: the edition is the same. */
  readonly changed: number | null;
}

/** Fetches a feed and imports what it holds. Errors: any, whose message tells operators what is wrong. */
export type ImportFeed = (
  url: string,
  known: FeedEdition,
  signal: AbortSignal,
) => Promise<FeedResult>;

/** After a success. Units: minutes. */
const EVERY_MINUTES = 60;
/** After a failure, doubled with each further one. Units: minutes. */
const RETRY_MINUTES = 15;
const RETRY_MINUTES_MAX = 24 * 60;
const ERROR_LENGTH_MAX = 500;

interface DueFeed extends FeedEdition, Record<string, unknown> {
  readonly url: string;
  readonly failures: number;
}

/** Makes the feeds known that the configuration names, and forgets others; gives those that are due. */
async function listDue(db: Db, urls: readonly string[]): Promise<DueFeed[]> {
  const named = sql`(select jsonb_array_elements_text(${JSON.stringify(urls)}::jsonb))`;
  await db.execute(sql`delete from recall_feeds where url not in ${named}`);
  await db.execute(
    sql`insert into recall_feeds (url) select * from ${named} as named on conflict do nothing`,
  );
  return await db.execute<DueFeed>(sql`
    select url, etag, last_modified as "lastModified", failures from recall_feeds
    where next_at <= now() order by next_at, url`);
}

/** Counts a failure and puts the feed off, the longer the more there were; so that one that kills a worker waits too. */
async function noteFailure(db: Db, url: string, failures: number, reason: string): Promise<void> {
  const minutes = Math.min(RETRY_MINUTES * 2 ** (failures - 1), RETRY_MINUTES_MAX);
  await db.execute(sql`
    update recall_feeds set failures = ${failures}, last_error = ${reason.slice(0, ERROR_LENGTH_MAX)},
      next_at = now() + make_interval(mins => ${minutes})
    where url = ${url}`);
}

async function noteSuccess(
  db: Db,
  url: string,
  { etag, lastModified }: FeedEdition,
): Promise<void> {
  await db.execute(sql`
    update recall_feeds set failures = 0, last_error = null, etag = ${etag}, last_modified = ${lastModified},
      succeeded_at = now(), next_at = now() + make_interval(mins => ${EVERY_MINUTES})
    where url = ${url}`);
}

/** Asks the feeds that are due, one after the other; one that fails is put off and does not stop the others. */
export async function fetchFeeds(
  { db, logger, signal }: Pick<JobContext, "db" | "logger" | "signal">,
  urls: readonly string[],
  importFeed: ImportFeed,
): Promise<void> {
  for (const { url, failures, etag, lastModified } of await listDue(db, urls)) {
    if (signal.aborted) return;
    const feed = feedName(url);
    await noteFailure(db, url, failures + 1, "the worker ended while it read the feed");
    try {
      const { edition, changed } = await importFeed(url, { etag, lastModified }, signal);
      await noteSuccess(db, url, edition);
      if (changed !== null) logger.info({ feed, changed }, "a feed of recalls was imported");
    } catch (error) {
      if (signal.aborted) {
        // Not the feed's fault: the next worker reads it.
        await db.execute(
          sql`update recall_feeds set failures = ${failures}, next_at = now() where url = ${url}`,
        );
        return;
      }
      const reason = error instanceof Error ? error.message : String(error);
      await noteFailure(db, url, failures + 1, reason);
      logger.warn({ feed, failures: failures + 1, reason }, "a feed of recalls cannot be imported");
    }
  }
}

/** A feed's name in logs and metrics, without its query, which may hold a key. */
export function feedName(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}

/** How a feed is. Units: seconds since the last success; null before the first one. */
export interface FeedState {
  readonly feed: string;
  readonly failures: number;
  readonly error: string | null;
  readonly ageSeconds: number | null;
}

/** How all feeds are. */
export async function readFeeds(db: Db): Promise<FeedState[]> {
  const rows = await db.execute<
    Record<string, unknown> & Omit<FeedState, "feed"> & { url: string }
  >(sql`
    select url, failures, last_error as "error", extract(epoch from now() - succeeded_at)::float8 as "ageSeconds"
    from recall_feeds order by url`);
  return rows.map(({ url, failures, error, ageSeconds }) => ({
    feed: feedName(url),
    failures,
    error,
    ageSeconds,
  }));
}

/** Makes the job that fetches feeds of recalls; what they bring is held until an administrator approves it. */
export function recallFeedsJob(urls: readonly string[], importFeed: ImportFeed): Job {
  return {
    queue: "recall-feeds",
    schedule: "*/15 * * * *",
    expireSeconds: 2 * 3600,
    run: (context) => fetchFeeds(context, urls, importFeed),
  };
}
