import { createHash } from "node:crypto";
import type { Registry } from "prom-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createApp } from "../../../src/app.ts";
import { openServer } from "../../../src/http/server.ts";
import { exchangeRaw, parseAnswers } from "../../support/raw-http.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { insertStores } from "../../support/store-rows.ts";

const ORIGIN = "https://app.example";
const NEARBY = `/trpc/store.nearby?input=${encodeURIComponent('{"latitude":48.8566,"longitude":2.3522}')}`;

let stack: Stack;
let instance: Instance;

beforeAll(async () => {
  stack = await openStack();
  await insertStores(
    stack.sql,
    Array.from({ length: 40 }, (_, i) => ({ latitude: 48.8566 + i / 5_000, longitude: 2.3522 })),
  );
  instance = await stack.startInstance({
    environment: { CORS_ORIGINS: ORIGIN, METRICS_TOKEN: "the-token-of-the-figures" },
  });
});

afterAll(() => stack.close());

describe("compression", () => {
  it.each([
    ["br, gzip", "br"],
    ["gzip", "gzip"],
    ["gzip;q=1, br;q=0", "gzip"],
    ["zstd", null],
    ["identity", null],
  ])("%s gets %s, with the same answer", async (accepted, coding) => {
    const plain = await fetch(`${instance.url}${NEARBY}`, {
      headers: { "accept-encoding": "identity" },
    });
    for (const origin of [undefined, ORIGIN]) {
      const coded = await fetch(`${instance.url}${NEARBY}`, {
        headers: { "accept-encoding": accepted, ...(origin === undefined ? {} : { origin }) },
      });
      expect(coded.headers.get("content-encoding")).toBe(coding);
      expect(coded.headers.get("vary")).toContain("accept-encoding");
      expect(await coded.json()).toEqual(await plain.clone().json());
    }
  });

  it("does not apply to small bodies", async () => {
    const response = await fetch(`${instance.url}/trpc/store.burn`);
    expect(response.headers.get("content-encoding")).toBeNull();
  });
});

describe("the routes beside tRPC", () => {
  it("report that the process is live", async () => {
    const response = await fetch(`${instance.url}/health/live`);
    expect([response.status, await response.json()]).toEqual([200, { status: "live" }]);
  });

  it("report readiness with every part by name", async () => {
    const response = await fetch(`${instance.url}/health/ready`);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      status: "ready",
      checks: { database: { ok: true }, migrations: { ok: true } },
    });
  });

  it("show metrics only with the token", async () => {
    const ask = (authorization?: string) =>
      fetch(`${instance.url}/metrics`, {
        headers: authorization === undefined ? {} : { authorization },
      });
    const refused = await ask();
    expect([refused.status, refused.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
    expect((await ask("Bearer the-token-of-the-figure")).status).toBe(401);
    const figures = await ask("Bearer the-token-of-the-figures");
    expect(figures.status).toBe(200);
    expect(await figures.text()).toContain("halal_calls_total");
  });

  it("include a page for people", async () => {
    const response = await fetch(`${instance.url}/`);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toMatch(/^text\/html/);
    expect(await response.text()).toContain("/trpc/");
  });

  it("answer HEAD like GET, without a body", async () => {
    for (const path of ["/", "/health/live", "/health/ready"]) {
      const response = await fetch(`${instance.url}${path}`, { method: "HEAD" });
      expect([path, response.status, await response.text()]).toEqual([path, 200, ""]);
    }
  });

  it("answer other paths with 404", async () => {
    for (const path of ["/nothing", "/trpc", "/trpcx", "/health", "/.env", "/../etc/passwd"]) {
      const response = await fetch(`${instance.url}${path}`);
      expect([path, response.status]).toEqual([path, 404]);
      expect(await response.json()).toMatchObject({ error: { data: { httpStatus: 404 } } });
    }
  });

  it("forbid storing their answers, framing them and scripts in them", async () => {
    for (const path of ["/", "/health/live", "/health/ready", "/metrics"]) {
      const { headers } = await fetch(`${instance.url}${path}`);
      expect([path, headers.get("cache-control")]).toEqual([path, "no-store"]);
      expect(headers.get("content-security-policy")).toMatch(
        /default-src 'none'.*frame-ancestors 'none'/,
      );
    }
    expect((await fetch(`${instance.url}/nothing`)).headers.get("cache-control")).toBe("no-store");
    const page = await fetch(`${instance.url}/`);
    const style = /<style>(.*)<\/style>/s.exec(await page.text())?.[1] ?? "";
    const hash = createHash("sha256").update(style).digest("base64");
    expect(page.headers.get("content-security-policy")).toContain(`style-src 'sha256-${hash}'`);
  });

  it("answer HTTP/1.0 without a host, as load balancers send it, and reject HTTP/1.1 without a host", async () => {
    const statusOf = async (head: string) => {
      const [answer] = parseAnswers(await exchangeRaw(instance.url, `${head}\r\n\r\n`, 5_000));
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

  it("compute metrics and readiness once for all requests within a second", async () => {
    let readings = 0;
    let checks = 0;
    const { deps } = instance;
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

  it("set the security headers on every answer", async () => {
    for (const path of ["/", "/nothing", "/health/live", "/metrics", NEARBY, "/trpc/x"]) {
      const { headers } = await fetch(`${instance.url}${path}`);
      expect([path, headers.get("x-content-type-options")]).toEqual([path, "nosniff"]);
      expect([path, headers.get("x-powered-by"), headers.get("server")]).toEqual([
        path,
        null,
        null,
      ]);
    }
  });
});
