import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../support/calls.ts";
import { type OwnNginx, startNginx } from "../support/own-nginx.ts";
import { exchangeRaw, parseAnswers } from "../support/raw-http.ts";
import {
  killInstanceProcesses,
  type InstanceProcess,
  startInstanceProcess,
} from "../support/instance-process.ts";
import { openStack, type Stack, stackKind } from "../support/stack.ts";
import { bearer } from "../support/tokens.ts";

/** The longest wait of a frozen instance's callers. Units: milliseconds. */
const PROMISE_MS = 3_000;
/** The additional time of a busy machine. Units: milliseconds. */
const BUSY_MS = 3_000;

describe.skipIf(stackKind() !== "docker")("nginx as shipped (docker stack)", () => {
  let stack: Stack;
  let instances: InstanceProcess[];
  let nginx: OwnNginx;

  beforeAll(async () => {
    stack = await openStack();
    const environment = {
      CORS_ORIGINS: "https://App.example.com/,https://a.example:443,https://*.vercel.app",
    };
    instances = await Promise.all([
      startInstanceProcess(stack, { environment }),
      startInstanceProcess(stack, { environment }),
    ]);
    nginx = await startNginx(
      instances.map(({ port }) => port),
      environment,
    );
  });

  afterAll(async () => {
    await nginx.stop();
    killInstanceProcesses();
    await stack.close();
  });

  interface ErrorBody {
    readonly error: { message: string; code: number; data: Record<string, unknown> };
  }

  /** Reads an answer that must be one tRPC error. */
  async function errorOf(path: string, init: RequestInit = {}) {
    const response = await fetch(`${nginx.url}${path}`, init);
    const { error } = (await response.json()) as ErrorBody;
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("x-request-id")).toBe(error.data["requestId"]);
    expect(error.data["httpStatus"]).toBe(response.status);
    expect(error).toMatchObject({ message: expect.any(String), code: expect.any(Number) });
    expect(response.headers.get("vary")?.toLowerCase()).toContain("origin");
    const { code, reason } = error.data;
    return { status: response.status, code, reason };
  }

  it("answers a check by HTTP/1.0 that names no host, as load balancers send it", async () => {
    const [answer] = parseAnswers(
      await exchangeRaw(nginx.url, "GET /health/live HTTP/1.0\r\n\r\n"),
    );
    expect(answer?.status).toBe(200);
  });

  it("gives the app's configuration to phones", async () => {
    const response = await fetch(`${nginx.url}/app-config`);
    expect([response.status, response.headers.get("cache-control")]).toEqual([
      200,
      "public, s-maxage=300, stale-while-revalidate=60, stale-if-error=3600",
    ]);
    expect(await response.json()).toHaveProperty("platforms.ios.minimumVersion", null);
  });

  const long = "a".repeat(20_000);
  it.each([
    [
      "a token of 20 KB",
      "/trpc/boycott.list",
      { headers: { authorization: `Bearer ${long}` } },
      431,
      "malformed_request",
    ],
    ["an address of 20 KB", `/trpc/boycott.list?input=${long}`, {}, 414, "malformed_request"],
    [
      "a body of 2 MB",
      "/trpc/scans.record",
      { method: "POST", body: long.repeat(100) },
      413,
      "body_too_large",
    ],
    ["a look at the figures", "/metrics", {}, 404, "not_found"],
    ["the figures in other letters", "/%6detrics", {}, 404, "not_found"],
    ["the place of its errors", "/errors", {}, 404, "not_found"],
  ] as const)("answers %s as tRPC does", async (_name, path, init, status, reason) => {
    expect(await errorOf(path, init)).toMatchObject({ status, reason });
  });

  it.each([
    ["https://app.example.com", "https://app.example.com"],
    ["https://a.example", "https://a.example"],
    ["https://pr-7.vercel.app", "https://pr-7.vercel.app"],
    ["https://other.example", null],
    ["https://a.b.vercel.app", null],
    ["https://app.example.com.evil.example", null],
    ["https://xvercel.app", null],
    ["null", null],
  ])("lets a page of %s read its errors as it lets it read answers", async (origin, allowed) => {
    for (const path of ["/metrics", "/trpc/boycott.list"]) {
      const { headers } = await fetch(`${nginx.url}${path}`, { headers: { origin } });
      expect([path, headers.get("access-control-allow-origin")]).toEqual([path, allowed]);
      const exposed = headers.get("access-control-expose-headers")?.toLowerCase() ?? "";
      expect(allowed === null || exposed.includes("retry-after")).toBe(true);
    }
    // nginx gives up before it has read where that comes from.
    const tooLong = await fetch(`${nginx.url}/trpc/boycott.list?input=${long}`, {
      headers: { origin },
    });
    expect(tooLong.headers.get("access-control-allow-origin")).toBe("*");
  });

  it("sends an export of 12,000 scans on as it comes, and breaks off where the instance does", async () => {
    const id = randomUUID();
    await stack.sql`
      insert into scans (user_id, id, barcode, scanned_at, halal_status, confidence)
      select ${id}, gen_random_uuid(), '03017620422003', timestamptz '2026-01-01' + n * interval '1 second', 'unknown', 0
      from generate_series(1, 12000) as n`;
    const headers = { authorization: await bearer({ id }) };
    const ask = () => fetch(`${nginx.url}/trpc/account.export`, { headers });
    const whole = (await (await ask()).json()) as { result: { data: { scans: unknown[] } } };
    expect(whole.result.data.scans).toHaveLength(12_000);
    await stack.sql`
      update scans set reasons = '[{"code": 5}]' where user_id = ${id} and scanned_at = timestamptz '2026-01-01 00:00:05'`;
    await expect((await ask()).text()).rejects.toThrow("terminated");
  }, 90_000);

  it.each([
    "NONSENSE\r\n\r\n",
    "GET / HTTP/9.9\r\nHost: a\r\n\r\n",
    "POST /trpc/a HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
    "POST /trpc/a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: x\r\n\r\n",
    "GET / HTTP/1.1\r\n\r\n",
    "\u0016\u0003\u0001\u0002",
  ])("answers what is no request as tRPC does: %j", async (bytes) => {
    const [answer] = parseAnswers(await exchangeRaw(nginx.url, `${bytes}\r\n`, 5_000));
    const { error } = JSON.parse(answer?.body ?? "null") as ErrorBody;
    expect(error.data).toMatchObject({ code: "BAD_REQUEST", httpStatus: answer?.status });
  });

  const position = encodeURIComponent(JSON.stringify({ latitude: 48.85837, longitude: 2.294481 }));
  const nearby = `/trpc/store.nearby?input=${position}`;

  async function timed(path: string, init: RequestInit = {}) {
    const beganAt = performance.now();
    const response = await fetch(`${nginx.url}${path}`, init);
    const body = (await response.json()) as ErrorBody;
    return { status: response.status, body, ms: performance.now() - beganAt };
  }

  it("calls to a frozen instance are answered by the other instance, or with the advice to retry", async () => {
    const [frozen] = instances;
    const authorization = await bearer();
    // Each instance has the answer in memory.
    for (let i = 0; i < 4; i += 1) await timed(nearby);
    frozen?.process.kill("SIGSTOP");
    const reads = Array.from({ length: 12 }, () => timed(nearby));
    const writes = Array.from({ length: 12 }, () =>
      timed("/trpc/scans.record", {
        method: "POST",
        headers: { "content-type": "application/json", authorization },
        body: JSON.stringify({ id: randomUUID(), barcode: "3017620422003" }),
      }),
    );
    const answers = await Promise.all([...reads, ...writes]);
    frozen?.process.kill("SIGCONT");
    const statuses = answers.map(({ status }) => status);
    // Six of the twelve were sent to the other instance first.
    expect(statuses.slice(0, 12).filter((status) => status === 200).length).toBeGreaterThan(6);
    expect(Math.max(...answers.map(({ ms }) => ms))).toBeLessThan(PROMISE_MS + BUSY_MS);
    const told = answers.flatMap(({ status, body }) => (status === 200 ? [] : body.error.data));
    expect(told.length).toBeGreaterThan(0);
    for (const data of told)
      expect(data).toMatchObject({ code: "SERVICE_UNAVAILABLE", httpStatus: 503 });
  });

  it("with all instances frozen every call gets the advice to retry, and no log has a position", async () => {
    for (const { process } of instances) process.kill("SIGSTOP");
    const answers = await Promise.all([timed(nearby), timed(nearby), timed("/health/live")]);
    for (const { process } of instances) process.kill("SIGCONT");
    for (const { status, ms } of answers) {
      expect(status).toBe(503);
      expect(ms).toBeLessThan(PROMISE_MS + BUSY_MS);
    }
    for (const { process } of instances) process.kill("SIGKILL");
    await Promise.all(instances.map(({ ended }) => ended));
    expect((await errorOf(nearby)).status).toBe(503);
    // The position is in the path only.
    expect((await errorOf(`/trpc/store.nearby%3Finput=${position}`)).status).toBe(503);
    const log = await eventually(
      5_000,
      () => Promise.resolve(nginx.log()),
      (text) => (text.match(/an instance did not answer/g)?.length ?? 0) >= 5,
    );
    expect(log).toContain('"procedures":"store.nearby"');
    expect(log).not.toMatch(/48\.85|latitude|input|2\.294/);
    expect(log).not.toContain("connect() failed");
  });
});
