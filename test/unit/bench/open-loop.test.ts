import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LatencyHistogram } from "../../../bench/load/histogram.ts";
import { runOpenLoop } from "../../../bench/load/open-loop.ts";
import { ScheduleWriter } from "../../../bench/load/schedule.ts";

const SLOW_MS = 60;

/** Answers at once, except `/slow`; `/bad` gets an error. */
const server = createServer((request, response) => {
  const status = request.url === "/bad" ? 503 : 200;
  setTimeout(
    () => {
      response.writeHead(status, { "x-cache": request.url === "/hit" ? "HIT" : "BYPASS" });
      response.end("x".repeat(100));
    },
    request.url === "/slow" ? SLOW_MS : 0,
  );
});
let port = 0;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ({ port } = server.address() as AddressInfo);
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function job(paths: readonly string[], connections: number) {
  const writer = new ScheduleWriter();
  paths.forEach((path, i) =>
    writer.add(0, path === "/bad" ? 1 : 0, 2, `GET ${path} HTTP/1.1\r\nhost: ${i}\r\n\r\n`),
  );
  const schedule = writer.finish();
  return { host: "127.0.0.1", port, connections, schedule, kinds: 2, seconds: 1, drainSeconds: 9 };
}

describe("runOpenLoop", () => {
  it("counts calls, hits and errors by kind and by second", async () => {
    const { kinds, seconds, unanswered } = await runOpenLoop(job(["/hit", "/none", "/bad"], 3));
    expect(kinds.map(({ requests, calls, errors }) => [requests, calls, errors])).toEqual([
      [2, 4, 0],
      [1, 2, 2],
    ]);
    expect(kinds[0]?.cacheStates).toEqual({ HIT: 1, BYPASS: 1 });
    expect(kinds[1]?.statuses).toEqual({ 503: 1 });
    expect(seconds.map(({ calls, hits, cacheable }) => [calls, hits, cacheable])).toEqual([
      [6, 1, 1],
    ]);
    expect(unanswered).toBe(0);
  });

  it("counts the wait for a connection as part of a request's latency", async () => {
    const { kinds } = await runOpenLoop(job(["/slow", "/slow", "/slow"], 1));
    const latencies = new LatencyHistogram(kinds[0]?.latencies);
    expect(latencies.quantile(1)).toBeGreaterThan(2.8 * SLOW_MS);
  });
});
