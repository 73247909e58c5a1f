import { createServer, type Server } from "node:http";
import { afterEach, describe, expect, it, vi } from "vitest";
import { summarizeError } from "../../../src/observability/error-summary.ts";
import { createSentryReporter } from "../../../src/observability/sentry.ts";

const servers: Server[] = [];
afterEach(() => {
  vi.useRealTimers();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

interface Received {
  readonly path: string;
  readonly body: string;
}

/** An error tracker with a given answer, or without any answer. */
async function tracker(answer: { status: number; retryAfter?: string } | "nothing") {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on("end", () => {
      received.push({ path: request.url ?? "", body });
      if (answer === "nothing") return;
      if (answer.retryAfter !== undefined) response.setHeader("retry-after", answer.retryAfter);
      response.writeHead(answer.status).end("{}");
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { received, dsn: `http://public@127.0.0.1:${port}/some/42` };
}

const summary = () =>
  summarizeError(
    new TypeError("outer", { cause: Object.assign(new Error("inner"), { code: "XX000" }) }),
  );
const CALL = { procedure: "store.nearby", requestId: "r-1", user: "0123456789ab" };

describe("createSentryReporter", () => {
  it("posts an envelope with the error, its causes first, and the call", async () => {
    const { received, dsn } = await tracker({ status: 200 });
    const reporter = createSentryReporter(dsn);
    reporter.report(summary(), CALL);
    await reporter.flush(5_000);
    const [post] = received;
    const [path, query] = post?.path.split("?") ?? [];
    expect(path).toBe("/some/api/42/envelope/");
    expect(query).toContain("sentry_key=public");
    const [header = "", item = "", payload = ""] = post?.body.split("\n") ?? [];
    const event = JSON.parse(payload) as Record<string, unknown>;
    expect((JSON.parse(header) as Record<string, unknown>)["event_id"]).toBe(event["event_id"]);
    expect(JSON.parse(item)).toMatchObject({ type: "event" });
    expect(event).toMatchObject({
      transaction: "store.nearby",
      tags: { requestId: "r-1" },
      user: { id: "0123456789ab" },
      exception: {
        values: [
          { type: "Error", value: "inner (XX000)" },
          { type: "TypeError", value: "outer" },
        ],
      },
    });
    const frames = JSON.stringify(event["exception"]);
    expect(frames).toContain("sentry.test.ts");
  });

  it("sends nothing until the tracker's Retry-After has passed", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const { received, dsn } = await tracker({ status: 429, retryAfter: "7" });
    const reporter = createSentryReporter(dsn);
    for (const [passMs, posts] of [
      [0, 1],
      [6_900, 1],
      [200, 2],
    ] as const) {
      vi.setSystemTime(Date.now() + passMs);
      reporter.report(summary(), CALL);
      await reporter.flush(5_000);
      expect(received).toHaveLength(posts);
    }
  });

  it("neither waits for a dead tracker nor accumulates errors", async () => {
    const { received, dsn } = await tracker("nothing");
    const reporter = createSentryReporter(dsn);
    for (let i = 0; i < 500; i += 1) reporter.report(summary(), CALL);
    await reporter.flush(300);
    expect(received.length).toBeLessThanOrEqual(10);
    expect(received.length).toBeGreaterThan(0);
  });

  it("continues when the tracker cannot be reached", async () => {
    const reporter = createSentryReporter("http://public@127.0.0.1:1/42");
    reporter.report(summary(), CALL);
    await expect(reporter.flush(5_000)).resolves.toBeUndefined();
  });

  it.each([
    "https://sentry.io/42",
    "https://key@sentry.io/",
    "https://key@sentry.io/x",
    "ftp://k@s/1",
  ])("refuses %s at the start", (dsn) => {
    expect(() => createSentryReporter(dsn)).toThrow(/^SENTRY_DSN/);
  });
});
