import {
  createTRPCClient,
  httpBatchLink,
  httpBatchStreamLink,
  httpSubscriptionLink,
  splitLink,
} from "@trpc/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AppRouter } from "../../../src/trpc/router.ts";
import { exchangeRaw, parseAnswers } from "../../support/raw-http.ts";
import { insertStores } from "../../support/store-rows.ts";
import { openStack, type Replica, type Stack } from "../../support/stack.ts";
import { bearer } from "../../support/tokens.ts";

const PARIS = { latitude: 48.8566, longitude: 2.3522 };

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
  replica = await stack.startReplica();
});

afterAll(() => stack.close());

interface TrpcError {
  readonly message: string;
  readonly code: number;
  readonly data: {
    readonly code: string;
    readonly httpStatus: number;
    readonly requestId: string;
    readonly path?: string;
  };
}

/** A request that must end with one tRPC error. */
async function errorOf(path: string, init: RequestInit = {}): Promise<TrpcError> {
  const response = await fetch(`${replica.url}${path}`, init);
  const { error } = (await response.json()) as { error: TrpcError };
  expect(error.data.httpStatus).toBe(response.status);
  expect(error.data.requestId).toMatch(/^[0-9a-f-]{36}$/);
  expect(response.headers.get("x-request-id")).toBe(error.data.requestId);
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
    expect(error).toMatchObject({
      code: -32004,
      data: { code: "NOT_FOUND", reason: "no_procedure" },
    });
    expect(error.message).toContain("store.burn");
  });

  it("refuses a batch of 31, and takes one of 30", async () => {
    const batch = (calls: number) =>
      `/trpc/${Array.from({ length: calls }, () => "certifier.list").join(",")}?batch=1&input=%7B%7D`;
    expect(await errorOf(batch(31))).toMatchObject({
      message: "A batch may have 30 calls, and this one has 31.",
      code: -32600,
      data: { code: "BAD_REQUEST", reason: "batch_too_long", httpStatus: 400 },
    });
    const thirty = await fetch(`${replica.url}${batch(30)}`);
    expect(thirty.status).toBe(200);
    expect(await thirty.json()).toHaveLength(30);
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

  it("refuses a bad token on each call, also where none is needed", async () => {
    const init = { headers: { authorization: "Bearer x.y.z" } };
    const error = await errorOf("/trpc/certifier.list", init);
    expect(error.data).toMatchObject({ code: "UNAUTHORIZED", path: "certifier.list" });
    const path = "/trpc/certifier.list,scans.stats?batch=1&input=%7B%7D";
    const response = await fetch(`${replica.url}${path}`, init);
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual(
      ["certifier.list", "scans.stats"].map((named) => ({
        error: {
          message: error.message,
          code: error.code,
          data: {
            code: "UNAUTHORIZED",
            httpStatus: 401,
            reason: "token_invalid",
            path: named,
            requestId: response.headers.get("x-request-id"),
          },
        },
      })),
    );
  });

  it("refuses to stream an answer to what is no batch", async () => {
    const error = await errorOf("/trpc/certifier.list", {
      headers: { "trpc-accept": "application/jsonl" },
    });
    expect(error.data).toMatchObject({ code: "BAD_REQUEST" });
  });

  it("refuses a mutation by GET", async () => {
    const authorization = await bearer();
    const input = encodeURIComponent(JSON.stringify({ id: crypto.randomUUID() }));
    const mutation = await errorOf(`/trpc/scans.remove?input=${input}`, {
      headers: { authorization },
    });
    expect(mutation.data).toMatchObject({ code: "METHOD_NOT_SUPPORTED", httpStatus: 405 });
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
      "a host that is an address out of range",
      "GET /trpc/store.burn HTTP/1.1\r\nhost: 1.2.3.999\r\nconnection: close\r\n\r\n",
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

  it("takes httpBatchStreamLink, whose answers come in chunks", async () => {
    const headers: Headers[] = [];
    const client = createTRPCClient<AppRouter>({
      links: [
        httpBatchStreamLink({
          url: `${replica.url}/trpc`,
          async fetch(input, init) {
            const response = await fetch(input, init as RequestInit);
            headers.push(response.headers);
            return response;
          },
        }),
      ],
    });
    const [nearby, certifiers] = await Promise.all([
      client.store.nearby.query(PARIS),
      client.certifier.list.query(),
    ]);
    expect(nearby).toEqual(await replica.client.store.nearby.query(PARIS));
    expect(certifiers).toEqual({ items: [] });
    expect(headers.map((one) => one.get("transfer-encoding"))).toEqual(["chunked"]);
    expect(headers[0]?.get("content-length")).toBeNull();
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
