import { createTRPCClient, httpSubscriptionLink, splitLink, httpBatchLink } from "@trpc/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AppRouter } from "../../src/trpc/router.ts";
import { startFaultProxy } from "../support/fault-proxy.ts";
import { eventually } from "../support/calls.ts";
import { connectRaw, exchangeRaw, parseAnswers } from "../support/raw-http.ts";
import { insertStores } from "../support/store-rows.ts";
import { startOwnRedis } from "../support/own-redis.ts";
import { openStack, type Replica, type Stack, stackKind } from "../support/stack.ts";
import { bearer } from "../support/tokens.ts";

const PARIS = { latitude: 48.8566, longitude: 2.3522 };
const ORIGIN = "https://app.example";

let stack: Stack;
let replica: Replica;

beforeAll(async () => {
  stack = await openStack();
  await insertStores(
    stack.sql,
    Array.from({ length: 40 }, (_, i) => ({
      latitude: PARIS.latitude + i / 5_000,
      longitude: PARIS.longitude,
      name: `Shop ${i}`,
    })),
  );
  replica = await stack.startReplica({
    environment: { CORS_ORIGINS: ORIGIN, METRICS_TOKEN: "the-token-of-the-figures" },
  });
});

afterAll(() => stack.close());

interface TrpcError {
  readonly message: string;
  readonly code: number;
  readonly data: {
    readonly code: string;
    readonly httpStatus: number;
    readonly requestId?: string;
    readonly path?: string;
  };
}

/** A request that must end with one tRPC error. */
async function errorOf(path: string, init: RequestInit = {}): Promise<TrpcError> {
  const response = await fetch(`${replica.url}${path}`, init);
  const { error } = (await response.json()) as { error: TrpcError };
  expect(error.data.httpStatus).toBe(response.status);
  // What fails before tRPC has a context carries it in the header only.
  expect([undefined, response.headers.get("x-request-id")]).toContain(error.data.requestId);
  expect(response.headers.get("content-type")).toMatch(/^application\/json/);
  return error;
}

const nearbyPath = (input: string) => `/trpc/store.nearby?input=${encodeURIComponent(input)}`;
const nearbyWith = (more: object) => nearbyPath(JSON.stringify({ ...PARIS, ...more }));
const post = (body: string, headers: Record<string, string> = {}): RequestInit => ({
  method: "POST",
  headers: { "content-type": "application/json", ...headers },
  body,
});

describe("bad input is a 4xx that says what is wrong, and the server goes on", () => {
  it.each([
    ["latitude 91", nearbyWith({ latitude: 91 }), /latitude: .*90/],
    ["latitude -90.1", nearbyWith({ latitude: -90.1 }), /latitude: .*-90/],
    ["longitude 181", nearbyWith({ longitude: 181 }), /longitude: .*180/],
    ["a latitude as text", nearbyWith({ latitude: "48" }), /latitude: .*number/],
    ["no position", nearbyPath("{}"), /latitude: .*; longitude: /],
    ["NaN", nearbyPath('{"latitude":NaN,"longitude":2}'), /JSON/],
    ["infinity", nearbyPath('{"latitude":1e999,"longitude":2}'), /latitude: /],
    ["radiusKm 0", nearbyWith({ radiusKm: 0 }), /radiusKm: .*0\.1/],
    ["radiusKm 51", nearbyWith({ radiusKm: 51 }), /radiusKm: .*50/],
    ["an unknown storeType", nearbyWith({ storeType: "casino" }), /storeType: .*"butcher"/],
    ["limit 101", nearbyWith({ limit: 101 }), /limit: .*100/],
    ["limit 1.5", nearbyWith({ limit: 1.5 }), /limit: .*int/],
    ["no input", "/trpc/store.nearby", /input: /],
    ["broken JSON", nearbyPath('{"latitude":'), /JSON/],
    ["broken percent-encoding", "/trpc/store.nearby?input=%7B%", /JSON|input/],
    ["a bad cursor", `/trpc/alerts.list?input=${encodeURIComponent('{"cursor":"x"}')}`, /cursor: /],
  ])("%s", async (_name, path, message) => {
    const error = await errorOf(path);
    expect(error.data).toMatchObject({
      code: expect.stringMatching(/^(BAD_REQUEST|PARSE_ERROR)$/),
    });
    expect(error.data.httpStatus).toBe(400);
    expect(error.message).toMatch(message);
    expect(error.message.length).toBeLessThan(500);
    expect((await fetch(`${replica.url}${nearbyWith({})}`)).status).toBe(200);
  });

  it("names a procedure that does not exist", async () => {
    const error = await errorOf("/trpc/store.burn");
    expect(error).toMatchObject({ code: -32004, data: { code: "NOT_FOUND", httpStatus: 404 } });
    expect(error.message).toContain("store.burn");
  });

  it("refuses a batch of 11, and takes one of 10", async () => {
    const batch = (calls: number) =>
      `/trpc/${Array.from({ length: calls }, () => "certifier.list").join(",")}?batch=1&input=%7B%7D`;
    const tooMany = await fetch(`${replica.url}${batch(11)}`);
    expect(tooMany.status).toBe(400);
    expect(await tooMany.text()).toMatch(/"message":"[^"]*batch/i);
    const ten = await fetch(`${replica.url}${batch(10)}`);
    expect(ten.status).toBe(200);
    expect(await ten.json()).toHaveLength(10);
  });

  it("refuses a body over 64 KiB, announced or not", async () => {
    const body = JSON.stringify({ scans: [{ id: "x", barcode: "1".repeat(65_536) }] });
    const authorization = await bearer();
    const error = await errorOf("/trpc/scans.recordMany", post(body, { authorization }));
    expect(error).toMatchObject({ data: { code: "PAYLOAD_TOO_LARGE", httpStatus: 413 } });
    expect(error.message).toContain("64 KiB");
    const [chunked] = parseAnswers(
      await exchangeRaw(
        replica.url,
        `POST /trpc/scans.recordMany HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\n` +
          "content-type: application/json\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n" +
          `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
      ),
    );
    expect(chunked?.status).toBe(413);
  });

  it("takes a body that comes in chunks", async () => {
    const [answer] = parseAnswers(
      await exchangeRaw(
        replica.url,
        `POST /trpc/scans.recordMany HTTP/1.1\r\nhost: x\r\nauthorization: ${await bearer()}\r\n` +
          "content-type: application/json\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n" +
          '6\r\n{"scan\r\n6\r\ns":[]}\r\n0\r\n\r\n',
      ),
    );
    expect(answer?.body).toBe('{"result":{"data":{"outcomes":[]}}}');
  });

  it("takes a body of almost 64 KiB", async () => {
    const client = await replica.as({});
    const scans = Array.from({ length: 100 }, (_, i) => ({ id: `${i}`, barcode: "1".repeat(600) }));
    const { outcomes } = await client.scans.recordMany.mutate({ scans });
    expect(outcomes.every(({ ok }) => !ok)).toBe(true);
  });

  it("refuses broken JSON in a body, and a body that is no JSON", async () => {
    const authorization = await bearer();
    const broken = await errorOf("/trpc/scans.remove", post('{"id":', { authorization }));
    expect(broken.data).toMatchObject({ httpStatus: 400 });
    const form = await errorOf(
      "/trpc/scans.remove",
      post("id=1", { authorization, "content-type": "text/plain" }),
    );
    expect(form.data).toMatchObject({ code: "UNSUPPORTED_MEDIA_TYPE", httpStatus: 415 });
  });

  it("refuses a mutation by GET and a query by POST", async () => {
    const authorization = await bearer();
    const input = encodeURIComponent(JSON.stringify({ id: crypto.randomUUID() }));
    const mutation = await errorOf(`/trpc/scans.remove?input=${input}`, {
      headers: { authorization },
    });
    expect(mutation.data).toMatchObject({ code: "METHOD_NOT_SUPPORTED", httpStatus: 405 });
    const query = await errorOf("/trpc/store.nearby", post(JSON.stringify(PARIS)));
    expect(query.data).toMatchObject({ code: "METHOD_NOT_SUPPORTED", httpStatus: 405 });
  });
});

describe("what is no request at all", () => {
  it.each([
    ["garbage", "\u0000\u0001\u0002\r\n\r\n", 400, /well-formed/],
    ["a URL of 40 KB", `GET /trpc/x?input=${"a".repeat(40_000)} HTTP/1.1\r\n`, 431, /32 KiB/],
    [
      "headers of 40 KB",
      `GET / HTTP/1.1\r\nhost: x\r\nx: ${"a".repeat(40_000)}\r\n`,
      431,
      /32 KiB/,
    ],
    ["no host", "GET /trpc/store.nearby HTTP/1.1\r\nconnection: close\r\n\r\n", 400, /host/],
    ["a bad host", "GET / HTTP/1.1\r\nhost: a/b c\r\nconnection: close\r\n\r\n", 400, /host/],
    [
      "a host whose port is none",
      "GET /trpc/certifier.list HTTP/1.1\r\nhost: x:99999999\r\nconnection: close\r\n\r\n",
      400,
      /host/,
    ],
    [
      "a host that is none",
      "GET /trpc/store.burn HTTP/1.1\r\nhost: x%zz[\r\nconnection: close\r\n\r\n",
      400,
      /host/,
    ],
    [
      "two lengths",
      "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n",
      400,
      /well-formed/,
    ],
    [
      "a bad chunk",
      "POST /trpc/scans.remove HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n" +
        "transfer-encoding: chunked\r\n\r\nzz\r\n",
      400,
      /well-formed|JSON/,
    ],
  ])("%s is refused with a tRPC error", async (_name, bytes, status, message) => {
    const [answer, ...others] = parseAnswers(await exchangeRaw(replica.url, bytes));
    expect(others).toEqual([]);
    expect(answer?.status).toBe(status);
    const { error } = JSON.parse(answer?.body ?? "") as { error: TrpcError };
    expect(error.message).toMatch(message);
    expect(error.data.httpStatus).toBe(status);
    expect(answer?.headers.get("x-request-id")).toBe(error.data.requestId);
  });

  it("never answers an earlier request of the same connection in its place", async () => {
    const wire = await exchangeRaw(
      replica.url,
      `GET /trpc/certifier.list HTTP/1.1\r\nhost: x\r\n\r\n\u0000garbage\r\n\r\n`,
    );
    const answers = wire === "" ? [] : parseAnswers(wire);
    expect(answers.map(({ status }) => status)).not.toContain(undefined);
    expect([undefined, 200]).toContain(answers[0]?.status);
  });
});

describe("x-request-id", () => {
  it("is the caller's when it is well-formed", async () => {
    const response = await fetch(`${replica.url}/trpc/certifier.list`, {
      headers: { "x-request-id": "phone-42:a.b_c" },
    });
    expect(response.headers.get("x-request-id")).toBe("phone-42:a.b_c");
  });

  it.each([["a b"], ["<script>"], ["x".repeat(65)], ['"}{'], ["é"], ["a;b"]])(
    "%s is replaced by one of the server's",
    async (given) => {
      const wire = await exchangeRaw(
        replica.url,
        Buffer.from(
          `GET /trpc/store.burn HTTP/1.1\r\nhost: x\r\nx-request-id: ${given}\r\nconnection: close\r\n\r\n`,
        ),
      );
      const [answer] = parseAnswers(wire);
      expect(answer?.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
      expect(answer?.body).not.toContain(given);
    },
  );
});

describe("CORS", () => {
  const allowed = { origin: ORIGIN };

  it("lets the configured origin read answers, their states and limits", async () => {
    const response = await fetch(`${replica.url}${nearbyWith({})}`, { headers: allowed });
    expect(response.headers.get("access-control-allow-origin")).toBe(ORIGIN);
    expect(response.headers.get("access-control-expose-headers")).toContain("x-cache");
    expect(response.headers.get("access-control-allow-credentials")).toBeNull();
    expect(response.headers.get("vary")?.toLowerCase()).toContain("origin");
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
    expect(response.headers.get("access-control-allow-headers")).toContain("authorization");
    expect(Number(response.headers.get("access-control-max-age"))).toBeGreaterThan(0);
  });

  it.each([["https://evil.example"], [`${ORIGIN}.evil.example`], ["null"], ["http://app.example"]])(
    "tells %s nothing",
    async (origin) => {
      for (const method of ["GET", "OPTIONS"]) {
        const response = await fetch(`${replica.url}${nearbyWith({})}`, {
          method,
          headers: { origin, "access-control-request-method": "GET" },
        });
        expect(response.headers.get("access-control-allow-origin")).toBeNull();
      }
    },
  );

  it("tells no origin anything where none is configured", async () => {
    const closed = await stack.startReplica();
    const response = await fetch(`${closed.url}${nearbyWith({})}`, { headers: allowed });
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
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
    const plain = await fetch(`${replica.url}${nearbyWith({})}`, {
      headers: { "accept-encoding": "identity" },
    });
    for (const origin of [undefined, ORIGIN]) {
      const coded = await fetch(`${replica.url}${nearbyWith({})}`, {
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
      const error = await errorOf(path);
      expect([path, error.data.httpStatus]).toEqual([path, 404]);
    }
  });

  it("has the security headers on every answer", async () => {
    for (const path of ["/", "/nothing", "/health/live", "/metrics", nearbyWith({}), "/trpc/x"]) {
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
    const away = await readyOf(cut);
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
    expect(await readyOf(cut)).toMatchObject({
      code: 200,
      status: "degraded",
      checks: { redis: { ok: false } },
    });
    expect((await fetch(`${cut.url}${nearbyWith({})}`)).status).toBe(200);
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

describe("@trpc/client, typed by AppRouter", () => {
  it("gets the same answers one by one and batched", async () => {
    const single = await replica.client.store.nearby.query({ ...PARIS, limit: 5 });
    const [batched, markers] = await Promise.all([
      replica.batchClient.store.nearby.query({ ...PARIS, limit: 5 }),
      replica.batchClient.store.markers.query({ ...PARIS, limit: 5 }),
    ]);
    expect(single.items).toHaveLength(5);
    expect(batched).toEqual(single);
    expect(markers.items.map(({ id, distance }) => [id, distance])).toEqual(
      single.items.map(({ id, distance }) => [id, distance]),
    );
  });

  it("takes httpSubscriptionLink beside them", async () => {
    const url = `${replica.url}/trpc`;
    const client = createTRPCClient<AppRouter>({
      links: [
        splitLink({
          condition: ({ type }) => type === "subscription",
          true: httpSubscriptionLink({ url }),
          false: httpBatchLink({ url }),
        }),
      ],
    });
    expect(await client.certifier.list.query()).toEqual({ items: [] });
  });

  it("reads errors of one call in a batch without losing the others", async () => {
    const settled = await Promise.allSettled([
      replica.batchClient.store.byId.query({ id: crypto.randomUUID() }),
      replica.batchClient.certifier.list.query(),
    ]);
    expect(settled[0]).toMatchObject({
      status: "rejected",
      reason: { data: { code: "NOT_FOUND" } },
    });
    expect(settled[1]).toMatchObject({ status: "fulfilled" });
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
