import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Database } from "../../../src/db/client/database.ts";
import { openSession, type Session } from "../../../src/db/client/session.ts";
import { type FeedLimits, importRecallFeed } from "../../../src/import/recall-feed.ts";
import { fetchFeeds, type ImportFeed, readFeeds } from "../../../src/jobs/recall-feeds.ts";
import { createLogger } from "../../../src/observability/logger.ts";
import { openJobDatabase, startStackWorker } from "../../support/job-database.ts";
import { openStack, type Stack } from "../../support/stack.ts";

let stack: Stack;
let database: Database;
let session: Session;
let server: Server;
let base: string;
/** The next reply of the feed's server, by path. */
const answers = new Map<string, (request: IncomingMessage, response: ServerResponse) => void>();
const asked: string[] = [];

const recall = (id: string) => ({
  id,
  title: `Recall ${id}`,
  summary: "Do not eat it",
  severity: "critical",
  published_at: "2026-05-21T07:54:12Z",
  barcodes: ["3017620422003"],
});
const json = (value: unknown, headers: Record<string, string> = {}) =>
  function send(_request: IncomingMessage, response: ServerResponse) {
    response.writeHead(200, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(value));
  };
const alerts = () =>
  stack.sql<{ ref: string; held: boolean; active: boolean }[]>`
    select source_ref as ref, is_held as held, is_active as active from alerts
    where source_ref like 'feed-%' order by 1`;

beforeAll(async () => {
  stack = await openStack();
  database = openJobDatabase(stack);
  session = await openSession(stack.directUrl, stack.socketPath, "test-feeds");
  server = createServer((request, response) => {
    const path = request.url?.split("?")[0] ?? "";
    asked.push(path);
    answers.get(path)?.(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(async () => {
  await stack.sql`delete from alerts where source_ref like 'feed-%'`;
  await stack.sql`truncate recall_feeds`;
  asked.length = 0;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await session.close();
  await database.close();
  await stack.close();
});

const importOne = (path: string, more: { etag?: string; limits?: FeedLimits } = {}) =>
  importRecallFeed({
    url: `${base}${path}`,
    etag: null,
    lastModified: null,
    sql: session.sql,
    lost: session.lost,
    signal: new AbortController().signal,
    ...more,
  });

describe("a feed of recalls", () => {
  it("is imported and held for an administrator, and not sent again while its edition is the same", async () => {
    answers.set("/a.json", (request, response) => {
      if (request.headers["if-none-match"] === '"1"') response.writeHead(304).end();
      else json([recall("feed-1"), recall("feed-2")], { etag: '"1"' })(request, response);
    });
    expect(await importOne("/a.json")).toEqual({
      changed: 2,
      edition: { etag: '"1"', lastModified: null },
    });
    expect([...(await alerts())]).toEqual([
      { ref: "feed-1", held: true, active: false },
      { ref: "feed-2", held: true, active: false },
    ]);
    expect(await importOne("/a.json")).toMatchObject({ changed: 0 });
    expect(await importOne("/a.json", { etag: '"1"' })).toEqual({
      changed: null,
      edition: { etag: '"1"', lastModified: null },
    });
  });

  it("fails with its reason when the server refuses, is away, or sends no recall", async () => {
    answers.set("/500", (_request, response) => void response.writeHead(500).end("no"));
    answers.set("/none.json", json([{ ...recall("feed-9"), title: "" }]));
    answers.set("/page", (_request, response) => void response.end("<html>moved</html>"));
    await expect(importOne("/500")).rejects.toThrow("the server answered 500");
    await expect(importOne("/none.json")).rejects.toThrow("none of 1 records is a recall");
    await expect(importOne("/page")).rejects.toThrow(/./);
    const away = importRecallFeed({
      url: "http://127.0.0.1:9/feed",
      etag: null,
      lastModified: null,
      sql: session.sql,
      lost: session.lost,
      signal: new AbortController().signal,
    });
    await expect(away).rejects.toThrow("the server cannot be reached");
    expect(await alerts()).toHaveLength(0);
  });

  it("is given up when it is too big, too slow or broken off", async () => {
    answers.set("/big.json", json(Array.from({ length: 2_000 }, (_, i) => recall(`feed-${i}`))));
    answers.set("/slow.json", (_request, response) => {
      response.writeHead(200);
      response.write(`[${JSON.stringify(recall("feed-1"))},`);
    });
    answers.set("/cut.json", (_request, response) => {
      response.writeHead(200);
      response.write(`[${JSON.stringify(recall("feed-1"))},`, () => response.destroy());
    });
    const limits = { timeoutMs: 60_000, bytesMax: 64 * 1024 };
    await expect(importOne("/big.json", { limits })).rejects.toThrow("it has more than 0 MiB");
    await expect(
      importOne("/slow.json", { limits: { timeoutMs: 700, bytesMax: 1e6 } }),
    ).rejects.toThrow("it took more than 0.7 s");
    await expect(importOne("/cut.json")).rejects.toThrow(/terminated|closed|aborted|ends/);
  });
});

describe("the job that fetches feeds", () => {
  const context = () => ({
    db: database.db,
    logger: createLogger("silent"),
    signal: new AbortController().signal,
  });
  const due = () => stack.sql`update recall_feeds set next_at = now()`;
  const feeds = ["http://a.example/feed?key=secret", "http://b.example/feed"];

  it("puts a feed that fails off, the longer the more often, and goes on with the others", async () => {
    const importFeed: ImportFeed = (url) =>
      url.includes("a.example")
        ? Promise.reject(new Error("it is broken"))
        : Promise.resolve({ edition: { etag: "e", lastModified: null }, changed: 1 });
    const waits: number[] = [];
    for (let failures = 1; failures <= 9; failures += 1) {
      await fetchFeeds(context(), feeds, importFeed);
      const [row] = await stack.sql<{ minutes: number; failures: number }[]>`
        select round(extract(epoch from next_at - now()) / 60)::int as minutes, failures
        from recall_feeds where url like '%a.example%'`;
      expect(row?.failures).toBe(failures);
      waits.push(row?.minutes ?? 0);
      await due();
    }
    expect(waits).toEqual([15, 30, 60, 120, 240, 480, 960, 1440, 1440]);
    expect(await readFeeds(database.db)).toEqual([
      { feed: "a.example/feed", failures: 9, error: "it is broken", ageSeconds: null },
      { feed: "b.example/feed", failures: 0, error: null, ageSeconds: expect.any(Number) },
    ]);
    await fetchFeeds(context(), [], importFeed);
    expect(await readFeeds(database.db)).toEqual([]);
  });

  it("asks no feed before its time, and hands over the edition that it knows", async () => {
    const known: unknown[] = [];
    const importFeed: ImportFeed = (_url, edition) => {
      known.push(edition);
      return Promise.resolve({ edition: { etag: "2", lastModified: "then" }, changed: null });
    };
    await fetchFeeds(context(), ["http://b.example/feed"], importFeed);
    await fetchFeeds(context(), ["http://b.example/feed"], importFeed);
    await due();
    await fetchFeeds(context(), ["http://b.example/feed"], importFeed);
    expect(known).toEqual([
      { etag: null, lastModified: null },
      { etag: "2", lastModified: "then" },
    ]);
  });

  it("counts a feed that ends the worker as a failure, and one that the worker's stop ends as none", async () => {
    const failuresDuring: number[] = [];
    const stopping = new AbortController();
    await fetchFeeds({ ...context(), signal: stopping.signal }, [feeds[1] ?? ""], async () => {
      failuresDuring.push((await readFeeds(database.db))[0]?.failures ?? -1);
      stopping.abort();
      throw new Error("stopped");
    });
    expect(failuresDuring).toEqual([1]);
    expect((await readFeeds(database.db))[0]?.failures).toBe(0);
    const [row] = await stack.sql`select next_at <= now() as due from recall_feeds`;
    expect(row).toEqual({ due: true });
  });

  it("runs in the worker by RECALL_FEEDS", async () => {
    answers.set("/worker.json", json([recall("feed-7")]));
    const { worker, metrics } = await startStackWorker(stack, {
      RECALL_FEEDS: `${base}/worker.json?a=1,2`,
      ...(stack.kind === "docker" ? { DATABASE_DIRECT_URL: stack.directUrl } : {}),
    });
    try {
      await stack.sql`select enqueue_job('recall-feeds')`;
      await vi.waitFor(
        async () =>
          expect([...(await alerts())]).toEqual([{ ref: "feed-7", held: true, active: false }]),
        20_000,
      );
      await vi.waitFor(
        async () =>
          expect(await metrics.registry.metrics()).toMatch(
            /halal_recall_feed_failures\{feed="127\.0\.0\.1:\d+\/worker\.json"\} 0/,
          ),
        20_000,
      );
    } finally {
      await worker.stop(2_000);
    }
  });
});
