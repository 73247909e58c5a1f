import { devNull } from "node:os";
import { Readable } from "node:stream";
import type postgres from "postgres";
import { SourceError } from "./read/source.ts";
import { importFiles } from "./run.ts";
import { countUsable } from "./summary.ts";

/** The limits of a feed. */
export interface FeedLimits {
  /** Of the whole feed, from the request to the last row. Units: milliseconds. */
  readonly timeoutMs: number;
  /** As it is read: what the server compressed counts as what it becomes. Units: bytes. */
  readonly bytesMax: number;
}

export const FEED_LIMITS: FeedLimits = { timeoutMs: 10 * 60_000, bytesMax: 512 * 1024 * 1024 };

/** A feed, and which edition of it was imported last. */
export interface FeedRequest {
  readonly url: string;
  readonly etag: string | null;
  readonly lastModified: string | null;
  /** A session past the pooler. */
  readonly sql: postgres.Sql;
  /** Rejects when the session ends of itself. */
  readonly lost: Promise<never>;
  readonly signal: AbortSignal;
  readonly limits?: FeedLimits;
}

/** Alerts that are new or changed (null: the edition is the same), and what the server calls the edition. */
export interface FeedImport {
  readonly changed: number | null;
  readonly edition: { readonly etag: string | null; readonly lastModified: string | null };
}

/** A feed that could not be imported; the message is for operators. */
export class FeedError extends Error {
  override readonly name = "FeedError";
}

/**
 * Fetches a feed of recalls and imports it while it comes, as `npm run import -- recalls` does: what it brings is held.
 * Errors: FeedError when the server refuses, the feed is too big, too slow, broken off, or holds no recall.
 */
export async function importRecallFeed(request: FeedRequest): Promise<FeedImport> {
  const { url, sql, lost, limits = FEED_LIMITS } = request;
  const timeout = AbortSignal.timeout(limits.timeoutMs);
  const signal = AbortSignal.any([request.signal, timeout]);
  const response = await ask(request, signal);
  const edition = {
    etag: response.headers.get("etag"),
    lastModified: response.headers.get("last-modified"),
  };
  if (response.status === 304) {
    const { etag, lastModified } = request;
    return { changed: null, edition: { etag, lastModified } };
  }
  if (response.status !== 200 || response.body === null) {
    await response.body?.cancel();
    throw new FeedError(`the server answered ${response.status}`);
  }
  const [summary] = await importFiles({
    sql,
    lost,
    signal,
    kind: "recalls",
    files: ["-"],
    stdin: Readable.from(limited(response.body, limits.bytesMax)),
    stdinName: new URL(url).host,
    isDryRun: false,
    publishes: false,
    rejectsPath: devNull,
    output: { write: () => true },
  });
  if (timeout.aborted) throw new FeedError(`it took more than ${limits.timeoutMs / 1000} s`);
  if (summary === undefined || summary.fault !== null)
    throw new FeedError(summary?.fault ?? "it was not read");
  if (countUsable(summary) === 0)
    throw new FeedError(`none of ${summary.read} records is a recall of food`);
  return { changed: summary.inserted + summary.updated, edition };
}

async function ask(
  { url, etag, lastModified }: FeedRequest,
  signal: AbortSignal,
): Promise<Response> {
  try {
    return await fetch(url, {
      headers: {
        accept: "application/json, text/csv;q=0.9, */*;q=0.5",
        "user-agent": "halal-backend",
        ...(etag === null ? {} : { "if-none-match": etag }),
        ...(lastModified === null ? {} : { "if-modified-since": lastModified }),
      },
      signal,
    });
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FeedError(`the server cannot be reached: ${reason}`, { cause: error });
  }
}

/** The body, ended with an error when there is more of it than there may be. */
async function* limited(body: AsyncIterable<Uint8Array>, bytesMax: number): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > bytesMax)
      throw new SourceError(`it has more than ${Math.round(bytesMax / 1024 / 1024)} MiB`);
    yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
}
