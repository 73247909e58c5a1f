import { randomUUID } from "node:crypto";
import { createServer, type Server } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createLogger } from "../../../src/observability/logger.ts";
import { signToken } from "../../../src/http/token.ts";
import { JWT_SECRET, openStack, type Instance, type Stack } from "../../support/stack.ts";

let stack: Stack;
const servers: Server[] = [];

beforeAll(async () => {
  stack = await openStack();
});
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});
afterAll(() => stack.close());

/** Starts an instance and records its log. */
async function startLogged(environment: Record<string, string> = {}) {
  const text: string[] = [];
  const instance = await stack.startInstance({
    environment,
    logger: createLogger("info", { write: (line) => void text.push(line) }),
  });
  const calls = () =>
    text
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter((line) => typeof line["procedure"] === "string");
  return { instance, text, calls };
}

/** An error tracker that records requests, and answers or does not. */
async function startTracker(answers: boolean) {
  const events: string[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on("end", () => {
      events.push(body);
      if (answers) response.end("{}");
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { events, dsn: `http://public@127.0.0.1:${port}/42` };
}

const POSITION = { latitude: -41.286461, longitude: 174.776236 };
const POSITION_DIGITS = /41\.28|174\.77/;

const nearby = (instance: Instance, headers: Record<string, string> = {}) =>
  fetch(`${instance.url}/trpc/store.nearby?input=${encodeURIComponent(JSON.stringify(POSITION))}`, {
    headers,
  });

/** Runs a body while the table of stores is renamed. */
async function withoutStores(body: () => Promise<void>): Promise<void> {
  await stack.sql`alter table stores rename to stores_away`;
  try {
    await body();
  } finally {
    await stack.sql`alter table stores_away rename to stores`;
  }
}

async function figures(instance: Instance): Promise<Map<string, number>> {
  const text = await (await fetch(`${instance.url}/metrics`)).text();
  return new Map(
    text
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => {
        const at = line.lastIndexOf(" ");
        return [line.slice(0, at), Number(line.slice(at + 1))];
      }),
  );
}

describe("the log", () => {
  it("has a line for a write and one for a failure, with the fields that an operator needs", async () => {
    const { instance, text, calls } = await startLogged();
    const id = randomUUID();
    const admin = await instance.as({ id, isAdmin: true });
    await admin.certifier.upsert.mutate({
      id: "logged",
      name: "Logged",
      country: "NZ",
      trustScore: 50,
    });
    await fetch(`${instance.url}/trpc/certifier.byId?input=%7B%22id%22%3A%22nobody%22%7D`, {
      headers: { "x-request-id": "the-failing-one" },
    });
    await instance.client.certifier.list.query();
    expect(calls()).toMatchObject([
      { level: 30, procedure: "certifier.upsert", code: "OK", durationMs: expect.any(Number) },
      { procedure: "certifier.byId", code: "NOT_FOUND", requestId: "the-failing-one" },
    ]);
    expect(calls()[0]?.["user"]).toMatch(/^[0-9a-f]{12}$/);
    expect(text.join("")).not.toContain(id);
  });

  it("describes a failed query without the position, the token or the user", async () => {
    const tracker = await startTracker(true);
    const { instance, text, calls } = await startLogged({ SENTRY_DSN: tracker.dsn });
    const id = randomUUID();
    const token = await signToken(
      JWT_SECRET,
      { id, isAdmin: false },
      { lifetimeSeconds: 60, issuer: null, audience: null },
    );
    await withoutStores(async () => {
      const response = await nearby(instance, { authorization: `Bearer ${token}` });
      expect(response.status).toBe(500);
      expect(await response.text()).not.toMatch(/stores|select|select|41\.28/);
    });
    const [line] = calls();
    expect(line).toMatchObject({
      level: 50,
      procedure: "store.nearby",
      code: "INTERNAL_SERVER_ERROR",
      err: { message: "a query failed", cause: { code: "42P01" } },
    });
    await expect.poll(() => tracker.events.length).toBe(1);
    const told = text.join("") + tracker.events.join("");
    expect(told).toContain("42P01");
    expect(told).not.toMatch(POSITION_DIGITS);
    for (const secret of [token, token.split(".")[1] ?? "?", id, "Bearer"])
      expect(told).not.toContain(secret);
  });

  it("has no position of a call whose input was rejected", async () => {
    const { instance, text, calls } = await startLogged();
    const input = { ...POSITION, latitude: 141.286461, token: "secret-of-the-input" };
    await fetch(
      `${instance.url}/trpc/store.nearby?input=${encodeURIComponent(JSON.stringify(input))}`,
    );
    expect(calls()).toMatchObject([{ procedure: "store.nearby", code: "BAD_REQUEST" }]);
    expect(text.join("")).not.toMatch(/41\.28|174\.77|secret-of-the-input/);
  });

  it("reports a caller over the limit once, and does not contain unknown paths", async () => {
    const { instance, calls } = await startLogged({
      RATE_LIMIT_PER_MINUTE: "3",
      TRUSTED_PROXY_HOPS: "1",
    });
    const headers = { "x-forwarded-for": `10.200.${process.pid % 256}.7` };
    const statuses: number[] = [];
    for (let i = 0; i < 6; i += 1) {
      const response = await fetch(`${instance.url}/trpc/${POSITION.latitude}`, { headers });
      statuses.push(response.status);
    }
    expect(statuses).toEqual([404, 404, 404, 429, 429, 429]);
    expect(calls().map(({ procedure, code }) => [procedure, code])).toEqual([
      ["unknown", "NOT_FOUND"],
      ["unknown", "NOT_FOUND"],
      ["unknown", "NOT_FOUND"],
      ["unknown", "TOO_MANY_REQUESTS"],
    ]);
    expect(JSON.stringify(calls())).not.toContain("10.200.");
  });
});

describe("Sentry", () => {
  it("receives unexpected errors only", async () => {
    const tracker = await startTracker(true);
    const instance = await stack.startInstance({
      environment: { SENTRY_DSN: tracker.dsn, LOG_LEVEL: "silent" },
    });
    await fetch(`${instance.url}/trpc/no.such`);
    await fetch(`${instance.url}/trpc/store.nearby`);
    await fetch(`${instance.url}/trpc/scans.stats`);
    await withoutStores(async () => {
      await nearby(instance);
    });
    await expect.poll(() => tracker.events.length).toBe(1);
    expect(tracker.events[0]).toContain('"transaction":"store.nearby"');
  });

  it("never slows a call when it hangs", async () => {
    const tracker = await startTracker(false);
    const instance = await stack.startInstance({
      environment: { SENTRY_DSN: tracker.dsn, LOG_LEVEL: "silent" },
    });
    await withoutStores(async () => {
      for (let i = 0; i < 30; i += 1) expect((await nearby(instance)).status).toBe(500);
    });
    // All 30 calls were answered before the tracker answered any request.
    expect(tracker.events.length).toBeGreaterThan(0);
    expect(tracker.events.length).toBeLessThanOrEqual(10);
  });
});

describe("/metrics", () => {
  it("counts calls by procedure and code, before Hono and through Hono", async () => {
    const instance = await stack.startInstance();
    for (let i = 0; i < 5; i += 1) await instance.client.certifier.list.query();
    expect(instance.directAnswers()).toBeGreaterThan(0);
    await instance.client.store.search.query({ query: "anything" });
    await fetch(`${instance.url}/trpc/store.nearby?input=%7B%7D`);
    await fetch(`${instance.url}/trpc/made.up.${randomUUID()}`);
    const read = await figures(instance);
    expect(read.get('halal_calls_total{procedure="certifier.list",code="OK"}')).toBe(5);
    expect(read.get('halal_call_duration_seconds_count{procedure="certifier.list"}')).toBe(5);
    expect(read.get('halal_calls_total{procedure="store.nearby",code="BAD_REQUEST"}')).toBe(1);
    expect(read.get('halal_calls_total{procedure="unknown",code="NOT_FOUND"}')).toBe(1);
    for (const name of read.keys()) expect(name).not.toContain("made.up");
    expect(read.get('halal_database_statements_total{pool="main"}')).toBeGreaterThan(0);
    expect(
      read.get('halal_cache_answers_total{cache="certifiers",tier="memory",state="HIT"}'),
    ).toBeGreaterThan(0);
    expect(read.has("nodejs_eventloop_lag_p99_seconds")).toBe(true);
  });

  it("counts rejected calls by reason", async () => {
    const instance = await stack.startInstance({
      environment: { RATE_LIMIT_PER_MINUTE: "50", TRUSTED_PROXY_HOPS: "1", LOG_LEVEL: "silent" },
    });
    const headers = { "x-forwarded-for": `10.201.${process.pid % 256}.7` };
    const names = (count: number) => Array.from({ length: count }, () => "certifier.list").join();
    const ask = (path: string, more: { method?: string; body?: string; headers?: object } = {}) =>
      fetch(`${instance.url}/trpc/${path}`, { ...more, headers: { ...headers, ...more.headers } });
    await ask("certifier.list", { headers: { authorization: "Bearer x.y.z" } });
    await ask("scans.stats");
    await ask(`${names(31)}?batch=1`);
    await ask("store.create", {
      method: "POST",
      body: "x".repeat(70_000),
      headers: { "content-type": "application/json" },
    });
    for (let i = 0; i < 4; i += 1) await ask(`${names(6)}?batch=1`);
    const read = await figures(instance);
    const reason = (name: string) => read.get(`halal_rejected_calls_total{reason="${name}"}`);
    expect({
      unauthorized: reason("unauthorized"),
      batch: reason("batch_too_large"),
      body: reason("body_too_large"),
      limit: reason("rate_limit"),
      overload: reason("overload"),
    }).toEqual({ unauthorized: 2, batch: 31, body: 1, limit: 12, overload: 0 });
  });

  it("requires the token, if one is configured", async () => {
    const instance = await stack.startInstance({
      environment: { METRICS_TOKEN: "a-token-of-16-chars" },
    });
    const ask = (authorization?: string) =>
      fetch(`${instance.url}/metrics`, {
        headers: authorization === undefined ? {} : { authorization },
      });
    expect((await ask()).status).toBe(401);
    expect((await ask("Bearer a-token-of-16-charz")).status).toBe(401);
    const read = await ask("Bearer a-token-of-16-chars");
    expect(read.status).toBe(200);
    expect(read.headers.get("content-type")).toContain("text/plain");
  });
});
