import { afterAll, beforeAll, describe, expect, it } from "vitest";
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

describe("CORS", () => {
  const allowed = { origin: ORIGIN };

  it("allows the configured origin to read answers, their states and limits", async () => {
    const response = await fetch(`${instance.url}${NEARBY}`, { headers: allowed });
    expect(response.headers.get("access-control-allow-origin")).toBe(ORIGIN);
    expect(response.headers.get("access-control-expose-headers")).toContain("x-cache");
    expect(response.headers.get("access-control-allow-credentials")).toBeNull();
    expect(response.headers.get("vary")?.toLowerCase()).toContain("origin");
  });

  it("allows the previews of a domain to read answers, but not origins with a similar name", async () => {
    const previews = await stack.startInstance({
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

  it("sets Vary: Origin on every answer", async () => {
    const scan = { method: "POST", body: "{}" };
    for (const headers of [{}, allowed, { origin: "https://other.example" }]) {
      for (const [path, init] of [
        [NEARBY, {}],
        ["/trpc/store.burn", {}],
        ["/trpc/scans.record", scan],
        ["/trpc/scans.record", { method: "OPTIONS" }],
      ] as const) {
        const response = await fetch(`${instance.url}${path}`, { ...init, headers });
        expect([path, response.headers.get("vary")?.toLowerCase()]).toEqual([
          path,
          expect.stringMatching(/(?:^|, ?)origin/),
        ]);
      }
    }
  });

  it("allows the configured origin to read errors", async () => {
    const response = await fetch(`${instance.url}/trpc/store.burn`, { headers: allowed });
    expect(response.status).toBe(404);
    expect(response.headers.get("access-control-allow-origin")).toBe(ORIGIN);
  });

  it("answers the preflight of a mutation", async () => {
    const response = await fetch(`${instance.url}/trpc/scans.record`, {
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
        const response = await fetch(`${instance.url}${NEARBY}`, {
          method,
          headers: { origin, "access-control-request-method": "GET" },
        });
        expect(response.headers.get("access-control-allow-origin")).toBeNull();
      }
    },
  );

  it("answers the preflight of an origin that is not configured with the setting's name", async () => {
    const closed = await stack.startInstance();
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
