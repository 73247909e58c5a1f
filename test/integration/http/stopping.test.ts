import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../../support/calls.ts";
import { startFaultProxy } from "../../support/fault-proxy.ts";
import { startOwnRedis } from "../../support/own-redis.ts";
import { connectRaw, parseAnswers } from "../../support/raw-http.ts";
import { openStack, type Instance, type Stack, stackKind } from "../../support/stack.ts";
import { bearer } from "../../support/tokens.ts";

const NEARBY = `/trpc/store.nearby?input=${encodeURIComponent('{"latitude":48.8566,"longitude":2.3522}')}`;

let stack: Stack;

beforeAll(async () => {
  stack = await openStack();
});

afterAll(() => stack.close());

describe.skipIf(stackKind() !== "docker")("readiness while a part is unavailable (docker)", () => {
  const readyOf = async ({ url }: Instance) => {
    const response = await fetch(`${url}/health/ready`);
    const body = (await response.json()) as {
      status: string;
      checks: Record<string, { ok: boolean }>;
    };
    return { code: response.status, ...body };
  };
  const proxied = (address: string) => {
    const { hostname, port } = new URL(address);
    return startFaultProxy({ host: hostname, port: Number(port) });
  };
  const through = (address: string, port: number) => {
    const url = new URL(address);
    url.hostname = "127.0.0.1";
    url.port = String(port);
    return url.href;
  };

  it("is unready without the database while the process stays live, and ready when the database answers again", async () => {
    const proxy = await proxied(stack.databaseUrl);
    const cut = await stack.startInstance({ databaseUrl: through(stack.databaseUrl, proxy.port) });
    expect((await readyOf(cut)).code).toBe(200);
    await proxy.cut();
    // Readiness is computed at most once a second.
    const away = await eventually(
      10_000,
      () => readyOf(cut),
      ({ status }) => status === "unready",
    );
    expect(away).toMatchObject({
      code: 503,
      status: "unready",
      checks: { database: { ok: false } },
    });
    expect(JSON.stringify(away)).not.toMatch(/127\.0\.0\.1|ECONN|postgres/);
    expect((await fetch(`${cut.url}/health/live`)).status).toBe(200);
    await proxy.heal();
    await eventually(
      10_000,
      () => readyOf(cut),
      ({ status }) => status === "ready",
    );
    await cut.close();
    await proxy.close();
  });

  it("is degraded without Redis, and requests are still answered", async () => {
    const redis = await startOwnRedis();
    const proxy = await proxied(redis.url);
    const cut = await stack.startInstance({ redisUrl: through(redis.url, proxy.port) });
    expect(await readyOf(cut)).toMatchObject({ code: 200, status: "ready" });
    await proxy.cut();
    const away = await eventually(
      10_000,
      () => readyOf(cut),
      ({ status }) => status === "degraded",
    );
    expect(away).toMatchObject({ code: 200, checks: { redis: { ok: false } } });
    expect((await fetch(`${cut.url}${NEARBY}`)).status).toBe(200);
    await proxy.heal();
    await eventually(
      5_000,
      () => readyOf(cut),
      ({ status }) => status === "ready",
    );
    await cut.close();
    await proxy.close();
    await redis.stop();
  });
});

describe("stopping", () => {
  it("an instance that stops reports draining, closes connections, and loses no request in flight", async () => {
    const stopping = await stack.startInstance();
    const authorization = await bearer();
    const body = JSON.stringify({ scans: [] });
    const half = Math.floor(body.length / 2);
    const slow = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const connection = await connectRaw(stopping.url);
        connection.send(
          `POST /trpc/scans.recordMany HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\n` +
            `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body.slice(0, half)}`,
        );
        return connection;
      }),
    );
    // When a later connection is answered, the server has accepted all earlier ones.
    expect((await fetch(`${stopping.url}/health/live`)).status).toBe(200);

    stopping.drain();
    const ready = await fetch(`${stopping.url}/health/ready`);
    expect(ready.status).toBe(503);
    expect(ready.headers.get("connection")).toBe("close");
    expect(await ready.json()).toMatchObject({ status: "draining" });
    expect((await fetch(`${stopping.url}/trpc/certifier.list`)).status).toBe(200);

    const closed = stopping.close();
    for (const connection of slow) connection.send(body.slice(half));
    const answers = await Promise.all(slow.map((connection) => connection.received(5_000)));
    await closed;
    for (const wire of answers) {
      const [answer] = parseAnswers(wire);
      expect([answer?.status, answer?.body]).toEqual([200, '{"result":{"data":{"outcomes":[]}}}']);
    }
    await expect(fetch(`${stopping.url}/health/live`)).rejects.toThrow("fetch failed");
  });
});
