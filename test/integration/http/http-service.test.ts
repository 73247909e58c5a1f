import { createHash } from "node:crypto";
import type { Registry } from "prom-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createApp } from "../../../src/app.ts";
import { openServer } from "../../../src/http/server.ts";
import { eventually } from "../../support/calls.ts";
import { startFaultProxy } from "../../support/fault-proxy.ts";
import { startOwnRedis } from "../../support/own-redis.ts";
import { connectRaw, exchangeRaw, parseAnswers } from "../../support/raw-http.ts";
import { openStack, type Replica, type Stack, stackKind } from "../../support/stack.ts";
import { insertStores } from "../../support/store-rows.ts";
import { bearer } from "../../support/tokens.ts";

const ORIGIN = "https://app.example";
const NEARBY = `/trpc/store.nearby?input=${encodeURIComponent('{"latitude":48.8566,"longitude":2.3522}')}`;

let stack: Stack;
let replica: Replica;

beforeAll(async () => {
  stack = await openStack();
  await insertStores(
    stack.sql,
    Array.from({ length: 40 }, (_, i) => ({ latitude: 48.8566 + i / 5_000, longitude: 2.3522 })),
  );
  replica = await stack.startReplica({
    environment: { CORS_ORIGINS: ORIGIN, METRICS_TOKEN: "the-token-of-the-figures" },
  });
});

afterAll(() => stack.close());

describe("CORS", () => {
  const allowed = { origin: ORIGIN };

  it("lets the configured origin read answers, their states and limits", async () => {
    const response = await fetch(`${replica.url}${NEARBY}`, { headers: allowed });
    expect(response.headers.get("access-control-allow-origin")).toBe(ORIGIN);
    expect(response.headers.get("access-control-expose-headers")).toContain("x-cache");
    expect(response.headers.get("access-control-allow-credentials")).toBeNull();
    expect(response.headers.get("vary")?.toLowerCase()).toContain("origin");
  });

  it("lets the previews of a domain read them, and nobody whose name only looks like it", async () => {
    const previews = await stack.startReplica({
      environment: { CORS_ORIGINS: "https://*.vercel.app" },
    });
    const allowedFor = async (origin: string) => {
      const response = await fetch(`${previews.url}${NEARBY}`, { headers: { origin } });
      return response.headers.get("access-control-allow-origin");
    };
    expect(await allowedFor("https://halal-git-main.vercel.app")).toBe(
      "https://halal-git-main.vercel.app",
    );
    for (const origin of [
      "https://vercel.app",
      "https://a.b.vercel.app",
      "http://a.vercel.app",
      "https://a.vercel.app.evil.example",
      "https://avercel.app",
      "https://a.vercelxapp",
      "https://a.vercel.app:8443",
      "null",
    ])
      expect([origin, await allowedFor(origin)]).toEqual([origin, null]);
    await previews.close();
  });

  it("says on every answer that it depends on the origin", async () => {
    const scan = { method: "POST", body: "{}" };
    for (const headers of [{}, allowed, { origin: "https://other.example" }]) {
      for (const [path, init] of [
        [NEARBY, {}],
        ["/trpc/store.burn", {}],
        ["/trpc/scans.record", scan],
        ["/trpc/scans.record", { method: "OPTIONS" }],
      ] as const) {
        const response = await fetch(`${replica.url}${path}`, { ...init, headers });
        expect([path, response.headers.get("vary")?.toLowerCase()]).toEqual([
          path,
          expect.stringMatching(/(?:^|, ?)origin/),
        ]);
      }
    }
  });

  it("lets it read errors, too", async () => {
    const response = await fetch(`${replica.url}/trpc/store.burn`, { headers: allowed });
    expect(response.status).toBe(404);
    expect(response.headers.get("access-control-allow-origin")).toBe(ORIGIN);
  });

  it("answers the preflight of a mutation", async () => {
    const response = await fetch(`${replica.url}/trpc/scans.record`, {
      method: "OPTIONS",
      headers: {
        ...allowed,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type",
      },
    });
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-origin")).toBe(ORIGIN);
    expect(response.headers.get("access-control-allow-methods")).toContain("POST");
    const headers = response.headers.get("access-control-allow-headers")?.split(",");
    expect(headers).toEqual(
      expect.arrayContaining(
        "authorization content-type trpc-accept x-trpc-source baggage sentry-trace".split(" "),
      ),
    );
    expect(Number(response.headers.get("access-control-max-age"))).toBeGreaterThan(0);
  });

  it.each([["https://evil.example"], [`${ORIGIN}.evil.example`], ["null"], ["http://app.example"]])(
    "tells %s nothing",
    async (origin) => {
      for (const method of ["GET", "OPTIONS"]) {
        const response = await fetch(`${replica.url}${NEARBY}`, {
          method,
          headers: { origin, "access-control-request-method": "GET" },
        });
        expect(response.headers.get("access-control-allow-origin")).toBeNull();
      }
    },
  );

  it("answers the preflight of an origin that is not configured with the setting's name", async () => {
    const closed = await stack.startReplica();
    const response = await fetch(`${closed.url}${NEARBY}`, { headers: allowed });
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
    const preflight = await fetch(`${closed.url}/trpc/scans.record`, {
      method: "OPTIONS",
      headers: { ...allowed, "access-control-request-method": "POST" },
    });
    expect(preflight.status).toBe(403);
    expect(await preflight.json()).toMatchObject({
      error: {
        message: expect.stringContaining(`${ORIGIN} in a browser: CORS_ORIGINS`),
        data: { code: "FORBIDDEN", reason: "origin_not_allowed" },
      },
    });
    await closed.close();
  });
});

describe("compression", () => {
  it.each([
    ["br, gzip", "br"],
    ["gzip", "gzip"],
    ["gzip;q=1, br;q=0", "gzip"],
    ["zstd", null],
    ["identity", null],
  ])("%s gets %s, with the same answer", async (accepted, coding) => {
    const plain = await fetch(`${replica.url}${NEARBY}`, {
      headers: { "accept-encoding": "identity" },
    });
    for (const origin of [undefined, ORIGIN]) {
      const coded = await fetch(`${replica.url}${NEARBY}`, {
        headers: { "accept-encoding": accepted, ...(origin === undefined ? {} : { origin }) },
      });
      expect(coded.headers.get("content-encoding")).toBe(coding);
      expect(coded.headers.get("vary")).toContain("accept-encoding");
      expect(await coded.json()).toEqual(await plain.clone().json());
    }
  });

  it("leaves small bodies alone", async () => {
    const response = await fetch(`${replica.url}/trpc/store.burn`);
    expect(response.headers.get("content-encoding")).toBeNull();
  });
});

describe("beside tRPC", () => {
  it("is live", async () => {
    const response = await fetch(`${replica.url}/health/live`);
    expect([response.status, await response.json()]).toEqual([200, { status: "live" }]);
  });

  it("is ready with every part named", async () => {
    const response = await fetch(`${replica.url}/health/ready`);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      status: "ready",
      checks: { database: { ok: true }, migrations: { ok: true } },
    });
  });

  it("shows its figures to whoever has the token only", async () => {
    const ask = (authorization?: string) =>
      fetch(`${replica.url}/metrics`, {
        headers: authorization === undefined ? {} : { authorization },
      });
    const refused = await ask();
    expect([refused.status, refused.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
    expect((await ask("Bearer the-token-of-the-figure")).status).toBe(401);
    const figures = await ask("Bearer the-token-of-the-figures");
    expect(figures.status).toBe(200);
    expect(await figures.text()).toContain("halal_calls_total");
  });

  it("has a page for people", async () => {
    const response = await fetch(`${replica.url}/`);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toMatch(/^text\/html/);
    expect(await response.text()).toContain("/trpc/");
  });

  it("answers HEAD as GET, without a body", async () => {
    for (const path of ["/", "/health/live", "/health/ready"]) {
      const response = await fetch(`${replica.url}${path}`, { method: "HEAD" });
      expect([path, response.status, await response.text()]).toEqual([path, 200, ""]);
    }
  });

  it("does not know other paths", async () => {
    for (const path of ["/nothing", "/trpc", "/trpcx", "/health", "/.env", "/../etc/passwd"]) {
      const response = await fetch(`${replica.url}${path}`);
      expect([path, response.status]).toEqual([path, 404]);
      expect(await response.json()).toMatchObject({ error: { data: { httpStatus: 404 } } });
    }
  });

  it("lets nobody keep what is beside tRPC, nor frame it or put a script into it", async () => {
    for (const path of ["/", "/health/live", "/health/ready", "/metrics"]) {
      const { headers } = await fetch(`${replica.url}${path}`);
      expect([path, headers.get("cache-control")]).toEqual([path, "no-store"]);
      expect(headers.get("content-security-policy")).toMatch(
        /default-src 'none'.*frame-ancestors 'none'/,
      );
    }
    expect((await fetch(`${replica.url}/nothing`)).headers.get("cache-control")).toBe("no-store");
    const page = await fetch(`${replica.url}/`);
    const style = /<style>(.*)<\/style>/s.exec(await page.text())?.[1] ?? "";
    const hash = createHash("sha256").update(style).digest("base64");
    expect(page.headers.get("content-security-policy")).toContain(`style-src 'sha256-${hash}'`);
  });

  it("answers HTTP/1.0 without a host, as load balancers ask, and refuses HTTP/1.1 without", async () => {
    const statusOf = async (head: string) => {
      const [answer] = parseAnswers(await exchangeRaw(replica.url, `${head}\r\n\r\n`, 5_000));
      return answer?.status;
    };
    for (const path of ["/health/live", "/health/ready", "/", NEARBY]) {
      expect([path, await statusOf(`GET ${path} HTTP/1.0`)]).toEqual([path, 200]);
      expect([path, await statusOf(`GET ${path} HTTP/1.1\r\nConnection: close`)]).toEqual([
        path,
        400,
      ]);
    }
    expect(await statusOf("OPTIONS /health/live HTTP/1.0")).toBe(404);
    expect(await statusOf("HEAD /health/live HTTP/1.0")).toBe(200);
  });

  it("works its figures and its state out once for all who ask within a second", async () => {
    let readings = 0;
    let checks = 0;
    const { deps } = replica;
    const metrics = { ...deps.metrics, registry: Object.create(deps.metrics.registry) as Registry };
    metrics.registry.metrics = () => {
      readings += 1;
      return deps.metrics.registry.metrics();
    };
    const probe = {
      name: "counted",
      required: true,
      check: () => {
        checks += 1;
        return Promise.resolve({ ok: true });
      },
    };
    const config = { ...deps.config, metricsToken: null };
    const counted = await openServer("127.0.0.1", 0);
    await counted.serve(createApp({ ...deps, config, metrics, probes: [probe] }));
    const url = `http://127.0.0.1:${counted.port}`;
    const beganAt = performance.now();
    const askAll = (path: string) =>
      Promise.all(Array.from({ length: 60 }, async () => (await fetch(`${url}${path}`)).text()));
    for (let round = 0; round < 3; round += 1)
      await Promise.all(["/metrics", "/health/ready", "/"].map(askAll));
    const seconds = Math.ceil((performance.now() - beganAt) / 1000);
    expect(readings).toBeLessThanOrEqual(seconds + 1);
    expect(checks).toBeLessThanOrEqual(seconds + 1);
    await counted.close(0, 1_000);
  });

  it("has the security headers on every answer", async () => {
    for (const path of ["/", "/nothing", "/health/live", "/metrics", NEARBY, "/trpc/x"]) {
      const { headers } = await fetch(`${replica.url}${path}`);
      expect([path, headers.get("x-content-type-options")]).toEqual([path, "nosniff"]);
      expect([path, headers.get("x-powered-by"), headers.get("server")]).toEqual([
        path,
        null,
        null,
      ]);
    }
  });
});

describe.skipIf(stackKind() !== "docker")("readiness while a part is away (docker)", () => {
  const readyOf = async ({ url }: Replica) => {
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

  it("is unready without the database, alive all the same, and ready when it is back", async () => {
    const proxy = await proxied(stack.databaseUrl);
    const cut = await stack.startReplica({ databaseUrl: through(stack.databaseUrl, proxy.port) });
    expect((await readyOf(cut)).code).toBe(200);
    await proxy.cut();
    // The state is looked at once a second at most.
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

  it("is degraded without Redis, and still takes requests", async () => {
    const redis = await startOwnRedis();
    const proxy = await proxied(redis.url);
    const cut = await stack.startReplica({ redisUrl: through(redis.url, proxy.port) });
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
  it("says that it drains, asks callers to reconnect, and loses no request in flight", async () => {
    const stopping = await stack.startReplica();
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
    // The server has them all when a later connection is answered.
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
